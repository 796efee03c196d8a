-- The boxes, their cameras, and what of their ledgers is missing.

-- :name devices
-- What a revoked box said of its cameras is no news.
SELECT d.code AS device, s.state, s.received_at, s.version, s.model, s.queue_depth,
       CASE WHEN o.device_id IS NULL THEN s.cameras END AS cameras,
       s.temperature_c::float8 AS temperature_c, s.disk_free_mb, s.clock_offset_s::float8 AS clock_offset_s,
       v.received_at AS live_at, o.device_id IS NOT NULL AS revoked, s.crashes_10_min, s.crashes_24_h
FROM device AS d
LEFT JOIN device_status AS s ON s.device_id = d.device_id
LEFT JOIN device_live AS v ON v.device_id = d.device_id
LEFT JOIN device_shut_out AS o ON o.device_id = d.device_id
WHERE d.store_id = %(store_id)s
ORDER BY d.code;

-- :name ledger_gaps
SELECT m.device, sum(m.missing)::bigint AS missing, max(e.updated_at) AS updated_at
FROM ledger_missing AS m
JOIN device AS d USING (device_id)
JOIN ledger_epoch AS e USING (epoch_id)
WHERE d.store_id = %(store_id)s
GROUP BY m.device
ORDER BY m.device;

-- :name ledger_losses
-- Per box: what it says that it had to let go of within the range. How many is NULL where nobody can tell.
SELECT d.code AS device, CASE WHEN bool_and(o.entries IS NOT NULL) THEN sum(o.entries)::bigint END AS entries,
       max(o.until) AS until
FROM ledger_loss AS o
JOIN ledger_epoch AS e USING (epoch_id)
JOIN device AS d USING (device_id)
WHERE o.store_id = %(store_id)s AND o.entries IS DISTINCT FROM 0 AND o.at < %(until)s AND o.until >= %(from_at)s
GROUP BY d.code
ORDER BY d.code;

-- :name unassigned
SELECT 'line' AS kind, code FROM line WHERE store_id = %(store_id)s AND role IS NULL
UNION ALL
SELECT 'zone', code FROM zone WHERE store_id = %(store_id)s AND role IS NULL
ORDER BY 1, 2;

-- :name lines_of_day
-- Per entrance and street line: seconds in which its camera should have counted within the range, and did.
SELECT l.role, l.door, c.code AS camera, EXTRACT(epoch FROM r.until - r.from_at)::float8 AS expected_s,
       COALESCE(u.up_s, 0)::float8 AS up_s
FROM line_service AS l
JOIN camera AS c USING (camera_id)
CROSS JOIN LATERAL (
    SELECT greatest(%(from_at)s::timestamptz, l.from_at) AS from_at, least(%(until)s::timestamptz, l.until) AS until
) AS r
CROSS JOIN LATERAL (
    SELECT sum(least(u.up_s, EXTRACT(epoch FROM least(u.bucket + INTERVAL '15 minutes', r.until)
                                                - greatest(u.bucket, r.from_at)))) AS up_s
    FROM camera_uptime_15m AS u
    WHERE u.store_id = l.store_id AND u.camera_id = l.camera_id
      AND u.bucket >= time_bucket('15 minutes', r.from_at) AND u.bucket < r.until
      -- Said as constants, too: TimescaleDB then leaves out the rows that no rollup has taken in yet.
      AND u.bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND u.bucket < %(until)s::timestamptz
) AS u
WHERE l.store_id = %(store_id)s AND l.role IN ('entrance', 'pass_by') AND r.until > r.from_at
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a
      WHERE a.line_id = l.line_id AND a.from_at < %(until)s::timestamptz AND a.until > %(from_at)s::timestamptz
  )
ORDER BY l.role, l.door, c.code;

-- :name doors_claimed_twice
-- Lines that do not count because another one counts their door: the door, the line and its box, since when. Once each,
-- however many others claimed the door before.
SELECT a.door, split_part(l.code, '@', 1) AS line, d.code AS device,
       min(greatest(a.from_at, k.claimed_at)) AS since
FROM line_set_aside AS a
JOIN line AS l USING (line_id)
JOIN line_claim AS k ON k.line_id = l.line_id AND k.released_at IS NULL
JOIN device AS d USING (device_id)
WHERE a.store_id = %(store_id)s AND a.from_at < %(until)s AND a.until > %(until)s
GROUP BY a.door, l.line_id, l.code, d.code
ORDER BY a.door, line, device;

