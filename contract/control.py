"""Control: what head office says to a box, signed, and what the box reports back.

    desired ─► Signed on `config` (retained) ─┐                      ┌─► Reported on `reported` (retained)
    command ─► Signed on `command`           ─┴─► box: believed? ────┘

The broker is not trusted to command a box: whatever comes is signed by the installation's authority for one leaf of one
device. `Signed` is what the codec knows; its body is read once its signature has been believed.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from contract.errors import MalformedError
from contract.releases import ApplicationRelease, ModelRelease, ReleaseReport, Sha256
from contract.types import REASON_CHARS_MAX, SCHEMA_VERSION, Instant, Name, Reason, Seq

ControlLeaf: TypeAlias = Literal["config", "command"]

#: Most characters of a site text or of a standard's settings: signed and escaped it still fits into one message.
SITE_CHARS_MAX: Final = 60_000
STANDARD_CHARS_MAX: Final = 20_000
BODY_CHARS_MAX: Final = 120_000
#: A command is refused once it is older.
COMMAND_LASTS_MAX: Final = timedelta(minutes=15)
#: A box reports what became of its latest commands, so many of them.
ANSWERS_MAX: Final = 16
#: One command asks for so many ranges at most.
RESEND_RANGES_MAX: Final = 200

_WORD_CHARS: Final = 40
_DOMAIN: Final = b"footfall/v1 "

_Version = Literal[1]
#: DER begins with a sequence of 64 to 79 bytes.
Signature = Annotated[str, Meta(max_length=120, pattern=r"^ME[A-Za-z0-9+/]{80,110}={0,2}(?!\n)$")]


class Signed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Head office → device: `body` is the JSON text of a `Desired` or of a `Command`; see `signed_bytes`."""

    v: _Version = SCHEMA_VERSION
    store: Name
    device: Name
    body: Annotated[str, Meta(max_length=BODY_CHARS_MAX, pattern=r"^\{[\s\S]*\}(?!\n)$")]
    signature: Signature


def signed_bytes(leaf: ControlLeaf, store: str, device: str, body: str) -> bytes:
    """Return what a signature is over: what is said to one leaf of one device is said to no other."""
    return _DOMAIN + f"{leaf}\n{store}/{device}\n{body}".encode()


class Standard(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A standard's settings, TOML, laid over the store's own set-up by camera, line and zone name or `*`."""

    name: Name
    number: Annotated[int, Meta(ge=1, le=1_000_000)]
    settings: Annotated[str, Meta(max_length=STANDARD_CHARS_MAX)]


class Desired(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The whole desired state of a box. It is taken once: a version that is not above the last one is a replay.

    `site` is the store's own set-up in TOML without store, device, broker and outbox; None: it stays as it is there.
    `site_over` is the site file (`Reported.site_sha256`) that it may replace although a person has edited it; None: an
    edited one is left alone, and the version refused. `standard` None: no standard is laid over it. `model` and
    `application` None: they stay as they are.
    """

    version: Seq
    issued_at: Instant
    site: Annotated[str, Meta(min_length=1, max_length=SITE_CHARS_MAX)] | None = None
    site_over: Sha256 | None = None
    standard: Standard | None = None
    model: ModelRelease | None = None
    application: ApplicationRelease | None = None


class CommandBase(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A one-off request: refused from `expires_at` on, and when its `id` was seen before."""

    id: UUID
    issued_at: Instant
    expires_at: Instant

    def __post_init__(self) -> None:
        """Refuse a command that lives too long.

        Raises:
            ValueError: `expires_at` is not within `COMMAND_LASTS_MAX` after `issued_at`.
        """
        if not timedelta(0) < self.expires_at - self.issued_at <= COMMAND_LASTS_MAX:
            raise ValueError(f"expected `expires_at` at most {COMMAND_LASTS_MAX} after `issued_at`")


class Resend(CommandBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="resend"):
    """Send these closed ranges of an epoch's ledger again, from the rows that the box still has."""

    epoch: UUID
    ranges: Annotated[list[tuple[Seq, Seq]], Meta(min_length=1, max_length=RESEND_RANGES_MAX)]


class TakePicture(CommandBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="take_picture"):
    """Send the set-up picture of this camera (contract/picture.py); its `request` is this command's id."""

    camera: Name


Command: TypeAlias = Resend | TakePicture

State: TypeAlias = Literal["current", "pending", "applied", "refused", "rolled_back"]
#: Why something on `config` or `command` was not believed.
Rejection: TypeAlias = Literal["malformed", "forged", "replayed", "expired"]


class Answer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What became of a command."""

    id: UUID
    outcome: Literal["accepted", "done", "refused"]
    reason: Reason | None = None


class Reported(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Device → server: how far a box is with what is desired of it.

    `version` is the desired version that `state` and `reason` speak of, `running` the one that runs: None for both
    before the first. `pending`: under way, or on probation; `current`: nothing was to be changed. `site_sha256` is the
    site file there, `edited` that a person changed it since head office wrote it. `rejected` is why the latest message
    that was not head office's was refused.
    """

    # A default of another kind would be left out with those that say nothing.
    v: _Version = msgspec.field(default_factory=lambda: SCHEMA_VERSION)
    store: Name
    device: Name
    at: Instant
    state: State
    version: Seq | None = None
    running: Seq | None = None
    reason: Reason | None = None
    site_sha256: Sha256
    edited: bool = False
    rejected: Rejection | None = None
    model: ReleaseReport | None = None
    application: ReleaseReport | None = None
    answers: Annotated[list[Answer], Meta(max_length=ANSWERS_MAX)] = []


def desired_of(body: str) -> Desired:
    """Return the desired state in the body of a believed message.

    Raises:
        MalformedError: it is none; the error names the path.
    """
    return _read(body, _DESIRED)  # type: ignore[no-any-return]  # of the decoder's kind


def command_of(body: str) -> Command:
    """Return the command in the body of a believed message.

    Raises:
        MalformedError: it is none that is known here; the error names the path.
    """
    return _read(body, _COMMAND)  # type: ignore[no-any-return]  # of the decoder's kind


def body_of(said: Desired | CommandBase) -> str:
    """Return the text that is signed.

    Raises:
        MalformedError: a value is outside the contract.
    """
    body = msgspec.json.encode(said).decode()
    _read(body, _DESIRED if isinstance(said, Desired) else _COMMAND)
    return body


def reason_of(text: str) -> str:
    """Return `text` as plain short words without passwords; what is not ASCII becomes `?`, what is too long is cut."""
    plain = re.sub(r"://[^/\s@]*@", "://", text)  # an address may hold a password
    plain = re.sub(r"[^!-~\s]", "?", plain.replace("…", "...").replace("×", "x"))
    words = [word[start : start + _WORD_CHARS] for word in plain.split() for start in range(0, len(word), _WORD_CHARS)]
    return " ".join(words)[:REASON_CHARS_MAX].strip() or "?"


def expired(command: CommandBase, now: datetime) -> bool:
    """Return whether `command` is not to be done at `now`: too late, or so early that a clock must be wrong."""
    return not command.issued_at - COMMAND_LASTS_MAX <= now < command.expires_at


_DESIRED: Final = msgspec.json.Decoder(Desired)
_COMMAND: Final = msgspec.json.Decoder(Command)


def _read(body: str, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"{error}") from error
