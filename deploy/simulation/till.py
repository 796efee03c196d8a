"""The till: posts a simulated store's orders to the orders API, history in batches, today's as they close.

External ids are the same in every run: an order that is posted twice is stored once.
"""

import json
import urllib.error
import urllib.request
from datetime import date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec

from deploy.simulation.days import local_date, to_instant, to_ms
from deploy.simulation.errors import SimulationError, TillError
from deploy.simulation.journal import TillMark, load, save
from deploy.simulation.orders import SOURCE, Order
from deploy.simulation.store import SimulatedStore

BATCH: Final = 500
_TIMEOUT_S: Final = 30.0


class Register(Protocol):
    """Where orders go."""

    def post(self, orders: list[Order]) -> None:
        """Store `orders`.

        Raises:
            TillError: they were not stored.
        """
        ...


class OrdersClient:
    """The orders API at `url` (such as http://127.0.0.1:8081)."""

    def __init__(self, url: str, key: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise SimulationError(f"orders API: expected http://host:port or https://…, got {url!r}")
        self._url = url.rstrip("/") + "/v1/orders"
        self._key = key

    def post(self, orders: list[Order]) -> None:
        """Store `orders`; see `Register.post`."""
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self._url,
            data=json.dumps([as_json(order) for order in orders]).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310  # as above
                answer.read()
        except urllib.error.HTTPError as error:
            text = error.read(2_000).decode("utf-8", "replace")
            retriable = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.TOO_MANY_REQUESTS
            raise TillError(f"orders API {self._url} answered {error.code}: {text}", retriable=retriable) from error
        except OSError as error:
            raise TillError(
                f"orders API {self._url} cannot be reached: {error}. Start it: footfall orders serve", retriable=True
            ) from error


class Till:
    """One store's till: begins with `first_day`, or without one at `now`; with a journal it continues.

    Raises:
        JournalError: the journal was written with another seed.
    """

    def __init__(
        self, store: SimulatedStore, register: Register, journal: Path, *, first_day: date | None, now: datetime
    ) -> None:
        self.store = store
        self._register = register
        self._journal = journal
        self._mark = load(journal, TillMark, seed=store.seed) or self._begin(first_day, now)

    @property
    def mark(self) -> TillMark:
        """Return how far the till has come."""
        return self._mark

    def behind(self, now: datetime) -> bool:
        """Return whether an order that closed by `now` is not posted."""
        today = local_date(self.store.profile, now)
        return self._mark.day < today or _closed(self.store.orders(self._mark.day), now) > self._mark.posted

    def advance(self, now: datetime) -> int:
        """Post up to about `BATCH` orders that closed by `now`; return how many.

        Raises:
            TillError: they were not stored; the same ones are posted next time.
        """
        day, posted = self._mark.day, self._mark.posted
        today = local_date(self.store.profile, now)
        batch: list[Order] = []
        while len(batch) < BATCH:
            orders = self.store.orders(day)
            due = _closed(orders, now)
            batch += orders[posted:due]
            if due < len(orders) or day >= today:
                posted = due
                break
            day, posted = day + timedelta(days=1), 0
        for start in range(0, len(batch), BATCH):
            self._register.post(batch[start : start + BATCH])
        if batch or day != self._mark.day:
            self._mark = msgspec.structs.replace(self._mark, day=day, posted=posted)
            save(self._journal, self._mark)
        return len(batch)

    def _begin(self, first_day: date | None, now: datetime) -> TillMark:
        today = local_date(self.store.profile, now)
        closed = 0
        if first_day is None:
            closed = _closed(self.store.orders(today), now)
        return TillMark(
            seed=self.store.seed, began=first_day or today, began_at=closed, day=first_day or today, posted=closed
        )


def as_json(order: Order) -> dict[str, Any]:
    """Return an order as the API takes it; amounts as decimal text."""
    return {
        "store": order.store,
        "source": SOURCE,
        "external_id": order.external_id,
        "version": 1,
        "kind": order.kind,
        "original_external_id": order.original_external_id,
        "business_date": order.business_date.isoformat(),
        "closed_at": to_instant(order.closed_ms).isoformat(),
        "gross": _money(order.gross),
        "discount": _money(order.discount),
        "tax": _money(order.tax),
        "net": _money(order.net),
        "currency": order.currency,
        "units": order.units,
        "channel": order.channel,
        "register": order.register,
        "customer_ref": order.customer_ref,
        "is_test": order.is_test,
    }


def _closed(orders: list[Order], now: datetime) -> int:
    return sum(order.closed_ms <= to_ms(now) for order in orders)


def _money(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))
