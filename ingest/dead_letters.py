"""Dead letters: messages that could not be read or stored, kept with the reason instead of lost."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, get_args

from contract.messages import MESSAGE_BYTES_MAX, LedgerBatch
from ingest.database import Cursor
from ingest.errors import NoSuchLetterError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("dead_letters")
#: Most letters kept where nobody says otherwise; the longest unseen go.
LETTERS_MAX: Final = 10_000
#: No name, number or time of any message is so long without a break; something in base64 is, a JSON escape included.
_BLOB: Final = re.compile(rb"[A-Za-z0-9+/=_\\-]{200}")

#: Why a message became a dead letter, in few words; `reason` has it in many.
Kind: TypeAlias = Literal["unreadable", "unplaced", "unstored", "picture_refused"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message to keep. Two of the same topic and `identity` are one letter that came twice."""

    topic: str
    payload: bytes
    reason: str
    identity: bytes
    kind: Kind


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A dead letter as it is listed; `size` is its payload's in bytes."""

    number: int
    topic: str
    size: int
    reason: str
    times: int
    first_at: datetime
    last_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, instants as text."""
        return {**asdict(self), "first_at": self.first_at.isoformat(), "last_at": self.last_at.isoformat()}


def thrown_away(topic: str, reason: str) -> DeadLetter:
    """Return the letter of a picture that was refused: a note without its bytes, one for each topic and reason."""
    return DeadLetter(topic, b"", reason, hashlib.sha256(f"{topic} {reason}".encode()).digest(), "picture_refused")


def unreadable(topic: str, payload: bytes, reason: str) -> DeadLetter:
    """Return the letter of a message that breaks the contract: the same bytes are the same letter.

    What cannot be a message of any version is not kept: bytes that are no text, or a run of letters as long as a
    picture in base64 needs. A note of it is.
    """
    if (kept := _kept(payload)) != payload:
        reason += f"; its {len(payload)} bytes cannot be a message and were thrown away"
    return DeadLetter(topic, kept, reason, hashlib.sha256(payload).digest(), "unreadable")


def unstored(topic: str, payload: bytes, reason: str, batch: LedgerBatch) -> DeadLetter:
    """Return the letter of a refused batch.

    A device sends a refused run again and again, each time with another `sent_at`: the run itself tells what is the
    same letter, so that a store that is not added yet does not fill the table.
    """
    run = f"{batch.epoch} {batch.first_seq}"
    return DeadLetter(topic, payload, reason, hashlib.sha256(run.encode()).digest(), "unstored")


def unplaced(topic: str, payload: bytes, reason: str) -> DeadLetter:
    """Return the letter of a status whose store is unknown: each heartbeat of the device is the same letter."""
    return DeadLetter(topic, payload, reason, hashlib.sha256(topic.encode()).digest(), "unplaced")


def keep(cursor: Cursor, letters: Iterable[DeadLetter], *, most: int) -> None:
    """Keep letters, `most` in all: the longest unseen go first. Of those that are the same, the last is what is kept.

    All at once: somebody who sends nothing but rubbish must not hold up what others have counted.
    """
    same: dict[tuple[str, bytes], DeadLetter] = {}
    times: Counter[tuple[str, bytes]] = Counter()
    for letter in letters:
        key = (_storable(letter.topic), letter.identity)
        same[key] = letter
        times[key] += 1
    cursor.execute(
        _SQL["keep"],
        {
            "topics": [topic for topic, _ in same],
            "payloads": [letter.payload[: MESSAGE_BYTES_MAX + 1] for letter in same.values()],
            "identities": [letter.identity for letter in same.values()],
            "reasons": [_storable(letter.reason) for letter in same.values()],
            "times": [times[key] for key in same],
        },
    )
    cursor.execute(_SQL["prune"], {"most": most})


def _storable(text: str) -> str:
    return text.replace("\x00", "\ufffd")


def _kept(payload: bytes) -> bytes:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    return b"" if _BLOB.search(payload) else payload


def listed(cursor: Cursor, *, topic: str | None = None, limit: int = 100) -> list[KeptLetter]:
    """Return the latest letters, newest first; `topic` is a LIKE pattern."""
    cursor.execute(_SQL["list"], {"topic": topic, "limit": limit})
    return [KeptLetter(*row) for row in cursor.fetchall()]


def payload_of(cursor: Cursor, number: int) -> tuple[str, bytes, datetime]:
    """Return a letter's topic, payload and when it last came.

    Raises:
        NoSuchLetterError: there is none of this number.
    """
    cursor.execute(_SQL["payload"], {"dead_letter_id": number})
    row = cursor.fetchone()
    if row is None:
        raise NoSuchLetterError(f"there is no dead letter {number}: footfall ingest dead-letters list shows them")
    topic, payload, last_at = row
    return topic, bytes(payload), last_at


def remove(cursor: Cursor, number: int) -> None:
    """Remove a letter: it has been dealt with."""
    cursor.execute(_SQL["remove"], {"dead_letter_id": number})
