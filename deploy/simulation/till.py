"""The till: posts a simulated store's orders, and what its time clock hears, to the orders API: history in batches.

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
from deploy.simulation.staff import Clocked
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

    def clock(self, store: str, heard: list[Clocked]) -> None:
        """Store the hours that `heard` tells of.

        Raises:
            TillError: they were not stored.
        """
        ...


class OrdersClient:
    """The orders API at `url` (such as http://127.0.0.1:8081)."""

    def __init__(self, url: str, key: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise SimulationError(f"orders API: expected http://host:port or https://…, got {url!r}")
        self._url = url.rstrip("/")
        self._key = key

    def post(self, orders: list[Order]) -> None:
        """Store `orders`; see `Register.post`."""
        self._post("/v1/orders", [as_json(order) for order in orders])

    def clock(self, store: str, heard: list[Clocked]) -> None:
        """Store the hours that `heard` tells of; see `Register.clock`."""
        # Of who came and went meanwhile, the last word is enough.
        last = {(one.shift.staff, one.shift.start_ms): shift_json(store, one) for one in heard}
        self._post("/v1/staff-hours", list(last.values()))

    def _post(self, path: str, bodies: list[dict[str, Any]]) -> None:
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self._url + path,
            data=json.dumps(bodies).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310  # as above
                answer.read()
        except urllib.error.HTTPError as error:
            text = error.read(2_000).decode("utf-8", "replace")
            retriable = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.TOO_MANY_REQUESTS
            raise TillError(
                f"orders API {self._url}{path} answered {error.code}: {text}", retriable=retriable
            ) from error
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
        """Return whether an order that closed by `now`, or somebody who clocked in or out by then, is not posted."""
        mark, today = self._mark, local_date(self.store.profile, now)
        return (
            mark.day < today
            or _closed(self.store.orders(mark.day), now) > mark.posted
            or _heard(self.store.clock(mark.day), now) > mark.clocked
        )

    def advance(self, now: datetime) -> int:
        """Post up to about `BATCH` orders that closed by `now`, and the hours of then; return how many in all.

        Raises:
            TillError: they were not stored; the same ones are posted next time.
        """
        day, posted, clocked = self._mark.day, self._mark.posted, self._mark.clocked
        today = local_date(self.store.profile, now)
        batch: list[Order] = []
        heard: list[Clocked] = []
        while len(batch) < BATCH:
            orders, clock = self.store.orders(day), self.store.clock(day)
            due, told = _closed(orders, now), _heard(clock, now)
            batch += orders[posted:due]
            heard += clock[clocked:told]
            if due < len(orders) or told < len(clock) or day >= today:
                posted, clocked = due, told
                break
            day, posted, clocked = day + timedelta(days=1), 0, 0
        for start in range(0, len(batch), BATCH):
            self._register.post(batch[start : start + BATCH])
        if heard:
            self._register.clock(self.store.profile.code, heard)
        if batch or heard or day != self._mark.day:
            self._mark = msgspec.structs.replace(self._mark, day=day, posted=posted, clocked=clocked)
            save(self._journal, self._mark)
        return len(batch) + len(heard)

    def _begin(self, first_day: date | None, now: datetime) -> TillMark:
        today = local_date(self.store.profile, now)
        closed = heard = 0
        if first_day is None:
            closed, heard = _closed(self.store.orders(today), now), _heard(self.store.clock(today), now)
        return TillMark(
            seed=self.store.seed, began=first_day or today, began_at=closed, day=first_day or today, posted=closed,
            clocked=heard, clocked_at=heard,
        )  # fmt: skip


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
        "staff_ref": order.staff_ref,
        "lines": [
            {"product": line.category, "category": line.category, "units": line.units, "net": _money(line.net)}
            for line in order.lines
        ]
        or None,
    }


def shift_json(store: str, heard: Clocked) -> dict[str, Any]:
    """Return a shift as the API takes it; who has clocked out has a higher version than who is still there."""
    shift = heard.shift
    return {
        "store": store,
        "source": SOURCE,
        "external_id": f"{store}-{shift.staff}-{shift.start_ms}",
        "version": 2 if heard.out else 1,
        "staff_ref": shift.staff,
        "starts_at": to_instant(shift.start_ms).isoformat(),
        "ends_at": to_instant(shift.end_ms).isoformat() if heard.out else None,
        "break_min": shift.break_min if heard.out else 0,
    }


def _closed(orders: list[Order], now: datetime) -> int:
    return sum(order.closed_ms <= to_ms(now) for order in orders)


def _heard(clock: list[Clocked], now: datetime) -> int:
    return sum(one.at_ms <= to_ms(now) for one in clock)


def _money(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))
