-- What happens between the door and the till. These read raw rows (kept 90 days): thresholds and percentiles cannot be
-- worked out from sums.

-- :name zone_stays
-- Both conditions on time: one is the plain index, the other the hypertable's.
SELECT z.code AS zone, z.role, z.engaged_after_s, v.at, v.dwell_s::float8 AS dwell_s, v.censored,
       v.dwell_s >= z.engaged_after_s AS engaged
FROM zone_visit AS v
JOIN zone AS z ON z.zone_id = v.zone_id
WHERE v.store_id = %(store_id)s
  AND time_bucket('15 minutes', v.at) >= time_bucket('15 minutes', %(from_at)s::timestamptz)
  AND time_bucket('15 minutes', v.at) < %(until)s
  AND v.at >= time_bucket('15 minutes', %(from_at)s::timestamptz)
  AND z.role = 'engagement' AND v.staff IS NOT TRUE
ORDER BY v.at;

-- :name zones
SELECT code AS zone, role, engaged_after_s::float8 AS engaged_after_s
FROM zone
WHERE store_id = %(store_id)s AND role IN ('engagement', 'queue')
ORDER BY role, code;

-- :name queue_exits
-- A device that does not assess how a wait ended writes stays in the queue zone instead: their outcome is NULL.
WITH exits AS (
    SELECT q.zone_id, q.at, q.wait_s::float8 AS wait_s, q.served
    FROM queue_exit AS q
    WHERE q.store_id = %(store_id)s
      AND time_bucket('15 minutes', q.at) >= time_bucket('15 minutes', %(from_at)s::timestamptz)
      AND time_bucket('15 minutes', q.at) < %(until)s
      AND q.at >= time_bucket('15 minutes', %(from_at)s::timestamptz)
), stays AS (
    SELECT v.zone_id, v.at, v.dwell_s::float8 AS wait_s, NULL::boolean AS served
    FROM zone_visit AS v
    WHERE v.store_id = %(store_id)s
      AND time_bucket('15 minutes', v.at) >= time_bucket('15 minutes', %(from_at)s::timestamptz)
      AND time_bucket('15 minutes', v.at) < %(until)s
      AND v.at >= time_bucket('15 minutes', %(from_at)s::timestamptz)
      AND v.staff IS NOT TRUE AND NOT v.censored
      AND v.zone_id NOT IN (SELECT zone_id FROM exits)
)
SELECT z.code AS zone, w.at, w.wait_s, w.served
FROM (SELECT * FROM exits UNION ALL SELECT * FROM stays) AS w
JOIN zone AS z ON z.zone_id = w.zone_id
WHERE z.role = 'queue' AND (w.served IS NOT NULL OR w.wait_s >= z.engaged_after_s)
ORDER BY w.at;

-- :name queue_now
-- People in each queue zone by the newest word on it: a sample of the ledger or a device's live value.
SELECT z.code AS zone, CASE WHEN s.at IS NULL OR l.at > s.at THEN l.people ELSE s.length END AS length,
       greatest(s.at, l.at) AS at
FROM zone AS z
LEFT JOIN LATERAL (
    SELECT q.length, q.at
    FROM queue_sample AS q
    WHERE q.store_id = z.store_id AND q.zone_id = z.zone_id
      AND time_bucket('15 minutes', q.at) >= time_bucket('15 minutes', %(since)s::timestamptz) AND q.at >= %(since)s
    ORDER BY q.at DESC
    LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT (entry ->> 'people')::integer AS people, v.at
    FROM device_live AS v
    JOIN device AS d ON d.device_id = v.device_id
    CROSS JOIN jsonb_array_elements(v.zones) AS entry
    WHERE d.store_id = z.store_id AND entry ->> 'zone' = z.code AND v.at >= %(since)s
    ORDER BY v.at DESC
    LIMIT 1
) AS l ON true
WHERE z.store_id = %(store_id)s AND z.role = 'queue'
ORDER BY z.code;

-- :name queue_length
SELECT COALESCE(sum(length_sum), 0)::float8 AS length_sum, COALESCE(sum(samples), 0)::bigint AS samples
FROM queue_length_15m
WHERE store_id = %(store_id)s
  AND bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND bucket < %(until)s;

