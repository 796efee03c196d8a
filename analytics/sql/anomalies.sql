-- What a door's own past says against what it counts now.

-- :name quiet_since
-- Since when nobody crossed at that entrance at which it is longest ago; NULL: none counts.
SELECT min(COALESCE(t.last_at + INTERVAL '15 minutes', time_bucket('15 minutes', %(from_at)s::timestamptz))) AS since
FROM line_service AS l
CROSS JOIN LATERAL (
    SELECT max(t.bucket) AS last_at
    FROM line_traffic_15m AS t
    WHERE t.store_id = l.store_id AND t.line_id = l.line_id AND t.ins + t.outs + t.staff_ins + t.staff_outs > 0
      AND t.bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND t.bucket < %(until)s::timestamptz
) AS t
WHERE l.store_id = %(store_id)s AND l.role = 'entrance' AND l.from_at <= %(from_at)s AND l.until >= %(until)s;

-- :name doors_since
-- Per entrance door whose camera watched all of it: since when nobody crossed, and how many did in the same span of those
-- weeks before, by the wall clock, in which the line was watched, too.
SELECT l.door, s.since, COALESCE(
    array_agg(COALESCE(p.people, 0) ORDER BY w.week)
        FILTER (WHERE q.up_s >= %(measured_from)s * EXTRACT(epoch FROM v.until - v.from_at)),
    ARRAY[]::bigint[]
) AS past
FROM line_service AS l
JOIN store AS o USING (store_id)
CROSS JOIN LATERAL (
    SELECT COALESCE(max(t.bucket) + INTERVAL '15 minutes', time_bucket('15 minutes', %(from_at)s::timestamptz)) AS since
    FROM line_traffic_15m AS t
    WHERE t.store_id = l.store_id AND t.line_id = l.line_id AND t.ins + t.outs + t.staff_ins + t.staff_outs > 0
      AND t.bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND t.bucket < %(until)s::timestamptz
) AS s
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(u.up_s), 0) AS up_s
    FROM camera_uptime_15m AS u
    WHERE u.store_id = l.store_id AND u.camera_id = l.camera_id AND u.bucket >= s.since AND u.bucket < %(until)s
      -- Said as constants, too: TimescaleDB then leaves out the rows that no rollup has taken in yet.
      AND u.bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz)
) AS u
CROSS JOIN generate_series(1, %(weeks)s) AS w (week)
CROSS JOIN LATERAL (
    SELECT (s.since AT TIME ZONE o.timezone - w.week * INTERVAL '7 days') AT TIME ZONE o.timezone AS from_at,
           (%(until)s::timestamptz AT TIME ZONE o.timezone - w.week * INTERVAL '7 days') AT TIME ZONE o.timezone AS until
) AS v
CROSS JOIN LATERAL (
    SELECT sum(t.ins + t.outs + t.staff_ins + t.staff_outs)::bigint AS people
    FROM line_traffic_15m AS t
    WHERE t.store_id = l.store_id AND t.line_id = l.line_id AND t.bucket >= v.from_at AND t.bucket < v.until
      AND t.bucket >= %(from_at)s::timestamptz - %(weeks)s * INTERVAL '7 days' - INTERVAL '1 day'
) AS p
CROSS JOIN LATERAL (
    -- By whichever camera watched it then.
    SELECT COALESCE(sum(u.up_s), 0) AS up_s
    FROM line_service AS b
    JOIN camera_uptime_15m AS u ON u.store_id = b.store_id AND u.camera_id = b.camera_id
    WHERE b.line_id = l.line_id AND u.bucket >= b.from_at AND u.bucket < b.until
      AND u.store_id = l.store_id AND u.bucket >= v.from_at AND u.bucket < v.until
      AND u.bucket >= %(from_at)s::timestamptz - %(weeks)s * INTERVAL '7 days' - INTERVAL '1 day'
) AS q
WHERE l.store_id = %(store_id)s AND l.role = 'entrance' AND l.from_at <= %(from_at)s AND l.until >= %(until)s
  AND s.since < %(until)s
  AND u.up_s >= %(measured_from)s * EXTRACT(epoch FROM %(until)s::timestamptz - s.since)
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a
      WHERE a.line_id = l.line_id AND a.from_at < %(until)s::timestamptz AND a.until > %(from_at)s::timestamptz
  )
GROUP BY l.door, s.since
ORDER BY l.door;

