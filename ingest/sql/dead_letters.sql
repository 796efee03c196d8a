-- Messages that could not be read or stored.

-- :name keep
INSERT INTO dead_letter AS kept (topic, payload, payload_sha256, reason, times)
SELECT * FROM unnest(%(topics)s::text[], %(payloads)s::bytea[], %(identities)s::bytea[], %(reasons)s::text[],
                     %(times)s::bigint[])
ON CONFLICT (topic, payload_sha256) DO UPDATE
SET times = kept.times + excluded.times, last_at = now(), payload = excluded.payload, reason = excluded.reason;

-- :name prune
DELETE FROM dead_letter
WHERE dead_letter_id IN (SELECT dead_letter_id FROM dead_letter ORDER BY last_at DESC, dead_letter_id DESC OFFSET %(most)s);

-- :name list
SELECT dead_letter_id, topic, octet_length(payload), reason, times, first_at, last_at
FROM dead_letter
WHERE %(topic)s::text IS NULL OR topic LIKE %(topic)s
ORDER BY last_at DESC, dead_letter_id DESC
LIMIT %(limit)s;

-- :name payload
SELECT topic, payload, last_at FROM dead_letter WHERE dead_letter_id = %(dead_letter_id)s;

-- :name remove
DELETE FROM dead_letter WHERE dead_letter_id = %(dead_letter_id)s;
