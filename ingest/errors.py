"""What can go wrong on the way from the wire or the till into the store.

IngestError
├── SettingsError            the environment does not say what is needed, or says a placeholder
├── DatabaseError
│   ├── UnavailableError     try again: the connection is gone, the server is restarting, a deadlock
│   │   └── GivenUpError     it was cancelled while the database was at it
│   ├── MisconfiguredError   try again after a person has acted: wrong password, schema not migrated
│   └── UnstorableError      the data itself is refused: trying again will not help
├── RejectedError            a message that will not be stored; becomes a dead letter
│   ├── UnknownStoreError
│   ├── TooManyNamesError
│   └── UnaskedPictureError  a set-up picture that nobody waits for
├── ProblemError             a request to the orders API that is refused (in ingest.orders.problems)
├── KeyRefusedError          an API key that is none of ours
├── NoSuchKeyError           no API key begins like this
├── NoSuchLetterError        no dead letter of this number
├── TillExportError          a till's CSV export cannot be read at all
├── TillError                a till that we ask, or that tells us
│   ├── TillsFileError       the file of tills does not say what is needed
│   ├── SignatureError       a notification that is not signed by the till
│   ├── TillAwayError        the till's server does not answer, or is busy: try again
│   ├── TillRefusesError     the till's server says no: a person has to act
│   ├── DocumentError        a document of the till cannot be understood
│   └── NotYetError          a document that is not complete yet: ask again
├── CounterError             a people counter of another maker
│   ├── RegistrationError    it cannot be registered like this
│   ├── UnknownCounterError  none of this name is registered, or its password is another
│   └── PushError            what it pushed cannot be understood
│       └── OverlappingError an interval overlaps another one in part
└── OrdersApiError           the orders API did not take what was posted
"""

from datetime import datetime


class IngestError(Exception):
    """Ingest cannot do what was asked."""


class SettingsError(IngestError):
    """A setting is missing, malformed or a placeholder."""


class DatabaseError(IngestError):
    """The database did not do what was asked; `sqlstate` says why where it is known."""

    def __init__(self, message: str, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class UnavailableError(DatabaseError):
    """The database is not there just now, or two writers were in each other's way."""


class GivenUpError(UnavailableError):
    """Somebody had the database give it up half done: we, when we are stopped, or an administrator."""


class MisconfiguredError(DatabaseError):
    """The database is there, but not as we need it."""


class UnstorableError(DatabaseError):
    """A value does not fit the database."""


class RejectedError(IngestError):
    """A message was refused; the text is the dead letter's reason."""


class UnknownStoreError(RejectedError):
    """The message names a store that was never added."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"store {store!r} is not known here. If it is yours, add it: footfall store add {store} --name … "
            "--timezone … --currency … --hours …; what its devices hold arrives by itself afterwards"
        )
        self.store = store


class TooManyNamesError(RejectedError):
    """A store's ledger names more lines, zones or cameras than may register themselves."""


class UnaskedPictureError(RejectedError):
    """A set-up picture answers no open request for that camera of that device; its bytes are not kept."""

    def __init__(self, store: str, device: str, camera: str) -> None:
        super().__init__(
            f"set-up picture of {store}/{device}, camera {camera}: nobody waits for it. It was never asked for, came "
            "too late, or is there already; its bytes were thrown away"
        )


class KeyRefusedError(IngestError):
    """The API key is none of ours, or revoked."""


class NoSuchKeyError(IngestError):
    """No API key begins like this."""


class NoSuchLetterError(IngestError):
    """There is no dead letter of this number."""


class TillExportError(IngestError):
    """A till's CSV export cannot be read at all."""


class TillError(IngestError):
    """A till that we ask, or that tells us, does not do as expected."""


class TillsFileError(TillError):
    """The file of tills does not say what is needed."""


class SignatureError(TillError):
    """A notification is not signed by the till that it names."""


class TillAwayError(TillError):
    """The till's server does not answer, or asks to wait `after_s` seconds."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class TillRefusesError(TillError):
    """The till's server says no, and will until a person has acted."""


class DocumentError(TillError):
    """A document of the till cannot be understood."""


class NotYetError(TillError):
    """The till has not said all of a document yet."""


class CounterError(IngestError):
    """A people counter of another maker does not do as expected."""


class RegistrationError(CounterError):
    """A counter cannot be registered like this; says what stands in the way."""


class UnknownCounterError(CounterError):
    """No counter of this name is registered, or it says another password."""


class PushError(CounterError):
    """What a counter pushed cannot be understood. The text never holds what it said: that may be anything."""


class OverlappingError(PushError):
    """An interval overlaps another one in part, so that some would be counted twice."""

    def __init__(self, from_at: datetime, until: datetime) -> None:
        super().__init__(
            f"{from_at:%Y-%m-%d %H:%M:%S}–{until:%H:%M:%S} UTC overlaps an interval that is counted already, in part: "
            "not counted. Was the counter's clock set, or its interval changed?"
        )


class OrdersApiError(IngestError):
    """The orders API did not take what was posted."""
