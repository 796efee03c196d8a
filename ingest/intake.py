"""Intake: one set of deliveries, decoded, stored or kept as dead letters. Knows no broker and no threads."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.codec import decode
from contract.control import Reported
from contract.errors import ContractError
from contract.messages import LedgerBatch, Live, Receipt, Status
from contract.topics import Topic, parse
from ingest import dead_letters
from ingest.database import Database
from ingest.dead_letters import DeadLetter, thrown_away, unplaced, unreadable, unstored
from ingest.deliveries import Delivery, Waiting
from ingest.errors import DatabaseError, RejectedError, UnstorableError
from ingest.names import Names
from ingest.pictures import Pictures
from ingest.presence import Heard, Presence, ShutOut
from ingest.reading import read
from ingest.reports import Reports
from ingest.writer import LedgerWriter

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Taken:
    """What became of a set of deliveries.

    `letters` are the dead ones by kind; `receipts` are to be published, one for each device; what the broker keeps of
    devices that are `shut_out` is to go.
    """

    batches: int = 0
    entries: int = 0
    duplicates: int = 0
    letters: Counter[dead_letters.Kind] = field(default_factory=Counter)
    receipts: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    shut_out: set[tuple[str, str]] = field(default_factory=set)

    @property
    def dead_letters(self) -> int:
        """How many became dead letters."""
        return self.letters.total()

    def add(self, other: "Taken") -> None:
        """Add the counts of `other`."""
        self.batches += other.batches
        self.entries += other.entries
        self.duplicates += other.duplicates
        self.letters += other.letters


class Intake:
    """Stores deliveries through one connection. Not shared between threads."""

    def __init__(self, url: str, *, dead_letters_max: int, name: str = "footfall-ingest") -> None:
        self._database = Database(url, name=name, on_connect=self._forget)
        self._names = Names()
        self._writer = LedgerWriter(self._database, self._names, letters_max=dead_letters_max)
        self._presence = Presence(self._database, self._names)
        self._reports = Reports(self._database, self._names)
        self._pictures = Pictures(self._database)
        self._dead_letters_max = dead_letters_max

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def store(self, waiting: Waiting) -> Taken:
        """Store all that waits; when this returns, each message is committed or a committed dead letter.

        Presence goes first: a new device's lines have their roles before its first crossings come.

        Raises:
            UnavailableError, MisconfiguredError: try all of it again; what was committed will be found to be here.
        """
        taken = Taken()
        letters = [_off_topic(delivery) for delivery in waiting.unreadable]
        letters += self._store_presence(waiting.presence, taken)
        letters += self._store_pictures(waiting.pictures)
        letters += self._store_ledger(waiting, taken)
        if letters:
            self._keep(letters)
        taken.letters.update(letter.kind for letter in letters)
        return taken

    def store_apart(self, waiting: Waiting) -> Taken:
        """Store each delivery alone, where storing all together ran into a fault of ours: only its cause is set aside.

        Raises:
            UnavailableError, MisconfiguredError: as `store` does.
        """
        taken = Taken()
        for delivery, alone in waiting.apart():
            try:
                part = self.store(alone)
            except DatabaseError:
                raise
            except Exception as error:  # the last resort before the service would die of one message, again and again
                logger.exception("a fault of ours on %s", delivery.topic, extra={"action": "bug"})
                part = Taken(letters=Counter(["unreadable"]))
                self._keep([unreadable(delivery.topic, delivery.payload, f"a fault of ours: {error!r}")])
            taken.add(part)
            taken.receipts.update(part.receipts)
            taken.shut_out |= part.shut_out
        return taken

    def _forget(self) -> None:
        self._writer.forget()
        self._presence.forget()

    def _store_presence(self, waiting: Sequence[tuple[Topic, Delivery]], taken: Taken) -> list[DeadLetter]:
        letters = []
        live: list[tuple[Live, Heard]] = []
        for topic, delivery in waiting:
            if not delivery.payload:
                continue  # MQTT's way to say that what was kept there is gone
            heard = Heard(delivery.received_at, delivery.retained)
            try:
                if topic.leaf == "live":
                    live.append((decode(delivery.payload, Live, topic), heard))
                    continue
                if topic.leaf == "reported":
                    self._reports.store(decode(delivery.payload, Reported, topic), heard)
                    continue
                answer = self._presence.store_status(decode(delivery.payload, Status, topic), heard)
                if isinstance(answer, ShutOut):
                    taken.shut_out.add((topic.store, topic.device))
                elif answer:
                    taken.receipts[topic.store, topic.device] = answer
            except ContractError as error:
                letters.append(unreadable(delivery.topic, delivery.payload, str(error)))
            except (RejectedError, UnstorableError) as error:
                letters.append(unplaced(delivery.topic, delivery.payload, str(error)))
        if live:
            self._store_live(live)
        return letters

    def _store_pictures(self, waiting: Sequence[tuple[Topic, Delivery]]) -> list[DeadLetter]:
        letters = []
        for topic, delivery in waiting:
            try:
                self._pictures.store(topic, delivery.payload, delivery.received_at)
            except (ContractError, RejectedError, UnstorableError) as error:
                letters.append(thrown_away(delivery.topic, str(error)))
        return letters

    def _store_live(self, live: Sequence[tuple[Live, Heard]]) -> None:
        try:
            self._presence.store_live(live)
        except UnstorableError:
            # Freshness only, and the next one comes within a second: not worth more than a line.
            logger.exception("live values of %d devices were not stored", len(live), extra={"action": "live_refused"})

    def _store_ledger(self, waiting: Waiting, taken: Taken) -> list[DeadLetter]:
        letters = []
        readable: list[Delivery] = []
        batches: list[LedgerBatch] = []
        for delivery, batch in zip(waiting.ledger, waiting.read or map(read, waiting.ledger), strict=True):
            if isinstance(batch, ContractError):
                letters.append(unreadable(delivery.topic, delivery.payload, str(batch)))
            else:
                batches.append(batch)
                readable.append(delivery)
        written = self._writer.write(batches)
        for index, refusal in sorted(written.refused.items()):
            delivery = readable[index]
            letters.append(unstored(delivery.topic, delivery.payload, str(refusal), batches[index]))
        taken.batches += len(batches) - len(written.refused)
        taken.entries += written.entries
        taken.duplicates += written.duplicates
        taken.letters.update(letter.kind for letter in written.set_aside)
        taken.receipts.update({(receipt.store, receipt.device): receipt for receipt in written.receipts})
        return letters

    def _keep(self, letters: Sequence[DeadLetter]) -> None:
        for topic, many in Counter(letter.topic for letter in letters).items():
            # A line for each topic, however many there are: a log that one sender can fill is read by nobody.
            last = next(letter for letter in reversed(letters) if letter.topic == topic)
            more = f" (and {many - 1} more)" if many > 1 else ""
            logger.warning("dead letter on %s: %s%s", topic, last.reason, more, extra={"action": "dead_letter_kept"})
        with self._database.transaction() as cursor:
            dead_letters.keep(cursor, letters, most=self._dead_letters_max)


def _off_topic(delivery: Delivery) -> DeadLetter:
    try:
        parse(delivery.topic)
    except ContractError as error:
        return unreadable(delivery.topic, delivery.payload, str(error))
    return unreadable(delivery.topic, delivery.payload, f"nothing here reads {delivery.topic}")
