-- What is sold of each of the till's categories, and where it lies. Two counts beside each other: nobody is followed.

-- :name zone_categories
SELECT c.category, z.code AS zone
FROM zone_category AS c
JOIN zone AS z ON z.store_id = c.store_id AND z.code = c.zone
WHERE c.store_id = %(store_id)s AND z.role = 'engagement'
ORDER BY 1, 2;

-- :name sales_by_category
-- Lines without a category as NULL. An order counts once for each category that it holds; `every`: of any kind.
SELECT l.category, count(DISTINCT p.order_id) FILTER (WHERE p.kind = 'sale')::bigint AS orders,
       sum(l.units)::float8 AS units, sum(l.net)::float8 AS net_sales, count(DISTINCT p.order_id)::bigint AS every
FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
JOIN pos_order AS p ON p.store_id = %(of_store)s AND time_bucket('15 minutes', p.closed_at) < s.until
 AND time_bucket('15 minutes', p.closed_at) >= time_bucket('15 minutes', s.from_at)
JOIN pos_order_line AS l ON l.order_id = p.order_id
WHERE p.kind <> 'void' AND NOT p.is_test AND p.channel = 'in_store'
GROUP BY l.category
ORDER BY l.category;

-- :name stays_of_slices
-- Single stays in engagement zones, as long as raw rows are kept.
SELECT z.code AS zone, v.dwell_s::float8 AS dwell_s, v.censored
FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
JOIN zone_visit AS v ON v.store_id = %(of_store)s AND v.at >= time_bucket('15 minutes', s.from_at)
 AND time_bucket('15 minutes', v.at) >= time_bucket('15 minutes', s.from_at)
 AND time_bucket('15 minutes', v.at) < s.until
JOIN zone AS z ON z.zone_id = v.zone_id
WHERE z.role = 'engagement' AND v.staff IS NOT TRUE
ORDER BY v.at;

-- :name sales_by_zone
-- Orders with a line of a category that lies in the zone, each once; `every`: of any kind. Of its sales, those with a
-- customer reference, and of these the ones to somebody who had bought in this shop before.
SELECT o.zone, count(*) FILTER (WHERE o.sale)::bigint AS orders, count(*)::bigint AS every,
       count(*) FILTER (WHERE o.sale AND o.customer_ref IS NOT NULL)::bigint AS referenced,
       count(*) FILTER (WHERE o.sale AND EXISTS (
           SELECT FROM pos_order AS p
           WHERE p.store_id = %(of_store)s AND p.customer_ref = o.customer_ref AND p.closed_at < o.closed_at
             AND p.kind = 'sale' AND NOT p.is_test AND p.channel = 'in_store'
       ))::bigint AS repeated
FROM (
    SELECT DISTINCT c.zone, p.order_id, p.kind = 'sale' AS sale, p.customer_ref, p.closed_at
    FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
    JOIN pos_order AS p ON p.store_id = %(of_store)s AND time_bucket('15 minutes', p.closed_at) < s.until
     AND time_bucket('15 minutes', p.closed_at) >= time_bucket('15 minutes', s.from_at)
    JOIN pos_order_line AS l ON l.order_id = p.order_id
    JOIN zone_category AS c ON c.store_id = p.store_id AND c.category = l.category
    WHERE p.kind <> 'void' AND NOT p.is_test AND p.channel = 'in_store'
) AS o
GROUP BY o.zone
ORDER BY o.zone;
