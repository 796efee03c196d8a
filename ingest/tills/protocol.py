"""What an adapter does for a till: recognise its notifications, fetch a document, list what changed, understand it.

notification ──► document's number ──► fetch ─┐
every few minutes, and daily ──► changed ─────┴──► understand ──► orders ──► upsert

A notification is only ever a hint which document to fetch: so one that is late, repeated, out of order, or carries half
of the truth does no harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from ingest.orders.bodies import OrderIn

#: A vendor's document, as its JSON decodes.
Raw: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A notification as it came: `headers` in lower case, the `body` as sent."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its number, by which it can be fetched again, and what it says."""

    number: str
    raw: Raw


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents that changed; `cursor` is where to go on after them, in the till's own terms."""

    documents: Sequence[Document]
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hours that somebody worked at `store` (our code); `ends_at` None: still at work.

    `staff_ref` is who, as the till's orders name them; only an alias of it is kept.
    """

    store: str
    external_id: str
    version: int
    starts_at: datetime
    ends_at: datetime | None
    break_min: int = 0
    cancelled: bool = False
    staff_ref: str | None = None


class Till(Protocol):
    """One till system of one company."""

    def heard(self, notification: Heard) -> Sequence[str]:
        """Return the numbers of the documents that a notification is about.

        Raises:
            SignatureError: it is not signed by the till.
            DocumentError: it is signed, and says nothing that is understood.
        """
        ...

    def fetch(self, number: str) -> Document | None:
        """Return a document as it is now; None where the till has none of that number any more.

        Raises:
            TillAwayError, TillRefusesError: it could not be asked.
        """
        ...

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield what changed after `cursor`, or where it is None since `since`, oldest change first.

        Raises:
            TillAwayError, TillRefusesError: it could not be asked.
        """
        ...

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the orders in a document; none where it is no order yet, such as an open tab.

        Raises:
            DocumentError: it cannot be understood; says what was expected, what came and where.
            NotYetError: it is not complete yet.
        """
        ...

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield the shifts that changed since `since`; none where the till keeps no hours.

        Raises:
            TillAwayError, TillRefusesError: it could not be asked.
        """
        ...
