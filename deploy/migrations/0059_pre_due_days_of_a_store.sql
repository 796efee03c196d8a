-- Which of a store's days are to be counted is looked up among its own: all stores' days were read for each store, a
-- minute or two of processor time every ten minutes for 400 of them.

CREATE OR REPLACE FUNCTION count_store_days(p_store_id integer, p_until timestamptz) RETURNS bigint
LANGUAGE sql AS $$
WITH days AS (
    SELECT c.store_id, c.business_date, c.opens_at AS from_at, c.closes_at AS until,
           GREATEST(c.closes_at, LEAST(
               c.closes_at + INTERVAL '1 hour', COALESCE(lead(c.opens_at) OVER (ORDER BY c.business_date), 'infinity')
           )) AS till_until
    FROM store_calendar AS c
    WHERE c.store_id = p_store_id
), due AS (
    SELECT d.* FROM days AS d
    WHERE d.till_until < p_until
      AND NOT EXISTS (
          SELECT FROM store_day_kept AS k
          WHERE k.store_id = p_store_id AND k.business_date = d.business_date AND k.from_at = d.from_at
            AND k.until = d.until AND k.till_until = d.till_until
      )
), counted AS (
    INSERT INTO store_day AS k (
        store_id, business_date, from_at, until, till_until, basis, counted_at, ins, outs, staff_ins, grouped_ins,
        buying_units, passers, expected_s, up_s, doors_down, street_expected_s, street_up_s, streets_down, transactions,
        refunds, net_sales, units
    )
    SELECT d.store_id, d.business_date, d.from_at, d.until, d.till_until, b.basis, now(), t.*, u.*, s.*
    FROM due AS d
    JOIN store_basis AS b USING (store_id)
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(t.ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.outs) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.staff_ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.grouped_ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.buying_units) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.ins + t.outs) FILTER (WHERE l.role = 'pass_by'), 0)
        FROM line_traffic_15m AS t
        JOIN line AS l ON l.line_id = t.line_id
        WHERE t.store_id = d.store_id AND t.bucket >= time_bucket('15 minutes', d.from_at) AND t.bucket < d.until
          AND NOT EXISTS (
              SELECT FROM line_set_aside AS a
              WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
          )
    ) AS t
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'entrance'), 0),
               count(*) FILTER (WHERE l.role = 'entrance' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * 0.98)),
               COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'pass_by'), 0),
               COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'pass_by'), 0),
               count(*) FILTER (WHERE l.role = 'pass_by' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * 0.98))
        FROM line_service AS l
        CROSS JOIN LATERAL (
            SELECT GREATEST(d.from_at, l.from_at) AS from_at, LEAST(d.until, l.until) AS until
        ) AS r
        CROSS JOIN LATERAL (SELECT EXTRACT(epoch FROM r.until - r.from_at)::float8 AS expected_s) AS w
        CROSS JOIN LATERAL (
            SELECT sum(LEAST(u.up_s, EXTRACT(epoch FROM LEAST(u.bucket + INTERVAL '15 minutes', r.until)
                                                        - GREATEST(u.bucket, r.from_at)))) AS up_s
            FROM camera_uptime_15m AS u
            WHERE u.store_id = d.store_id AND u.camera_id = l.camera_id
              AND u.bucket >= time_bucket('15 minutes', r.from_at) AND u.bucket < r.until
        ) AS u
        CROSS JOIN LATERAL (
            SELECT EXISTS (
                SELECT FROM ledger_loss AS o
                WHERE o.store_id = d.store_id AND o.entries IS DISTINCT FROM 0 AND o.at < r.until AND o.until >= r.from_at
            ) AS lost
        ) AS x
        WHERE l.store_id = d.store_id AND l.role IN ('entrance', 'pass_by') AND w.expected_s > 0
          AND NOT EXISTS (
              SELECT FROM line_set_aside AS a
              WHERE a.line_id = l.line_id AND a.from_at < d.until AND a.until > d.from_at
          )
    ) AS u
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(s.transactions), 0), COALESCE(sum(s.refunds), 0), COALESCE(sum(s.net_sales), 0),
               COALESCE(sum(s.units), 0)
        FROM sales_15m AS s
        WHERE s.store_id = d.store_id
          AND s.bucket >= time_bucket('15 minutes', d.from_at) AND s.bucket < d.till_until
    ) AS s
    ON CONFLICT (store_id, business_date) DO UPDATE SET
        from_at = EXCLUDED.from_at, until = EXCLUDED.until, till_until = EXCLUDED.till_until, basis = EXCLUDED.basis,
        counted_at = EXCLUDED.counted_at, ins = EXCLUDED.ins, outs = EXCLUDED.outs, staff_ins = EXCLUDED.staff_ins,
        grouped_ins = EXCLUDED.grouped_ins, buying_units = EXCLUDED.buying_units, passers = EXCLUDED.passers,
        expected_s = EXCLUDED.expected_s, up_s = EXCLUDED.up_s, doors_down = EXCLUDED.doors_down,
        street_expected_s = EXCLUDED.street_expected_s, street_up_s = EXCLUDED.street_up_s,
        streets_down = EXCLUDED.streets_down, transactions = EXCLUDED.transactions, refunds = EXCLUDED.refunds,
        net_sales = EXCLUDED.net_sales, units = EXCLUDED.units
    RETURNING 1
)
SELECT count(*) FROM counted;
$$;
