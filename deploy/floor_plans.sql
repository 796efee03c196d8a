-- Floor plans: keeping one, what stands on it, and what could.

-- :name keep
INSERT INTO floor_plan (store_id, width, height, media, image, changed_at)
SELECT store_id, %(width)s, %(height)s, %(media)s, %(image)s, %(now)s FROM store WHERE code = %(store)s
ON CONFLICT (store_id) DO UPDATE
SET width = EXCLUDED.width, height = EXCLUDED.height, media = EXCLUDED.media, image = EXCLUDED.image,
    changed_at = EXCLUDED.changed_at
RETURNING store_id;

-- :name place
UPDATE floor_plan SET placed = %(placed)s::jsonb, changed_at = %(now)s
WHERE store_id = (SELECT store_id FROM store WHERE code = %(store)s)
RETURNING store_id;

-- :name remove
DELETE FROM floor_plan WHERE store_id = (SELECT store_id FROM store WHERE code = %(store)s) RETURNING store_id;

-- :name names
-- What can be placed: zones of visitors, doors and lines along the street, cameras that count.
SELECT s.store_id,
       (SELECT array_agg(code ORDER BY code) FROM zone AS z
        WHERE z.store_id = s.store_id AND z.role IN ('engagement', 'queue')) AS zones,
       (SELECT array_agg(code ORDER BY role, code) FROM line AS l
        WHERE l.store_id = s.store_id AND l.role IS NOT NULL) AS lines,
       (SELECT array_agg(code ORDER BY code) FROM camera AS c
        WHERE c.store_id = s.store_id AND c.counts_until IS NULL) AS cameras
FROM store AS s
WHERE s.code = %(store)s;

-- :name plan
SELECT p.width::float8, p.height::float8, p.media IS NOT NULL, p.placed, p.changed_at
FROM floor_plan AS p JOIN store AS s USING (store_id)
WHERE s.code = %(store)s;
