-- Missing line-hours: what each line counted and was watched for, and what was estimated for the rest.

-- :name line_hours
-- Quarter-hours of the store's business days, added up by the hour of its wall clock. Up to now less the time devices
-- need to report their uptime; `slot` is the hour of the business day, 24 and more after midnight.
WITH quarters AS (
    SELECT c.business_date, b.bucket, l.line_id, l.camera_id, s.timezone,
           EXTRACT(epoch FROM least(b.bucket + INTERVAL '15 minutes', c.closes_at, l.until)
                              - greatest(b.bucket, c.opens_at, l.from_at))::float8 AS expected_s
    FROM store_calendar AS c
    JOIN store AS s USING (store_id)
    JOIN line_service AS l ON l.store_id = c.store_id AND l.role = 'entrance'
    CROSS JOIN LATERAL generate_series(
        time_bucket('15 minutes', c.opens_at), c.closes_at - INTERVAL '1 microsecond', INTERVAL '15 minutes'
    ) AS b (bucket)
    WHERE c.store_id = %(store_id)s AND c.business_date BETWEEN %(first)s AND %(last)s
      AND c.closes_at < %(now)s::timestamptz - INTERVAL '2 minutes'
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a
          WHERE a.line_id = l.line_id AND b.bucket >= time_bucket('15 minutes', a.from_at) AND b.bucket < a.until
      )
), span AS (
    SELECT min(bucket) AS from_at, max(bucket) AS until FROM quarters
), counted AS (
    SELECT t.line_id, t.bucket, sum(t.ins) AS ins
    FROM line_traffic_15m AS t
    WHERE t.store_id = %(store_id)s
      AND t.bucket >= (SELECT from_at FROM span) AND t.bucket <= (SELECT until FROM span)
    GROUP BY 1, 2
), watched AS (
    SELECT u.camera_id, u.bucket, sum(u.up_s) AS up_s
    FROM camera_uptime_15m AS u
    WHERE u.store_id = %(store_id)s
      AND u.bucket >= (SELECT from_at FROM span) AND u.bucket <= (SELECT until FROM span)
    GROUP BY 1, 2
), local AS (
    SELECT q.*, (q.bucket AT TIME ZONE q.timezone) AS wall FROM quarters AS q WHERE q.expected_s > 0
)
SELECT q.line_id, min(q.bucket) AS hour, q.business_date,
       ((q.wall::date - q.business_date) * 24 + EXTRACT(hour FROM q.wall))::integer AS slot,
       COALESCE(sum(t.ins), 0)::float8 AS ins,
       sum(least(COALESCE(u.up_s, 0), q.expected_s))::float8 AS up_s, sum(q.expected_s)::float8 AS expected_s
FROM local AS q
LEFT JOIN counted AS t ON t.line_id = q.line_id AND t.bucket = q.bucket
LEFT JOIN watched AS u ON u.camera_id = q.camera_id AND u.bucket = q.bucket
WHERE q.wall::date >= q.business_date AND q.wall::date <= q.business_date + 1
GROUP BY q.line_id, q.business_date, slot
ORDER BY q.line_id, q.business_date, slot;

-- :name estimated_days
SELECT store_id, business_date, sum(ins) AS ins, sum(low) AS low, sum(high) AS high
FROM imputed_hour_now
WHERE store_id = ANY(%(store_ids)s) AND business_date BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2
ORDER BY 1, 2;
