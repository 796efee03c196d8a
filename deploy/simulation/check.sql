-- :name hours
SELECT s.code, date_trunc('hour', bucket) AS hour, measure, sum(number)::bigint
FROM (
    SELECT store_id, bucket, m.kind || ':' || l.code AS measure, m.number
    FROM line_traffic_15m AS t
    JOIN line AS l USING (store_id, line_id)
    CROSS JOIN LATERAL (
        VALUES ('in', t.ins), ('out', t.outs), ('staff_in', t.staff_ins), ('staff_out', t.staff_outs)
    ) AS m (kind, number)
    UNION ALL
    SELECT store_id, bucket, 'visits:' || z.code, visits
    FROM zone_visit_15m AS t
    JOIN zone AS z USING (store_id, zone_id)
    UNION ALL
    SELECT store_id, bucket, m.kind || ':' || z.code, m.number
    FROM queue_exit_15m AS t
    JOIN zone AS z USING (store_id, zone_id)
    CROSS JOIN LATERAL (VALUES ('served', t.served), ('abandoned', t.abandoned)) AS m (kind, number)
    UNION ALL
    SELECT store_id, bucket, 'up_s:' || c.code, up_s
    FROM camera_uptime_15m AS t
    JOIN camera AS c USING (store_id, camera_id)
    UNION ALL
    SELECT store_id, bucket, m.measure, m.number
    FROM sales_15m AS t
    CROSS JOIN LATERAL (
        VALUES ('transactions', t.transactions), ('refunds', t.refunds), ('net_sales', 100 * t.net_sales),
               ('units', t.units)
    ) AS m (measure, number)
    UNION ALL
    SELECT o.store_id, o.closed_at, m.kind || ':' || l.category, m.number
    FROM pos_order AS o
    JOIN LATERAL (
        SELECT category, sum(net) AS net, sum(units) AS units FROM pos_order_line AS l
        WHERE l.order_id = o.order_id AND category IS NOT NULL GROUP BY category
    ) AS l ON true
    CROSS JOIN LATERAL (
        VALUES ('sales_of', (o.kind = 'sale')::integer), ('net_of', 100 * l.net), ('units_of', l.units)
    ) AS m (kind, number)
    WHERE o.kind <> 'void' AND NOT o.is_test AND o.channel = 'in_store'
    UNION ALL
    SELECT store_id, ends_at, 'worked_s', EXTRACT(epoch FROM ends_at - starts_at) - 60 * break_min
    FROM staff_shift
    WHERE ends_at IS NOT NULL AND NOT cancelled
) AS every
JOIN store AS s USING (store_id)
WHERE s.code = ANY (%(stores)s) AND bucket >= %(first)s AND bucket < %(last)s
GROUP BY 1, 2, 3
HAVING sum(number) <> 0;

-- :name days
SELECT s.code, d.business_date, m.kind || ':' || l.code, m.number::bigint
FROM line_traffic_day AS d
JOIN store AS s USING (store_id)
JOIN line AS l USING (store_id, line_id)
CROSS JOIN LATERAL (VALUES ('in', d.ins), ('out', d.outs)) AS m (kind, number)
WHERE s.code = ANY (%(stores)s) AND d.business_date BETWEEN %(first)s AND %(last)s AND m.number <> 0;

-- :name missing
SELECT store, device, missing FROM ledger_missing WHERE store = ANY (%(stores)s) ORDER BY 1, 2;
