-- Stores and their business days.

-- :name stores
SELECT store_id, code, name, timezone, currency, region
FROM store
ORDER BY name, code;

-- :name business_days
-- A store without any weekly hours is taken as open all day: its numbers are worth seeing before its hours are set.
SELECT store_id, business_date, opens_at, closes_at, true AS hours_known
FROM store_calendar
WHERE store_id = ANY(%(store_ids)s) AND business_date BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT s.store_id, day::date, day AT TIME ZONE s.timezone, (day + INTERVAL '1 day') AT TIME ZONE s.timezone, false
FROM store AS s
CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, INTERVAL '1 day') AS day
WHERE s.store_id = ANY(%(store_ids)s)
  AND NOT EXISTS (SELECT FROM store_hours AS h WHERE h.store_id = s.store_id)
  AND NOT EXISTS (SELECT FROM store_calendar AS c WHERE c.store_id = s.store_id)
ORDER BY 1, 2;
