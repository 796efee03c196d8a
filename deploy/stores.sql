-- :name add_store
INSERT INTO store (code, name, timezone, currency, region, opened_on, format, city_tier, size_m2)
VALUES (%(code)s, %(name)s, %(timezone)s, %(currency)s, %(region)s, %(opened_on)s, %(format)s, %(city_tier)s, %(size_m2)s)
ON CONFLICT (code) DO UPDATE
SET name = EXCLUDED.name, timezone = EXCLUDED.timezone, region = EXCLUDED.region,
    opened_on = COALESCE(EXCLUDED.opened_on, store.opened_on), format = COALESCE(EXCLUDED.format, store.format),
    city_tier = COALESCE(EXCLUDED.city_tier, store.city_tier), size_m2 = COALESCE(EXCLUDED.size_m2, store.size_m2)
WHERE store.currency = EXCLUDED.currency
RETURNING store_id, xmax = 0;

-- :name set_attributes
UPDATE store
SET opened_on = COALESCE(%(opened_on)s, opened_on), format = COALESCE(%(format)s, format),
    city_tier = COALESCE(%(city_tier)s, city_tier), size_m2 = COALESCE(%(size_m2)s, size_m2),
    staff_figures = COALESCE(%(staff_figures)s, staff_figures)
WHERE code = %(code)s
RETURNING store_id;

-- :name store_of
SELECT store_id FROM store WHERE code = %(code)s;

-- :name clear_zone
DELETE FROM zone_category WHERE store_id = %(store_id)s AND zone = %(zone)s;

-- :name add_categories
INSERT INTO zone_category (store_id, zone, category)
SELECT %(store_id)s, %(zone)s, category FROM unnest(%(categories)s::text[]) AS category
ON CONFLICT DO NOTHING;

-- :name zone_categories
-- `sold`: categories of the last 90 days that lie nowhere yet stand under no zone.
WITH sold AS (
    SELECT DISTINCT l.category
    FROM pos_order AS o
    JOIN pos_order_line AS l USING (order_id)
    WHERE o.store_id = %(store_id)s AND o.closed_at > now() - INTERVAL '90 days' AND l.category IS NOT NULL
)
SELECT c.zone, array_agg(c.category ORDER BY c.category),
       EXISTS (SELECT FROM zone AS z WHERE z.store_id = %(store_id)s AND z.code = c.zone)
FROM zone_category AS c
WHERE c.store_id = %(store_id)s
GROUP BY c.zone
UNION ALL
SELECT NULL, array_agg(category ORDER BY category), true
FROM sold
WHERE category NOT IN (SELECT category FROM zone_category WHERE store_id = %(store_id)s)
HAVING count(*) > 0
ORDER BY 1 NULLS LAST;

-- :name zone_codes
SELECT code FROM zone WHERE store_id = %(store_id)s AND role = 'engagement' ORDER BY code;

-- :name place_names
-- Zones before lines.
SELECT p.kind, p.code, n.name
FROM (
    SELECT store_id, 'zone' AS kind, code FROM zone
    UNION ALL
    SELECT store_id, 'line', code FROM line
) AS p
LEFT JOIN place_name AS n USING (store_id, kind, code)
JOIN store AS s USING (store_id)
WHERE s.code = %(store)s
ORDER BY p.kind DESC, p.code;

-- :name name_place
INSERT INTO place_name (store_id, kind, code, name)
SELECT store_id, %(kind)s, %(code)s, %(name)s FROM store WHERE code = %(store)s
ON CONFLICT (store_id, kind, code) DO UPDATE SET name = EXCLUDED.name;

-- :name unname_place
DELETE FROM place_name AS n
USING store AS s
WHERE s.store_id = n.store_id AND s.code = %(store)s AND n.kind = %(kind)s AND n.code = %(code)s;

-- :name clear_hours
DELETE FROM store_hours WHERE store_id = %(store_id)s;

-- :name add_hours
INSERT INTO store_hours (store_id, weekday, opens_min, closes_min)
VALUES (%(store_id)s, %(weekday)s, %(opens_min)s, %(closes_min)s);

-- :name fill_calendar
SELECT fill_store_calendar(%(store_id)s, %(from_date)s, %(to_date)s);

-- :name list_stores
SELECT s.code, s.name, s.timezone, s.currency, s.region,
       (SELECT count(*) FROM device AS d WHERE d.store_id = s.store_id),
       (SELECT count(*) FROM line AS l WHERE l.store_id = s.store_id AND l.role IS NULL),
       s.opened_on, s.format, s.city_tier, s.size_m2
FROM store AS s
ORDER BY s.code;

-- :name line_to_retire
SELECT l.line_id, l.camera_id, s.store_id,
       (SELECT string_agg(d.code, ', ' ORDER BY d.code)
        FROM line_claim AS c
        JOIN device AS d USING (device_id)
        JOIN device_status AS ds USING (device_id)
        WHERE c.line_id = l.line_id AND c.released_at IS NULL AND ds.state = 'online'
          AND ds.received_at > %(heard_since)s)
FROM line AS l
JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND l.code = %(line)s;

-- :name retire_claims
UPDATE line_claim SET released_at = %(at)s WHERE line_id = %(line_id)s AND released_at IS NULL;

-- :name retire_camera
-- A line that no box ever claimed is expected as long as its camera is, unless another line is on that.
UPDATE camera AS c SET counts_until = %(at)s
WHERE c.camera_id = %(camera_id)s AND c.counts_until IS NULL
  AND NOT EXISTS (SELECT FROM line_claim AS k WHERE k.line_id = %(line_id)s)
  AND NOT EXISTS (SELECT FROM line AS l WHERE l.camera_id = c.camera_id AND l.line_id <> %(line_id)s);

-- :name settle_doors
SELECT settle_doors(%(store_id)s);
