-- :name add_device
INSERT INTO device (store_id, code)
SELECT store_id, %(device)s FROM store WHERE code = %(store)s AND closed_at IS NULL
ON CONFLICT (store_id, code) DO UPDATE SET code = EXCLUDED.code
RETURNING device_id;

-- :name withdraw_codes
UPDATE enrolment_code SET withdrawn_at = %(at)s
WHERE device_id = ANY(%(device_ids)s) AND enrolment_id IS NULL AND withdrawn_at IS NULL;

-- :name add_code
INSERT INTO enrolment_code (code_sha256, device_id, site, created_at, expires_at)
VALUES (%(code)s, %(device_id)s, %(site)s, %(at)s, %(expires_at)s);

-- :name code
-- The device's row is locked, too: two boxes with two codes of one device come one after the other.
SELECT d.device_id, s.code, d.code, c.site, c.expires_at, c.withdrawn_at, s.closed_at, e.enrolment_id, e.name,
       e.key_sha256, e.ended_at
FROM enrolment_code AS c
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
LEFT JOIN enrolment AS e ON e.enrolment_id = c.enrolment_id
WHERE c.code_sha256 = %(code)s
FOR UPDATE OF c, d;

-- :name end_enrolments
UPDATE enrolment SET ended_at = %(at)s, ended_by = %(by)s
WHERE device_id = ANY(%(device_ids)s) AND ended_at IS NULL
RETURNING name;

-- :name add_enrolment
INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at)
SELECT %(device_id)s, %(prefix)s || '.' || (count(*) + 1), %(key)s, %(at)s FROM enrolment WHERE device_id = %(device_id)s
RETURNING enrolment_id, name;

-- :name use_code
UPDATE enrolment_code SET enrolment_id = %(enrolment_id)s WHERE code_sha256 = %(code)s;

-- :name add_certificate
INSERT INTO device_certificate (serial, enrolment_id, issued_at, not_after)
VALUES (%(serial)s, %(enrolment_id)s, %(at)s, %(not_after)s);

-- :name of_certificate
SELECT e.enrolment_id, e.name, e.device_id, e.ended_by
FROM device_certificate AS c
JOIN enrolment AS e USING (enrolment_id)
WHERE c.serial = %(serial)s
FOR SHARE OF e;

-- :name device
SELECT d.device_id FROM device AS d JOIN store AS s USING (store_id) WHERE s.code = %(store)s AND d.code = %(device)s;

-- :name close_store
UPDATE store SET closed_at = %(at)s WHERE code = %(store)s AND closed_at IS NULL RETURNING store_id;

-- :name reopen_store
UPDATE store SET closed_at = NULL WHERE code = %(store)s RETURNING store_id;

-- :name devices_of_store
SELECT device_id FROM device WHERE store_id = %(store_id)s;

-- :name silence
-- What they said last is no news any more; a box that takes their place finds their lines free.
UPDATE device_status SET state = 'stopped' WHERE device_id = ANY(%(device_ids)s) AND state <> 'stopped';

-- :name end_hours
-- Without hours the calendar is not extended: nothing is missed of a closed store.
DELETE FROM store_hours WHERE store_id = %(store_id)s;

-- :name end_calendar
DELETE FROM store_calendar WHERE store_id = %(store_id)s AND opens_at > %(at)s;

-- :name end_claims
UPDATE line_claim SET released_at = %(at)s
WHERE released_at IS NULL AND line_id IN (SELECT line_id FROM line WHERE store_id = %(store_id)s);

-- :name end_cameras
UPDATE camera SET counts_until = %(at)s WHERE store_id = %(store_id)s AND counts_until IS NULL;

-- :name event
INSERT INTO trust_event (at, action, device_id, store_id, address, detail)
SELECT %(at)s, %(action)s, %(device_id)s,
       COALESCE(%(store_id)s, (SELECT store_id FROM device WHERE device_id = %(device_id)s)), %(address)s, %(detail)s;

-- :name events
SELECT e.at, e.action, s.code, d.code, e.address, e.detail
FROM trust_event AS e
LEFT JOIN store AS s USING (store_id)
LEFT JOIN device AS d ON d.device_id = e.device_id
ORDER BY e.at DESC
LIMIT %(limit)s;

-- :name allowed
SELECT e.name, s.code, d.code
FROM enrolment AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE e.ended_at IS NULL
ORDER BY e.name;

-- :name revoked
-- One that has ended by itself needs no revocation.
SELECT c.serial, e.ended_at
FROM device_certificate AS c
JOIN enrolment AS e USING (enrolment_id)
WHERE e.ended_at IS NOT NULL AND c.not_after > %(at)s
ORDER BY c.serial;

-- :name list_devices
SELECT s.code, d.code, e.ended_by, ds.state, ds.received_at, c.not_after, k.expires_at, s.closed_at,
       ds.crashes_10_min, ds.crashes_24_h
FROM device AS d
JOIN store AS s USING (store_id)
LEFT JOIN device_status AS ds USING (device_id)
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
WHERE %(store)s IS NULL OR s.code = %(store)s
ORDER BY s.code, d.code;
