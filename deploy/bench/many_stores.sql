-- A chain's past, the same shape for any number of stores. Parameters: stores, compared, first, raw_from, now.

-- :name dimensions
INSERT INTO store (code, name, timezone, currency, region, format, city_tier, size_m2)
SELECT 'store-' || g, 'Store ' || g, (ARRAY['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Asia/Kolkata'])[1 + g %% 4],
       'EUR', (ARRAY['North', 'East', 'South', 'West'])[1 + g %% 4], (ARRAY['flagship', 'street', 'mall'])[1 + g / 4 %% 3],
       1 + g / 12 %% 3, 80 + g * 37 %% 300
FROM generate_series(1, %(stores)s) AS g ORDER BY g;
INSERT INTO store_hours (store_id, weekday, opens_min, closes_min)
SELECT store_id, day, 600, 1140 FROM store, generate_series(1, 7) AS day WHERE code LIKE 'store-%%';
SELECT fill_store_calendar(store_id, %(first)s::date, (%(now)s::timestamptz + INTERVAL '7 days')::date) FROM store;
INSERT INTO camera (store_id, code, counts_from)
SELECT store_id, 'front', %(first)s::date - INTERVAL '1 day' FROM store ORDER BY store_id;
INSERT INTO camera (store_id, code, counts_from)
SELECT store_id, 'side', %(first)s::date - INTERVAL '1 day' FROM store WHERE store_id %% 4 = 0 ORDER BY store_id;
INSERT INTO line (store_id, code, role, camera_id)
SELECT store_id, code || '-door', 'entrance', camera_id FROM camera ORDER BY camera_id;
INSERT INTO line (store_id, code, role, camera_id)
SELECT store_id, 'street', 'pass_by', camera_id FROM camera WHERE code = 'front' ORDER BY camera_id;
INSERT INTO zone (store_id, code, role)
SELECT store_id, zone, role FROM store, (VALUES ('new-in', 'engagement'), ('fitting', 'engagement'), ('till', 'queue')) AS z (zone, role)
ORDER BY store_id, zone;
INSERT INTO device (store_id, code) SELECT store_id, 'box-1' FROM store ORDER BY store_id;
INSERT INTO device_status (device_id, state, at, received_at, version, model, last_seq, queue_depth, cameras, temperature_c, disk_free_mb, clock_offset_s)
SELECT device_id, 'online', %(now)s, %(now)s, '0.1.0', 'yolox-nano', 1000, 0, '[{"camera": "front", "state": "up", "fps": 10.0}]', 51.5, 20480, 0.02
FROM device;
INSERT INTO ledger_epoch (device_id, epoch, received, last_seq)
SELECT device_id, md5(device_id::text)::uuid, '{[1,1001)}', 1000 FROM device;
INSERT INTO line_audit (at, store_id, line_id, duration_s, auditor, complete, lag_s, in_truth, in_counted, in_matched, out_truth, out_counted, out_matched)
SELECT %(now)s::timestamptz - INTERVAL '10 days', store_id, line_id, 900, 'jd', true, 0.6, 60, 59, 58, 55, 55, 54
FROM line WHERE role = 'entrance';
ANALYZE store, store_hours, store_calendar, camera, line, zone, device;

-- :name traffic
-- Quarter-hours of lines: a hump over the day, fuller weekends, more people in the street than at the door, noise.
SELECT bucket, store_id, line_id, ins, outs
FROM (
    SELECT b.bucket, m.store_id, m.line_id, (m.people * (0.4 + 1.2 * random()))::bigint AS ins,
           (m.people * (0.4 + 1.2 * random()))::bigint AS outs
    FROM store_calendar AS c
    JOIN line AS l USING (store_id)
    CROSS JOIN LATERAL generate_series(
        time_bucket('15 minutes', c.opens_at), LEAST(c.closes_at, %(until)s::timestamptz) - INTERVAL '1 second', INTERVAL '15 minutes'
    ) AS b (bucket)
    CROSS JOIN LATERAL (
        SELECT c.store_id, l.line_id,
               (0.4 + sin(pi() * EXTRACT(epoch FROM b.bucket - c.opens_at)::float8 / EXTRACT(epoch FROM c.closes_at - c.opens_at)::float8))
               * CASE l.role WHEN 'pass_by' THEN 16 ELSE 8 END * (0.5 + c.store_id * 37 %% 100 / 100.0)
               * CASE WHEN EXTRACT(isodow FROM c.business_date) >= 6 THEN 1.5 ELSE 0.85 END AS people
    ) AS m
    WHERE b.bucket >= %(from_at)s AND b.bucket < %(until)s
      AND c.opens_at > %(from_at)s::timestamptz - INTERVAL '1 day' AND c.opens_at < %(until)s
) AS t
WHERE ins + outs > 0

