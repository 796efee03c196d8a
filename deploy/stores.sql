-- :name add_store
INSERT INTO store (code, name, timezone, currency, region, opened_on)
VALUES (%(code)s, %(name)s, %(timezone)s, %(currency)s, %(region)s, %(opened_on)s)
ON CONFLICT (code) DO UPDATE
SET name = EXCLUDED.name, timezone = EXCLUDED.timezone, region = EXCLUDED.region,
    opened_on = COALESCE(EXCLUDED.opened_on, store.opened_on)
WHERE store.currency = EXCLUDED.currency
RETURNING store_id, xmax = 0;

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
       (SELECT count(*) FROM line AS l WHERE l.store_id = s.store_id AND l.role IS NULL)
FROM store AS s
ORDER BY s.code;
