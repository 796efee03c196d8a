-- What Home Assistant is told of.

-- :name enable
INSERT INTO home_assistant_store (store_id, enabled_at, enabled_by)
SELECT store_id, %(at)s, %(by)s FROM store WHERE code = %(store)s
ON CONFLICT (store_id) DO UPDATE SET enabled_at = home_assistant_store.enabled_at
RETURNING store_id;

-- :name disable
DELETE FROM home_assistant_store AS h USING store AS s
WHERE s.store_id = h.store_id AND s.code = %(store)s
RETURNING 1;

-- :name stores
SELECT s.code FROM home_assistant_store JOIN store AS s USING (store_id) WHERE s.closed_at IS NULL ORDER BY s.code;

-- :name boxes
-- Boxes of enabled stores with the lines and zones that they last described. A line that is kept apart has its device's
-- name behind its own; on the wire it has not.
SELECT d.device_id, s.code AS store, s.name, d.code AS device, t.version, t.model,
       COALESCE(NULLIF(s.timezone, ''), 'UTC') AS timezone,
       ARRAY(SELECT DISTINCT split_part(l.code, '@', 1) FROM line_claim AS c JOIN line AS l USING (line_id)
             WHERE c.device_id = d.device_id AND c.released_at IS NULL AND l.role = 'entrance' ORDER BY 1) AS entrances,
       ARRAY(SELECT z.code FROM device_live AS v
             CROSS JOIN LATERAL jsonb_array_elements(v.zones) AS n
             JOIN zone AS z ON z.store_id = d.store_id AND z.code = n ->> 'zone' AND z.role = 'queue'
             WHERE v.device_id = d.device_id ORDER BY 1) AS queues
FROM home_assistant_store AS h
JOIN store AS s USING (store_id)
JOIN device AS d USING (store_id)
JOIN device_status AS t USING (device_id)
WHERE s.closed_at IS NULL AND NOT EXISTS (SELECT FROM device_shut_out AS o WHERE o.device_id = d.device_id)
ORDER BY s.code, d.code;

-- :name day_start
-- The store's midnight; of a business day that began before it and is still open, the midnight of that day.
SELECT date_trunc('day', COALESCE(
    (SELECT min(c.opens_at) FROM store_calendar AS c JOIN device AS d USING (store_id)
     WHERE d.device_id = %(device_id)s AND c.opens_at <= %(now)s AND c.closes_at > %(now)s),
    %(now)s
) AT TIME ZONE %(timezone)s) AT TIME ZONE %(timezone)s;

-- :name counted_before
-- What the box's newest outboxes had counted at its entrances when the day began.
SELECT e.epoch::text, COALESCE(sum(r.in_total), 0)::bigint, COALESCE(sum(r.out_total), 0)::bigint
FROM (
    SELECT epoch_id, epoch FROM ledger_epoch WHERE device_id = %(device_id)s ORDER BY first_seen DESC LIMIT 3
) AS e
CROSS JOIN line_claim AS c
JOIN line AS l ON l.line_id = c.line_id AND l.role = 'entrance'
JOIN LATERAL (
    SELECT in_total, out_total FROM line_register AS n
    WHERE n.line_id = c.line_id AND n.epoch_id = e.epoch_id AND n.at <= %(day_start)s
    ORDER BY n.at DESC LIMIT 1
) AS r ON true
WHERE c.device_id = %(device_id)s AND c.released_at IS NULL
GROUP BY e.epoch
ORDER BY 1;

-- :name kept
SELECT topic, sha256 FROM home_assistant_topic;

-- :name keep
INSERT INTO home_assistant_topic (topic, sha256) VALUES (%(topic)s, %(sha256)s)
ON CONFLICT (topic) DO UPDATE SET sha256 = EXCLUDED.sha256;

-- :name forget
DELETE FROM home_assistant_topic WHERE topic = %(topic)s;

-- :name anything
SELECT EXISTS (SELECT FROM home_assistant_store) OR EXISTS (SELECT FROM home_assistant_topic);
