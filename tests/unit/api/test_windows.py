"""What of whole days may leave the company."""

import pandas as pd
import pytest

from analytics import columns as c
from api.access import Access
from api.windows import shareable
from tests.support.facts import a_row

OUTSIDE, WITHIN = (Access(1, None, outside=outside) for outside in (True, False))


@pytest.mark.parametrize(
    "few",
    [
        {c.INS: 9},
        {c.TRANSACTIONS: 9, c.REFUNDS: 3},
        {c.TRANSACTIONS: 0, c.REFUNDS: 1, c.NET_SALES: -80, c.UNITS: -1},
        {c.TRANSACTIONS: 0, c.REFUNDS: 0, c.NET_SALES: 15, c.UNITS: 0},
    ],
    ids=["visitors", "sales", "a refund alone", "an exchange alone"],
)
def test_a_day_of_few_visitors_or_orders_of_any_kind_does_not_leave_the_company(few: dict[str, float]) -> None:
    facts = pd.DataFrame([a_row(), a_row(**few)])
    told, hidden = shareable(facts, OUTSIDE)
    assert hidden == [False, True]
    assert pd.isna(told.iloc[1][[c.INS, c.TRANSACTIONS, c.NET_SALES, c.UNITS]]).all()
    assert shareable(facts, WITHIN)[1] == [False, False]


def test_a_day_on_which_nobody_bought_is_no_day_of_few() -> None:
    none = {c.TRANSACTIONS: 0, c.REFUNDS: 0, c.NET_SALES: 0, c.UNITS: 0}
    assert shareable(pd.DataFrame([a_row(**none)]), OUTSIDE)[1] == [False]
