"""SQL of the lag from the door to the till, over the source `lag_bins`: see `visits.lag`. The first store's.

The error function is the sum of its series (Abramowitz and Stegun 7.1.6), all of whose terms have one sign.
"""

from typing import Final

_LIKELIEST: Final = """
WITH own AS MATERIALIZED (
    SELECT * FROM lag_bins WHERE store_id = (SELECT min(store_id) FROM lag_bins)
), past AS MATERIALIZED (
    SELECT * FROM own WHERE NOT asked
), grid AS (
    SELECT row_number() OVER (ORDER BY m, s.place) AS point, 90 * 60 ^ (m / 35.0::float8) AS median_s, s.sigma
    FROM generate_series(0, 35) AS m,
         unnest(ARRAY[0.3, 0.45, 0.6, 0.75, 0.9, 1.1]::float8[]) WITH ORDINALITY AS s (sigma, place)
    WHERE (SELECT count(DISTINCT slice) >= 7 AND sum(sales) >= 150 FROM past)
), terms AS MATERIALIZED (
    SELECT n, n * ln(2::float8) - sum(ln(2 * n + 1::float8)) OVER (ORDER BY n) AS factor
    FROM generate_series(0, 130) AS n
), edges AS (
    SELECT g.point, e.edge, ln(greatest((e.edge - 0.5) * 300, 1e-9)::float8 / g.median_s) / (g.sigma * sqrt(2)) AS x
    FROM grid AS g, generate_series(0, 48) AS e (edge)
), below AS (
    SELECT point, edge, CASE
               WHEN abs(x) >= 6 THEN (1 + sign(x)) / 2
               ELSE 0.5 + sign(x) / sqrt(pi()) * exp(-x * x) * (
                   SELECT sum(exp(greatest(-600, factor + (2 * n + 1) * ln(greatest(abs(x), 1e-300))))) FROM terms
               ) END AS share
    FROM edges
), parts AS (
    SELECT point, edge - 1 AS lag, share - lag(share) OVER (PARTITION BY point ORDER BY edge) AS share FROM below
), shares AS MATERIALIZED (
    SELECT point, lag, share / sum(share) OVER (PARTITION BY point) AS share FROM parts WHERE share > 1e-12
), expected AS (
    SELECT h.point, t.sales, sum(e.groups * h.share) AS people
    FROM past AS t
    JOIN past AS e ON e.slice = t.slice AND e.bin BETWEEN t.bin - 47 AND t.bin AND e.groups > 0
    JOIN shares AS h ON h.lag = t.bin - e.bin
    WHERE t.sales > 0
    GROUP BY h.point, t.slice, t.bin, t.sales
), sold AS (
    SELECT bin / 12 AS hour, sum(sales) AS sales FROM past GROUP BY 1
), came AS MATERIALIZED (
    SELECT t.bin / 12 AS hour, t.bin - e.bin AS lag, sum(e.groups) AS groups
    FROM past AS t JOIN past AS e ON e.slice = t.slice AND e.bin BETWEEN t.bin - 47 AND t.bin AND e.groups > 0
    GROUP BY 1, 2
), exposed AS (
    SELECT h.point, s.sales, sum(c.groups * h.share) AS people
    FROM came AS c JOIN shares AS h USING (lag) JOIN sold AS s USING (hour)
    GROUP BY h.point, s.hour, s.sales
), likelihood AS (
    SELECT point, sum(part) AS likelihood
    FROM (
        SELECT point, sales * (ln(people + 1e-3) - ln(1e-3)) AS part FROM expected
        UNION ALL
        SELECT point, sales * ln(sales / people) FROM exposed WHERE sales > 0 AND people > 0
    ) AS p
    GROUP BY point
), likeliest AS MATERIALIZED (
    SELECT g.point, g.median_s FROM grid AS g LEFT JOIN likelihood AS l USING (point)
    ORDER BY l.likelihood DESC NULLS LAST, point LIMIT 1
)
""".strip()
PURCHASE_LAG: Final = f"{_LIKELIEST}\nSELECT median_s AS value FROM likeliest"
#: Each sale is spread over those who came in before it, by lag.
CONVERSION_LAGGED: Final = f"""{_LIKELIEST}, likely AS MATERIALIZED (
    SELECT lag, share FROM shares WHERE point = (SELECT point FROM likeliest)
), pairs AS MATERIALIZED (
    SELECT t.slice, t.bin, t.sales, e.this_hour, e.groups * h.share AS weight,
           sum(e.groups * h.share) OVER (PARTITION BY t.slice, t.bin) AS people
    FROM own AS t
    JOIN own AS e ON e.slice = t.slice AND e.bin BETWEEN t.bin - 47 AND t.bin AND e.groups > 0
    JOIN likely AS h ON h.lag = t.bin - e.bin
    WHERE t.asked AND t.sales > 0
), credited AS (
    SELECT sum(sales * weight / people) AS sales FROM pairs WHERE this_hour
), unexplained AS (
    SELECT sum(t.sales) AS sales FROM own AS t
    WHERE t.asked AND t.this_hour AND NOT EXISTS (SELECT FROM pairs AS p WHERE p.slice = t.slice AND p.bin = t.bin)
), visitors AS (
    SELECT sum(ins) AS ins FROM own WHERE asked AND this_hour
)
SELECT CASE WHEN EXISTS (SELECT FROM likeliest) THEN
           (COALESCE(c.sales, 0) + COALESCE(u.sales, 0)) / CASE WHEN v.ins > 0 THEN v.ins END
       END AS value
FROM credited AS c, unexplained AS u, visitors AS v"""
