"""SQL of comparisons, over the sources `pairs` and `facts`."""

from typing import Final

#: One row per store with sales on both sides, as `decomposition.Sides`: v visitors, t transactions, n net
#: sales of the days that were counted, 0 before and 1 after; r sales of the others.
_SIDES: Final = """
WITH sold AS (
    SELECT *, COALESCE(
               ins_after IS NOT NULL AND ins_before IS NOT NULL
               AND expected_s_after > 0 AND up_s_after >= 0.95 * expected_s_after
               AND expected_s_before > 0 AND up_s_before >= 0.95 * expected_s_before, false) AS counted
    FROM pairs
    WHERE net_sales_after IS NOT NULL AND transactions_after IS NOT NULL
      AND net_sales_before IS NOT NULL AND transactions_before IS NOT NULL
), sides AS (
    SELECT store_id,
           COALESCE(sum(ins_before) FILTER (WHERE counted), 0) AS v0,
           COALESCE(sum(ins_after) FILTER (WHERE counted), 0) AS v1,
           COALESCE(sum(transactions_before) FILTER (WHERE counted), 0) AS t0,
           COALESCE(sum(transactions_after) FILTER (WHERE counted), 0) AS t1,
           COALESCE(sum(net_sales_before) FILTER (WHERE counted), 0) AS n0,
           COALESCE(sum(net_sales_after) FILTER (WHERE counted), 0) AS n1,
           COALESCE(sum(net_sales_before) FILTER (WHERE NOT counted), 0) AS r0,
           COALESCE(sum(net_sales_after) FILTER (WHERE NOT counted), 0) AS r1
    FROM sold GROUP BY store_id
), split AS (
    SELECT *, CASE WHEN n0 = n1 THEN n0 ELSE (n1 - n0) / ln(n1 / n0) END AS weight,
           ln(sum(v1) OVER () / sum(v0) OVER ()) AS everywhere
    FROM sides WHERE least(v0, v1, t0, t1, n0, n1) > 0
)
""".strip()
CHANGE: Final = f"{_SIDES}\nSELECT sum(n1 + r1 - n0 - r0) AS value FROM sides"
REST: Final = (
    f"{_SIDES}\nSELECT sum(r1 - r0 + CASE WHEN least(v0, v1, t0, t1, n0, n1) > 0 THEN 0 ELSE n1 - n0 END) AS value "
    "FROM sides"
)
#: Stores open for a year that counted every day of both sides.
LIKE_FOR_LIKE: Final = """
WITH stores AS (
    SELECT sum(ins_after) AS after, sum(ins_before) AS before
    FROM pairs GROUP BY store_id
    HAVING bool_and(COALESCE(long_open, false))
       AND bool_and(expected_s_after > 0 AND up_s_after >= 0.95 * expected_s_after)
       AND bool_and(expected_s_before > 0 AND up_s_before >= 0.95 * expected_s_before)
)
SELECT sum(after) / CASE WHEN sum(before) > 0 THEN sum(before) END - 1 AS value FROM stores
""".strip()

#: Conversion of each store counted nearly in full, with the interval of its sampling: Wilson's, and beyond 100 % that
#: of two counts.
_RANKED: Final = """
WITH stores AS (
    SELECT store_id, sum(transactions) AS sold, sum(ins) AS came, 1.959963984540054::float8 AS z
    FROM facts GROUP BY store_id
    HAVING sum(ins) > 0 AND sum(transactions) >= 0 AND sum(up_s) >= 0.95 * sum(expected_s) AND sum(expected_s) > 0
), shares AS (
    SELECT *, sold / trials AS p, 1 + z * z / trials AS scale
    FROM (SELECT *, CASE WHEN sold > came THEN sold + came ELSE came END AS trials FROM stores) AS s
), wilson AS (
    SELECT *, (p + z * z / (2 * trials)) / scale AS centre,
           z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials)) / scale AS half
    FROM shares
), ranked AS (
    SELECT store_id, sold, came,
           CASE WHEN sold = 0 THEN 0
                WHEN sold > came THEN (centre - half) / (1 - centre + half) ELSE centre - half END AS low,
           CASE WHEN sold = came THEN 1
                WHEN sold > came THEN (centre + half) / (1 - centre - half) ELSE centre + half END AS high
    FROM wilson
)
""".strip()
PLACE: Final = f"""{_RANKED}
SELECT 1 + (SELECT count(*) FROM ranked AS o WHERE o.low > r.high)::float8 AS value
FROM ranked AS r WHERE r.store_id = (SELECT min(store_id) FROM facts)"""
OUTLIERS: Final = f"""{_RANKED}, angles AS (
    SELECT asin(sqrt(sold / came)) AS angle, 1 / (4 * came) AS variance FROM ranked WHERE sold <= came
), usual AS (
    SELECT count(*) AS stores, percentile_cont(0.5) WITHIN GROUP (ORDER BY angle) AS middle,
           greatest(0, ((percentile_cont(0.75) WITHIN GROUP (ORDER BY angle)
                         - percentile_cont(0.25) WITHIN GROUP (ORDER BY angle)) / (2 * 0.6744897501960817)) ^ 2
                       - percentile_cont(0.5) WITHIN GROUP (ORDER BY variance)) AS between_stores
    FROM angles
)
SELECT count(*) FILTER (WHERE abs(angle - middle) / sqrt(variance + between_stores) > 3)::float8 AS value
FROM angles, usual WHERE stores >= 8 HAVING count(*) > 0"""


def effect(factor: str) -> str:
    """Return the part of the change that a factor's growth, an expression of a store's sides, was worth (LMDI)."""
    return (
        f"{_SIDES}\nSELECT CASE WHEN EXISTS (SELECT FROM sides) "
        f"THEN COALESCE((SELECT sum(weight * ({factor})) FROM split), 0) END AS value"
    )
