"""Weekdays as people write them in lists: `mon`, `mon-fri`, `sat-mon`; counted from 0, Monday."""

from collections.abc import Iterable
from typing import Final, TypeVar

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: A day, or the first and the last of some, as two groups.
SPAN: Final = rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?"

_Said = TypeVar("_Said")


def span_of(first: str, last: str | None) -> list[int]:
    """Return the days from `first` to `last`, which may lie in the next week; `first` alone where there is none."""
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [day % len(DAYS) for day in range(begin, end + 1 if end >= begin else end + len(DAYS) + 1)]


def write_span(first: int, last: int) -> str:
    """Return the days from `first` to `last` as `span_of` takes them apart."""
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"


def alike(week: Iterable[tuple[int, _Said]]) -> list[tuple[int, int, _Said]]:
    """Return the runs of neighbouring days of which the same is said: first and last day, and what."""
    runs: list[tuple[int, int, _Said]] = []
    for day, said in week:
        if runs and runs[-1][1:] == (day - 1, said):
            runs[-1] = (runs[-1][0], day, said)
        else:
            runs.append((day, day, said))
    return runs
