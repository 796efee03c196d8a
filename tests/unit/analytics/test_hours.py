"""Hours: what is withheld of one."""

import pandas as pd

from analytics import columns as c
from analytics.statistics.suppression import K_INSIDE
from analytics.visits import hours
from tests.support.facts import a_row


def test_an_hour_of_refunds_alone_is_withheld_with_its_neighbour_though_it_has_no_sale() -> None:
    quiet = {c.TRANSACTIONS: 0, c.REFUNDS: 2, c.NET_SALES: -90.0, c.UNITS: -2}
    facts = pd.DataFrame([a_row(transactions=20, refunds=0), a_row(**quiet), a_row(transactions=30, refunds=0)])
    few = hours._few(facts, [None] * 3, [None] * 3, [None] * 3, K_INSIDE)
    assert list(few.sales) == [False, True, True]
    assert {"net_sales", "conversion", "spv"} <= few.figures(1)
    assert few.figures(0) == frozenset()
    assert list(few.people) == [False] * 3
