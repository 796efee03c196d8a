"""The till's figures, and groups beside them."""

import json

from plotly.utils import PlotlyJSONEncoder

from analytics.stores import Store
from analytics.visits.kpis import kpis
from dashboard.components.sales import sales_panel
from dashboard.language import language
from tests.support.facts import NOW, a_row

EN = language("en")
SHOP = Store(1, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
NAN = float("nan")


def test_groups_are_shown_without_an_order_and_only_then_said_not_to_be_told_apart() -> None:
    def groups(**facts: float) -> str:
        base = kpis(a_row(**facts), as_of=NOW)
        drawn = json.loads(json.dumps(sales_panel(base, SHOP, EN), cls=PlotlyJSONEncoder))
        return json.dumps(drawn).partition('"data-kpi": "buying_units"')[0].rpartition('"data-kpi": "spv"')[2]

    sold = groups(buying_units=250, transactions=100)
    assert '"250"' in sold
    assert "40% of groups bought" in sold
    unsold = groups(buying_units=250, transactions=NAN, net_sales=NAN, units=NAN)
    assert '"250"' in unsold
    assert "not told apart here" not in unsold
    assert "not told apart here" in groups(buying_units=NAN, grouped_ins=NAN)
