-- :name kept_days
-- Whole business days as they were counted once and for all. Days of which something has changed since are not among
-- them, nor are those of stores without hours. Whether a till was known is asked anew: an older order may have come.
SELECT d.store_id, d.business_date, EXTRACT(epoch FROM d.from_at)::float8 AS from_s, EXTRACT(epoch FROM d.until)::float8 AS until_s,
       EXTRACT(epoch FROM d.till_until)::float8 AS till_until_s, d.ins, d.outs, d.staff_ins, d.grouped_ins,
       d.buying_units, d.passers, d.expected_s, d.up_s, d.doors_down, d.street_expected_s, d.street_up_s,
       d.streets_down, d.transactions, d.refunds, d.net_sales, d.units,
       COALESCE(o.first_at < d.till_until, false) AS till_known
FROM unnest(%(store_ids)s::int[]) AS s (store_id)
CROSS JOIN LATERAL (SELECT min(closed_at) AS first_at FROM pos_order WHERE pos_order.store_id = s.store_id) AS o
JOIN store_day_kept AS d ON d.store_id = s.store_id
WHERE d.business_date = ANY(%(dates)s::date[]);
