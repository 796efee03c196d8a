"""Holidays: which day of last year a day is compared with.

Ordinary days meet the same weekday 364 days before. A holiday meets itself, wherever it lay last year: Easter and the
Chinese New Year move by weeks, and Christmas by a weekday. An ordinary day never meets a holiday.

Dates are those of the package `holidays`; without it (`known_holidays` is False) every day is an ordinary one.
"""

import functools
import importlib.util
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

#: Whole weeks closest to a year, and where to look when a holiday lies there.
_SHIFTS: Final = tuple(timedelta(days=days) for days in (364, 357, 371, 350, 378, 343, 385))
#: How far apart a holiday and itself lie: Easter moves by five weeks at most, the new year by four. What lies further
#: is another of that name, such as a substitute for a Sunday.
_MOVES: Final = range(320, 411)
_DAY: Final = timedelta(days=1)
_NEW_YEAR: Final = ("Chinese New Year", "Lunar New Year")
#: Days of a festival beside its first: people shop before it and travel after.
_NEW_YEAR_FROM, _NEW_YEAR_DAYS = -1, 8
#: Weeks that a country has off, by first month and day and length.
_GOLDEN_WEEKS: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType({"CN": (10, 1, 7), "JP": (4, 29, 7)})


def known_holidays() -> bool:
    """Return whether the package that knows holidays is installed."""
    return importlib.util.find_spec("holidays") is not None


def compared_day(day: date, country: str | None) -> date:
    """Return the day about a year before that `day` is compared with in this country (ISO 3166, None: not known)."""
    if country is not None:
        same = same_holiday(day, country)
        if same is not None:
            return same
        for shift in _SHIFTS:
            found = day - shift
            if found not in special_days(country, found.year):
                return found
    return day - _SHIFTS[0]


def same_holiday(day: date, country: str | None) -> date | None:
    """Return when the holiday that `day` is lay the year before; None of an ordinary day, or one that is new."""
    if country is None:
        return None
    key = special_days(country, day.year).get(day)
    there = special_days(country, day.year - 1).items()
    return next((found for found, other in there if other == key and (day - found).days in _MOVES), None)


@functools.cache
def special_days(country: str, year: int, subdivision: str | None = None) -> Mapping[date, str]:
    """Return the holidays of a year, each by a name that it has in every year; empty where none are known.

    With a subdivision (such as BY or NSW) its own holidays are among them.
    """
    if not known_holidays():
        return MappingProxyType({})
    import holidays  # noqa: PLC0415 - part of the dashboard's install only

    try:
        listed = holidays.country_holidays(country, subdiv=subdivision, years=[year], language="en_US")
    except NotImplementedError:
        return MappingProxyType({})
    named: dict[date, str] = {}
    seen: dict[str, int] = {}
    for day in sorted(listed):
        for name in listed.get_list(day):
            if not name.startswith("Day off"):
                plain = name.partition(" (")[0]
                seen[plain] = seen.get(plain, 0) + 1
                named.setdefault(day, f"{plain} {seen[plain]}")
    return MappingProxyType({**named, **_spans(country, year, named)})


def _spans(country: str, year: int, named: Mapping[date, str]) -> dict[date, str]:
    """Return festivals of several days, numbered from their beginning."""
    spans: dict[date, str] = {}
    if country in _GOLDEN_WEEKS:
        month, first, days = _GOLDEN_WEEKS[country]
        spans |= {date(year, month, first) + step * _DAY: f"golden week {step}" for step in range(days)}
    friday = next((day for day, name in named.items() if name.startswith("Good Friday")), None)
    monday = next((day for day, name in named.items() if name.startswith("Easter Monday")), None)
    easter = friday + 2 * _DAY if friday else monday - _DAY if monday else None
    if easter is not None:
        spans |= {easter + step * _DAY: f"easter {step}" for step in range(-2, 2)}
    new_year = next((day for day, name in named.items() if name.startswith(_NEW_YEAR) and "Eve" not in name), None)
    if new_year is not None:
        steps = range(_NEW_YEAR_FROM, _NEW_YEAR_FROM + _NEW_YEAR_DAYS)
        spans |= {new_year + step * _DAY: f"new year {step}" for step in steps}
    return spans


@functools.cache
def country_of(timezone: str) -> str | None:
    """Return the country of an IANA zone (ISO 3166), by the zone table; None where it lists none or is not there."""
    spec = importlib.util.find_spec("tzdata")
    tables = [Path(spec.origin).parent / "zoneinfo"] if spec is not None and spec.origin else []
    for folder in (*tables, Path("/usr/share/zoneinfo")):
        table = folder / "zone.tab"
        if table.is_file():
            lines = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
            return next((fields[0] for fields in lines if fields[2:3] == [timezone]), None)
    return None
