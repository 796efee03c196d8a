-- :name details
SELECT store_id, name, timezone, region, staff_figures FROM store WHERE code = %(code)s;

-- :name lock
SELECT code FROM store WHERE code = ANY(%(codes)s) ORDER BY code FOR NO KEY UPDATE;

-- :name hours
SELECT weekday, opens_min, closes_min FROM store_hours WHERE store_id = %(store_id)s ORDER BY weekday;

-- :name list
SELECT s.code, s.currency,
       (SELECT string_agg(d.code, ' ' ORDER BY d.code) FROM device AS d WHERE d.store_id = s.store_id),
       s.opened_on, s.format, s.city_tier, s.size_m2::float8
FROM store AS s
WHERE s.closed_at IS NULL
ORDER BY s.code;

-- :name revise
UPDATE store
SET name = %(name)s, timezone = %(timezone)s, region = %(region)s, staff_figures = %(staff_figures)s
WHERE code = %(code)s
RETURNING store_id;

-- :name peers
SELECT format, city_tier, size_m2::float8, opened_on FROM store WHERE code = %(code)s;

-- :name describe
UPDATE store
SET opened_on = CASE WHEN 'opened_on' <> ALL(%(emptied)s) THEN COALESCE(%(opened_on)s, opened_on) END,
    format = CASE WHEN 'format' <> ALL(%(emptied)s) THEN COALESCE(%(format)s, format) END,
    city_tier = CASE WHEN 'city_tier' <> ALL(%(emptied)s) THEN COALESCE(%(city_tier)s, city_tier) END,
    size_m2 = CASE WHEN 'size_m2' <> ALL(%(emptied)s) THEN COALESCE(%(size_m2)s, size_m2) END
WHERE code = %(code)s;
