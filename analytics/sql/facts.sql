-- What was counted and sold in slices of time. A slice is a store and a half-open range of instants, at most one
-- business day: store ids and ranges go into the rollups, so that only these rows are read.

-- :name traffic_of_slices
SELECT s.slice, t.ins, t.outs, t.staff_ins, t.grouped_ins, t.buying_units, t.passers
FROM unnest(%(slice)s::int[], %(store_id)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[])
     AS s (slice, store_id, from_at, until)
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(t.ins) FILTER (WHERE l.role = 'entrance'), 0)::bigint AS ins,
           COALESCE(sum(t.outs) FILTER (WHERE l.role = 'entrance'), 0)::bigint AS outs,
           COALESCE(sum(t.staff_ins) FILTER (WHERE l.role = 'entrance'), 0)::bigint AS staff_ins,
           COALESCE(sum(t.grouped_ins) FILTER (WHERE l.role = 'entrance'), 0)::bigint AS grouped_ins,
           COALESCE(sum(t.buying_units) FILTER (WHERE l.role = 'entrance'), 0)::float8 AS buying_units,
           COALESCE(sum(t.ins + t.outs) FILTER (WHERE l.role = 'pass_by'), 0)::bigint AS passers
    FROM line_traffic_15m AS t
    JOIN line AS l ON l.line_id = t.line_id
    WHERE t.store_id = s.store_id
      AND t.bucket >= time_bucket('15 minutes', s.from_at) AND t.bucket < s.until
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a
          WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
      )
) AS t;

-- :name uptime_of_slices
-- Seconds that each line's camera should have counted and did, summed over the lines of a role, and how many of these
-- lines were not counted in full: one door of many hides in a sum. Nor is any line where a box of the store lost entries.
SELECT s.slice,
       COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'entrance'), 0)::float8 AS expected_s,
       COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'entrance'), 0)::float8 AS up_s,
       count(*) FILTER (
           WHERE l.role = 'entrance' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * %(measured_from)s)
       ) AS doors_down,
       COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'pass_by'), 0)::float8 AS street_expected_s,
       COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'pass_by'), 0)::float8 AS street_up_s,
       count(*) FILTER (
           WHERE l.role = 'pass_by' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * %(measured_from)s)
       ) AS streets_down
FROM unnest(%(slice)s::int[], %(store_id)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[])
     AS s (slice, store_id, from_at, until)
JOIN line_service AS l ON l.store_id = s.store_id AND l.role IN ('entrance', 'pass_by')
CROSS JOIN LATERAL (
    SELECT greatest(s.from_at, l.from_at) AS from_at, least(s.until, l.until) AS until
) AS r
CROSS JOIN LATERAL (SELECT EXTRACT(epoch FROM r.until - r.from_at)::float8 AS expected_s) AS w
CROSS JOIN LATERAL (
    SELECT sum(least(u.up_s, EXTRACT(epoch FROM least(u.bucket + INTERVAL '15 minutes', r.until)
                                                - greatest(u.bucket, r.from_at)))) AS up_s
    FROM camera_uptime_15m AS u
    WHERE u.store_id = s.store_id AND u.camera_id = l.camera_id
      AND u.bucket >= time_bucket('15 minutes', r.from_at) AND u.bucket < r.until
) AS u
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM ledger_loss AS o
        WHERE o.store_id = s.store_id AND o.entries IS DISTINCT FROM 0 AND o.at < r.until AND o.until >= r.from_at
    ) AS lost
) AS x
WHERE w.expected_s > 0
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a WHERE a.line_id = l.line_id AND a.from_at < s.until AND a.until > s.from_at
  )
GROUP BY s.slice;

-- :name sales_of_slices
-- `till_known`: some order of the store had closed before the slice ended; without it there is no zero to state.
SELECT s.slice, t.transactions, t.refunds, t.net_sales, t.units,
       COALESCE((SELECT min(o.closed_at) FROM pos_order AS o WHERE o.store_id = s.store_id) < s.until, false) AS till_known
FROM unnest(%(slice)s::int[], %(store_id)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[])
     AS s (slice, store_id, from_at, until)
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(t.transactions), 0)::bigint AS transactions,
           COALESCE(sum(t.refunds), 0)::bigint AS refunds,
           COALESCE(sum(t.net_sales), 0)::float8 AS net_sales,
           COALESCE(sum(t.units), 0)::bigint AS units
    FROM sales_15m AS t
    WHERE t.store_id = s.store_id
      AND t.bucket >= time_bucket('15 minutes', s.from_at) AND t.bucket < s.until
) AS t;

