"""Special days: public holidays by name, and the days that bridge two of them.

Without the package `holidays` there are none, and the forecast works all the same.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from analytics.comparison import holidays as calendar
from analytics.forecast.errors import ForecastError, MissingExtraError

#: Days between two holidays that are at most this far apart are special, too: Easter, between Christmas and New Year.
BRIDGE_DAYS: Final = 6


def public_holidays(country: str, subdivision: str | None, years: Iterable[int]) -> dict[date, str]:
    """Return the public holidays of a country (ISO 3166 code) and, if given, one of its parts, by date.

    Raises:
        MissingExtraError: `holidays` is not installed.
        ForecastError: it does not know the country or the subdivision.
    """
    if not calendar.known_holidays():
        raise MissingExtraError("holidays by country need an extra: pip install '.[forecast]' in Footfall's checkout")
    found: dict[date, str] = {}
    for year in years:
        found |= calendar.special_days(country, year, subdivision)
    if not found:
        raise ForecastError(f"no holidays are known for {country}{f', {subdivision}' if subdivision else ''}")
    return found


def with_bridges(named: Mapping[date, str]) -> dict[date, str]:
    """Return the holidays and the days between two close ones, which are named "~" + the holiday before them."""
    days = sorted(named)
    special = dict(named)
    for before, after in pairwise(days):
        if (after - before).days <= BRIDGE_DAYS:
            for step in range(1, (after - before).days):
                special[before + timedelta(days=step)] = f"~{named[before]}"
    return special
