-- What is served beside the rollups, computed anew: over relations that hold raw rows and rollups of them, by their names.

-- :name first_and_last
SELECT min(first), max(last) FROM (
    SELECT min(time_bucket('15 minutes', {at})) AS first, max(time_bucket('15 minutes', {at})) AS last
    FROM {source} WHERE store_id = %(store_id)s
    UNION ALL
    SELECT min({moment}), max({moment}) FROM {name} WHERE store_id = %(store_id)s
) AS r;

-- :name kept_from
-- Raw rows before it are gone from some of the tables.
SELECT max(kept_from) FROM rollup WHERE of_raw;

-- :name stores
SELECT store_id, code FROM store WHERE %(codes)s::text[] IS NULL OR code = ANY(%(codes)s::text[]) ORDER BY code;

-- :name sales_15m
SELECT date_bin('15 minutes', closed_at, TIMESTAMPTZ '2000-01-03 00:00:00+00') AS bucket, store_id,
       sum((kind = 'sale')::integer) AS transactions, sum((kind = 'refund')::integer) AS refunds,
       sum(net) AS net_sales, sum(tax) AS tax, sum(units) AS units
FROM pos_order
WHERE kind IN ('sale', 'refund', 'exchange') AND NOT is_test AND channel = 'in_store'
GROUP BY 1, 2

-- :name store_day_traffic
-- Of the days that are kept; the others are counted when they are asked for.
SELECT d.store_id, d.business_date,
       COALESCE(sum(t.ins) FILTER (WHERE l.role = 'entrance'), 0) AS ins,
       COALESCE(sum(t.outs) FILTER (WHERE l.role = 'entrance'), 0) AS outs,
       COALESCE(sum(t.staff_ins) FILTER (WHERE l.role = 'entrance'), 0) AS staff_ins,
       COALESCE(sum(t.grouped_ins) FILTER (WHERE l.role = 'entrance'), 0) AS grouped_ins,
       COALESCE(sum(t.buying_units) FILTER (WHERE l.role = 'entrance'), 0) AS buying_units,
       COALESCE(sum(t.ins + t.outs) FILTER (WHERE l.role = 'pass_by'), 0) AS passers
FROM store_day_kept AS d
LEFT JOIN line_traffic_15m AS t
    ON t.store_id = d.store_id AND t.bucket + INTERVAL '15 minutes' > d.from_at AND t.bucket < d.until
    AND NOT EXISTS (
        SELECT FROM line_set_aside AS a
        WHERE a.line_id = t.line_id AND t.bucket + INTERVAL '15 minutes' > a.from_at AND t.bucket < a.until
    )
LEFT JOIN line AS l ON l.line_id = t.line_id
WHERE d.store_id = %(store_id)s
GROUP BY 1, 2

-- :name store_day_sales
SELECT d.store_id, d.business_date, COALESCE(sum(s.transactions), 0) AS transactions, COALESCE(sum(s.refunds), 0) AS refunds,
       COALESCE(sum(s.net_sales), 0) AS net_sales, COALESCE(sum(s.units), 0) AS units
FROM store_day_kept AS d
LEFT JOIN sales_15m AS s
    ON s.store_id = d.store_id AND s.bucket + INTERVAL '15 minutes' > d.from_at AND s.bucket < d.till_until
WHERE d.store_id = %(store_id)s
GROUP BY 1, 2

-- :name line_traffic_day
SELECT c.store_id, c.business_date, t.line_id, sum(t.ins) AS ins, sum(t.outs) AS outs, sum(t.staff_ins) AS staff_ins,
       sum(t.staff_outs) AS staff_outs, sum(t.grouped_ins) AS grouped_ins, sum(t.buying_units) AS buying_units
FROM store_calendar AS c
JOIN line_traffic_15m AS t ON t.store_id = c.store_id AND t.bucket + INTERVAL '15 minutes' > c.opens_at AND t.bucket < c.closes_at
WHERE c.store_id = %(store_id)s
GROUP BY 1, 2, 3
