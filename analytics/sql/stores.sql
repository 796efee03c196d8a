-- Stores and their business days.

-- :name stores
SELECT s.store_id, s.code, s.name, s.timezone, s.currency, s.region, s.format, s.city_tier, s.size_m2,
       COALESCE(p.places, '{}')
FROM store AS s
LEFT JOIN (
    SELECT store_id, jsonb_object_agg(kind || '/' || code, name) AS places FROM place_name GROUP BY store_id
) AS p USING (store_id)
ORDER BY s.name, s.code;

-- :name since
-- Each store's first day: as it was said, else the first on which a camera counted or the till sold.
SELECT s.store_id,
       COALESCE(s.opened_on, LEAST(
           (SELECT min(c.counts_from) FROM camera AS c WHERE c.store_id = s.store_id),
           (SELECT min(o.closed_at) FROM pos_order AS o WHERE o.store_id = s.store_id)
       )::date) AS since
FROM store AS s
WHERE s.store_id = ANY(%(store_ids)s);

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

-- :name targets
-- What was said last of each day that targets begin on, but where that was taken back.
SELECT store_id, metric, valid_from, by_weekday
FROM (
    SELECT DISTINCT ON (store_id, metric, valid_from) store_id, metric, valid_from, by_weekday
    FROM store_target
    WHERE store_id = ANY(%(store_ids)s)
    ORDER BY store_id, metric, valid_from, said_at DESC
) AS said
WHERE by_weekday IS NOT NULL
ORDER BY store_id, metric, valid_from;
