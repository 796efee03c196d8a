"""Components are pure functions of figures and frames."""

import json
import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from plotly.utils import PlotlyJSONEncoder

import dashboard
from analytics import columns as c
from analytics.comparison.network import Compared, StoreRow
from analytics.days import BusinessDay
from analytics.definitions import DEFINITIONS
from analytics.figure import figure
from analytics.fleet.devices import Device
from analytics.periods import Period
from analytics.quality.accuracy import UNAUDITED, LineAccuracy, store_accuracy
from analytics.quality.balance import LineBalance, balance
from analytics.quality.findings import Code, Finding
from analytics.quality.trust import Trust
from analytics.statistics.miscount import Tally
from analytics.stores import Store
from analytics.visits.funnel import funnel
from analytics.visits.kpis import kpis
from analytics.visits.occupancy import occupancy
from analytics.visits.queueing import queue
from analytics.visits.reentry import unique_visits
from analytics.visits.stages import Repeat
from analytics.visits.store_day import StoreDay
from analytics.visits.typical import TypicalDay, typical_day
from dashboard.components.attention import TEXTS, attention
from dashboard.components.day_chart import day_figure, gaps
from dashboard.components.device_list import badge
from dashboard.components.figures import counted_text, give_or_take, interval_text, quality_mark, value_text
from dashboard.components.funnel_bars import funnel_bars
from dashboard.components.now import now_panel
from dashboard.components.sentence import network_answer, store_answer
from dashboard.components.stores_table import row_data
from dashboard.components.trust import trust_panel
from dashboard.components.wall import wall_figures
from dashboard.language import language
from dashboard.pages.page import changed, prints_of
from dashboard.pages.store import _PLACES, layout, sections
from dashboard.reading.chain import NetworkView
from dashboard.reading.live import LiveView
from dashboard.routes import route
from dashboard.tables.day import day_now
from dashboard.theme import PALETTES
from tests.support.component_text import text_of
from tests.support.facts import a_row

EN, ZH = language("en"), language("zh")
SHOP = Store(1, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
OPENS = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
DAY = BusinessDay(1, date(2026, 11, 21), OPENS, OPENS + timedelta(hours=12))
NAN = float("nan")


def json_of(component: Any) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder)


def some_buckets(ins: list[float], up: list[float] | None = None) -> pd.DataFrame:
    starts = pd.date_range(OPENS, periods=len(ins), freq="15min")
    shares = up or [1.0] * len(ins)
    up_s = [900 * one for one in shares]
    return pd.DataFrame({c.BUCKET: starts, c.INS: ins, c.OUTS: ins, c.UP_S: up_s, c.EXPECTED_S: 900.0, c.LOST: False})


def a_day(
    *, now: datetime = NOW, buckets: pd.DataFrame | None = None, today: BusinessDay | None = DAY, **facts: Any
) -> StoreDay:
    base = kpis(a_row(**facts), as_of=now)
    part = base.footfall.completeness
    waiting = queue([], [2], mean_length=None, elapsed_s=60, as_of=now, completeness=part)
    engaged = figure("engaged", 268.0, as_of=now, completeness=part)
    return StoreDay(
        day=DAY,
        now=now,
        is_open=now < DAY.closes_at,
        base=base,
        unique_visits=unique_visits(base.footfall, None),
        funnel=funnel(base, engaged=engaged, queued=waiting.joins, repeat=Repeat(40, 9), engagement_zones=2),
        occupancy=occupancy([(20, 5)], since=OPENS, as_of=now, completeness=part),
        queue=waiting,
        zones=(),
        buckets=some_buckets([3.0, 5.0]) if buckets is None else buckets,
        visitors_quarter=base.footfall.value,
        quarter_at=NOW.replace(minute=0),
        devices=(),
        findings=(),
        today=today,
    )


def a_typical_day(weeks: int = 8) -> TypicalDay:
    rows = [(date(2026, 9, 26) + timedelta(weeks=week), 540 + 15 * slot, 4 + slot % 3 + week) for week in range(weeks)
            for slot in range(48)]  # fmt: skip
    return typical_day(pd.DataFrame(rows, columns=[c.BUSINESS_DATE, c.SLOT, c.INS]))


