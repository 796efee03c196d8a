-- What was said before goes with what it was said of: at once where that is erased, in time where it was deleted.

-- :name erase_orders
DELETE FROM pos_order WHERE source = %(source)s AND external_id = ANY(%(numbers)s)
RETURNING order_id, store_id, closed_at;

-- :name erase_order_versions
DELETE FROM pos_order_past WHERE source = %(source)s AND external_id = ANY(%(numbers)s)
RETURNING order_id, store_id, closed_at;

-- :name note_erased
-- Of each day that it was of, in any version: what was recorded of the day would tell what it was (`restating.sql`).
INSERT INTO day_touched (store_id, business_date, reason, rows)
SELECT o.store_id, d.business_date, 'order_erased', count(DISTINCT o.order_id)
FROM unnest(%(orders)s::bigint[], %(stores)s::int[], %(closed)s::timestamptz[]) AS o (order_id, store_id, closed_at)
CROSS JOIN LATERAL (
    SELECT business_date, from_at, till_until FROM business_day
    WHERE store_id = o.store_id
      AND business_date BETWEEN (o.closed_at AT TIME ZONE 'UTC')::date - 2 AND (o.closed_at AT TIME ZONE 'UTC')::date + 1
) AS d
WHERE time_bucket('15 minutes', o.closed_at) >= time_bucket('15 minutes', d.from_at)
  AND time_bucket('15 minutes', o.closed_at) < d.till_until
GROUP BY 1, 2;

-- :name erase_line_versions
DELETE FROM pos_order_line_past WHERE order_id = ANY(%(orders)s);

-- :name erase_original
-- A refund is of its own number, but it names the order that it is of.
UPDATE pos_order SET original_external_id = NULL
WHERE source = %(source)s AND original_external_id = ANY(%(numbers)s);

-- :name erase_original_versions
-- Those that erasing has just made, too.
UPDATE pos_order_past SET original_external_id = NULL
WHERE source = %(source)s AND original_external_id = ANY(%(numbers)s);

-- :name erase_customer
UPDATE pos_order SET customer_ref = NULL WHERE customer_ref = ANY(%(customers)s);

-- :name erase_customer_versions
-- Those that erasing has just made, too.
UPDATE pos_order_past SET customer_ref = NULL WHERE customer_ref = ANY(%(customers)s);

-- :name erase_shifts
DELETE FROM staff_shift WHERE source = %(source)s AND external_id = ANY(%(numbers)s);

-- :name erase_shift_versions
DELETE FROM staff_shift_past WHERE source = %(source)s AND external_id = ANY(%(numbers)s);

-- :name forget_gone_orders
-- Each with the last of its versions: what an order consisted of last is one, made when it was deleted.
DELETE FROM pos_order_past AS p
WHERE p.known_until < %(before)s AND NOT EXISTS (SELECT FROM pos_order AS o WHERE o.order_id = p.order_id)
  AND NOT EXISTS (SELECT FROM pos_order_past AS l WHERE l.order_id = p.order_id AND l.known_until >= %(before)s)
  AND NOT EXISTS (SELECT FROM pos_order_line_past AS l WHERE l.order_id = p.order_id AND l.known_until >= %(before)s);

-- :name forget_gone_lines
DELETE FROM pos_order_line_past AS p
WHERE p.known_until < %(before)s AND NOT EXISTS (SELECT FROM pos_order AS o WHERE o.order_id = p.order_id)
  AND NOT EXISTS (SELECT FROM pos_order_line_past AS l WHERE l.order_id = p.order_id AND l.known_until >= %(before)s);

-- :name forget_gone_shifts
-- One that went to another store is there.
DELETE FROM staff_shift_past AS p
WHERE p.known_until < %(before)s
  AND NOT EXISTS (SELECT FROM staff_shift AS s WHERE s.source = p.source AND s.external_id = p.external_id)
  AND NOT EXISTS (
      SELECT FROM staff_shift_past AS l
      WHERE l.source = p.source AND l.external_id = p.external_id AND l.known_until >= %(before)s
  );
