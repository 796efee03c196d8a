-- :name door_moments
-- Seconds since each slice's start of every crossing of an entrance line, and the size of its group: one row per slice
-- and direction. Raw rows are kept 90 days. Both conditions on time: one is the plain index, the other the hypertable's.
SELECT s.slice, c.inward,
       array_agg(EXTRACT(epoch FROM c.at - s.from_at)::float8 ORDER BY c.at) AS seconds,
       array_agg(COALESCE(c.group_size, 1)::float8 ORDER BY c.at) AS sizes
FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
JOIN crossing AS c
  ON c.store_id = %(store_id)s
 AND time_bucket('15 minutes', c.at) >= time_bucket('15 minutes', s.from_at)
 AND time_bucket('15 minutes', c.at) < s.until
 AND c.at >= s.from_at AND c.at < s.until
JOIN line AS l ON l.line_id = c.line_id AND l.role = 'entrance'
WHERE c.staff IS NOT TRUE
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a WHERE a.line_id = c.line_id AND c.at >= a.from_at AND c.at < a.until
  )
GROUP BY s.slice, c.inward;

-- :name sale_moments
-- Seconds since each slice's start of every in-store sale, and for how long its buyer had queued: as the last who was
-- served before it, within ten minutes; 0 where no queue is watched.
SELECT s.slice, array_agg(EXTRACT(epoch FROM o.closed_at - s.from_at)::float8 ORDER BY o.closed_at) AS seconds,
       array_agg(COALESCE(w.wait_s, 0)::float8 ORDER BY o.closed_at) AS waits_s
FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
JOIN pos_order AS o ON o.store_id = %(store_id)s AND o.closed_at >= s.from_at AND o.closed_at < s.until
LEFT JOIN LATERAL (
    SELECT q.wait_s FROM queue_exit AS q
    WHERE q.store_id = o.store_id AND q.served
      AND time_bucket('15 minutes', q.at) >= time_bucket('15 minutes', o.closed_at - INTERVAL '10 minutes')
      AND time_bucket('15 minutes', q.at) <= time_bucket('15 minutes', o.closed_at)
      AND q.at > o.closed_at - INTERVAL '10 minutes' AND q.at <= o.closed_at
    ORDER BY q.at DESC, q.wait_s LIMIT 1
) AS w ON true
WHERE o.kind = 'sale' AND NOT o.is_test AND o.channel = 'in_store'
GROUP BY s.slice;
