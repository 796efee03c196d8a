"""Replaying dead letters: the same intake once more, after the cause was mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import LedgerBatch
from contract.topics import Topic, parse
from ingest.database import Database
from ingest.dead_letters import payload_of, remove
from ingest.deliveries import Delivery, Waiting
from ingest.intake import Intake
from ingest.setting_aside import take_back

#: Replaying keeps no more letters than there are; the service's own bound cleans up.
_LETTERS_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter, for a person."""

    stored: bool
    text: str


class Replay:
    """Puts letters through the intake one by one."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator["Replay"]:
        """Open what a replay needs, and close it afterwards."""
        database, intake = Database(url, name="footfall-replay"), Intake(url, dead_letters_max=_LETTERS_MAX)
        try:
            yield cls(database, intake)
        finally:
            intake.close()
            database.close()

    def replay(self, number: int) -> Outcome:
        """Store a letter and remove it from the list; it stays there, counted once more, where it is refused again.

        Raises:
            NoSuchLetterError: there is none of this number.
            DatabaseError: the database did not answer.
        """
        with self._database.transaction() as cursor:
            topic, payload, last_at = payload_of(cursor, number)
        if not payload:
            return Outcome(stored=False, text="its bytes were not kept: it cannot be replayed")
        # As a message that the broker has kept: what it says may be old.
        delivery = Delivery(topic, payload, last_at, retained=True)
        try:
            parsed = parse(topic)
        except ContractError as error:
            return Outcome(stored=False, text=f"refused again: {error}")
        is_ledger = parsed.leaf == "ledger"
        if is_ledger:
            self._take_back(payload, parsed)
        taken = self._intake.store(Waiting(ledger=[delivery]) if is_ledger else Waiting(presence=[(parsed, delivery)]))
        if taken.dead_letters:
            return Outcome(stored=False, text=f"refused again, see: footfall ingest dead-letters show {number}")
        with self._database.transaction() as cursor:
            remove(cursor, number)
        if is_ledger:
            return Outcome(stored=True, text=f"{taken.entries} entries stored, {taken.duplicates} were here already")
        return Outcome(stored=True, text="stored")

    def _take_back(self, payload: bytes, of: Topic) -> None:
        """Have an entry that was set aside be missing again; it is set aside anew where it is still refused."""
        try:
            batch = decode(payload, LedgerBatch, of)
        except ContractError:
            return  # the intake says so
        with self._database.transaction() as cursor:
            take_back(cursor, batch)
