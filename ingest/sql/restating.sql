-- What was known of past business days: recorded once they are counted (store_day), and again each time that they change.

-- :name noted
-- A table, so that it has an index: after a chain's history was imported there is a note of each of its days.
CREATE TEMPORARY TABLE noted ON COMMIT DROP AS
SELECT store_id, business_date, max(at) AS at, bool_or(reason = 'audit_entered') AS audited,
       jsonb_agg(jsonb_build_object('reason', reason, 'rows', rows) ORDER BY reason) AS reasons
FROM (
    SELECT store_id, business_date, reason, sum(rows) AS rows, max(at) AS at FROM day_touched GROUP BY 1, 2, 3
) AS by_reason
GROUP BY 1, 2;
ALTER TABLE noted ADD PRIMARY KEY (store_id, business_date);
ANALYZE noted;

-- :name record
WITH facts AS (
    SELECT d.store_id, d.business_date, d.ins, d.outs, d.staff_ins, d.passers, d.grouped_ins,
           -- Sums of floats differ in their last digits with the order of the rows.
           round(d.buying_units::numeric, 6)::float8 AS buying_units,
           round(d.up_s::numeric, 3)::float8 AS up_s, round(d.expected_s::numeric, 3)::float8 AS expected_s, d.doors_down,
           round(d.street_up_s::numeric, 3)::float8 AS street_up_s,
           round(d.street_expected_s::numeric, 3)::float8 AS street_expected_s, d.streets_down,
           d.transactions, d.refunds, d.net_sales, d.units, COALESCE(o.first_at < d.till_until, false) AS till_known
    FROM store_day_kept AS d
    JOIN store_day AS c USING (store_id, business_date)
    -- Under other hours it is another day, and counted anew by and by.
    JOIN business_day AS b
      ON b.store_id = d.store_id AND b.business_date = d.business_date AND b.from_at = d.from_at AND b.until = d.until
     AND b.till_until = d.till_until
    JOIN (
        SELECT s.store_id, (SELECT min(closed_at) FROM pos_order WHERE pos_order.store_id = s.store_id) AS first_at
        FROM store AS s
    ) AS o ON o.store_id = d.store_id
    LEFT JOIN noted AS n ON n.store_id = d.store_id AND n.business_date = d.business_date
    WHERE c.counted_at > %(since)s OR n.at IS NOT NULL
    UNION ALL
    -- What is no business day any more has no hours: nothing is counted in it.
    SELECT n.store_id, n.business_date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false
    FROM noted AS n
    WHERE NOT EXISTS (
        SELECT FROM store_calendar AS c WHERE c.store_id = n.store_id AND c.business_date = n.business_date
    ) AND EXISTS (
        SELECT FROM known_day AS k WHERE k.store_id = n.store_id AND k.business_date = n.business_date
    )
)
INSERT INTO known_day (
    known_at, reasons, store_id, business_date, ins, outs, staff_ins, passers, grouped_ins, buying_units, up_s, expected_s,
    doors_down, street_up_s, street_expected_s, streets_down, transactions, refunds, net_sales, units, till_known
)
SELECT CASE WHEN old.known_at IS NULL THEN %(now)s
            ELSE GREATEST(COALESCE(n.at, %(now)s), old.known_at + INTERVAL '1 microsecond') END,
       CASE WHEN old.known_at IS NULL THEN '[]'
            ELSE COALESCE(n.reasons, jsonb_build_array(jsonb_build_object('reason', 'unexplained', 'rows', 0))) END,
       f.*
FROM facts AS f
LEFT JOIN noted AS n USING (store_id, business_date)
LEFT JOIN LATERAL (
    SELECT k.*
    FROM known_day AS k
    WHERE k.store_id = f.store_id AND k.business_date = f.business_date
    ORDER BY k.known_at DESC
    LIMIT 1
) AS old ON true
WHERE old.known_at IS NULL OR n.audited OR f IS DISTINCT FROM (
    old.store_id, old.business_date, old.ins, old.outs, old.staff_ins, old.passers, old.grouped_ins, old.buying_units,
    old.up_s, old.expected_s, old.doors_down, old.street_up_s, old.street_expected_s, old.streets_down,
    old.transactions, old.refunds, old.net_sales, old.units, old.till_known
)
RETURNING reasons = '[]';

-- :name merge_erased
-- The difference would be the order that was erased: of what was known before, only what is known without it is kept.
UPDATE known_day AS k
SET transactions = l.transactions, refunds = l.refunds, net_sales = l.net_sales, units = l.units,
    till_known = l.till_known
FROM noted AS n
JOIN store_day_kept AS d USING (store_id, business_date)
JOIN business_day AS b USING (store_id, business_date, from_at, until, till_until)
CROSS JOIN LATERAL (
    SELECT * FROM known_day AS o
    WHERE o.store_id = n.store_id AND o.business_date = n.business_date
    ORDER BY o.known_at DESC
    LIMIT 1
) AS l
WHERE n.reasons @> '[{"reason": "order_erased"}]' AND k.store_id = n.store_id AND k.business_date = n.business_date
  AND k.known_at < l.known_at;

-- :name counted_until
SELECT max(counted_at) FROM store_day;

-- :name taken
-- Notes of a recorded day wait until it is counted anew. What came before a day was recorded is in its first figures.
DELETE FROM day_touched AS n
WHERE NOT EXISTS (
    SELECT FROM known_day AS k WHERE k.store_id = n.store_id AND k.business_date = n.business_date
) OR NOT EXISTS (
    SELECT FROM store_calendar AS c WHERE c.store_id = n.store_id AND c.business_date = n.business_date
) OR EXISTS (
    SELECT FROM store_day_kept AS d
    JOIN business_day AS b USING (store_id, business_date, from_at, until, till_until)
    WHERE d.store_id = n.store_id AND d.business_date = n.business_date
);

-- :name forget_set_up
-- Quarter-hours are answered as of a moment as long as their raw rows are there: so long is the set-up's past of use.
DELETE FROM superseded WHERE known_until < %(before)s;
