"""The lag from the door to the till in SQL, over bins drawn here: a short lag and a long queue after it."""

import numpy as np
import pandas as pd
import psycopg2
import pytest

from analytics.metrics.lag_sql import PURCHASE_LAG
from analytics.metrics.lagged import purchase_lag
from analytics.visits.lag import BIN_S, DAYS_MIN, lag_day

_FRAME = "store_id", "slice", "asked", "bin", "groups", "sales", "waits"
_BINS = """
WITH lag_bins AS (
    SELECT 1 AS store_id, slice, false AS asked, bin, groups, sales, waits::int[] AS waits
    FROM unnest(%s::int[], %s::int[], %s::float8[], %s::float8[], %s::text[]) AS b (slice, bin, groups, sales, waits)
)
SELECT * FROM ({}) AS found
"""


def drawn(median_s: float, mean_wait_s: float) -> pd.DataFrame:
    random = np.random.default_rng(3)
    bins: list[tuple[object, ...]] = []
    for day in range(DAYS_MIN):
        entered_s = np.sort(random.uniform(0, 2 * 3_600, 120))
        waits_s = random.exponential(mean_wait_s, 60)
        sold_s = entered_s[::2] + random.lognormal(np.log(median_s), 0.6, 60) + waits_s
        made = lag_day(entered_s, np.ones(120), sold_s, waits_s, length_s=4 * 3_600)
        at = np.floor(np.maximum(sold_s - waits_s, 0) / BIN_S)
        steps = np.floor(waits_s / 10 + 0.5).astype(int)
        bins += [
            (1, day, False, place, groups, sales, steps[at == place].tolist())
            for place, (groups, sales) in enumerate(zip(made.ins.tolist(), made.sales.tolist(), strict=True))
        ]
    return pd.DataFrame(bins, columns=list(_FRAME))


@pytest.mark.slow
def test_sql_adds_the_queue_as_python_does(database: str) -> None:
    bins = drawn(110, 220)
    connection = psycopg2.connect(database)
    try:
        with connection.cursor() as cursor:
            columns = [bins[name].tolist() for name in ("slice", "bin", "groups", "sales")]
            waits = ["{" + ",".join(map(str, one)) + "}" for one in bins["waits"]]
            cursor.execute(_BINS.format(PURCHASE_LAG), [*columns, waits])
            found = cursor.fetchall()
    finally:
        connection.close()
    assert found == [(pytest.approx(purchase_lag(bins), rel=1e-9),)]
    assert found[0][0] > 0