-- :name traffic_of_buckets
-- Visitors per 15 minutes within each slice; a bucket without a crossing has no row.
SELECT s.slice, t.bucket, t.ins, t.outs, t.staff_ins, t.staff_outs
FROM unnest(%(slice)s::int[], %(store_id)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[])
     AS s (slice, store_id, from_at, until)
CROSS JOIN LATERAL (
    SELECT t.bucket, sum(t.ins)::bigint AS ins, sum(t.outs)::bigint AS outs,
           sum(t.staff_ins)::bigint AS staff_ins, sum(t.staff_outs)::bigint AS staff_outs
    FROM line_traffic_15m AS t
    JOIN line AS l ON l.line_id = t.line_id
    WHERE l.role = 'entrance' AND t.store_id = s.store_id
      AND t.bucket >= time_bucket('15 minutes', s.from_at) AND t.bucket < s.until
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a
          WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
      )
    GROUP BY t.bucket
) AS t
ORDER BY s.slice, t.bucket;

-- :name outside_hours
-- The store's date at `until`, and how many came in on it so far in quarter-hours of no business day.
SELECT d.today, COALESCE(t.ins, 0)::bigint AS ins
FROM store AS s
CROSS JOIN LATERAL (SELECT (%(until)s::timestamptz AT TIME ZONE s.timezone)::date AS today) AS d
CROSS JOIN LATERAL (
    SELECT sum(t.ins) AS ins
    FROM line_traffic_15m AS t
    JOIN line AS l ON l.line_id = t.line_id
    WHERE t.store_id = %(store_id)s AND l.role = 'entrance'
      AND t.bucket >= time_bucket('15 minutes', d.today::timestamp AT TIME ZONE s.timezone) AND t.bucket < %(until)s
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a
          WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
      )
      AND NOT EXISTS (
          SELECT FROM store_calendar AS c
          WHERE c.store_id = %(store_id)s AND c.business_date BETWEEN d.today - 1 AND d.today
            AND t.bucket >= time_bucket('15 minutes', c.opens_at) AND t.bucket < c.closes_at
      )
) AS t
WHERE s.store_id = %(store_id)s;

-- :name uptime_of_slice_buckets
-- Per 15 minutes of slices of one store: seconds the entrance lines' cameras should have counted, and did, and whether a
-- box lost some of it.
SELECT s.slice, b.bucket, sum(w.expected_s)::float8 AS expected_s,
       sum(least(COALESCE(u.up_s, 0), w.expected_s))::float8 AS up_s,
       EXISTS (
           SELECT FROM ledger_loss AS o
           WHERE o.store_id = %(of_store)s AND o.entries IS DISTINCT FROM 0
             AND o.at < least(b.bucket + INTERVAL '15 minutes', s.until) AND o.until >= greatest(b.bucket, s.from_at)
       ) AS lost
FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
CROSS JOIN LATERAL generate_series(
    time_bucket('15 minutes', s.from_at), s.until - INTERVAL '1 microsecond', INTERVAL '15 minutes'
) AS b (bucket)
JOIN line_service AS l ON l.store_id = %(of_store)s AND l.role = 'entrance'
CROSS JOIN LATERAL (
    SELECT EXTRACT(epoch FROM least(b.bucket + INTERVAL '15 minutes', s.until, l.until)
                              - greatest(b.bucket, s.from_at, l.from_at))::float8 AS expected_s
) AS w
-- A row that came after its week was archived stands beside the archived one: summed first, the time is expected once.
LEFT JOIN (
    SELECT camera_id, bucket, sum(up_s) AS up_s
    FROM camera_uptime_15m
    WHERE store_id = %(of_store)s
      AND bucket >= time_bucket('15 minutes', %(first_at)s::timestamptz) AND bucket < %(last_until)s::timestamptz
    GROUP BY camera_id, bucket
) AS u ON u.camera_id = l.camera_id AND u.bucket = b.bucket
WHERE w.expected_s > 0
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a
      WHERE a.line_id = l.line_id AND b.bucket >= time_bucket('15 minutes', a.from_at) AND b.bucket < a.until
  )
GROUP BY s.slice, b.bucket, s.from_at, s.until
ORDER BY s.slice, b.bucket;
