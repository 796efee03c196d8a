"""Groups: the stores of a region, and within it of a format, added up.

Whatever is told of a group is worked out from the sums of its stores' days, as for one store: its conversion is no mean
of conversions, and its interval is that of all of its visitors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.comparison.decomposition import Decomposition, decompose
from analytics.comparison.network import SPARK_WEEKS, Compared, StoreRow, Weeks, together
from analytics.stores import Store


@dataclass(frozen=True, slots=True)
class Group:
    """Stores that have something in common; `name` is None for those of which it is not known.

    `weeks` is the visitors of the `weeks_of` stores whose weeks were all counted, from the first that any of them was:
    one that is missing in a week would read as a fall, one that comes later as a rise.
    """

    name: str | None
    rows: tuple[StoreRow, ...]
    compared: Compared
    weeks: Weeks
    weeks_of: int
    parts: tuple["Group", ...] = ()

    @property
    def currency(self) -> str | None:
        """The currency of all of its stores; None where they have several, whose sales cannot be added up."""
        found = {row.store.currency for row in self.rows}
        return found.pop() if len(found) == 1 else None

    @property
    def why(self) -> Decomposition | None:
        """Why its net sales changed; None with several currencies, or without sales on both sides."""
        return decompose(row.sides for row in self.rows) if self.currency is not None else None


def by_region(rows: Sequence[StoreRow], *, now: datetime) -> tuple[Group, ...]:
    """Return the regions, each with its formats where it has several; those without a name last."""
    return _grouped(rows, lambda store: store.region, now, inner=lambda store: store.format)


def by_format(rows: Sequence[StoreRow], *, now: datetime) -> tuple[Group, ...]:
    """Return the formats; those without a name last."""
    return _grouped(rows, lambda store: store.format, now)


_Of = Callable[[Store], str | None]


def _grouped(rows: Sequence[StoreRow], of: _Of, now: datetime, *, inner: _Of | None = None) -> tuple[Group, ...]:
    found: dict[str | None, list[StoreRow]] = {}
    for row in rows:
        found.setdefault(of(row.store), []).append(row)
    names = sorted(found, key=lambda name: (name is None, name or ""))
    return tuple(_group(name, found[name], now, inner) for name in names)


def _group(name: str | None, rows: Sequence[StoreRow], now: datetime, inner: _Of | None) -> Group:
    parts = () if inner is None else _grouped(rows, inner, now)
    weeks, weeks_of = _weeks([row.weeks for row in rows])
    return Group(
        name=name,
        rows=tuple(rows),
        compared=together(rows, now=now),
        weeks=weeks,
        weeks_of=weeks_of,
        parts=parts if len(parts) > 1 else (),
    )


def _weeks(stores: Sequence[Weeks]) -> tuple[Weeks, int]:
    """Return the weeks of those counted all along, added up, and how many they are; a young chain begins later."""
    begins = min((place for weeks in stores for place, week in enumerate(weeks) if week is not None), default=0)
    whole = [weeks[begins:] for weeks in stores if None not in weeks[begins:]]
    if not whole:
        return (None,) * SPARK_WEEKS, 0
    sums = (sum(week or 0.0 for week in column) for column in zip(*whole, strict=True))
    return ((None,) * begins + tuple(sums), len(whole))