-- :name traffic_rolled_up
INSERT INTO {target} (bucket, store_id, line_id, ins, outs, staff_ins, staff_outs, grouped_ins, buying_units)
SELECT bucket, store_id, line_id, ins, outs, 0, 0, ins, ins - ins / 4 FROM ({traffic}) AS t;

-- :name traffic_recent
CREATE TEMPORARY TABLE recent AS {traffic};
INSERT INTO crossing (at, store_id, line_id, inward, group_size)
SELECT r.bucket + random() * INTERVAL '899 seconds', r.store_id, r.line_id, n <= r.ins, CASE WHEN n <= r.ins / 4 * 2 THEN 2 ELSE 1 END
FROM recent AS r, generate_series(1, r.ins + r.outs) AS n
ORDER BY 1;
DROP TABLE recent;

-- :name traffic_compared
-- The single crossings that a quarter-hour says, somewhere in it.
INSERT INTO raw_rows.crossing (at, store_id, line_id, inward, group_size)
SELECT t.bucket + random() * INTERVAL '899 seconds', t.store_id, t.line_id, n <= t.ins, CASE WHEN n <= t.ins / 4 * 2 THEN 2 ELSE 1 END
FROM (
    SELECT bucket, store_id, line_id, ins::bigint AS ins, outs::bigint AS outs FROM line_traffic_15m
    WHERE store_id <= %(compared)s AND bucket >= %(from_at)s AND bucket < %(until)s
) AS t, generate_series(1, t.ins + t.outs) AS n
ORDER BY 1;

-- :name uptime
-- Now and then a camera is away for five minutes of a quarter-hour.
SELECT bucket, store_id, camera_id, up_s
FROM (
    SELECT b.bucket, c.store_id, k.camera_id, CASE WHEN random() < 0.002 THEN 600 ELSE 900 END AS up_s
    FROM store_calendar AS c
    JOIN camera AS k USING (store_id)
    CROSS JOIN LATERAL generate_series(
        time_bucket('15 minutes', c.opens_at), LEAST(c.closes_at, %(until)s::timestamptz) - INTERVAL '1 second', INTERVAL '15 minutes'
    ) AS b (bucket)
    WHERE b.bucket >= %(from_at)s AND b.bucket < %(until)s
      AND c.opens_at > %(from_at)s::timestamptz - INTERVAL '1 day' AND c.opens_at < %(until)s
) AS t

-- :name uptime_rolled_up
INSERT INTO {target} (bucket, store_id, camera_id, up_s, period_s)
SELECT bucket, store_id, camera_id, up_s, 900 FROM ({uptime}) AS t;

-- :name uptime_recent
INSERT INTO camera_uptime (at, store_id, camera_id, period_s, up_s)
SELECT t.bucket + minute * INTERVAL '1 minute', t.store_id, t.camera_id, 60, t.up_s / 15.0
FROM ({uptime}) AS t, generate_series(0, 14) AS minute
ORDER BY 1;

-- :name uptime_compared
INSERT INTO raw_rows.camera_uptime (at, store_id, camera_id, period_s, up_s)
SELECT t.bucket + minute * INTERVAL '1 minute', t.store_id, t.camera_id, 60, t.up_s / 15
FROM (
    SELECT bucket, store_id, camera_id, up_s FROM camera_uptime_15m
    WHERE store_id <= %(compared)s AND bucket >= %(from_at)s AND bucket < %(until)s
) AS t, generate_series(0, 14) AS minute
ORDER BY 1;

-- :name orders
INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax, net,
                       currency, units, channel, register, customer_ref)
