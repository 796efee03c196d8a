"""SQL of the usual week, over the source `judged_hours`: see `staff.staffing`. The first store's, by its number."""

from typing import Final

#: The hours of the week that were counted in three weeks or more, with their mean and its range (Poisson, on the root
#: scale, wider where weeks differ more), and how many staff that takes, to a tenth of one.
_WEEK: Final = """
WITH counted AS (
    SELECT EXTRACT(isodow FROM business_date)::int AS weekday, hour, count(*) AS weeks, bool_or(this_hour) AS this_hour,
           avg(COALESCE(visitors, 0)) AS mean, sum(COALESCE(visitors, 0)) AS visitors,
           COALESCE(var_samp(COALESCE(visitors, 0)), 0) AS spread, sum(open_s) / 3600 AS open_h, max(target) AS target,
           sum(floor_s) / 3600 AS floor_h, sum(open_s) FILTER (WHERE floor_s IS NOT NULL) / 3600 AS staffed_h
    FROM judged_hours
    WHERE store_id = (SELECT min(store_id) FROM judged_hours) AND completeness >= 0.95
    GROUP BY 1, 2
    HAVING count(*) >= 3
), ranged AS (
    SELECT *, round(floor_h / staffed_h / 0.5) * 0.5 AS on_floor, round(mean) AS usual, sqrt(visitors + 0.375) AS root,
           1.959963984540054 / 2 * sqrt(CASE WHEN mean > 0 THEN greatest(1, spread / mean) ELSE 1 END) AS half
    FROM counted
), needed AS (
    SELECT *, round(usual * weeks / open_h / target * 10) / 10 AS needed,
           round(greatest(0, greatest(0, root - half) ^ 2 - 0.375) / open_h / target * 10) / 10 AS low,
           round(((root + half) ^ 2 - 0.375) / open_h / target * 10) / 10 AS high
    FROM ranged
), judged AS (
    SELECT *, CASE WHEN low - on_floor >= 0.5 THEN 'short'
                   WHEN on_floor - greatest(high, 1) >= 1 THEN 'spare'
                   WHEN low IS NOT NULL AND on_floor IS NOT NULL THEN 'enough' END AS verdict
    FROM needed
)
""".strip()
#: Hours in falling order, as long as those before them hold less than 40 % of all.
POWER_HOURS: Final = f"""{_WEEK}, held AS (
    SELECT mean, COALESCE(sum(mean) OVER (
               ORDER BY mean DESC, weekday, hour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS before, 0.4 * sum(mean) OVER () AS wanted
    FROM counted
)
SELECT CASE WHEN count(*) > 0 THEN count(*) FILTER (WHERE mean > 0 AND before < wanted - 1e-9) END::float8 AS value
FROM held"""
STAFF_HOURS: Final = "SELECT sum(floor_s) / 3600 AS value FROM staffed_hours"


def of_this_hour(column: str) -> str:
    """Return a figure of the hour of the week in which `now` lies."""
    return f"{_WEEK}\nSELECT {column} AS value FROM judged WHERE this_hour ORDER BY weekday, hour LIMIT 1"


def hours_judged(verdict: str) -> str:
    """Return how many hours of the week are judged so."""
    return (
        f"{_WEEK}\nSELECT CASE WHEN count(verdict) > 0 THEN count(*) FILTER (WHERE verdict = '{verdict}') "
        "END::float8 AS value FROM judged"
    )