def a_view(seen: StoreDay | None, *, change: float | None = -0.06, weeks: int = 8) -> LiveView:
    return LiveView(SHOP, (SHOP,), NOW, seen, a_typical_day(weeks), 430.0, change, DAY)


def test_the_answer_is_a_sentence_with_the_numbers_in_it() -> None:
    said = text_of(store_answer(a_view(a_day(ins=412, transactions=95)), EN))
    assert said == "412 visitors so far 6% fewer than a usual Saturday 23% bought, give or take 4"
    said = text_of(store_answer(a_view(a_day(ins=412, transactions=95)), ZH))
    assert said == "目前 412 人进店 比平常的星期六少 6% 成交率 23%（±4 个百分点）"


@pytest.mark.parametrize(
    ("change", "words"), [(0.004, "As many as a usual"), (0.3, "30% more than"), (-0.5, "50% fewer than")]
)
def test_the_answer_says_which_way(change: float, words: str) -> None:
    assert words in text_of(store_answer(a_view(a_day(), change=change), EN))


LINES = (
    LineAccuracy("front", "entrance", (Tally(300, 296, 294),), (Tally(280, 280, 279),), NOW - timedelta(days=3), "jd"),
    LineAccuracy("side", "entrance", maker="axis", with_staff=True),
    LineAccuracy("street", "pass_by"),
)
BALANCE = balance(date(2026, 11, 20), [LineBalance("front", 412, 405)], UNAUDITED)


def test_each_line_says_how_well_it_counts_or_that_nobody_looked() -> None:
    seen = replace(a_day(), trust=Trust(LINES, UNAUDITED, BALANCE))
    said = text_of(trust_panel(seen, SHOP, EN))
    assert "front 97.4% 95–99% 99.3% 97–100% 18 Nov · jd 580 people tapped" in said.replace("  ", " ")
    assert "side counter by Axis, staff included never audited street never audited" in said.replace("  ", " ")
    assert "20 Nov: 412 in, 405 out: +7. Between −33 and +32 the known errors explain it." in said
    assert "从未核对" in text_of(trust_panel(seen, SHOP, ZH))


def test_a_shop_without_audits_is_told_how_to_begin() -> None:
    nobody = replace(a_day(), trust=Trust((LineAccuracy("front", "entrance"),)))
    assert "Open the audit page of the box" in text_of(trust_panel(nobody, SHOP, EN))


def test_the_headline_gives_the_range_in_which_the_truth_lies() -> None:
    audited = store_accuracy(LINES[:1], [("front", "entrance", 900, 880)])
    seen = replace(a_day(ins=412), base=kpis(a_row(ins=412), as_of=NOW, audited=audited))
    said = text_of(store_answer(a_view(seen), EN))
    assert re.search(r"412 visitors so far 40\d–4[23]\d in truth, by the doors' audits", said)


def test_the_range_of_people_inside_the_reset_and_what_it_threw_away_are_seen() -> None:
    doors = store_accuracy(LINES[:1], [("front", "entrance", 900, 880)])
    inside = occupancy([(200, 150)], since=OPENS, as_of=NOW, completeness=1.0, left_over=-4, audited=doors)
    said = text_of(now_panel(replace(a_day(), occupancy=inside), SHOP, EN))
    assert re.search(r"50 [34]\d–[567]\d · reset at 09:00, −4 left over", said)


def test_a_wait_of_few_is_on_no_card_no_wall_and_in_no_file() -> None:
    seen = a_day()
    few = replace(seen.queue, withheld=frozenset({"queue_wait_p50", "queue_wait_p90", "abandonment"}))
    view = a_view(replace(seen, queue=few))
    assert text_of(now_panel(replace(seen, queue=few), SHOP, EN)).count("fewer than 5 people: withheld") == 2
    assert "Typical wait –" in text_of(wall_figures(view, EN))
    assert [row[3] for row in day_now(view, EN).rows if row[-3]] == ["Typical wait", "Long wait", "Gave up waiting"]


