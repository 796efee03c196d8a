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

-- :name line_traffic_day
SELECT c.store_id, c.business_date, t.line_id, sum(t.ins) AS ins, sum(t.outs) AS outs, sum(t.staff_ins) AS staff_ins,
       sum(t.staff_outs) AS staff_outs, sum(t.grouped_ins) AS grouped_ins, sum(t.buying_units) AS buying_units
FROM store_calendar AS c
JOIN line_traffic_15m AS t ON t.store_id = c.store_id AND t.bucket + INTERVAL '15 minutes' > c.opens_at AND t.bucket < c.closes_at
WHERE c.store_id = %(store_id)s
GROUP BY 1, 2, 3
