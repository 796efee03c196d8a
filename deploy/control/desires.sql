-- :name device
SELECT d.device_id FROM device AS d JOIN store AS s USING (store_id) WHERE s.code = %(store)s AND d.code = %(device)s;

-- :name lock
-- Two who decide about one box do so one after the other.
SELECT FROM device WHERE device_id = ANY(%(device_ids)s) ORDER BY device_id FOR UPDATE;

-- :name desire
-- Of a version that was refused or rolled back, the set-up is that of the version that runs.
INSERT INTO desired (device_id, version, body, at, by_whom, why)
SELECT d.device_id, GREATEST(COALESCE(last.version, 0), COALESCE(r.version, 0)) + 1,
       jsonb_strip_nulls(
           CASE WHEN r.version = last.version AND r.state IN ('refused', 'rolled_back')
                THEN (last.body - '{site,site_over,standard}'::text[]) || jsonb_build_object(
                         'site', ran.body -> 'site', 'site_over', ran.body -> 'site_over',
                         'standard', ran.body -> 'standard')
                ELSE COALESCE(last.body, '{}') END || d.change),
       %(at)s, %(by)s, %(why)s
FROM unnest(%(device_ids)s::integer[], %(changes)s::text[]::jsonb[]) AS d(device_id, change)
LEFT JOIN LATERAL (
    SELECT version, body FROM desired AS old WHERE old.device_id = d.device_id ORDER BY version DESC LIMIT 1
) AS last ON true
LEFT JOIN device_reported AS r ON r.device_id = d.device_id
LEFT JOIN desired AS ran ON ran.device_id = d.device_id AND ran.version = r.running
ORDER BY d.device_id
RETURNING device_id, version;

-- :name body
SELECT version, body FROM desired WHERE device_id = %(device_id)s ORDER BY version DESC LIMIT 1;

-- :name command
INSERT INTO device_command (command_id, device_id, kind, body, at, expires_at, by_whom, why)
VALUES (%(id)s::uuid, %(device_id)s, %(kind)s, %(body)s::jsonb, %(at)s, %(expires_at)s, %(by)s, %(why)s);

-- :name to_publish
-- With `all`, what is desired of every box that may speak now: a broker may have lost what it kept. A box that is online
-- and has not taken it for a while gets it once more: somebody may have put something else in its place.
SELECT d.device_id, s.code, d.code, last.version, last.at, last.body
FROM enrolment AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
JOIN LATERAL (
    SELECT version, at, body, published_at FROM desired AS w WHERE w.device_id = d.device_id
    ORDER BY version DESC LIMIT 1
) AS last ON true
LEFT JOIN device_reported AS r ON r.device_id = d.device_id
LEFT JOIN device_status AS p ON p.device_id = d.device_id
WHERE e.ended_at IS NULL
  AND (%(all)s OR last.published_at IS NULL
       OR (last.published_at < %(before)s AND p.state = 'online' AND COALESCE(r.version, 0) < last.version))
ORDER BY d.device_id;

-- :name published
UPDATE desired SET published_at = %(at)s
WHERE (device_id, version) IN (SELECT * FROM unnest(%(device_ids)s::integer[], %(versions)s::bigint[]));

-- :name to_ask
-- A box that was not connected hears nothing: it is asked again until it answers or the time is over.
SELECT c.command_id, s.code, d.code, c.body::text
FROM device_command AS c
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE c.outcome IS NULL AND c.expires_at > %(now)s AND (c.sent_at IS NULL OR c.sent_at < %(before)s)
  AND EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = c.device_id AND e.ended_at IS NULL)
ORDER BY c.at;

-- :name asked
UPDATE device_command SET sent_at = %(at)s WHERE command_id = ANY(%(ids)s::uuid[]);
