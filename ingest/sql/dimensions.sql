-- Names to ids, registering what is new.

-- :name stores
SELECT code, store_id FROM store WHERE code = ANY(%(codes)s);

-- :name register_devices
WITH named AS (
    SELECT DISTINCT store_id, code FROM unnest(%(store_ids)s::integer[], %(codes)s::text[]) AS n(store_id, code)
)
INSERT INTO device (store_id, code) SELECT store_id, code FROM named ORDER BY store_id, code
ON CONFLICT (store_id, code) DO NOTHING;

-- :name devices
SELECT d.store_id, d.code, d.device_id
FROM device AS d
JOIN unnest(%(store_ids)s::integer[], %(codes)s::text[]) AS n(store_id, code) USING (store_id, code);

-- :name register_epochs
WITH named AS (
    SELECT DISTINCT device_id, epoch FROM unnest(%(device_ids)s::integer[], %(epochs)s::uuid[]) AS n(device_id, epoch)
)
INSERT INTO ledger_epoch (device_id, epoch) SELECT device_id, epoch FROM named ORDER BY device_id, epoch
ON CONFLICT (device_id, epoch) DO NOTHING;

-- :name epochs
SELECT e.device_id, e.epoch::text, e.epoch_id
FROM ledger_epoch AS e
JOIN unnest(%(device_ids)s::integer[], %(epochs)s::uuid[]) AS n(device_id, epoch) USING (device_id, epoch);

-- :name lines
-- `name@device` stands for that device's line while it names one that another device counts.
SELECT l.code, l.line_id, l.role IS NULL
FROM line AS l
WHERE l.store_id = %(store_id)s
  AND (strpos(l.code, '@') = 0
       OR EXISTS (SELECT FROM line_claim AS c WHERE c.line_id = l.line_id AND c.released_at IS NULL));

-- :name zones
SELECT code, zone_id, role IS NULL FROM zone WHERE store_id = %(store_id)s;

-- :name cameras
SELECT code, camera_id, true FROM camera WHERE store_id = %(store_id)s;

-- :name register_lines
INSERT INTO line (store_id, code) SELECT %(store_id)s, code FROM unnest(%(codes)s::text[]) AS code ORDER BY code
ON CONFLICT (store_id, code) DO NOTHING;

-- :name register_zones
INSERT INTO zone (store_id, code) SELECT %(store_id)s, code FROM unnest(%(codes)s::text[]) AS code ORDER BY code
ON CONFLICT (store_id, code) DO NOTHING;

-- :name register_cameras
INSERT INTO camera (store_id, code) SELECT %(store_id)s, code FROM unnest(%(codes)s::text[]) AS code ORDER BY code
ON CONFLICT (store_id, code) DO NOTHING;
