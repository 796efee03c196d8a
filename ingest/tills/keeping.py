"""Keeping documents' orders: understood one by one, upserted together, what is wrong set aside with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ingest.database import Database
from ingest.errors import DocumentError, NotYetError
from ingest.orders import book
from ingest.orders.bodies import OrderIn
from ingest.orders.keys import EVERY_STORE
from ingest.orders.problems import ProblemError
from ingest.tills.protocol import Document

_BATCH: Final = 500

Understand: TypeAlias = Callable[[Document], Sequence[OrderIn]]


@dataclass(slots=True)
class Kept:
    """What became of documents: numbers of those taken, those refused with the reason, those to be asked for again."""

    taken: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    not_yet: list[tuple[str, str]] = field(default_factory=list)
    created: int = 0
    updated: int = 0

    def add(self, other: "Kept") -> None:
        """Add what became of others."""
        self.taken += other.taken
        self.refused += other.refused
        self.not_yet += other.not_yet
        self.created += other.created
        self.updated += other.updated


def keep(documents: Sequence[Document], understand: Understand, database: Database, terms: book.Terms) -> Kept:
    """Keep the orders in `documents`; one that is wrong does not keep the others out.

    Raises:
        DatabaseError: the database did not take them.
    """
    kept = Kept()
    waiting: list[tuple[str, OrderIn]] = []
    for each in documents:
        try:
            waiting += [(each.number, order) for order in understand(each)]
            kept.taken.append(each.number)
        except NotYetError as error:
            kept.not_yet.append((each.number, str(error)))
        except DocumentError as error:
            kept.refused.append((each.number, str(error)))
    for start in range(0, len(waiting), _BATCH):
        upsert_apart(waiting[start : start + _BATCH], kept, database, terms)
    wrong = {number for number, _ in kept.refused}
    kept.taken = [number for number in dict.fromkeys(kept.taken) if number not in wrong]
    return kept


def upsert_apart(
    batch: Sequence[tuple[str, OrderIn]], kept: Kept, database: Database, terms: book.Terms
) -> Sequence[tuple[str, OrderIn]]:
    """Keep the orders of a batch but for those that are wrong, noted in `kept`; return those that are kept.

    Raises:
        DatabaseError: the database did not take them.
    """
    while batch:
        try:
            results = book.upsert(database, [order for _, order in batch], EVERY_STORE, terms)
        except ProblemError as error:
            if not error.errors:
                raise
            reasons = {each.index: f"{each.field or 'order'}: {each.message}" for each in reversed(error.errors)}
            kept.refused += [(batch[index][0], reason) for index, reason in sorted(reasons.items())]
            batch = [each for index, each in enumerate(batch) if index not in reasons]
            continue
        kept.created += sum(each.outcome == "created" for each in results)
        kept.updated += sum(each.outcome == "updated" for each in results)
        break
    return batch