-- :name entrances
SELECT count(*) FROM line WHERE store_id = %(store_id)s AND role = 'entrance';

-- :name last_sale
SELECT max(closed_at) FROM pos_order WHERE store_id = %(store_id)s AND closed_at < %(until)s;

-- :name moments_of_doors
-- Seconds of each entry since `from_at`, per door that counts. Both conditions on time: one is the plain index, the
-- other the hypertable's.
SELECT COALESCE(l.door, l.code) AS door, array_agg(EXTRACT(epoch FROM c.at - %(from_at)s::timestamptz)::float8) AS seconds
FROM crossing AS c
JOIN line AS l USING (line_id)
WHERE c.store_id = %(store_id)s AND c.inward AND l.role = 'entrance'
  AND time_bucket('15 minutes', c.at) >= time_bucket('15 minutes', %(from_at)s::timestamptz)
  AND time_bucket('15 minutes', c.at) < %(until)s
  AND c.at >= %(from_at)s::timestamptz AND c.at < %(until)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM line_set_aside AS a WHERE a.line_id = c.line_id AND c.at >= a.from_at AND c.at < a.until
  )
GROUP BY 1
ORDER BY 1;

-- :name fleet
-- Every box as in `devices`, with its store, how far it is with its enrolment, and how with what is wanted of it. The
-- name of a wanted release is its roll-out's.
SELECT d.store_id, e.ended_by, c.not_after, k.expires_at, st.closed_at IS NOT NULL AS closed, r.state AS set_up,
       w.version AS wanted, r.version AS taken, r.reason, r.edited,
       (w.body -> 'standard' ->> 'name') || ' ' || (w.body -> 'standard' ->> 'number') AS standard,
       (SELECT o.name FROM rollout AS o
        WHERE o.part = 'application' AND o.release ->> 'manifest' = w.body -> 'application' ->> 'manifest'
        ORDER BY o.rollout_id DESC LIMIT 1) AS application,
       r.payload -> 'application' ->> 'state' AS application_state,
       d.code AS device, s.state, s.received_at, s.version, s.model, s.queue_depth,
       CASE WHEN o.device_id IS NULL THEN s.cameras END AS cameras,
       s.temperature_c::float8 AS temperature_c, s.disk_free_mb, s.clock_offset_s::float8 AS clock_offset_s,
       v.received_at AS live_at, o.device_id IS NOT NULL AS revoked, s.crashes_10_min, s.crashes_24_h
FROM device AS d
JOIN store AS st USING (store_id)
LEFT JOIN device_status AS s ON s.device_id = d.device_id
LEFT JOIN device_live AS v ON v.device_id = d.device_id
LEFT JOIN device_shut_out AS o ON o.device_id = d.device_id
LEFT JOIN device_reported AS r ON r.device_id = d.device_id
LEFT JOIN LATERAL (
    SELECT version, body FROM desired AS n WHERE n.device_id = d.device_id ORDER BY version DESC LIMIT 1
) AS w ON true
LEFT JOIN LATERAL (
    SELECT enrolment_id, ended_by FROM enrolment AS n WHERE n.device_id = d.device_id ORDER BY enrolment_id DESC LIMIT 1
) AS e ON true
LEFT JOIN LATERAL (
    SELECT max(not_after) AS not_after FROM device_certificate AS n WHERE n.enrolment_id = e.enrolment_id
) AS c ON true
LEFT JOIN LATERAL (
    SELECT max(expires_at) AS expires_at FROM enrolment_code AS n
    WHERE n.device_id = d.device_id AND n.enrolment_id IS NULL AND n.withdrawn_at IS NULL
) AS k ON true
ORDER BY d.store_id, d.code;

-- :name alarms
-- What needs a person now, or did lately.
SELECT store_id, code, place, detail, number, since, began_at, ended_at
FROM alarm
WHERE ended_at IS NULL OR ended_at > %(since)s
ORDER BY alarm_id;

-- :name alarms_looked_for
-- Since when each kind was not looked for any more; NULL: never.
SELECT min(at) FROM alarm_look HAVING count(*) = 2;

-- :name unwell_jobs
-- The database's own work that fails, or was not done for twice its time.
SELECT name, done_at, error FROM job
WHERE error IS NOT NULL OR COALESCE(done_at, seen_at) < %(now)s::timestamptz - 2 * every - %(grace)s::interval
ORDER BY name;
