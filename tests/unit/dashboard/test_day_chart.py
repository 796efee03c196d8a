"""What pointing at the chart of the day tells."""

from dataclasses import replace

from analytics import columns as c
from analytics.days import BUCKET
from analytics.figure import figure
from analytics.visits.funnel import funnel
from analytics.visits.hours import Hour, Together
from analytics.visits.kpis import kpis
from dashboard.components.day_chart import day_figure
from tests.support.facts import a_row
from tests.unit.dashboard.test_components import DAY, EN, NOW, SHOP, a_day, some_buckets


def test_a_bar_tells_how_many_bought_of_those_who_came_in_within_its_hour() -> None:
    buckets = some_buckets([3.0, 4.0, 5.0], [1.0, 1.0, 1.0])
    begin = buckets[c.BUCKET].iloc[0].to_pydatetime()
    base = kpis(a_row(), as_of=NOW)
    bought = figure("conversion_lagged", 0.24, as_of=NOW, completeness=1.0, interval=(0.18, 0.31))
    stages = funnel(base, engaged=base.footfall, queued=base.footfall, repeat=None, engagement_zones=1)
    hour = Hour(DAY.business_date, begin, begin + BUCKET * 2, base, stages, bought, frozenset(), frozenset())
    bars = day_figure(a_day(buckets=buckets), None, SHOP, EN, "light", hours=(hour,))["data"][0]
    assert "24% of those who came in bought (18–31%)" in bars["hovertext"][0]
    assert "bought" in bars["hovertext"][1]
    assert "bought" not in bars["hovertext"][2]

    few = figure("conversion_lagged", None, as_of=NOW, completeness=1.0)
    run = Together(
        DAY.business_date, begin, begin + BUCKET * 3, base.footfall, base.transactions, base.conversion, bought
    )
    hour = replace(hour, conversion_lagged=few, together=run)
    bars = day_figure(a_day(buckets=buckets), None, SHOP, EN, "light", hours=(hour,))["data"][0]
    told = bars["hovertext"][0].rsplit("<br>", 1)[1]
    assert "24% of those who came in bought (18–31%)" in told, "together with the hours beside it"
    assert EN.clock(run.until, SHOP.zone) in told
