"""SQL of what follows what through a door, over the source `doors`: see `visits.reentry` and `visits.bounce`."""

from typing import Final

#: What stands out above chance after each crossing in one direction, of those in the other, day by day.
_PAIRS: Final = """
WITH numbered AS (
    SELECT *, row_number() OVER () AS number FROM doors
), weeks AS (
    SELECT slice, kind, length_s,
           count(*) FILTER (WHERE {partner}) AS own, count(*) FILTER (WHERE {anchor}) AS everybody,
           sum(count(*) FILTER (WHERE {partner})) OVER (PARTITION BY kind) AS pool
    FROM numbered GROUP BY slice, kind, length_s
{weights}), exits AS MATERIALIZED (
    SELECT o.number, o.slice, o.second, o.size, w.kind, w.own, w.pool
    FROM numbered AS o JOIN weeks AS w USING (slice)
    WHERE {anchor} AND o.second BETWEEN 0 AND w.length_s - 3600 AND w.own > 0 AND w.pool > w.own
), entries AS MATERIALIZED (
    SELECT slice, kind, array_agg(second ORDER BY second) AS seconds FROM numbered WHERE {partner} GROUP BY slice, kind
), pairs AS MATERIALIZED (
    SELECT o.slice, sum(b.weight / o.size * CASE WHEN e.slice = o.slice THEN 1 ELSE -o.own / (o.pool - o.own) END
                        * (width_bucket(o.second + 60 * b.bin + 60, e.seconds)
                           - width_bucket(o.second + 60 * b.bin, e.seconds))
                       ) AS excess
    FROM exits AS o
    JOIN entries AS e ON e.kind = o.kind
    CROSS JOIN weights AS b
    GROUP BY o.slice
), used AS (
    SELECT w.own, w.everybody, count(o.number) AS exits, COALESCE(max(p.excess), 0) AS excess
    FROM weeks AS w JOIN exits AS o USING (slice) LEFT JOIN pairs AS p USING (slice)
    GROUP BY w.slice, w.own, w.everybody
), back AS (
    SELECT sum(excess) / sum(exits) AS share, count(*) AS days, sum(exits) AS exits,
           sum(everybody)::float8 / sum(own) AS per_entry
    FROM used
)
""".strip()
_LINE: Final = """
), bins AS (
    SELECT bin, 60.0::float8 * bin + 30 AS middle FROM generate_series(0, 59) AS bin
), line AS (
    SELECT count(*) FILTER (WHERE middle > 900) AS n, avg(middle) FILTER (WHERE middle > 900) AS mean,
           var_pop(middle) FILTER (WHERE middle > 900) * count(*) FILTER (WHERE middle > 900) AS spread,
           count(*) FILTER (WHERE middle < 600) AS early, sum(middle) FILTER (WHERE middle < 600) AS early_sum
    FROM bins
), weights AS MATERIALIZED (
    SELECT bin, CASE WHEN middle < 600 THEN 1
                     WHEN middle > 900 THEN -(early::float8 / n + (early_sum - early * mean) * (middle - mean) / spread)
                     ELSE 0 END AS weight
    FROM bins, line
""".strip()
_EARLY: Final = """
), weights AS MATERIALIZED (
    SELECT bin, 1.0::float8 AS weight FROM generate_series(0, 1) AS bin
""".strip()
#: Student's interval of the days' spread.
_TOLD: Final = """
told AS (
    SELECT r.share * r.per_entry AS share, r.days,
           (z.z + (z.z ^ 3 + z.z) / (4 * (r.days - 1))
            + (5 * z.z ^ 5 + 16 * z.z ^ 3 + 3 * z.z) / (96 * (r.days - 1) ^ 2))
           * sqrt(r.days / (r.days - 1.0) * (SELECT sum((u.excess - r.share * u.exits) ^ 2) FROM used AS u)) / r.exits
           * r.per_entry AS half
    FROM back AS r, (SELECT 1.959963984540054::float8 AS z) AS z WHERE r.days >= 10
)
""".strip()
_RETURNING: Final = _PAIRS.format(anchor="NOT inward", partner="inward", weights=f"{_LINE}\n")
_TURNING: Final = _PAIRS.format(anchor="inward", partner="NOT inward", weights=f"{_EARLY}\n")
UNIQUE_VISITS: Final = f"""{_RETURNING}, {_TOLD}
SELECT (SELECT max(visitors) FROM doors) * (1 - least(1, greatest(0, share))) AS value FROM told WHERE half <= 0.10"""
BOUNCE_RATE: Final = f"""{_TURNING}, {_TOLD.replace(" * r.per_entry", "")}
SELECT least(1, greatest(0, share)) AS value FROM told WHERE half <= 0.10"""
