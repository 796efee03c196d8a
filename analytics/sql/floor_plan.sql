-- A store's floor plan. What stands on it is of today: a plan is a drawing, no figure.

-- :name floor_plan
SELECT p.width::float8 AS width, p.height::float8 AS height, p.media, p.placed, p.changed_at,
       (SELECT array_agg(l.code ORDER BY l.code) FROM line AS l
        WHERE l.store_id = p.store_id AND l.role = 'entrance') AS entrances
FROM floor_plan AS p
WHERE p.store_id = %(store_id)s;

-- :name floor_image
SELECT media, image FROM floor_plan WHERE store_id = %(store_id)s AND image IS NOT NULL;
