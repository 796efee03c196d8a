-- Who was there to serve: hours worked, and sales by the till's reference under its alias. No camera has a word in this.

-- :name floor_time
-- Seconds that staff were on the sales floor within each span; unpaid breaks are spread evenly over their shift. Who
-- did not clock out is taken to have worked until now, for 16 hours at most.
WITH shift AS (
    SELECT h.starts_at, e.ends_at,
           1 - least(1, 60.0 * h.break_min / greatest(1, EXTRACT(epoch FROM e.ends_at - h.starts_at))) AS worked
    FROM staff_shift AS h
    CROSS JOIN LATERAL (
        SELECT COALESCE(h.ends_at, least(%(now)s::timestamptz, h.starts_at + INTERVAL '16 hours')) AS ends_at
    ) AS e
    WHERE h.store_id = %(of_store)s AND h.on_floor AND NOT h.cancelled
      AND h.starts_at > %(first_at)s::timestamptz - INTERVAL '1 day' AND h.starts_at < %(last_until)s
)
SELECT s.span, sum(h.worked * EXTRACT(epoch FROM least(s.until, h.ends_at) - greatest(s.from_at, h.starts_at)))::float8
       AS floor_s
FROM unnest(%(span)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (span, from_at, until)
JOIN shift AS h ON h.starts_at < s.until AND h.ends_at > s.from_at
GROUP BY s.span;

-- :name staff_figures
SELECT staff_figures FROM store WHERE store_id = %(store_id)s;

-- :name sales_by_staff
-- What each reference sold, with the sums that its spread is worked out from; orders without a reference as NULL.
-- `every`: orders of any kind.
SELECT staff_alias(%(of_store)s, o.staff_ref) AS alias, sum(o.sales)::bigint AS transactions,
       sum(o.net)::float8 AS net, sum(o.net_squared)::float8 AS net_squared, sum(o.sold)::float8 AS sold,
       sum(o.units)::float8 AS units, sum(o.units_squared)::float8 AS units_squared,
       sum(o.units_sold)::float8 AS units_sold, sum(o.every)::bigint AS every
FROM (
    SELECT p.staff_ref, count(*) FILTER (WHERE p.kind = 'sale') AS sales, sum(p.net) AS net,
           sum(p.net * p.net) AS net_squared, sum(p.net) FILTER (WHERE p.kind = 'sale') AS sold,
           sum(p.units) AS units, sum(p.units::numeric * p.units) AS units_squared,
           sum(p.units) FILTER (WHERE p.kind = 'sale') AS units_sold, count(*) AS every
    FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
    JOIN pos_order AS p ON p.store_id = %(of_store)s AND time_bucket('15 minutes', p.closed_at) < s.until
     AND time_bucket('15 minutes', p.closed_at) >= time_bucket('15 minutes', s.from_at)
    WHERE p.kind <> 'void' AND NOT p.is_test AND p.channel = 'in_store'
    GROUP BY p.staff_ref
) AS o
GROUP BY 1
ORDER BY 1;

-- :name floor_time_by_staff
SELECT h.staff_alias, sum(
    (1 - least(1, 60.0 * h.break_min / greatest(1, EXTRACT(epoch FROM e.ends_at - h.starts_at))))
    * EXTRACT(epoch FROM least(s.until, e.ends_at) - greatest(s.from_at, h.starts_at))
)::float8 AS floor_s
FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
JOIN staff_shift AS h ON h.store_id = %(of_store)s AND h.on_floor AND NOT h.cancelled AND h.staff_alias IS NOT NULL
 AND h.starts_at > s.from_at - INTERVAL '1 day' AND h.starts_at < s.until
CROSS JOIN LATERAL (
    SELECT COALESCE(h.ends_at, least(%(now)s::timestamptz, h.starts_at + INTERVAL '16 hours')) AS ends_at
) AS e
WHERE e.ends_at > s.from_at
GROUP BY h.staff_alias;
