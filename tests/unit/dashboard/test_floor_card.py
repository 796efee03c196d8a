"""The floor plan on a page: arrows as wide as they are used, zones with their stops, small things withheld."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.figure import figure
from analytics.visits.floor_plan import FloorPlan, Placed, Shot
from analytics.visits.movement import Movement, Step, Warmth, movement
from analytics.visits.store_day import ZoneDay
from dashboard.components.floor_plan import OnPlan, floor_card, floor_figure
from dashboard.components.movement import movement_row
from dashboard.language import language
from dashboard.theme import PALETTES
from tests.support.component_text import text_of

EN, ZH = language("en"), language("zh")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
PLACED = Placed(
    {"shelf": ((0.1, 0.1), (0.3, 0.1), (0.3, 0.3)), "till": ((0.7, 0.1), (0.9, 0.1), (0.9, 0.3))},
    {"door": ((0.4, 1.0), (0.6, 1.0))},
    {"floor": Shot(SQUARE, SQUARE)},
)
STEPS = [Step(None, "shelf", 40), Step("shelf", "till", 20), Step("till", None, 3), Step("till", "shelf", 4)]
SEEN = movement([STEPS], 80, [Warmth("floor", 2, 1, (0, 100)), Warmth("back", 1, 1, (5,))])


def a_zone(name: str, visits: float | None, *, completeness: float = 1.0, withheld: bool = False) -> ZoneDay:
    def stated(definition_id: str, value: float | None) -> Any:
        return figure(definition_id, value, as_of=NOW, completeness=completeness)

    return ZoneDay(name, stated("zone_visits", visits), stated("engagement", 0.5), stated("dwell_p50", 90.0),
                   stated("dwell_p90", 300.0), withheld)  # fmt: skip


def on_plan(*, image: bool = False, seen: Movement | None = SEEN, zones: tuple[ZoneDay, ...] = ()) -> OnPlan:
    return OnPlan(FloorPlan(20.0, 10.0, image, "7", PLACED, ("door",)), "nanjing-road", seen, zones)


def arrows(chart: Any) -> list[Any]:
    return [one for one in chart.layout.annotations if one.showarrow]


def test_arrows_are_as_wide_as_they_are_used_and_small_ways_are_not_drawn() -> None:
    chart = floor_figure(on_plan(), EN, "light")
    widths = [one.arrowwidth for one in arrows(chart)]
    assert len(widths) == 2, "of ways that three and four took nothing is told"
    assert widths[0] - 1.5 == pytest.approx(2 * (widths[1] - 1.5))
    said = [one.hovertext for one in chart.layout.annotations if one.hovertext]
    assert "outside → shelf: 40" in said
    assert "店外 → shelf: 40" in [one.hovertext for one in floor_figure(on_plan(), ZH, "light").layout.annotations]
    assert not any(one.text in ("3", "4") for one in chart.layout.annotations)


def test_zones_on_the_plan_stand_there_as_people_call_them() -> None:
    chart = floor_figure(replace(on_plan(), called={"shelf": "New in", "till": "till"}.__getitem__), EN, "light")
    said = [one.hovertext for one in chart.layout.annotations if one.hovertext]
    assert "outside → New in: 40" in said
    assert "<b>New in</b>" in {one.text for one in chart.layout.annotations}


def test_warmth_is_drawn_only_where_people_spent_time() -> None:
    (warmth,) = floor_figure(on_plan(), EN, "light").select_traces({"type": "heatmap"})
    row = warmth.z[0]
    assert row[0] is None
    assert row[-1] == 1.0
    quiet = movement([STEPS], 80, [])
    assert not list(floor_figure(on_plan(seen=quiet), EN, "light").select_traces({"type": "heatmap"}))


def test_a_zone_tells_its_stops_and_one_of_few_people_does_not() -> None:
    zones = (a_zone("shelf", 120.0, completeness=0.6), a_zone("till", None, withheld=True))
    chart = floor_figure(on_plan(zones=zones), EN, "light")
    names = {one.text for one in chart.layout.annotations}
    assert {"<b>shelf</b> 120 ◐", "<b>till</b>"} <= names
    hover = {one.text for one in chart.select_traces({"type": "scatter"})}
    assert hover == {
        "shelf: 120 stops · half stayed under 2 min · counted in part",
        "till: fewer than 5 people, or next to it: withheld",
    }


def test_a_drawing_is_paper_in_the_dark_too_and_a_plain_grid_is_not() -> None:
    on_paper, on_grid = (floor_figure(on_plan(image=image), EN, "dark") for image in (True, False))
    assert on_paper.layout.font.color == PALETTES["light"].ink
    assert on_grid.layout.font.color == PALETTES["dark"].ink
    assert on_paper.layout.images[0].source == "/plans/nanjing-road?v=7"
    assert not on_grid.layout.images


def test_what_is_not_on_the_plan_is_said_and_cameras_that_are_not_keep_their_picture() -> None:
    plan = on_plan()
    card = floor_card(plan, EN, "light")
    doors = figure("footfall", 90.0, as_of=NOW, completeness=1.0)
    row = movement_row(SEEN, EN, doors=doors, floor=card, placed=PLACED.cameras.keys())
    assert "On the floor plan" in text_of(row)
    assert "back" in text_of(row)
    assert "outside → shelf" in text_of(row), "the ways stand beside it in words"
    bare = OnPlan(FloorPlan(20.0, 10.0, False, "7", Placed(), ("door",)), "x", SEEN, ())
    said = text_of(floor_card(bare, EN, "light"))
    assert "2 ways are not on the plan" in said
    assert "No camera is placed on the plan" in said
    assert "另有 2 条路线未画出" in text_of(floor_card(bare, ZH, "light"))