SELECT store_id, 'till', concat(store_id, '-', to_char(business_date, 'YYMMDD'), '-', n), 1,
       CASE WHEN random() < 0.03 THEN 'refund' ELSE 'sale' END, business_date, closed_at, net, 0, round(net * 0.19, 2), net,
       'EUR', 1 + (random() * 3)::int, 'in_store', '1', CASE WHEN random() < 0.3 THEN md5((random() * 5000)::int::text) END
FROM (
    SELECT c.store_id, c.business_date, n, c.opens_at + random() * (c.closes_at - c.opens_at) AS closed_at,
           round((20 + 100 * random())::numeric, 2) AS net
    FROM store_calendar AS c, generate_series(1, 12 + c.store_id * 37 %% 100 / 5) AS n
    WHERE c.opens_at >= %(from_at)s AND c.opens_at < %(until)s
) AS o
WHERE closed_at < %(now)s;

-- :name inside
INSERT INTO zone_visit (at, store_id, zone_id, dwell_s, censored, staff)
SELECT c.opens_at + random() * (c.closes_at - c.opens_at), c.store_id, z.zone_id, 5 + 100 * random(), random() < 0.02, false
FROM store_calendar AS c JOIN zone AS z USING (store_id), generate_series(1, 100) AS n
WHERE c.opens_at >= %(from_at)s AND c.closes_at < %(now)s AND z.role = 'engagement';
INSERT INTO queue_exit (at, store_id, zone_id, wait_s, served)
SELECT c.opens_at + random() * (c.closes_at - c.opens_at), c.store_id, z.zone_id, 5 + 200 * random(), random() < 0.95
FROM store_calendar AS c JOIN zone AS z USING (store_id), generate_series(1, 60) AS n
WHERE c.opens_at >= %(from_at)s AND c.closes_at < %(now)s AND z.role = 'queue';
INSERT INTO queue_sample (at, store_id, zone_id, length)
SELECT at, c.store_id, z.zone_id, (random() * 4)::int
FROM store_calendar AS c JOIN zone AS z USING (store_id), generate_series(c.opens_at, c.closes_at, INTERVAL '1 minute') AS at
WHERE c.opens_at >= %(from_at)s AND c.closes_at < %(now)s AND z.role = 'queue';
INSERT INTO flow (at, store_id, from_zone_id, to_zone_id, people)
SELECT at, c.store_id, a.zone_id, b.zone_id, 1 + (random() * 9)::int
FROM store_calendar AS c JOIN zone AS a USING (store_id) JOIN zone AS b USING (store_id),
     generate_series(c.opens_at, c.closes_at - INTERVAL '1 second', INTERVAL '15 minutes') AS at
WHERE c.opens_at >= %(from_at)s AND c.closes_at < %(now)s AND a.zone_id <> b.zone_id;
INSERT INTO heat (at, store_id, camera_id, columns, rows, person_s)
SELECT at, c.store_id, k.camera_id, 16, 9, g.person_s
FROM store_calendar AS c JOIN camera AS k USING (store_id),
     (SELECT array_agg((random() * 50)::int) AS person_s FROM generate_series(1, 144)) AS g,
     generate_series(c.opens_at, c.closes_at - INTERVAL '1 second', INTERVAL '15 minutes') AS at
WHERE c.opens_at >= %(from_at)s AND c.closes_at < %(now)s;

-- :name counted
-- A quarter-hour after the other, as housekeeping does: so one store's lie apart from each other.
UPDATE rollup SET counted_until = kept_from WHERE of_raw;
DELETE FROM bucket_mark;
SELECT count_buckets(at) FROM generate_series(
    %(raw_from)s::timestamptz + INTERVAL '15 minutes', %(now)s::timestamptz - INTERVAL '10 minutes', INTERVAL '15 minutes'
) AS at;

-- :name raw_tables
CREATE SCHEMA raw_rows;
CREATE TABLE raw_rows.crossing (LIKE crossing INCLUDING DEFAULTS);
CREATE TABLE raw_rows.camera_uptime (LIKE camera_uptime INCLUDING DEFAULTS);
CREATE VIEW raw_rows.store_day_kept AS SELECT * FROM store_day_kept WHERE false;
