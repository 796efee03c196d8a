"""A number that is partial or imputed looks different from a measured one, wherever it stands."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import dashboard
from analytics.definitions import DEFINITIONS
from analytics.figure import Figure, Quality, figure
from analytics.staff.staff_sales import StaffSales
from analytics.visits.categories import Category
from analytics.visits.queue_hours import PastQueue, QueueHour, QueuePast
from analytics.visits.store_day import ZoneDay
from dashboard.components.categories_table import categories_table
from dashboard.components.figures import kpi, marked, part_text, quality_mark
from dashboard.components.queue_past import queue_panel
from dashboard.components.staffing_card import staff_sales_card
from dashboard.components.wall import _figure
from dashboard.components.zones_table import zones_table
from dashboard.language import language

EN = language("en")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FOLDER = Path(str(dashboard.__file__)).parent
#: Where a number may stand without `marked`, `kpi` or a mark beside it, and why.
TEXT_ONLY = {
    "figures.py": "where it is made",
    "days_chart.py": "what pointing at a day says; its bar is hatched where it is estimated",
    "movement.py": "a lower bound, whatever was counted",
    "day_chart.py": "what pointing at a bar says; the bar itself is drawn soft where it is partial",
    "floor_plan.py": "labels of a drawing, with a half disc of their own",
    "funnel_plot.py": "names of a chart's points; stores of little counting are not in it",
    "group_table.py": "a row's mark stands beside the share that was counted, in a column of its own",
    "queue_past.py": "what pointing at a column says; it says “counted in part”, and the column is drawn soft",
    "restated.py": "what a past day was, before and after",
    "staffing_card.py": "what pointing at an hour says; the hour's field is dashed where it is partial",
    "stages.py": "on paper, where what is partial is hatched",
    "stores_table.py": "cells of a grid, with the share that was counted in a column of its own",
    "trust.py": "an audit's accuracy, which is of what was tapped",
    "trust_table.py": "the same",
    "wall.py": "with its mark beside it",
}


def a_figure(definition_id: str, quality: Quality, value: float = 12.0) -> Figure:
    made = figure(definition_id, value, as_of=NOW, completeness=1.0 if quality == "measured" else 0.6)
    return replace(made, quality=quality)


def marks_in(component: Any) -> int:
    """Count half-filled and hatched marks and what is drawn as partial."""
    return sum(
        bool({"half", "hatched-mark", "bar-part", "map-part"} & set(str(getattr(one, "className", "") or "").split()))
        for one in walked(component)
    )


def walked(component: Any) -> Iterator[Any]:
    if isinstance(component, list | tuple):
        for one in component:
            yield from walked(one)
    elif hasattr(component, "to_plotly_json"):
        yield component
        yield from walked(getattr(component, "children", None))


def zones(quality: Quality) -> Any:
    visits, engagement, half, long = (
        a_figure(one, quality, 0.5) for one in ("zone_visits", "engagement", "dwell_p50", "dwell_p90")
    )
    return zones_table((ZoneDay("shelf", visits, engagement, half, long, withheld=False),), EN)


def categories(quality: Quality) -> Any:
    stops, stay, orders, units, sales, bought = (
        a_figure(one, quality, 0.5)
        for one in (
            "category_visits", "dwell_p50", "category_orders", "category_units", "category_sales",
            "category_conversion",
        )
    )  # fmt: skip
    seen = Category("bags", ("shelf",), stops, stay, stay, orders, units, sales, bought, False, False)
    return categories_table([seen], "EUR", EN)


def staff(quality: Quality) -> Any:
    sales, net, atv, upt, hours, rate = (
        a_figure(one, quality)
        for one in ("transactions", "net_sales", "atv", "upt", "staff_hours", "sales_per_staff_hour")
    )
    return staff_sales_card([StaffSales("a1", sales, net, atv, upt, hours, rate, withheld=False)], "EUR", EN)


def waits(quality: Quality) -> Any:
    names = ("queue_joins", "wait_p50", "wait_p90", "queue_mean", "abandonment")
    seen = PastQueue(*(a_figure(one, quality, 0.5) for one in names))
    return queue_panel(QueuePast(NOW.date(), seen, (QueueHour(10, seen, False),)), EN, whole=True)


@pytest.mark.parametrize(
    ("shown", "numbers"), [(zones, 4), (categories, 5), (staff, 5), (waits, 6)]
)  # fmt: skip
def test_every_number_of_a_table_carries_its_mark(shown: Any, numbers: int) -> None:
    assert marks_in(shown("measured")) == 0
    assert marks_in(shown("partial")) == numbers
    assert marks_in(shown("imputed")) == numbers


@pytest.mark.parametrize("definition_id", sorted(DEFINITIONS))
def test_a_card_a_cell_and_a_wall_mark_every_metric(definition_id: str) -> None:
    for draw in (
        lambda one: kpi(EN, one, currency="EUR"),
        lambda one: marked(EN, one, currency="EUR"),
        lambda one: _figure(one, "name", EN),
        lambda one: quality_mark(EN, one),
    ):
        whole, partial, imputed = (
            marks_in(draw(a_figure(definition_id, one))) for one in ("measured", "partial", "imputed")
        )  # fmt: skip
        assert (whole, partial, imputed) == (0, 1, 1)


def test_no_component_writes_a_number_past_its_mark() -> None:
    bare = {
        path.name
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("value_text", "ranged")
    }
    with_mark = {"funnel_bars.py"}
    assert bare <= set(TEXT_ONLY) | with_mark, "use figures.marked, or say here why not"
    assert set(TEXT_ONLY) <= bare, "stale"


def test_in_a_mail_and_on_paper_words_say_what_is_partial() -> None:
    assert part_text(EN, a_figure("footfall", "measured")) == ""
    assert part_text(EN, a_figure("footfall", "partial")) == "60% counted"
    assert part_text(EN, a_figure("footfall", "imputed")) == "60% counted"
