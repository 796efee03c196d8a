-- What devices say about themselves.

-- :name cameras
INSERT INTO camera (store_id, code)
SELECT %(store_id)s, code FROM unnest(%(codes)s::text[]) AS code ORDER BY code
ON CONFLICT (store_id, code) DO NOTHING;

-- :name lines
INSERT INTO line (store_id, code, role, camera_id, door)
SELECT %(store_id)s, n.code, n.role, c.camera_id, n.door
FROM unnest(%(codes)s::text[], %(roles)s::text[], %(cameras)s::text[], %(doors)s::text[]) AS n(code, role, camera, door)
JOIN camera AS c ON c.store_id = %(store_id)s AND c.code = n.camera
ORDER BY n.code
ON CONFLICT (store_id, code) DO UPDATE
SET role = EXCLUDED.role, camera_id = EXCLUDED.camera_id, door = EXCLUDED.door
WHERE (line.role, line.camera_id, line.door) IS DISTINCT FROM (EXCLUDED.role, EXCLUDED.camera_id, EXCLUDED.door);

-- :name zones
-- What a device does not say stays as it was.
INSERT INTO zone AS old (store_id, code, role, camera_id, engaged_after_s)
SELECT %(store_id)s, n.code, n.role, c.camera_id, COALESCE(n.engaged_after_s, known.engaged_after_s, 10)
FROM unnest(%(codes)s::text[], %(roles)s::text[], %(cameras)s::text[], %(engaged_after_s)s::real[])
     AS n(code, role, camera, engaged_after_s)
JOIN camera AS c ON c.store_id = %(store_id)s AND c.code = n.camera
LEFT JOIN zone AS known ON known.store_id = %(store_id)s AND known.code = n.code
ORDER BY n.code
ON CONFLICT (store_id, code) DO UPDATE
SET role = EXCLUDED.role, camera_id = EXCLUDED.camera_id, engaged_after_s = EXCLUDED.engaged_after_s
WHERE (old.role, old.camera_id, old.engaged_after_s)
      IS DISTINCT FROM (EXCLUDED.role, EXCLUDED.camera_id, EXCLUDED.engaged_after_s);

-- :name shut_out
SELECT why FROM device_shut_out WHERE device_id = %(device_id)s;

-- :name status
INSERT INTO device_status AS old (
    device_id, state, at, received_at, version, model, last_seq, queue_depth, cameras, temperature_c, disk_free_mb,
    clock_offset_s, crashes_10_min, crashes_24_h
) VALUES (
    %(device_id)s, %(state)s, %(at)s, %(received_at)s, %(version)s, %(model)s, %(last_seq)s, %(queue_depth)s,
    %(cameras)s, %(temperature_c)s, %(disk_free_mb)s, %(clock_offset_s)s, %(crashes_10_min)s, %(crashes_24_h)s
)
ON CONFLICT (device_id) DO UPDATE SET
    state = EXCLUDED.state,
    at = EXCLUDED.at,
    -- The same message, kept by the broker and seen again, is no fresher for it.
    received_at = CASE WHEN %(retained)s AND old.at = EXCLUDED.at AND old.state = EXCLUDED.state
                       THEN old.received_at ELSE EXCLUDED.received_at END,
    version = EXCLUDED.version,
    model = EXCLUDED.model,
    last_seq = EXCLUDED.last_seq,
    queue_depth = EXCLUDED.queue_depth,
    cameras = EXCLUDED.cameras,
    temperature_c = EXCLUDED.temperature_c,
    disk_free_mb = EXCLUDED.disk_free_mb,
    clock_offset_s = COALESCE(EXCLUDED.clock_offset_s, old.clock_offset_s),
    crashes_10_min = EXCLUDED.crashes_10_min,
    crashes_24_h = EXCLUDED.crashes_24_h;

-- :name expect
-- The device says how far its ledger goes: what is missing shows even if no batch of it ever came.
INSERT INTO ledger_epoch AS e (device_id, epoch, last_seq)
VALUES (%(device_id)s, %(epoch)s::uuid, %(last_seq)s)
ON CONFLICT (device_id, epoch) DO UPDATE SET last_seq = EXCLUDED.last_seq WHERE e.last_seq < EXCLUDED.last_seq;

-- :name live
INSERT INTO device_live (device_id, at, received_at, lines, zones)
SELECT device_id, at, received_at, lines::jsonb, zones::jsonb
FROM unnest(
    %(device_ids)s::integer[], %(at)s::timestamptz[], %(received_at)s::timestamptz[], %(lines)s::text[],
    %(zones)s::text[]
) AS n(device_id, at, received_at, lines, zones)
WHERE NOT EXISTS (SELECT FROM device_shut_out AS o WHERE o.device_id = n.device_id)
ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET
    at = EXCLUDED.at, received_at = EXCLUDED.received_at, lines = EXCLUDED.lines, zones = EXCLUDED.zones;
