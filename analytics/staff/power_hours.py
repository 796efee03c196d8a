"""Power hours: the fewest hours of the week that hold a given share of the visitors."""

from collections.abc import Mapping
from typing import Final, TypeAlias

#: Of the visitors of a week.
SHARE: Final = 0.4

#: ISO weekday of the business date, and the wall clock's hour; 24 and more after midnight.
WeekHour: TypeAlias = tuple[int, int]


def power_hours(visitors: Mapping[WeekHour, float], *, share: float = SHARE) -> frozenset[WeekHour]:
    """Return the smallest set of hours that holds at least `share` of all visitors; none where nobody came.

    Of hours with as many visitors the earlier one is taken.
    """
    wanted = share * sum(visitors.values())
    found: set[WeekHour] = set()
    held = 0.0
    for hour, count in sorted(visitors.items(), key=lambda one: (-one[1], one[0])):
        # Sums of means miss a whole share by rounding where they should meet it.
        if held >= wanted - 1e-9 or count <= 0:
            break
        found.add(hour)
        held += count
    return frozenset(found)
