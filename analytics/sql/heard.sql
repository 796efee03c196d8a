-- What of a store's present has come in, in a few bytes: as long as these stay the same, so does what is counted.

-- :name heard
-- Moments are of this server's own writing, never a device's. The live values are those of queues alone, the only ones that
-- a day is read from; a heartbeat that says what the one before did is no news.
SELECT n.store_id, md5(concat_ws(
    '|',
    (
        SELECT string_agg(concat(e.epoch_id, ' ', e.updated_at), ',' ORDER BY e.epoch_id)
        FROM device AS d
        JOIN ledger_epoch AS e USING (device_id)
        WHERE d.store_id = n.store_id
    ),
    (
        SELECT string_agg(concat_ws(
            ' ', d.device_id, s.state,
            (SELECT string_agg(concat_ws(' ', c ->> 'camera', c ->> 'state', c ->> 'trouble'), ',') FROM jsonb_array_elements(s.cameras) AS c),
            (
                SELECT string_agg(concat(q ->> 'zone', ' ', q ->> 'people'), ',')
                FROM jsonb_array_elements(v.zones) AS q
                JOIN zone AS z ON z.store_id = d.store_id AND z.code = q ->> 'zone' AND z.role = 'queue'
            )
        ), ',' ORDER BY d.device_id)
        FROM device AS d
        LEFT JOIN device_status AS s USING (device_id)
        LEFT JOIN device_live AS v USING (device_id)
        WHERE d.store_id = n.store_id
    ),
    (
        SELECT concat(count(*), ' ', sum(o.version), ' ', sum(o.order_id)) FROM pos_order AS o
        WHERE o.store_id = n.store_id AND o.closed_at >= %(since)s
    )
)) AS heard
FROM unnest(%(store_ids)s::integer[]) AS n (store_id)
ORDER BY n.store_id;
