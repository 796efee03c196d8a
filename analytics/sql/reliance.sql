-- How far past days can be relied on: what each door counted of them, what was estimated, what changed afterwards.

-- :name line_codes
SELECT line_id, code FROM line WHERE store_id = %(store_id)s;

-- :name estimated_line_days
-- `hours`: of opening time without a camera. `off`: the largest error that a method made on hours that were counted.
SELECT h.line_id, h.business_date, sum(h.missing)::float8 AS hours, sum(h.ins)::float8 AS ins,
       sum(h.low)::float8 AS low, sum(h.high)::float8 AS high, max(i.wape) AS off
FROM imputed_hour_now AS h
JOIN imputation AS i USING (imputation_id)
WHERE h.store_id = %(store_id)s AND h.business_date BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2;

-- :name restated_stores
SELECT store_id, count(DISTINCT business_date)
FROM known_day
WHERE store_id = ANY(%(store_ids)s) AND reasons <> '[]' AND known_at >= %(since)s AND known_at < %(until)s
GROUP BY 1;
