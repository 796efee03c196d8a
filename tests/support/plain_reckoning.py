"""KPIs reckoned once more, in plain Python, from single rows: nothing of the product's own reckoning is used here.

A row is what one device or till wrote down. Everything is a loop over rows, to be read against
docs/kpis.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contract.entries import CameraUptime, Crossing, Entry, QueueExit, ZoneVisit
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.orders import Order

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Heard:
    """What one store's boxes and its till wrote down."""

    store: StoreProfile
    entries: Sequence[Entry]
    orders: Sequence[Order]
    engaged_after_s: float


def opening(store: StoreProfile, day: date) -> tuple[datetime, datetime] | None:
    """When the store opens and closes on a day, by its own clock."""
    hours = store.hours[day.weekday()]
    if hours is None:
        return None
    zone = ZoneInfo(store.timezone)
    opens, closes = (
        (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)
        for minutes in hours
    )
    return opens, closes


def till_closes(store: StoreProfile, day: date) -> datetime:
    """An hour after the door, but not in the next business day."""
    own = opening(store, day)
    assert own is not None
    until = own[1] + timedelta(hours=1)
    for ahead in range(1, 8):
        later = opening(store, day + timedelta(days=ahead))
        if later is not None:
            return max(own[1], min(until, later[0]))
    return until


def quarter_of(at: datetime) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % 900, UTC)


def within(at: datetime, begin: datetime, end: datetime) -> bool:
    """Whether a moment counts for a span: by the quarter-hours that the product keeps."""
    return quarter_of(begin) <= quarter_of(at) < end


def reckoned(heard: Heard, days: Sequence[date]) -> dict[str, float | None]:
    """Every figure of some business days together; None: nothing was measured."""
    found: dict[str, float] = dict.fromkeys(
        ("ins", "outs", "staff", "passers", "grouped", "groups", "sales", "net", "units", "referenced", "again",
         "engaged", "queued"), 0.0)  # fmt: skip
    up, expected, down = {"door": 0.0, "street": 0.0}, {"door": 0.0, "street": 0.0}, {"door": 0, "street": 0}
    for day in days:
        span = opening(heard.store, day)
        if span is None:
            continue
        _people(heard, span, found)
        _inside(heard, span, found)
        _till(heard, (span[0], till_closes(heard.store, day)), found)
        for camera, side in _cameras(heard.store):
            did, should = _watched(heard, camera, span), (span[1] - span[0]).total_seconds()
            up[side] += did
            expected[side] += should
            down[side] += did < 0.98 * should
    door, street = (_share(up[side], expected[side], down[side]) for side in ("door", "street"))
    ins = found["ins"] if door or found["ins"] else None
    groups = found["groups"] if found["grouped"] else None
    known = any(_counts(order) for order in heard.orders)
    sales, net, units = (found[name] if known else None for name in ("sales", "net", "units"))
    passers = found["passers"] if street or found["passers"] else None
    return {
        "footfall": ins,
        "staff": None if ins is None else found["staff"],
        "buying_units": groups,
        "passers_by": passers,
        "capture_rate": None if ins is None or passers is None else _ratio(ins, ins + passers),
        "transactions": sales,
        "net_sales": net,
        "conversion": _ratio(sales, ins),
        "buying_unit_conversion": _ratio(sales, groups),
        "atv": _ratio(net, sales),
        "upt": _ratio(units, sales),
        "aur": _ratio(net, units),
        "spv": _ratio(net, ins),
        "completeness": door,
        "engaged": found["engaged"] if door else None,
        "queue_joins": found["queued"] if door else None,
        "repeat_sales": found["again"] if found["referenced"] else None,
        "repeat_rate": _ratio(found["again"], found["referenced"]),
    }


def by_hour(heard: Heard, day: date) -> list[int]:
    """Visitors of each hour of the wall clock, from opening on."""
    span = opening(heard.store, day)
    assert span is not None
    zone = ZoneInfo(heard.store.timezone)
    counts: dict[datetime, int] = {}
    at = quarter_of(span[0])
    while at < span[1]:
        counts.setdefault(_hour(at, zone), 0)
        at += QUARTER
    for entry in heard.entries:
        if isinstance(entry, Crossing) and _visitor(entry) and within(entry.at, *span):
            counts[_hour(quarter_of(entry.at), zone)] += 1
    return [counts[hour] for hour in sorted(counts)]


def _hour(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return at - timedelta(minutes=local.minute)


def _visitor(entry: Crossing) -> bool:
    return entry.line in {"door", "side-door"} and entry.direction == "in" and entry.staff is not True


def _people(heard: Heard, span: tuple[datetime, datetime], found: dict[str, float]) -> None:
    for entry in heard.entries:
        if not isinstance(entry, Crossing) or not within(entry.at, *span):
            continue
        if entry.line == "street":
            found["passers"] += entry.staff is not True
        elif _visitor(entry):
            found["ins"] += 1
            if entry.group_size is not None:
                found["grouped"] += 1
                found["groups"] += 1 / entry.group_size
        elif entry.direction == "in":
            found["staff"] += 1


def _inside(heard: Heard, span: tuple[datetime, datetime], found: dict[str, float]) -> None:
    for entry in heard.entries:
        if isinstance(entry, ZoneVisit) and within(entry.at, *span):
            found["engaged"] += entry.staff is not True and entry.dwell_s >= heard.engaged_after_s
        elif isinstance(entry, QueueExit) and within(entry.at, *span):
            found["queued"] += 1


def _counts(order: Order) -> bool:
    return order.kind != "void" and not order.is_test and order.channel == "in_store"


def _till(heard: Heard, span: tuple[datetime, datetime], found: dict[str, float]) -> None:
    for order in heard.orders:
        at = datetime.fromtimestamp(order.closed_ms / 1000, UTC)
        if not _counts(order) or not within(at, *span):
            continue
        found["net"] += (order.gross - order.discount) / 100
        found["units"] += order.units
        if order.kind == "sale":
            found["sales"] += 1
            if order.customer_ref is not None and span[0] <= at < span[1]:
                found["referenced"] += 1
                found["again"] += any(
                    other.customer_ref == order.customer_ref and other.closed_ms < order.closed_ms
                    for other in heard.orders
                    if _counts(other) and other.kind == "sale"
                )


def _cameras(store: StoreProfile) -> list[tuple[str, str]]:
    told = [("entrance", "door"), ("street", "street")]
    return [*told, ("side-entrance", "door")] if store.side_door else told


def _watched(heard: Heard, camera: str, span: tuple[datetime, datetime]) -> float:
    """Seconds of a span that a camera watched; no quarter-hour gives more than it holds of the span."""
    quarters: dict[datetime, float] = {}
    for entry in heard.entries:
        if isinstance(entry, CameraUptime) and entry.camera == camera:
            at = quarter_of(entry.at)
            quarters[at] = quarters.get(at, 0.0) + entry.up_s
    return sum(
        min(up, (min(at + QUARTER, span[1]) - max(at, span[0])).total_seconds())
        for at, up in quarters.items()
        if at + QUARTER > span[0] and at < span[1]
    )


def _share(up: float, expected: float, down: int) -> float | None:
    if expected <= 0:
        return None
    share = min(1.0, up / expected)
    # A door that was down keeps all of it below what is called measured.
    return min(share, 0.979) if down else share


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or whole is None or whole <= 0 else part / whole
