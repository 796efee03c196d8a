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
    SELECT row_number() OVER (ORDER BY m, s.place) AS point, m, 90 * 60 ^ (m / 60.0::float8) AS median_s, s.sigma
    FROM generate_series(0, 60) AS m,
         unnest(ARRAY[0.3, 0.45, 0.6, 0.75, 0.9, 1.1]::float8[]) WITH ORDINALITY AS s (sigma, place)
    WHERE (SELECT count(DISTINCT slice) >= 7 AND sum(sales) >= 150 FROM past)
), terms AS MATERIALIZED (
    SELECT n, n * ln(2::float8) - sum(ln(2 * n + 1::float8)) OVER (ORDER BY n) AS factor
    FROM generate_series(0, 130) AS n
), edges AS (
    SELECT g.point, g.median_s, g.sigma, e.edge, greatest(e.edge * 300, 1e-9)::float8 AS at_s
    FROM grid AS g, generate_series(-1, 48) AS e (edge)
), sides AS (
    SELECT e.point, e.edge, s.factor, (ln(e.at_s / e.median_s) / e.sigma - s.moved * e.sigma) / sqrt(2) AS x
    FROM edges AS e,
         LATERAL (VALUES (0, e.at_s), (1, -e.median_s * exp(e.sigma * e.sigma / 2))) AS s (moved, factor)
), below AS (
    SELECT point, edge, sum(factor * CASE
               WHEN abs(x) >= 6 THEN (1 + sign(x)) / 2
               ELSE 0.5 + sign(x) / sqrt(pi()) * exp(-x * x) * (
                   SELECT sum(exp(greatest(-600, t.factor + (2 * n + 1) * ln(greatest(abs(x), 1e-300)))))
                   FROM terms AS t
               ) END) AS mass
    FROM sides GROUP BY point, edge
), parts AS (
    SELECT point, edge - 1 AS lag,
           (mass - 2 * lag(mass) OVER own + lag(mass, 2) OVER own) / 300 AS share
    FROM below WINDOW own AS (PARTITION BY point ORDER BY edge)
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
), profile AS (
    SELECT m, max(l.likelihood) AS likelihood FROM grid AS g JOIN likelihood AS l USING (point) GROUP BY m
), around AS (
    SELECT m, lag(likelihood) OVER (ORDER BY m) - likelihood AS before,
           lead(likelihood) OVER (ORDER BY m) - likelihood AS after
    FROM profile
), likeliest AS MATERIALIZED (
    SELECT c.point, c.sigma, c.median_s * CASE
               WHEN a.before + a.after < 0 THEN 60 ^ ((a.before - a.after) / (a.before + a.after) / 120) ELSE 1
           END AS median_s
    FROM (
        SELECT g.* FROM grid AS g LEFT JOIN likelihood AS l USING (point)
        ORDER BY l.likelihood DESC NULLS LAST, point LIMIT 1
    ) AS c
    LEFT JOIN around AS a USING (m)
)
""".strip()
#: The median of a lognormal lag, summed up in 32nds of a standard deviation, and a wait apart from it.
PURCHASE_LAG: Final = f"""{_LIKELIEST}, waits AS (
    SELECT wait * 10 AS wait_s, count(*) AS sales FROM past, unnest(waits) AS wait GROUP BY wait
), took AS (
    SELECT l.median_s * exp(l.sigma * z / 32.0) + w.wait_s AS took_s, exp(-z * z / 2048.0::float8) * w.sales AS weight
    FROM likeliest AS l, waits AS w, generate_series(-128, 128) AS z
)
SELECT min(took_s) AS value
FROM (
    SELECT took_s, sum(weight) OVER (ORDER BY took_s) AS below, sum(weight) OVER () AS whole FROM took
) AS t
WHERE below > whole * 0.5 * (1 + 1e-9::float8)"""
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
