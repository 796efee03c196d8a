-- How a store's baskets differ.

-- :name baskets
-- Of the last sales and refunds: how many sold, and sums, squares and products of what was paid and of the units. What came back is
-- taken from both.
SELECT s.store_id, o.sales, o.net, o.net_squares, o.units, o.units_squares, o.products
FROM unnest(%(store_ids)s::int[]) AS s (store_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.kind = 'sale') AS sales,
           COALESCE(sum(o.net), 0)::float8 AS net, COALESCE(sum(sign(o.net) * o.net * o.net), 0)::float8 AS net_squares,
           COALESCE(sum(o.units), 0)::float8 AS units,
           COALESCE(sum(sign(o.units) * o.units * o.units), 0)::float8 AS units_squares,
           COALESCE(sum(sign(o.units) * o.net * o.units), 0)::float8 AS products
    FROM (
        SELECT o.kind, o.net, o.units
        FROM pos_order AS o
        WHERE o.store_id = s.store_id AND o.kind <> 'void' AND NOT o.is_test AND o.channel = 'in_store'
          AND o.closed_at < %(until)s
        ORDER BY o.closed_at DESC
        LIMIT %(orders)s
    ) AS o
) AS o;