-- :name repeat_buyers
-- Sales with a customer reference in slices of time, how many of them to a customer who had bought here before, and sums
-- over the customers that tell how they cluster: squares of the former, products, squares of the latter.
SELECT COALESCE(sum(p.sales), 0)::bigint AS referenced, COALESCE(sum(p.again), 0)::bigint AS repeated,
       COALESCE(sum(p.sales * p.sales), 0)::float8 AS squares, COALESCE(sum(p.sales * p.again), 0)::float8 AS products,
       COALESCE(sum(p.again * p.again), 0)::float8 AS repeated_squares
FROM (
    SELECT count(*) AS sales, count(*) FILTER (WHERE EXISTS (
        SELECT FROM pos_order AS p
        WHERE p.store_id = o.store_id AND p.customer_ref = o.customer_ref AND p.closed_at < o.closed_at
          AND p.kind = 'sale' AND NOT p.is_test AND p.channel = 'in_store'
    )) AS again
    FROM (
        -- One range with gaps, looked up by halving: not each order beside each slice.
        SELECT min(from_at) AS from_at, max(until) AS until, range_agg(tstzrange(from_at, until)) AS slices
        FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
        WHERE from_at < until
    ) AS s
    JOIN pos_order AS o
      ON o.store_id = %(store_id)s AND o.closed_at >= s.from_at AND o.closed_at < s.until AND o.closed_at <@ s.slices
    WHERE o.kind = 'sale' AND NOT o.is_test AND o.channel = 'in_store' AND o.customer_ref IS NOT NULL
    GROUP BY o.customer_ref
) AS p;

-- :name repeat_buyers_of_slices
-- The same per slice, for a few; one without a customer reference has no row.
SELECT p.slice, sum(p.sales)::bigint AS referenced, sum(p.again)::bigint AS repeated,
       sum(p.sales * p.sales)::float8 AS squares, sum(p.sales * p.again)::float8 AS products,
       sum(p.again * p.again)::float8 AS repeated_squares
FROM (
    SELECT s.slice, count(*) AS sales, count(*) FILTER (WHERE EXISTS (
        SELECT FROM pos_order AS p
        WHERE p.store_id = o.store_id AND p.customer_ref = o.customer_ref AND p.closed_at < o.closed_at
          AND p.kind = 'sale' AND NOT p.is_test AND p.channel = 'in_store'
    )) AS again
    FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
    JOIN pos_order AS o ON o.store_id = %(store_id)s AND o.closed_at >= s.from_at AND o.closed_at < s.until
    WHERE o.kind = 'sale' AND NOT o.is_test AND o.channel = 'in_store' AND o.customer_ref IS NOT NULL
    GROUP BY s.slice, o.customer_ref
) AS p
GROUP BY p.slice;

-- :name stages_of_slices
-- Per slice of one store: whether its raw rows are still there, stays that were long enough, and people who left a
-- queue (`queue_exits` says where they are found).
SELECT s.slice, s.from_at >= r.kept_from AS raw, e.engaged, q.joins
FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
CROSS JOIN (
    SELECT COALESCE(max(kept_from), '-infinity') AS kept_from FROM rollup WHERE source IN ('zone_visit', 'queue_exit')
) AS r
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE z.role = 'engagement' AND v.dwell_s >= z.engaged_after_s) AS engaged,
           count(*) FILTER (
               WHERE z.role = 'queue' AND NOT v.censored AND v.dwell_s >= z.engaged_after_s
                 AND NOT EXISTS (
                     SELECT FROM queue_exit AS q
                     WHERE q.store_id = %(store_id)s AND q.zone_id = v.zone_id
                       AND time_bucket('15 minutes', q.at) >= time_bucket('15 minutes', s.from_at)
                       AND time_bucket('15 minutes', q.at) < s.until
                       AND q.at >= time_bucket('15 minutes', s.from_at)
                 )
           ) AS stays
    FROM zone_visit AS v
    JOIN zone AS z ON z.zone_id = v.zone_id
    WHERE v.store_id = %(store_id)s AND v.staff IS NOT TRUE
      AND time_bucket('15 minutes', v.at) >= time_bucket('15 minutes', s.from_at)
      AND time_bucket('15 minutes', v.at) < s.until
      AND v.at >= time_bucket('15 minutes', s.from_at)
) AS e
CROSS JOIN LATERAL (
    SELECT e.stays + count(*) FILTER (WHERE q.served IS NOT NULL OR q.wait_s >= z.engaged_after_s) AS joins
    FROM queue_exit AS q
    JOIN zone AS z ON z.zone_id = q.zone_id
    WHERE q.store_id = %(store_id)s AND z.role = 'queue'
      AND time_bucket('15 minutes', q.at) >= time_bucket('15 minutes', s.from_at)
      AND time_bucket('15 minutes', q.at) < s.until
      AND q.at >= time_bucket('15 minutes', s.from_at)
) AS q
ORDER BY s.slice;