def test_the_answer_admits_when_nothing_is_usual_yet_or_nobody_counted() -> None:
    assert "known after 3 weeks (2 so far)" in text_of(store_answer(a_view(a_day(), weeks=2), EN))
    assert text_of(store_answer(a_view(a_day(ins=NAN)), EN)).startswith("Nothing has been counted yet today")
    assert text_of(store_answer(a_view(None), EN)).startswith("Not open yet")


def test_a_closed_shop_says_when_it_opens() -> None:
    seen = a_day(now=NOW + timedelta(hours=9))
    said = text_of(store_answer(a_view(seen), EN))
    assert said.startswith("400 visitors Closed, last open on Saturday 21 November; opens at 09:00")


@pytest.mark.parametrize(
    ("lang", "today", "words"),
    [
        (EN, DAY, "Closed now Opens at 09:00 nothing was counted on Saturday 21 November"),
        (EN, None, "Closed today Opens at 09:00 nothing was counted on Saturday 21 November"),
        (ZH, DAY, "现在不营业 09:00 开门 11月21日 星期六没有计数"),
        (ZH, None, "今天休息 09:00 开门 11月21日 星期六没有计数"),
    ],
)
def test_a_closed_shop_that_counted_nothing_says_that_it_is_closed(
    lang: Any, today: BusinessDay | None, words: str
) -> None:
    seen = a_day(now=NOW + timedelta(hours=9), today=today, ins=NAN)
    assert text_of(store_answer(a_view(seen), lang)) == words


def test_a_shop_that_is_closed_all_day_says_so_above_its_last_days_numbers() -> None:
    seen = a_day(now=NOW + timedelta(hours=24), today=None)
    assert "Closed today, last open on Saturday 21 November" in text_of(store_answer(a_view(seen), EN))
    assert "今天休息，上次营业 11月21日 星期六" in text_of(store_answer(a_view(seen), ZH))


@pytest.mark.parametrize(
    ("lang", "code", "number", "words"),
    [
        (EN, "outside_hours", 6, "6 people came in outside opening hours (09:00–21:00)"),
        (EN, "outside_hours", 1, "1 person came in outside opening hours (09:00–21:00)"),
        (EN, "outside_closed", 6, "6 people came in although the shop is closed today"),
        (EN, "ledger_gap", 1, "1 entry of box door is missing"),
        (EN, "bought_over_entered", 1, "1 sale more than visitors"),
        (ZH, "outside_hours", 6, "营业时间（09:00–21:00）之外有 6 人进店"),
        (ZH, "outside_closed", 1, "今天休息，却有 1 人进店"),
    ],
)
def test_a_finding_counts_as_its_reader_speaks(lang: Any, code: Code, number: float, words: str) -> None:
    said = text_of(attention(_with(a_day(), Finding(code, "door", number, NOW)), SHOP, lang))
    assert words in said
    assert lang.t("Nothing needs you.") not in said


def test_no_value_is_a_dash_and_zero_is_zero() -> None:
    nothing, zero = (figure("footfall", value, as_of=NOW, completeness=1.0) for value in (None, 0.0))
    assert (value_text(EN, nothing), value_text(EN, zero)) == ("–", "0")


def test_figures_are_written_in_their_unit() -> None:
    base = kpis(a_row(), as_of=NOW)
    assert value_text(EN, base.conversion) == "23.0%"
    assert value_text(EN, base.atv, currency="CNY") == "¥180"
    assert value_text(EN, base.upt) == "1.85"
    assert interval_text(EN, base.conversion) == "19–27%"
    assert give_or_take(base.conversion) == 4
    assert interval_text(EN, base.footfall) == ""
    assert value_text(EN, figure("dwell_p50", 42.0, as_of=NOW, completeness=1.0)) == "42 s"


def test_only_a_partial_figure_carries_the_half_filled_mark() -> None:
    assert quality_mark(EN, kpis(a_row(), as_of=NOW).footfall) is None
    marked = quality_mark(EN, kpis(a_row(up_s=34_992), as_of=NOW).footfall)
    assert marked is not None
    assert "81%" in json_of(marked)


def test_what_is_not_whole_never_reads_as_100_percent() -> None:
    assert counted_text(EN, 0.9999) == "99%"
    assert counted_text(EN, 1.0) == "100%"
    assert counted_text(EN, 0.29) == "29%"


