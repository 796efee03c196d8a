"""Sources (`analytics.sources`) of staff, of what the till says of its lines, and of the time from the door to it."""

import re

from analytics.facts import JUST_PARTIAL
from analytics.source_blocks import NOW, block, each, of, over_slices, slice_of_day
from analytics.visits.lag import BIN_S, WAIT_S

#: The wall clock's hour of the week, from Monday's midnight on: after midnight a business day's hours are the next's.
_THIS_HOUR = (
    f"mod(((EXTRACT(isodow FROM h.business_date) - 1) * 24 + h.hour)::int, 168) = "
    f"((EXTRACT(isodow FROM {NOW} AT TIME ZONE s.timezone) - 1) * 24 "
    f"+ EXTRACT(hour FROM {NOW} AT TIME ZONE s.timezone))::int"
)


def hours() -> str:
    """Return one row per hour of the wall clock within each day: visitors and how much of it was counted."""
    uptime = slice_of_day("uptime_of_slice_buckets", "watched_until")
    return f"""WITH crossed AS (
{of("traffic_of_buckets", "days")}
), quarters AS (
    SELECT d.slice, d.store_id, d.business_date, b.bucket, s.timezone,
           greatest(b.bucket, d.from_at) AS from_at, least(b.bucket + INTERVAL '15 minutes', d.until) AS until,
           c.ins, u.up_s, u.expected_s, u.lost,
           COALESCE(u.up_s, 0) > 0 OR (
               COALESCE(lag(u.up_s) OVER w, 0) > 0
               AND b.bucket + INTERVAL '15 minutes' > greatest(d.from_at, d.watched_until)
           ) AS looked
    FROM days AS d
    JOIN store AS s ON s.store_id = d.store_id
    CROSS JOIN LATERAL generate_series(
        time_bucket('15 minutes', d.from_at), d.until - INTERVAL '1 microsecond', INTERVAL '15 minutes'
    ) AS b (bucket)
    LEFT JOIN crossed AS c ON c.slice = d.slice AND c.bucket = b.bucket
    LEFT JOIN (
        SELECT x.* FROM days AS d CROSS JOIN LATERAL (
{uptime}
        ) AS x
    ) AS u ON u.slice = d.slice AND u.bucket = b.bucket
    WINDOW w AS (PARTITION BY d.slice ORDER BY b.bucket)
)
SELECT slice, store_id, business_date, min(from_at) AS from_at, max(until) AS until,
       (EXTRACT(epoch FROM min(from_at) AT TIME ZONE timezone - business_date) / 3600)::float8 AS wall,
       sum(COALESCE(ins, CASE WHEN looked THEN 0 END))::float8 AS visitors,
       CASE WHEN sum(expected_s) > 0
            THEN least(1, sum(up_s) / sum(expected_s), CASE WHEN bool_or(lost) THEN {JUST_PARTIAL} END)
       END AS completeness
FROM quarters
GROUP BY slice, store_id, business_date, timezone,
         bucket - make_interval(mins => EXTRACT(minute FROM bucket AT TIME ZONE timezone)::int)"""


def staffed_hours() -> str:
    """Return the hours with the seconds that staff worked in them, and whether it is the hour of the week of `now`."""
    floor = over_slices(
        "floor_time",
        "numbered",
        "numbered.slice = d.slice",
        of_store="d.store_id",
        first_at="d.from_at",
        last_until="d.until",
    )
    return f"""WITH numbered AS (
    SELECT *, row_number() OVER (ORDER BY slice, from_at)::int AS span, floor(wall)::int AS hour FROM hours
), floor AS (
    SELECT x.* FROM days AS d CROSS JOIN LATERAL (
{floor}
    ) AS x
)
SELECT h.store_id, h.business_date, h.hour, EXTRACT(epoch FROM h.until - h.from_at)::float8 AS open_s, h.visitors,
       h.completeness,
       CASE WHEN count(f.span) OVER (PARTITION BY h.slice) > 0 THEN COALESCE(f.floor_s, 0) END AS floor_s,
       {_THIS_HOUR} AS this_hour
FROM numbered AS h
JOIN store AS s ON s.store_id = h.store_id
LEFT JOIN floor AS f USING (span)"""


def served_days() -> str:
    """Return the days that the best weekday is looked for in, of the facts and hours in sight."""
    return f"""SELECT f.store_id, f.business_date, f.ins AS visitors, f.transactions, w.floor_h
FROM facts AS f
JOIN days AS d USING (slice)
JOIN (
    SELECT store_id, business_date, sum(floor_s) / 3600 AS floor_h
    FROM staffed_hours WHERE floor_s IS NOT NULL AND visitors >= 1
    GROUP BY store_id, business_date
) AS w ON w.store_id = f.store_id AND w.business_date = f.business_date
WHERE d.till_until < {NOW} AND d.from_at >= {NOW} - INTERVAL '56 days'
  AND f.up_s >= 0.95 * f.expected_s AND f.expected_s > 0 AND f.ins IS NOT NULL AND f.transactions IS NOT NULL"""


#: The visitors per staff hour of the weekday on which most of them bought.
TARGETS = """
WITH weekdays AS (
    SELECT store_id, EXTRACT(isodow FROM business_date)::int AS weekday, count(*) AS days,
           sum(transactions) AS sold, sum(visitors) AS came, sum(floor_h) AS floor_h
    FROM served_days GROUP BY 1, 2
)
SELECT DISTINCT ON (store_id) store_id, came / floor_h AS star
FROM weekdays WHERE days >= 6 AND sold > 0 AND came > 0 AND floor_h > 0
ORDER BY store_id, sold / came DESC, weekday
""".strip()