-- :name minutes_of_cameras
-- Per camera of a line whose box talks and calls it up: when its newest minutes ended, and how many seconds they hold.
SELECT c.code AS camera, u.until, u.period_s
FROM camera AS c
CROSS JOIN LATERAL (
    SELECT u.at + u.period_s * INTERVAL '1 second' AS until, u.period_s::float8 AS period_s
    FROM camera_uptime AS u
    WHERE u.store_id = c.store_id AND u.camera_id = c.camera_id AND u.at >= %(since)s AND u.at < %(until)s
      AND time_bucket('15 minutes', u.at) >= time_bucket('15 minutes', %(since)s::timestamptz)
    ORDER BY u.at DESC
    LIMIT 1
) AS u
WHERE c.store_id = %(store_id)s
  AND EXISTS (
      SELECT FROM line_service AS l
      WHERE l.store_id = c.store_id AND l.camera_id = c.camera_id AND l.role IN ('entrance', 'pass_by')
        AND l.from_at <= %(since)s AND l.until >= %(until)s
  )
  AND EXISTS (
      SELECT FROM device AS d
      JOIN device_status AS s ON s.device_id = d.device_id
      WHERE d.store_id = c.store_id AND s.state = 'online' AND s.received_at >= %(heard_since)s
        AND s.cameras @> jsonb_build_array(jsonb_build_object('camera', c.code, 'state', 'up'))
  )
ORDER BY c.code;

-- :name kept_door_days
-- Per entrance door and past business day that its line counted in: the store's zone, when it opened, and, where that is
-- kept, who came in and whether its camera watched all of it.
WITH kept AS MATERIALIZED (
    SELECT * FROM door_day_kept
    WHERE store_id = %(store_id)s AND business_date >= %(since)s::timestamptz::date - 1
)
SELECT o.timezone, l.line_id, l.door, d.business_date, d.opens_at, k.ins,
       k.up_s >= %(measured_from)s * EXTRACT(epoch FROM d.closes_at - d.opens_at) AS watched
FROM store AS o
JOIN line_service AS l ON l.store_id = o.store_id AND l.role = 'entrance'
JOIN store_calendar AS d ON d.store_id = o.store_id AND l.from_at <= d.opens_at AND l.until >= d.closes_at
LEFT JOIN kept AS k
  ON k.line_id = l.line_id AND k.business_date = d.business_date AND k.from_at = d.opens_at AND k.until = d.closes_at
WHERE o.store_id = %(store_id)s AND d.opens_at >= %(since)s AND d.closes_at <= %(until)s
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a
      WHERE a.line_id = l.line_id AND a.from_at < d.closes_at AND a.until > d.opens_at
  )
ORDER BY l.door, d.business_date;

-- :name door_days
-- The same of the quarter-hours, of those days that were watched.
SELECT l.line_id, d.business_date, COALESCE(t.ins, 0)::bigint AS ins
FROM store AS o
JOIN line_service AS l ON l.store_id = o.store_id AND l.role = 'entrance'
JOIN store_calendar AS d ON d.store_id = o.store_id AND l.from_at <= d.opens_at AND l.until >= d.closes_at
CROSS JOIN LATERAL (
    SELECT sum(t.ins) AS ins
    FROM line_traffic_15m AS t
    WHERE t.store_id = o.store_id AND t.line_id = l.line_id
      AND t.bucket >= time_bucket('15 minutes', d.opens_at) AND t.bucket < d.closes_at
      AND t.bucket >= %(since)s::timestamptz AND t.bucket < %(until)s::timestamptz
) AS t
CROSS JOIN LATERAL (
    SELECT sum(least(u.up_s, EXTRACT(epoch FROM least(u.bucket + INTERVAL '15 minutes', d.closes_at)
                                                - greatest(u.bucket, d.opens_at)))) AS up_s
    FROM camera_uptime_15m AS u
    WHERE u.store_id = o.store_id AND u.camera_id = l.camera_id
      AND u.bucket >= time_bucket('15 minutes', d.opens_at) AND u.bucket < d.closes_at
      AND u.bucket >= %(since)s::timestamptz AND u.bucket < %(until)s::timestamptz
) AS u
WHERE o.store_id = %(store_id)s AND d.opens_at >= %(since)s AND d.closes_at <= %(until)s
  AND u.up_s >= %(measured_from)s * EXTRACT(epoch FROM d.closes_at - d.opens_at)
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a
      WHERE a.line_id = l.line_id AND a.from_at < d.closes_at AND a.until > d.opens_at
  )
ORDER BY l.door, d.business_date;
