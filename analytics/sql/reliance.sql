-- How far past days can be relied on: what each door counted of them, what was estimated, what changed afterwards.

-- :name line_codes
SELECT line_id, code FROM line WHERE store_id = %(store_id)s;

-- :name estimated_line_days
-- `hours`: of opening time without a camera.
SELECT line_id, business_date, sum(missing)::float8 AS hours, sum(ins)::float8 AS ins
FROM imputed_hour_now
WHERE store_id = %(store_id)s AND business_date BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2;

-- :name restated_stores
SELECT store_id, count(DISTINCT business_date)
FROM known_day
WHERE store_id = ANY(%(store_ids)s) AND reasons <> '[]' AND known_at >= %(since)s AND known_at < %(until)s
GROUP BY 1;
