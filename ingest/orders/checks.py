"""What must hold of orders beyond each field's own type: stores, currency, signs and sums."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ingest.orders.bodies import ItemProblem, OrderIn
from ingest.orders.keys import Access
from ingest.orders.problems import ProblemError

#: A night's business and the world's time zones lie between a business date and the instant in UTC.
DATE_SLACK: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class KnownStore:
    """A store that orders may be of."""

    store_id: int
    currency: str


def check(
    orders: Sequence[OrderIn], stores: dict[str, KnownStore], access: Access, *, now: datetime, ahead: timedelta
) -> None:
    """Refuse a batch with anything wrong in it, all of it at once; no order may have closed later than `now` + `ahead`.

    Raises:
        ProblemError: 403 where the key is for another store; 422 with each order's index and field otherwise.
    """
    foreign = [
        ItemProblem(index=index, field="store", message=f"this key is for store {access.store!r} only")
        for index, order in enumerate(orders)
        if access.store is not None and order.store != access.store
    ]
    if foreign:
        raise ProblemError(
            403,
            "other-store",
            f"{len(foreign)} orders are of a store that this key is not for, none was stored",
            foreign,
        )
    wrong = [
        ItemProblem(index=index, field=field, message=message)
        for index, order in enumerate(orders)
        for field, message in (
            *_of_store(order, stores),
            *_of_amounts(order),
            *_of_date(order),
            *_of_future(order, now, ahead),
        )
    ]
    if wrong:
        many = len({each.index for each in wrong})
        raise ProblemError(422, "invalid-orders", f"{many} of {len(orders)} orders are wrong, none was stored", wrong)


def _of_store(order: OrderIn, stores: dict[str, KnownStore]) -> Iterator[tuple[str, str]]:
    store = stores.get(order.store)
    if store is None:
        yield "store", f"store {order.store!r} is not known here: footfall store add {order.store} … adds it"
    elif store.currency != order.currency:
        advice = f"set the till's export to {store.currency}, nothing is converted here"
        yield "currency", f"store {order.store!r} sells in {store.currency}, got {order.currency}: {advice}"


def _of_amounts(order: OrderIn) -> Iterator[tuple[str, str]]:
    expected = order.gross - order.discount
    if order.net != expected:
        yield "net", f"expected gross - discount = {order.gross} - {order.discount} = {expected}, got {order.net}"
    if order.kind == "refund":
        for field in ("gross", "net", "units"):
            if getattr(order, field) > 0:
                yield (
                    field,
                    f"expected zero or less on a refund, got {getattr(order, field)}: what goes back is negative",
                )
    if order.kind == "sale":
        for field in ("gross", "net", "units"):
            if getattr(order, field) < 0:
                yield field, f"expected zero or more on a sale, got {getattr(order, field)}: is it a refund?"


def _of_date(order: OrderIn) -> Iterator[tuple[str, str]]:
    if order.business_date and abs(order.business_date - order.closed_at.date()) > DATE_SLACK:
        yield "business_date", f"expected the day of closed_at {order.closed_at.isoformat()}, got {order.business_date}"


def _of_future(order: OrderIn, now: datetime, ahead: timedelta) -> Iterator[tuple[str, str]]:
    if order.closed_at - now > ahead:
        message = (
            f"expected at most {ahead / timedelta(hours=1):g} h ahead of the server's clock "
            f"{now.isoformat(timespec='seconds')}, got {order.closed_at.isoformat()}: check the date, the till's "
            "clock and the server's (FOOTFALL_ORDERS_AHEAD_H sets the bound)"
        )
        yield "closed_at", message