-- :name queue_lengths
-- Sums of samples of slices of one store by the quarter-hour.
SELECT l.bucket, l.length_sum::float8 AS length_sum, l.samples::bigint AS samples
FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
JOIN queue_length_15m AS l ON l.store_id = %(of_store)s
 AND l.bucket >= time_bucket('15 minutes', s.from_at) AND l.bucket < s.until
 -- From the first slice to the last, too: TimescaleDB reads no chunk outside, however it joins.
 AND l.bucket >= (SELECT time_bucket('15 minutes', min(b.at)) FROM unnest(%(from_at)s::timestamptz[]) AS b (at))
 AND l.bucket < (SELECT max(b.at) FROM unnest(%(until)s::timestamptz[]) AS b (at))
ORDER BY l.bucket;

-- :name uptime_of_zones
-- Per slice of one store and zone: seconds that its camera should have counted and did, and how many of its cameras were
-- not counted in full. Where nobody said which camera looks at a zone, those of the doors stand in.
WITH watchers AS (
    SELECT z.code AS zone, z.role, c.camera_id, NULL::integer AS line_id, c.counts_from AS from_at,
           COALESCE(c.counts_until, 'infinity') AS until
    FROM zone AS z
    JOIN camera AS c ON c.camera_id = z.camera_id
    WHERE z.store_id = %(of_store)s AND z.role IN ('engagement', 'queue') AND c.counts_from IS NOT NULL
    UNION ALL
    SELECT z.code, z.role, l.camera_id, l.line_id, l.from_at, l.until
    FROM zone AS z
    JOIN line_service AS l ON l.store_id = %(of_store)s AND l.role = 'entrance'
    WHERE z.store_id = %(of_store)s AND z.role IN ('engagement', 'queue')
      AND NOT EXISTS (SELECT FROM camera AS c WHERE c.camera_id = z.camera_id AND c.counts_from IS NOT NULL)
), watched AS (
    -- Once for all the zones that one camera looks at.
    SELECT s.slice, l.camera_id, l.line_id, w.expected_s, COALESCE(u.up_s, 0) AS up_s,
           x.lost OR COALESCE(u.up_s, 0) < w.expected_s * %(measured_from)s AS down
    FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
    CROSS JOIN (SELECT DISTINCT camera_id, line_id, from_at, until FROM watchers) AS l
    CROSS JOIN LATERAL (
        SELECT greatest(s.from_at, l.from_at) AS from_at, least(s.until, l.until) AS until
    ) AS r
    CROSS JOIN LATERAL (SELECT EXTRACT(epoch FROM r.until - r.from_at)::float8 AS expected_s) AS w
    CROSS JOIN LATERAL (
        SELECT sum(least(u.up_s, EXTRACT(epoch FROM least(u.bucket + INTERVAL '15 minutes', r.until)
                                                    - greatest(u.bucket, r.from_at)))) AS up_s
        FROM camera_uptime_15m AS u
        WHERE u.store_id = %(of_store)s AND u.camera_id = l.camera_id
          AND u.bucket >= time_bucket('15 minutes', r.from_at) AND u.bucket < r.until
    ) AS u
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM ledger_loss AS o
            WHERE o.store_id = %(of_store)s AND o.entries IS DISTINCT FROM 0 AND o.at < r.until AND o.until >= r.from_at
        ) AS lost
    ) AS x
    WHERE w.expected_s > 0
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a WHERE a.line_id = l.line_id AND a.from_at < s.until AND a.until > s.from_at
      )
)
SELECT t.slice, w.zone, w.role, sum(t.expected_s)::float8 AS expected_s, sum(t.up_s)::float8 AS up_s,
       count(*) FILTER (WHERE t.down) AS down
FROM watched AS t
JOIN watchers AS w ON w.camera_id = t.camera_id AND w.line_id IS NOT DISTINCT FROM t.line_id
GROUP BY t.slice, w.zone, w.role
ORDER BY t.slice, w.zone;
