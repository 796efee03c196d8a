"""What a store's page says of past days that changed."""

from datetime import UTC, date, datetime

from analytics.quality.restatements import REASONS, Change, Reason, Restatement
from analytics.stores import Store
from dashboard.components.restated import TEXTS, restated_panel
from dashboard.language import language
from dashboard.reading.live import LiveView
from dashboard.reading.trust import StoreTrust
from dashboard.tables.trust import restated
from tests.support.component_text import text_of

EN, ZH = language("en"), language("zh")
SHOP = Store(1, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
AT, DAY = datetime(2026, 11, 20, 2, 12, tzinfo=UTC), date(2026, 11, 19)
GONE = Restatement(1, DAY, AT, AT, AT, (Reason("order_voided", 1),), (), withheld=True)


def test_a_changed_past_day_says_what_it_was_why_and_when() -> None:
    changed_at = datetime(2026, 11, 20, 2, 12, tzinfo=UTC)
    restatement = Restatement(
        store_id=1, business_date=date(2026, 11, 19), first_at=datetime(2026, 11, 19, 17, tzinfo=UTC),
        before_at=datetime(2026, 11, 19, 19, tzinfo=UTC), at=changed_at,
        reasons=(Reason("late_counts", 6), Reason("order_edited", 1)),
        changes=(Change("footfall", 412.0, 418.0), Change("net_sales", None, 1600.0), Change("spv", 1.0, 2.0)),
    )  # fmt: skip
    english, chinese = (" ".join(text_of(restated_panel([restatement], SHOP, lang)).split()) for lang in (EN, ZH))
    for text in ("19 Nov · Visitors 412 → 418", "– → ¥1,600", "6 counts came late · 1 order was edited"):
        assert text in english
    assert "seen so on 20 Nov 03:00, changed on 20 Nov 10:12" in english
    assert "6 次计数迟到" in chinese
    assert "1 笔订单被修改" in chinese
    assert restated_panel([], SHOP, EN) == ""
    assert [one.as_of for one in restatement.figures(restatement.changes[0])] == [restatement.before_at, changed_at]


def test_sales_that_would_tell_of_few_orders_that_are_gone_are_said_to_be_withheld() -> None:
    said = " ".join(text_of(restated_panel([GONE], SHOP, EN)).split())
    assert "19 Nov · sales withheld: few orders of the day are gone 1 order was voided" in said
    assert "销售变动不显示" in text_of(restated_panel([GONE], SHOP, ZH))


def test_the_file_has_a_row_for_a_day_whose_sales_are_withheld() -> None:
    live = LiveView(SHOP, (SHOP,), AT, None, None, None, None, None)
    told = restated(StoreTrust(live, DAY, DAY, (), (GONE,)), EN)
    (row,) = [dict(zip(told.columns, row, strict=True)) for row in told.rows]
    assert (row["Business day"], row["Why"], row["Figure"]) == (DAY, "1 order was voided", "Net sales")
    assert (row["Value"], row["Withheld"]) == (None, True)


def test_every_reason_of_a_change_has_words() -> None:
    assert set(TEXTS) == set(REASONS)
