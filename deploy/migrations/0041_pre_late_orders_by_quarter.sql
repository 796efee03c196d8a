-- Late orders are added up by quarter-hour first, and each is held against the few days around it rather than against
-- every day of its store: a day's date is at most one before, or after, the UTC dates at which its sales count.

CREATE OR REPLACE FUNCTION touch_by_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT o.store_id, d.business_date, o.reason, sum(o.orders)
    FROM (
        SELECT store_id, time_bucket('15 minutes', closed_at) AS bucket,
               CASE kind WHEN 'refund' THEN 'refund_late' ELSE 'order_late' END AS reason, count(*) AS orders
        FROM added
        -- A day is counted, and recorded, six hours after it ended at the earliest.
        WHERE closed_at < now() - INTERVAL '3 hours' AND kind <> 'void' AND NOT is_test AND channel = 'in_store'
        GROUP BY 1, 2, 3
    ) AS o
    CROSS JOIN LATERAL (
        SELECT business_date, from_at, till_until FROM business_day
        WHERE store_id = o.store_id
          AND business_date BETWEEN (o.bucket AT TIME ZONE 'UTC')::date - 2 AND (o.bucket AT TIME ZONE 'UTC')::date + 1
        OFFSET 0  -- looked up by date: the planner knows nothing of the rows of a statement
    ) AS d
    WHERE o.bucket >= time_bucket('15 minutes', d.from_at) AND o.bucket < d.till_until
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION touch_by_edits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT o.store_id, d.business_date, CASE WHEN o.voided THEN 'order_voided' ELSE 'order_edited' END,
           count(DISTINCT o.order_id)
    FROM (
        SELECT b.order_id, b.store_id, time_bucket('15 minutes', unnest(ARRAY[a.closed_at, b.closed_at])) AS bucket,
               b.kind = 'void' AND a.kind <> 'void' AS voided
        FROM before AS a
        JOIN after AS b USING (order_id)
        WHERE (a.kind, a.closed_at, a.net, a.units, a.channel, a.is_test)
              IS DISTINCT FROM (b.kind, b.closed_at, b.net, b.units, b.channel, b.is_test)
    ) AS o
    CROSS JOIN LATERAL (
        SELECT business_date, from_at, till_until FROM business_day
        WHERE store_id = o.store_id
          AND business_date BETWEEN (o.bucket AT TIME ZONE 'UTC')::date - 2 AND (o.bucket AT TIME ZONE 'UTC')::date + 1
        OFFSET 0
    ) AS d
    WHERE o.bucket >= time_bucket('15 minutes', d.from_at) AND o.bucket < d.till_until
      AND o.bucket < now() - INTERVAL '3 hours'
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
