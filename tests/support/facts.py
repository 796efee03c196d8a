"""Facts as the database would give them, with named defaults."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analytics import columns as c

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


def a_row(**values: Any) -> "pd.Series[float]":
    """Return one row of facts of a fully counted day; `values` replace single columns."""
    row = {
        c.INS: 400, c.OUTS: 390, c.STAFF_INS: 12, c.PASSERS: 2000, c.GROUPED_INS: 400, c.BUYING_UNITS: 250.0,
        c.UP_S: 43_200, c.EXPECTED_S: 43_200, c.STREET_UP_S: 43_200, c.STREET_EXPECTED_S: 43_200,
        c.DOORS_DOWN: 0, c.STREETS_DOWN: 0,
        c.TRANSACTIONS: 92, c.REFUNDS: 2, c.NET_SALES: 16_560.0, c.UNITS: 170,
    }  # fmt: skip
    return pd.Series({**row, **values}, dtype=float)
