"""The funnel of each zone: four counts, their shares, and what they keep back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.visits.stages import Repeat
from analytics.visits.zone_funnel import ZoneCounts, ZoneFunnel, zone_funnels
from dashboard.components.zone_funnels import zone_funnels_table
from dashboard.language import language
from tests.support.component_text import text_of
from tests.support.zone_watching import evenly

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
WALL = ZoneCounts("wall", (True,) * 60 + (False,) * 40, {"bags": 30}, 30, 31, Repeat(20, 8))
RACK = ZoneCounts("rack", (True,) * 30 + (False,) * 30, {"tops": 12}, 12, 12, Repeat(10, 5))


def told(*zones: ZoneCounts, completeness: float | None = 1.0) -> dict[str, ZoneFunnel]:
    watch = evenly(completeness, *(one.zone for one in zones))
    found = zone_funnels([zones], as_of=NOW, watch=watch, group=1.5, k=5)
    return {one.zone: one for one in found}


def test_each_stage_is_a_share_of_the_one_before_with_its_interval() -> None:
    stages = told(WALL, RACK)["wall"].stages
    assert [one.name for one in stages] == ["visit", "stop", "buy", "buy_again"]
    assert [one.count.value for one in stages] == [100, 60, 30, 8]
    rates = [one.rate for one in stages]
    assert rates[0] is None
    assert [one.value for one in rates[1:] if one is not None] == pytest.approx([0.6, 0.5, 0.4])
    for one in rates[1:]:
        assert one is not None
        assert one.low is not None
        assert one.high is not None
        assert 0 < one.low < (one.value or 0) < one.high < 1


def test_more_sales_than_anybody_was_there_to_make_are_said() -> None:
    assert told(WALL, RACK)["wall"].excess is None
    most = ZoneCounts("wall", (True,) * 20, {"bags": 40}, 40, 40)
    found = told(most, RACK)["wall"]
    assert found.excess == (40, 20)
    assert found.stages[2].rate is not None
    assert found.stages[2].rate.value == 2.0, "never cut off"


def test_a_stage_of_few_is_withheld_with_its_shares_and_a_neighbour_of_its_own() -> None:
    few = ZoneCounts("few", (True,) * 10, {"hats": 3}, 3, 3)
    found = told(few, WALL, RACK)
    assert [one.withheld for one in found["few"].stages] == [False, False, True, True]
    assert found["few"].stages[2].count.value is None
    assert found["few"].stages[2].rate_withheld
    assert found["rack"].stages[2].withheld, "of all sales less the others' the few would be known"
    assert not found["wall"].stages[2].withheld


def test_sales_that_tell_of_a_few_beside_those_of_a_category_are_withheld() -> None:
    both = ZoneCounts("both", (True,) * 50, {"bags": 30, "tops": 12}, 32, 32)
    assert told(both, WALL, RACK)["both"].stages[2].withheld, "two bought tops without bags"
    apart = ZoneCounts("both", (True,) * 50, {"bags": 30, "tops": 12}, 36, 36)
    assert not told(apart, WALL, RACK)["both"].stages[2].withheld


def test_what_is_withheld_in_a_week_is_withheld_in_all_of_them() -> None:
    few = ZoneCounts("wall", (True,) * 10, {"bags": 3}, 3, 3)
    quiet = ZoneCounts("rack", (True,) * 60, {"tops": 20}, 20, 20)
    wall, rack = zone_funnels(
        [(WALL, RACK), (few, quiet)], as_of=NOW, watch=evenly(1.0, "wall", "rack"), group=1.0, k=5
    )
    assert wall.stages[0].count.value == 110
    assert wall.stages[2].withheld, "two weeks less the first are the second"
    assert rack.stages[2].withheld
    kept = replace(WALL, few_sold=True, few_seen=True)
    assert all(one.withheld for one in told(kept, RACK)["wall"].stages), "as its categories keep it back"


def test_what_nobody_counted_has_no_value() -> None:
    none = ZoneCounts("dark", (), {})
    stages = told(none, completeness=None)["dark"].stages
    assert [one.count.value for one in stages] == [None] * 4
    watched = told(none)["dark"].stages
    assert [one.count.value for one in watched] == [0, 0, None, None]


def test_the_page_shows_counts_with_their_shares_and_nothing_of_few() -> None:
    lang = language("en")
    few = ZoneCounts("few", (True,) * 2, {})
    shown = text_of(
        zone_funnels_table(
            zone_funnels([[WALL, RACK, few]], as_of=NOW, watch=evenly(1.0, "wall", "rack"), group=1.0, k=5), lang
        )
    )
    assert "withheld" in shown
    assert "60%" in shown
    assert "In 95 of 100 cases the truth lies within" in str(
        zone_funnels_table(
            zone_funnels([[WALL, RACK]], as_of=NOW, watch=evenly(1.0, "wall", "rack"), group=1.0, k=5), lang
        )
    )
    assert zone_funnels_table((), lang) == ""
