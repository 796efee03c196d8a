-- The traffic forecast: what it is made from, and what it said.

-- :name local_hours
-- Visitors in per local hour of opening time, of hours that every entrance line in service was counted in full. The hour
-- that a clock tells twice is brought to one hour's worth.
WITH day AS (
    SELECT opens_at, closes_at
    FROM store_calendar
    WHERE store_id = %(store_id)s AND business_date BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT day AT TIME ZONE s.timezone, (day + INTERVAL '1 day') AT TIME ZONE s.timezone
    FROM store AS s
    CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, INTERVAL '1 day') AS day
    WHERE s.store_id = %(store_id)s
      AND NOT EXISTS (SELECT FROM store_hours AS h WHERE h.store_id = s.store_id)
      AND NOT EXISTS (SELECT FROM store_calendar AS c WHERE c.store_id = s.store_id)
),
quarter AS (
    SELECT b.bucket, b.bucket + INTERVAL '15 minutes' AS until
    FROM day
    CROSS JOIN LATERAL generate_series(
        time_bucket('15 minutes', day.opens_at), day.closes_at - INTERVAL '1 microsecond', INTERVAL '15 minutes'
    ) AS b (bucket)
),
line_of AS (
    SELECT line_id, camera_id, from_at, until
    FROM line_service
    WHERE store_id = %(store_id)s AND role = 'entrance'
),
up AS (
    SELECT camera_id, bucket, sum(up_s) AS up_s
    FROM camera_uptime_15m
    WHERE store_id = %(store_id)s AND bucket >= %(first)s::timestamp - INTERVAL '1 day'
    GROUP BY camera_id, bucket
),
seen AS (
    SELECT q.bucket,
           bool_and(
               COALESCE(u.up_s, 0) >= %(measured_from)s * EXTRACT(
                   epoch FROM least(q.until, l.until) - greatest(q.bucket, l.from_at)
               )
           ) AS measured
    FROM quarter AS q
    JOIN line_of AS l ON l.from_at < q.until AND l.until > q.bucket
    LEFT JOIN up AS u ON u.camera_id = l.camera_id AND u.bucket = q.bucket
    WHERE NOT EXISTS (
        SELECT FROM line_set_aside AS a
        WHERE a.line_id = l.line_id AND q.bucket >= time_bucket('15 minutes', a.from_at) AND q.bucket < a.until
    )
    GROUP BY q.bucket
),
came AS (
    SELECT t.bucket, sum(t.ins) AS ins
    FROM line_traffic_15m AS t
    JOIN line AS l ON l.line_id = t.line_id AND l.role = 'entrance'
    WHERE t.store_id = %(store_id)s AND t.bucket >= %(first)s::timestamp - INTERVAL '1 day'
      AND NOT EXISTS (
          SELECT FROM line_set_aside AS a
          WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
      )
    GROUP BY t.bucket
)
SELECT date_trunc('hour', q.bucket AT TIME ZONE s.timezone) AS hour,
       (sum(COALESCE(c.ins, 0)) * least(1.0, 4.0 / count(*)))::float8 AS ins
FROM quarter AS q
JOIN store AS s ON s.store_id = %(store_id)s
LEFT JOIN seen AS n ON n.bucket = q.bucket
LEFT JOIN came AS c ON c.bucket = q.bucket
WHERE q.bucket < %(until)s
GROUP BY 1
HAVING bool_and(COALESCE(n.measured, false))
   AND NOT EXISTS (
       SELECT FROM ledger_loss AS o
       WHERE o.store_id = %(store_id)s AND o.entries IS DISTINCT FROM 0
         AND o.at < max(q.until) AND o.until >= min(q.bucket)
   )
ORDER BY 1;

-- :name forecasts_to_judge
SELECT h.hour_at, h.visitors, h.low_80, h.high_80, h.low_95, h.high_95
FROM forecast_run AS r
JOIN forecast_hour AS h USING (run_id)
WHERE r.store_id = %(store_id)s AND r.first_day < %(first_day)s AND h.hour_at >= %(from_at)s AND h.hour_at < %(until)s;

-- :name latest_forecast
SELECT run_id, first_day, made_at, version, history_days, model, trained_at, reason, off, off_hours, inside_80, inside_95
FROM forecast_run
WHERE store_id = %(store_id)s
ORDER BY first_day DESC
LIMIT 1;

-- :name newest_forecasts
SELECT store_id, max(first_day) FROM forecast_run GROUP BY store_id;

-- :name forecast_days
SELECT day, visitors, low_80, high_80, low_95, high_95
FROM forecast_day
WHERE run_id = %(run_id)s
ORDER BY day;

-- :name forecast_hours
SELECT hour_at, visitors, low_80, high_80, low_95, high_95
FROM forecast_hour
WHERE run_id = %(run_id)s
ORDER BY hour_at;

-- :name forget_forecast
DELETE FROM forecast_run
WHERE store_id = %(store_id)s AND (first_day = %(first_day)s OR first_day < %(first_day)s::date - 60)
RETURNING run_id;

-- :name keep_forecast
INSERT INTO forecast_run (store_id, first_day, made_at, version, history_days, model, trained_at, reason,
                          off, off_hours, inside_80, inside_95)
VALUES (%(store_id)s, %(first_day)s, %(made_at)s, %(version)s, %(history_days)s, %(model)s, %(trained_at)s, %(reason)s,
        %(off)s, %(off_hours)s, %(inside_80)s, %(inside_95)s)
RETURNING run_id;

-- :name keep_forecast_hours
INSERT INTO forecast_hour (run_id, hour_at, visitors, low_80, high_80, low_95, high_95)
SELECT %(run_id)s, * FROM unnest(%(at)s::timestamptz[], %(visitors)s::float8[], %(low_80)s::float8[], %(high_80)s::float8[],
                                 %(low_95)s::float8[], %(high_95)s::float8[])
RETURNING hour_at;

-- :name keep_forecast_days
INSERT INTO forecast_day (run_id, day, visitors, low_80, high_80, low_95, high_95)
SELECT %(run_id)s, * FROM unnest(%(at)s::date[], %(visitors)s::float8[], %(low_80)s::float8[], %(high_80)s::float8[],
                                 %(low_95)s::float8[], %(high_95)s::float8[])
RETURNING day;
