"""The row that shows where people went and were."""

from datetime import UTC, datetime
from typing import Any

from analytics.visits.kpis import kpis
from analytics.visits.movement import Movement, Step, Warmth
from dashboard.components.movement import SHADES, movement_row, shades
from dashboard.language import language
from tests.support.facts import a_row

EN, ZH = language("en"), language("zh")
DOORS = kpis(a_row(), as_of=datetime(2026, 11, 21, 6, 7, tzinfo=UTC)).footfall


def words(component: Any) -> str:
    if isinstance(component, list | tuple):
        assert not any(isinstance(one, list | tuple) for one in component), "Dash shows no list within a list"
        return " ".join(filter(None, (words(one) for one in component)))
    if isinstance(component, str | int | float):
        return str(component)
    return words(component.children) if getattr(component, "children", None) is not None else ""


def seen(**changes: Any) -> Movement:
    steps = (Step(None, "table", 40), Step("table", "till", 20), Step("till", None, 10))
    given: dict[str, Any] = {"steps": steps, "held_back": 2, "known_share": 0.62, "warmth": (GRID,)}
    return Movement(**(given | changes))


GRID = Warmth("floor", 4, 2, (0, 1, 25, 100, 0, 0, 0, 50))


def test_a_shop_that_tells_neither_has_no_row() -> None:
    assert movement_row(None, EN, doors=DOORS) == ""
    assert movement_row(seen(steps=(), held_back=0, warmth=()), EN, doors=DOORS) == ""


def test_steps_are_told_with_outside_as_their_ends() -> None:
    said = words(movement_row(seen(), EN, doors=DOORS))
    assert "outside → table 40" in said
    assert "till → outside 10" in said
    assert "2 more ways, withheld or small · for 62% of the stays the way there was seen" in said
    assert "店外 → table 40" in words(movement_row(seen(), ZH, doors=DOORS))


def test_a_zone_stands_there_as_people_call_it() -> None:
    called = {"table": "Shoe table"}
    said = words(movement_row(seen(), EN, doors=DOORS, called=lambda code: called.get(code, code)))
    assert "outside → Shoe table 40" in said
    assert "till → outside 10" in said


def test_what_is_withheld_is_said() -> None:
    assert "Fewer than 5 people on any way so far." in words(movement_row(seen(steps=(), held_back=3), EN, doors=DOORS))
    assert "Shown once 5 visitors have come." in words(movement_row(seen(warmth=()), EN, doors=DOORS))


def test_shades_go_from_nobody_to_the_warmest() -> None:
    assert shades(GRID.person_s) == [0, 1, 3, SHADES, 0, 0, 0, 3]
    assert shades(()) == []
    assert shades((0, 0)) == [0, 0]


def test_the_grid_keeps_its_shape_in_runs() -> None:
    row = movement_row(seen(), EN, doors=DOORS)
    figure = row.children[1].children[1].children[0]
    lines = figure.children[0].children
    widths = [[run.style["flexGrow"] for run in line.children] for line in lines]
    assert [sum(line) for line in widths] == [GRID.columns] * GRID.rows
    assert "floor" in figure.children[0].to_plotly_json()["props"]["aria-label"]