def judged_hours() -> str:
    """Return the staffed hours beside their store's target, NULL where it has none."""
    return f"""SELECT h.*, t.star AS target
FROM staffed_hours AS h
LEFT JOIN (
{TARGETS}
) AS t USING (store_id)"""


def staff_sales() -> str:
    """Return one row per alias that sold something, where the store tells of it, with the seconds it worked."""
    return f"""SELECT b.*, f.floor_s
FROM (
    SELECT store_id, alias, sum(transactions)::bigint AS transactions, sum(net) AS net, sum(net_squared) AS net_squared,
           COALESCE(sum(sold), 0) AS sold, sum(units) AS units, sum(units_squared) AS units_squared,
           COALESCE(sum(units_sold), 0) AS units_sold, sum(every)::bigint AS every
    FROM (
{each("sales_by_staff", "till_until")}
    ) AS e
    GROUP BY store_id, alias
) AS b
JOIN store AS s ON s.store_id = b.store_id AND s.staff_figures
LEFT JOIN (
    SELECT store_id, staff_alias, sum(floor_s) AS floor_s FROM (
{re.sub(r"%[(]now[)]s::timestamptz", NOW, each("floor_time_by_staff"))}
    ) AS e
    GROUP BY store_id, staff_alias
) AS f ON f.store_id = b.store_id AND f.staff_alias = b.alias"""


def category_rows() -> str:
    """Return the stops in the zones where each category lies, one row each, and what was sold of it, one row a day."""
    return f"""WITH lies AS (
    SELECT t.store_id, x.* FROM unnest(%(store_ids)s::int[]) AS t (store_id) CROSS JOIN LATERAL (
{block("zone_categories", store_id="t.store_id")}
    ) AS x
), stops AS (
    SELECT row_number() OVER () AS stop, x.* FROM (
{each("stays_of_slices")}
    ) AS x
), watched AS (
    SELECT store_id, zone, sum(up_s) > 0 AS looked FROM zone_uptime GROUP BY store_id, zone
)
SELECT l.store_id, l.category, l.zone, v.stop, v.dwell_s, v.censored, COALESCE(w.looked, false) AS looked,
       NULL::bigint AS orders, NULL::float8 AS units, NULL::float8 AS net_sales, NULL::bigint AS every
FROM lies AS l
LEFT JOIN stops AS v USING (store_id, zone)
LEFT JOIN watched AS w USING (store_id, zone)
UNION ALL
SELECT store_id, category, NULL, NULL, NULL, NULL, NULL, orders, units, net_sales, every FROM (
{each("sales_by_category", "till_until")}
) AS sold"""


def lag_bins() -> str:
    """Return entries and sales by bins since opening, of days counted in full and (`asked`) of the finished ones asked.

    `groups`: entries by buying unit. Sales are where their buyers began to queue; `waits`: for how many times
    10 s each of them did. `this_hour`: the bin lies in the hour that the wall clock shows at `now`.
    """
    return f"""SELECT d.store_id, d.slice, d.business_date >= %(first)s::date AS asked, b.bin,
       COALESCE(i.ins, 0) AS ins, COALESCE(i.groups, 0) AS groups, COALESCE(o.sales, 0) AS sales,
       COALESCE(o.waits, '{{}}') AS waits,
       EXTRACT(hour FROM least(d.from_at + b.bin * INTERVAL '{BIN_S:.0f} seconds', d.until - INTERVAL '1 microsecond')
                         AT TIME ZONE s.timezone) = EXTRACT(hour FROM {NOW} AT TIME ZONE s.timezone) AS this_hour
FROM days AS d
JOIN facts AS f USING (slice)
JOIN store AS s ON s.store_id = d.store_id
CROSS JOIN LATERAL generate_series(
    0, greatest(1, ceil(EXTRACT(epoch FROM d.till_until - d.from_at) / {BIN_S:.0f}))::int - 1
) AS b (bin)
LEFT JOIN (
    SELECT d.slice, floor(x.second / {BIN_S:.0f})::int AS bin, count(*)::float8 AS ins, sum(1 / x.size) AS groups
    FROM days AS d CROSS JOIN LATERAL (
{slice_of_day("door_moments")}
    ) AS m CROSS JOIN LATERAL unnest(m.seconds, m.sizes) AS x (second, size)
    WHERE m.inward GROUP BY 1, 2
) AS i ON i.slice = d.slice AND i.bin = b.bin
LEFT JOIN (
    SELECT d.slice, floor(greatest(x.second - x.wait_s, 0) / {BIN_S:.0f})::int AS bin, count(*)::float8 AS sales,
           array_agg(floor(x.wait_s / {WAIT_S:.0f} + 0.5)::int) AS waits
    FROM days AS d CROSS JOIN LATERAL (
{slice_of_day("sale_moments", "till_until")}
    ) AS m CROSS JOIN LATERAL unnest(m.seconds, m.waits_s) AS x (second, wait_s)
    GROUP BY 1, 2
) AS o ON o.slice = d.slice AND o.bin = b.bin
WHERE d.till_until < {NOW}
  AND (d.business_date >= %(first)s::date
       OR f.expected_s > 0 AND f.doors_down = 0 AND f.up_s >= 0.98 * f.expected_s)"""
