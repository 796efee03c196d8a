"""How far targets are met, as *All stores*, its file and *Today* say it."""

from dataclasses import replace
from datetime import date, timedelta

from analytics.comparison.network import Compared, StoreRow
from analytics.figure import figure
from analytics.periods import Period
from analytics.stores import Store
from analytics.visits.kpis import kpis
from analytics.visits.targets import DEFINITION_OF, Metric, Progress
from dashboard.components.stores_table import row_data, stores_table
from dashboard.components.targets import month_strip
from dashboard.language import language
from dashboard.reading.chain import NetworkView
from dashboard.routes import route
from dashboard.tables.chain import stores
from tests.support.component_text import text_of
from tests.support.facts import NOW, a_row

EN, ZH = language("en"), language("zh")
WEEK = tuple(date(2026, 11, 9) + timedelta(days=ahead) for ahead in range(7))
MONTH = tuple(date(2026, 11, 1) + timedelta(days=ahead) for ahead in range(20))
BASE = kpis(a_row(), as_of=NOW)
PLAIN = StoreRow(Store(1, "a", "A", "UTC", "CNY"), Compared(BASE, BASE, None, None, 7, 7), (None,) * 13)


def met(metric: Metric, value: float, target: float, dates: tuple[date, ...]) -> Progress:
    return Progress(metric, figure(DEFINITION_OF[metric], value, as_of=NOW, completeness=1.0), target, dates)


SET = replace(
    PLAIN,
    met=(met("visitors", 4200.0, 4000.0, WEEK), met("net_sales", 45_000.0, 50_000.0, WEEK)),
    month=(met("net_sales", 120_000.0, 100_000.0, MONTH),),
)


def test_the_table_says_what_share_of_the_sales_target_is_reached_and_in_the_month() -> None:
    record, without = row_data((SET, PLAIN), route("/", ""), EN)
    assert (record["target"], record["target_text"], record["target_month_text"]) == (0.9, "90%", "month 120%")
    assert record["target_hint"] == (
        "Visitors 4,200 of 4,000 (105%) · Net sales ¥45,000 of ¥50,000 (90%)"
        " Month so far, 1 Nov to 20 Nov: Net sales ¥120,000 of ¥100,000 (120%)."
    )
    assert (without["target"], without["target_text"], without["target_hint"]) == (None, "", "")
    (chinese,) = row_data((SET,), route("/", ""), ZH)
    assert "月累计（11月1日至11月20日）：净销售额 ¥120,000，目标 ¥100,000（完成 120%）。" in chinese["target_hint"]


def test_without_any_target_there_is_no_column() -> None:
    def fields(rows: tuple[StoreRow, ...]) -> list[str]:
        return [one["field"] for one in stores_table(EN, row_data(rows, route("/", ""), EN)).children.columnDefs]

    assert "target" not in fields((PLAIN,))
    both, place = fields((PLAIN, SET)), fields((PLAIN, SET)).index("target")
    assert both[place - 1] == "net"
    assert [*both[:place], *both[place + 1 :]] == fields((PLAIN,))


def test_the_file_has_target_and_what_was_reached_beside_each_figure() -> None:
    view = NetworkView(NOW, (SET,), SET.compared, Period(WEEK[0], WEEK[-1], 7), "last_week")
    table = stores(view, route("/", ""), EN)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    told = {row["Figure"]: row for row in rows if row["Side"] == "this period"}
    columns = ("Reached", "Target", "Reached, month so far", "Target, month so far")
    assert [told["Net sales"][column] for column in columns] == [45_000.0, 50_000.0, 120_000.0, 100_000.0]
    assert [told["Visitors"][column] for column in columns] == [4200.0, 4000.0, None, None]
    assert all(row["Target"] is None for row in rows if row["Side"] == "before")


def test_a_store_s_day_says_the_month_so_far_with_its_days() -> None:
    said = text_of(month_strip(SET.month, "CNY", EN))
    assert "Targets, 1 Nov to 20 Nov" in said
    assert "¥120,000" in said
    assert "of ¥100,000" in said
    assert "20 days" in said
    assert month_strip((), "CNY", EN) is None
