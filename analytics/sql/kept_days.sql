-- :name kept_days
-- Whole business days as they were counted once and for all, in the order of `analytics.columns.ADDITIVE`. Days of which
-- something has changed since are not among them, nor are those of stores without hours. Whether a till was known is
-- asked anew: an older order may have come.
WITH till AS MATERIALIZED (
    SELECT s.store_id, (SELECT min(o.closed_at) FROM pos_order AS o WHERE o.store_id = s.store_id) AS first_at
    FROM unnest(%(store_ids)s::int[]) AS s (store_id)
)
SELECT store_id, d.business_date, d.from_at, d.until, d.till_until,
       d.ins, d.outs, d.staff_ins, d.passers, d.grouped_ins, d.buying_units, d.up_s, d.expected_s, d.doors_down,
       d.street_up_s, d.street_expected_s, d.streets_down, d.transactions, d.refunds, d.net_sales, d.units,
       COALESCE(o.first_at < d.till_until, false) AS till_known
FROM store_day_kept AS d
JOIN till AS o USING (store_id)
WHERE d.store_id = ANY(%(store_ids)s::int[]) AND d.business_date = ANY(%(dates)s::date[]);
