"""Importing an export: understood rows to the API in batches, the others aside with their reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias

from ingest.orders.client import Answer
from ingest.orders.till_csv import Row

BATCH: Final = 500

Post: TypeAlias = Callable[[Sequence[dict[str, Any]]], Answer]
Reject: TypeAlias = Callable[[Row, str], None]

#: Why a row is set aside of whose order something else is kept.
DIFFERS: Final = "not taken: what is kept of this order, or an earlier row of this file, says something else"


@dataclass(slots=True)
class Imported:
    """How many rows became what."""

    outcomes: dict[str, int] = field(default_factory=lambda: {"created": 0, "updated": 0, "ignored": 0})
    differing: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        """All rows dealt with."""
        return sum(self.outcomes.values()) + self.differing + self.rejected


def import_rows(rows: Iterable[Row], post: Post, reject: Reject, *, versioned: bool) -> Iterator[Imported]:
    """Post `rows`, yielding the figures so far after each batch.

    A row of whose order something else is kept is set aside, unless the till itself says (`versioned`) that the row is
    an older version.

    A batch is all or nothing at the API: what it finds wrong is rejected here and the rest is posted again.

    Raises:
        OrdersApiError: the API does not answer; what was posted is stored, importing again is safe.
    """
    done = Imported()
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        good = []
        for row in batch:
            if row.order is None:
                reject(row, row.reason or "")
                done.rejected += 1
            else:
                good.append(row)
        _post(good, post, reject, done, versioned=versioned)
        yield done


def _post(good: list[Row], post: Post, reject: Reject, done: Imported, *, versioned: bool) -> None:
    while good:
        answer = post([row.order for row in good if row.order is not None])
        for row, outcome in zip(good, answer.outcomes, strict=bool(answer.outcomes)):
            if outcome == "differs" or (outcome == "outdated" and not versioned):
                reject(row, DIFFERS)
                done.differing += 1
            else:
                done.outcomes["ignored" if outcome == "outdated" else outcome] += 1
        if not answer.wrong:
            return
        for index, reason in sorted(answer.wrong.items()):
            reject(good[index], reason)
        done.rejected += len(answer.wrong)
        good = [row for index, row in enumerate(good) if index not in answer.wrong]
