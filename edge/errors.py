"""What can go wrong on a camera box.

EdgeError
├── ConfigError            the site file, or a line or zone, cannot be used; names where and what to do
├── SourceError            a camera or clip cannot be opened or read
├── NobodySeenError        nothing could be proposed: nobody was seen, or nowhere did people come and go
├── DetectorError          a model cannot be run
│   ├── ModelMissingError      its weights are not on this machine
│   └── BackendMissingError    the library that runs it is not installed
├── ListenError            a page of the box cannot be served where it should be
├── StuckError             a part of the box makes no progress; only a fresh start helps
├── ControlError           head office asks for what this box cannot or will not do
│   ├── SetupPictureError      the set-up picture must not leave the box, or cannot be taken
│   └── NotBelievedError       what was said is not head office's, or not for now
├── EnrolmentError         the box cannot be enrolled, or its certificate not renewed
├── ReleaseError           a release is not taken, for what it is
│   ├── UnknownKeyError        nobody whom this box trusts signed it
│   └── FetchingError          it cannot be had now; later it may
└── PublishingError        the outbox or the broker's side of the box
    ├── EntryError             an entry breaks the contract; it was not stored
    ├── OutboxError            the outbox's file cannot be read or written
    └── BrokerError            the broker cannot be reached, or refuses this box
"""

from contract.control import Rejection


class EdgeError(Exception):
    """The camera box cannot do what it was asked."""


class ConfigError(EdgeError):
    """A setting cannot be used.

    `where` is the file (or option) it came from, `key` its dotted path there (e.g. `cameras[0].lines[1].points`).
    """

    def __init__(self, where: str, key: str, *, expected: str, got: str, advice: str = "") -> None:
        self.where = where
        self.key = key
        self.expected = expected
        self.got = got
        self.advice = advice
        place = f"{where}: `{key}`" if key else where
        super().__init__(f"{place}: expected {expected}, got {got}" + (f". {advice}" if advice else ""))


class SourceError(EdgeError):
    """A camera or clip cannot be opened or read."""


class NobodySeenError(EdgeError):
    """Nobody was seen, or nowhere did people come and go: no line can be proposed."""


class DetectorError(EdgeError):
    """A model cannot be run."""


class ModelMissingError(DetectorError):
    """A model's weights are not on this machine."""


class BackendMissingError(DetectorError):
    """The library that runs this kind of model is not installed."""


class ListenError(EdgeError):
    """An address cannot be listened on."""


class StuckError(EdgeError):
    """A part of the box makes no progress; only a fresh start helps."""


class EnrolmentError(EdgeError):
    """The box cannot be enrolled, or its certificate not renewed."""


class ControlError(EdgeError):
    """Head office asks for what this box cannot or will not do; the text says why."""


class SetupPictureError(ControlError):
    """The set-up picture must not leave the box, or cannot be taken; the text says why."""


class NotBelievedError(ControlError):
    """What was said is not head office's, not for this box, or not for now."""

    def __init__(self, rejection: Rejection, reason: str) -> None:
        self.rejection = rejection
        super().__init__(f"{rejection}: {reason}")


class ReleaseError(EdgeError):
    """A release is not taken, for what it is."""


class UnknownKeyError(ReleaseError):
    """Nobody whom this box trusts signed the release."""


class FetchingError(ReleaseError):
    """A release cannot be had now; later it may."""


class PublishingError(EdgeError):
    """The outbox or the broker's side of the box failed."""


class EntryError(PublishingError):
    """An entry breaks the contract; it was not stored."""


class OutboxError(PublishingError):
    """The outbox's file cannot be read or written."""


class BrokerError(PublishingError):
    """The broker cannot be reached, or refuses this box."""