def test_funnel_bars_are_to_scale() -> None:
    bars = funnel_bars(a_day(ins=400, passers=2000, transactions=100).funnel, EN)
    widths = {
        name: float(width)
        for name, width in re.findall(r'bar-(\w+)", "style": \{"width": "([\d.]+)%"\}', json_of(bars).replace("'", '"'))
    }
    assert widths["pass_by"] == 100
    assert widths["enter"] == 20
    assert widths["buy"] == 5


def test_a_quarter_hour_nobody_looked_at_is_a_gap_and_an_empty_one_is_zero() -> None:
    buckets = some_buckets([3.0, 0.0, NAN, NAN, 2.0, NAN])
    chart = day_figure(a_day(buckets=buckets), None, SHOP, EN, "light")
    assert list(chart["data"][0]["y"]) == [3, 0, None, None, 2, None]
    assert [(end - begin).total_seconds() / 900 for begin, end in gaps(buckets)] == [2, 1]


def test_a_half_counted_quarter_hour_is_drawn_as_a_part() -> None:
    chart = day_figure(a_day(buckets=some_buckets([3.0, 4.0, 5.0], [1.0, 0.5, 1.0])), None, SHOP, EN, "light")
    light = PALETTES["light"]
    assert list(chart["data"][0]["marker"]["color"]) == [light.accent, light.soft, light.accent]
    assert "50%" in chart["data"][0]["hovertext"][1]


def test_the_chart_starts_at_zero_on_the_stores_clock_and_keeps_its_span() -> None:
    chart = day_figure(a_day(), a_typical_day(), SHOP, EN, "dark")
    assert chart["layout"]["yaxis"]["range"][0] == 0
    assert [at[11:16] for at in chart["layout"]["xaxis"]["range"]] == ["09:00", "21:00"]
    assert chart["layout"]["shapes"][0]["layer"] == "below", "bars stand before the band"


def test_every_finding_has_words_and_what_to_do() -> None:
    codes = set(get_args(Code))
    assert set(TEXTS) == codes
    for code in codes:
        seen = a_day()
        said = text_of(attention(_with(seen, Finding(code, "door", 12.0, NOW)), SHOP, ZH))
        assert "{" not in said


def _with(seen: StoreDay, finding: Finding) -> StoreDay:
    values = {field.name: getattr(seen, field.name) for field in fields(seen)}
    return StoreDay(**{**values, "findings": (finding,)})


@pytest.mark.parametrize(
    ("state", "age_s", "words"),
    [("online", 5, "live"), ("online", 100, "2 min old"), ("online", 600, "offline since 13:57"),
     ("offline", 5, "offline since 14:06")],
)  # fmt: skip
def test_the_badge_says_how_fresh_the_numbers_are(state: Any, age_s: float, words: str) -> None:
    heard = NOW - timedelta(seconds=age_s)
    device = Device("box-1", state, heard, "0.1.0", None, 0, (), None, None, None)
    assert text_of(badge((device,), SHOP, NOW, EN)).strip() == words


def test_every_part_of_the_page_goes_to_its_own_place() -> None:
    # The page's callback hands them over by position.
    for view in (a_view(a_day()), LiveView(SHOP, (SHOP,), NOW, None, None, None, None, DAY)):
        assert list(sections(view, EN, "light")) == [*_PLACES, "figure"]


def test_a_page_is_made_of_parts_that_need_no_reload() -> None:
    view = a_view(a_day())
    parts = sections(view, EN, "light")
    sent, prints = changed(parts, None)
    assert all(one is not None for one in sent)
    again, same = changed(sections(view, EN, "light"), prints)
    assert same == prints
    assert all(type(one).__name__ == "NoUpdate" for one in again)
    other, _ = changed(sections(a_view(a_day(ins=401)), EN, "light"), prints)
    kept = sum(type(one).__name__ == "NoUpdate" for one in other)
    assert 0 < kept < len(other)


