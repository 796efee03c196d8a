"""Zones over past days: what periods that overlap may not give away."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from analytics import columns as c
from analytics.days import Slice
from analytics.visits.store_day import ZoneDay
from analytics.visits.zones_past import past_zones
from tests.support.zone_watching import evenly

OPENS = datetime(2026, 11, 16, 9, tzinfo=UTC)


def a_slice(day: int) -> Slice:
    begin = OPENS + timedelta(days=day)
    return Slice(1, begin.date(), begin, begin + timedelta(hours=10), begin + timedelta(hours=12))


def stays(*days: dict[str, int]) -> pd.DataFrame:
    """Return so many stays in each zone on each day."""
    rows = [
        (zone, OPENS + timedelta(days=day, minutes=number), 30.0 + number, False, True)
        for day, zones in enumerate(days)
        for zone, count in zones.items()
        for number in range(count)
    ]
    return pd.DataFrame(rows, columns=[c.ZONE, c.AT, c.DWELL_S, c.CENSORED, c.ENGAGED])


def over(found: pd.DataFrame, first: int, last: int) -> dict[str, ZoneDay]:
    slices = [a_slice(day) for day in range(first, last + 1)]
    within = found[
        (found[c.AT] >= slices[0].from_at) & (found[c.AT] < slices[-1].until)
    ] if len(found) else found  # fmt: skip
    told = past_zones(["shelf", "table"], within, slices, now=OPENS, watch=evenly(1.0, "shelf", "table"))
    return {one.zone: one for one in told}


def test_two_periods_that_differ_by_a_day_of_few_say_the_same() -> None:
    found = stays({"shelf": 50, "table": 60}, {"shelf": 3, "table": 60}, {"shelf": 40, "table": 70})
    with_it, without = over(found, 0, 1)["shelf"], over(found, 0, 0)["shelf"]
    assert with_it.visits.value == without.visits.value == 50
    assert with_it.dwell_p50.value == without.dwell_p50.value
    assert with_it.visits.completeness == 0.5, "a day left out is one that was not counted"
    assert over(found, 0, 2)["shelf"].visits.value == 90


def test_a_zone_of_few_on_each_day_is_withheld() -> None:
    shelf = over(stays({"shelf": 3, "table": 60}, {"shelf": 4, "table": 60}), 0, 1)["shelf"]
    assert shelf.withheld
    assert shelf.visits.value is None


def test_a_zone_where_nobody_stopped_is_zero() -> None:
    shelf = over(stays({"table": 60}), 0, 0)["shelf"]
    assert shelf.visits.value == 0
    assert shelf.visits.completeness == pytest.approx(1.0)


def test_no_stay_at_all_is_no_fault() -> None:
    assert over(stays({}), 0, 0)["table"].visits.value == 0
