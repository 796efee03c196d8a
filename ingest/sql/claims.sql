-- Which device counts which line. A device that has stopped, or was not heard from for a while, holds nothing against
-- one that takes its place.

-- :name lock
SELECT store_id FROM store WHERE store_id = %(store_id)s FOR NO KEY UPDATE;

-- :name contested
-- Lines of these names that another device counts and was heard from lately.
SELECT l.code
FROM line_claim AS c
JOIN line AS l USING (line_id)
JOIN device_status AS s ON s.device_id = c.device_id
WHERE l.store_id = %(store_id)s AND l.code = ANY(%(codes)s) AND c.device_id <> %(device_id)s
  AND c.released_at IS NULL AND s.state <> 'stopped' AND s.received_at > %(heard_since)s;

-- :name release
-- What the device no longer names, and what others hold of its lines and doors who are not heard from any more.
WITH mine AS (
    SELECT line_id, CASE WHEN role = 'entrance' THEN COALESCE(door, code) END AS door
    FROM line
    WHERE store_id = %(store_id)s AND code = ANY(%(codes)s)
)
UPDATE line_claim AS c SET released_at = %(at)s
FROM line AS l
WHERE l.line_id = c.line_id AND l.store_id = %(store_id)s AND c.released_at IS NULL
  AND CASE
      WHEN c.device_id = %(device_id)s THEN c.line_id NOT IN (SELECT line_id FROM mine)
      ELSE (c.line_id IN (SELECT line_id FROM mine)
            OR (l.role = 'entrance' AND COALESCE(l.door, l.code) IN (SELECT door FROM mine)))
           AND NOT EXISTS (
               SELECT FROM device_status AS s
               WHERE s.device_id = c.device_id AND s.state <> 'stopped' AND s.received_at > %(heard_since)s
           )
      END
RETURNING c.device_id;

-- :name claim
INSERT INTO line_claim AS c (device_id, line_id, claimed_at)
SELECT %(device_id)s, line_id, %(at)s FROM line WHERE store_id = %(store_id)s AND code = ANY(%(codes)s)
ON CONFLICT (device_id, line_id) DO UPDATE SET claimed_at = EXCLUDED.claimed_at, released_at = NULL
WHERE c.released_at IS NOT NULL;

-- :name settle
SELECT settle_doors(%(store_id)s);

-- :name set_aside
SELECT l.code, a.door, other.code
FROM line_set_aside AS a
JOIN line AS l ON l.line_id = a.line_id
JOIN line AS other ON other.line_id = a.counted_line_id
WHERE a.store_id = %(store_id)s AND l.code = ANY(%(codes)s) AND a.until = 'infinity';