@pytest.mark.parametrize("seen", [None, a_day(), a_day(ins=NAN, transactions=NAN, up_s=0)])
@pytest.mark.parametrize("lang", [EN, ZH])
def test_the_page_can_be_drawn_whatever_is_missing(seen: StoreDay | None, lang: Any) -> None:
    view = a_view(seen)
    parts = sections(view, lang, "light")
    assert json_of(layout(view, route("/store/x", ""), lang, parts, prints_of(parts)))


def a_network(*stores: tuple[str, str, float]) -> NetworkView:
    rows = []
    for code, currency, change in stores:
        base = kpis(a_row(), as_of=NOW)
        rows.append(
            StoreRow(
                Store(1, code, code.title(), "UTC", currency), Compared(base, base, change, change, 1, 1), (None,) * 8
            )
        )
    total = kpis(a_row(ins=800), as_of=NOW)
    period = Period(date(2026, 11, 21), date(2026, 11, 21), 7)
    return NetworkView(NOW, tuple(rows), Compared(total, total, -0.04, None, 1, 1), period, "today")


def test_different_currencies_are_never_added_up() -> None:
    said = text_of(network_answer(a_network(("a", "CNY", 0.1), ("b", "EUR", -0.2), ("c", "CNY", 0.0)), EN, "last week"))
    assert "¥33,120 + €16,560 net sales" in said
    assert "Up most: A (+10%); down most: B (−20%)" in said
    assert said.startswith("800 visitors in 3 stores 4.0% fewer than last week") or "4% fewer than last week" in said


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ((0.2, 0.054), "Up most: A (+20%); up least: B (+5.4%)", "涨得最多：A（+20%）；涨得最少：B（+5.4%）"),
        ((-0.2, -0.05), "Down least: B (−5.0%); down most: A (−20%)", "跌得最少：B（−5.0%）；跌得最多：A（−20%）"),
        ((-0.2, 0.1), "Up most: B (+10%); down most: A (−20%)", "涨得最多：B（+10%）；跌得最多：A（−20%）"),
        ((0.0, -0.1), "Down least: A (±0.0%); down most: B (−10%)", "跌得最少：A（±0.0%）；跌得最多：B（−10%）"),
    ],
)
def test_nobody_is_said_to_have_fallen_who_rose(changes: tuple[float, float], english: str, chinese: str) -> None:
    view = a_network(("a", "CNY", changes[0]), ("b", "CNY", changes[1]))
    assert english in text_of(network_answer(view, EN, "last week"))
    assert chinese in text_of(network_answer(view, ZH, "上周"))


def test_a_table_row_sorts_by_number_and_links_with_language_and_period() -> None:
    record = row_data(a_network(("a", "CNY", 0.1)).rows, route("/", "?lang=zh&period=last_week"), ZH)[0]
    assert record["visitors"] == 400
    assert record["visitors_text"] == "400"
    assert record["href"] == "/store/a?period=last_week&lang=zh"
    assert record["visitors_change_text"] == "+10%"


def test_the_stylesheet_and_plotly_use_the_same_colours() -> None:
    style = (Path(str(dashboard.__file__)).parent / "assets" / "footfall.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root(?:\[data-scheme=\"dark\"\])? \{(.*?)\}", style, re.DOTALL)[:2]
    for block, palette in ((light, PALETTES["light"]), (dark, PALETTES["dark"])):
        named = dict(re.findall(r"--(\w+): (#\w+);", block))
        for field in fields(palette):
            assert named[field.name] == getattr(palette, field.name), field.name


def test_no_asset_names_another_host() -> None:
    folder = Path(str(dashboard.__file__)).parent
    for path in [*folder.rglob("*.py"), *folder.rglob("*.css"), *folder.rglob("*.js")]:
        found = re.findall(r"https?://(?!www\.w3\.org/2000/svg\")\w[^\s\"')%…]*", path.read_text(encoding="utf-8"))
        # The name of a logout in OpenID Connect, which nobody fetches.
        found = [one for one in found if one != "http://schemas.openid.net/event/backchannel-logout"]
        assert not found, f"{path.name} names {found}"


def test_every_definition_can_be_shown_in_chinese() -> None:
    for one in DEFINITIONS.values():
        assert ZH.t(one.formula) != one.formula
