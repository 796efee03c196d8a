-- Messages that could not be read or stored.

-- :name again
UPDATE dead_letter
SET times = times + 1, last_at = now(), payload = %(payload)s, reason = %(reason)s
WHERE topic = %(topic)s AND payload_sha256 = %(identity)s;

-- :name keep
INSERT INTO dead_letter (topic, payload, payload_sha256, reason)
VALUES (%(topic)s, %(payload)s, %(identity)s, %(reason)s)
ON CONFLICT (topic, payload_sha256) DO UPDATE SET times = dead_letter.times + 1, last_at = now();

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
