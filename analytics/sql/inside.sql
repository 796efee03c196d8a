-- What happens between the door and the till. These read raw rows (kept 90 days): thresholds and percentiles cannot be
-- worked out from sums.

-- :name zone_stays
-- Both conditions on time: one is the plain index, the other the hypertable's.
SELECT z.code AS zone, z.role, z.engaged_after_s, v.dwell_s::float8 AS dwell_s, v.censored,
       v.dwell_s >= z.engaged_after_s AS engaged
FROM zone_visit AS v
JOIN zone AS z ON z.zone_id = v.zone_id
WHERE v.store_id = %(store_id)s
  AND time_bucket('15 minutes', v.at) >= time_bucket('15 minutes', %(from_at)s::timestamptz)
  AND time_bucket('15 minutes', v.at) < %(until)s
  AND v.at >= time_bucket('15 minutes', %(from_at)s::timestamptz)
  AND z.role = 'engagement' AND v.staff IS NOT TRUE;

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
-- Sales with a customer reference, and how many of these customers had bought in this store before.
WITH today AS (
    SELECT order_id, customer_ref, closed_at
    FROM pos_order
    WHERE store_id = %(store_id)s AND closed_at >= %(from_at)s AND closed_at < %(until)s
      AND kind = 'sale' AND NOT is_test AND channel = 'in_store' AND customer_ref IS NOT NULL
)
SELECT count(*)::bigint AS referenced,
       count(*) FILTER (WHERE first.closed_at < today.closed_at)::bigint AS repeated
FROM today
JOIN (
    SELECT customer_ref, min(closed_at) AS closed_at
    FROM pos_order
    WHERE store_id = %(store_id)s AND closed_at < %(until)s
      AND customer_ref IN (SELECT customer_ref FROM today)
      AND kind = 'sale' AND NOT is_test AND channel = 'in_store'
    GROUP BY customer_ref
) AS first USING (customer_ref);
