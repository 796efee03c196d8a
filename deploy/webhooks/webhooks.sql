-- Whom to tell, what, and how it went.

-- :name add
INSERT INTO webhook_endpoint (endpoint_id, url, events, every_store, allow_private, created_at, created_by)
VALUES (%(endpoint_id)s, %(url)s, %(events)s, %(every_store)s, %(allow_private)s, %(at)s, %(by)s);

-- :name add_stores
INSERT INTO webhook_endpoint_store (endpoint_id, store_id)
SELECT %(endpoint_id)s, store_id FROM store WHERE code = ANY(%(stores)s)
RETURNING store_id;

-- :name list
SELECT e.endpoint_id, e.url, e.events, e.every_store,
       ARRAY(SELECT s.code FROM webhook_endpoint_store AS n JOIN store AS s USING (store_id)
             WHERE n.endpoint_id = e.endpoint_id ORDER BY s.code) AS stores,
       e.allow_private, e.generation, e.rotated_at, e.created_at, e.created_by, e.failing_since, e.failure,
       e.disabled_at, e.disabled_why,
       (SELECT count(*) FROM webhook_delivery AS d WHERE d.endpoint_id = e.endpoint_id AND d.state = 'waiting') AS waiting
FROM webhook_endpoint AS e
WHERE %(endpoint_id)s::text IS NULL OR e.endpoint_id = %(endpoint_id)s
ORDER BY e.created_at, e.endpoint_id;

-- :name remove
DELETE FROM webhook_endpoint WHERE endpoint_id = %(endpoint_id)s RETURNING 1;

-- :name enable
UPDATE webhook_endpoint
SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL, failure = NULL
WHERE endpoint_id = %(endpoint_id)s RETURNING 1;

-- :name due_now
UPDATE webhook_delivery SET due_at = %(at)s WHERE endpoint_id = %(endpoint_id)s AND state = 'waiting';

-- :name rotate
UPDATE webhook_endpoint SET generation = generation + 1, rotated_at = %(at)s
WHERE endpoint_id = %(endpoint_id)s RETURNING generation;

-- :name deliveries
SELECT d.event_id, d.endpoint_id, v.type, s.code, v.at, d.state, d.attempts, d.due_at, d.last_at, d.last_status, d.failure
FROM webhook_delivery AS d
JOIN webhook_event AS v USING (event_id)
LEFT JOIN store AS s ON s.store_id = v.store_id
WHERE (%(endpoint_id)s::text IS NULL OR d.endpoint_id = %(endpoint_id)s)
  AND (%(state)s::text IS NULL OR d.state = %(state)s)
ORDER BY v.at DESC, d.event_id
LIMIT %(limit)s;

-- :name wanted
-- What somebody wants to be told of, and since when.
SELECT COALESCE(array_agg(DISTINCT t.type), '{}'), min(e.created_at)
FROM webhook_endpoint AS e
CROSS JOIN LATERAL unnest(e.events) AS t(type)
WHERE e.disabled_at IS NULL;

-- :name open_stores
SELECT store_id FROM store WHERE closed_at IS NULL;

-- :name emit
WITH new AS (
    INSERT INTO webhook_event (event_id, type, key, store_id, at, body)
    VALUES (%(event_id)s, %(type)s, %(key)s, %(store_id)s, %(at)s, %(body)s)
    ON CONFLICT (key) DO NOTHING
    RETURNING event_id
)
INSERT INTO webhook_delivery (event_id, endpoint_id, due_at)
SELECT n.event_id, e.endpoint_id, %(at)s
FROM new AS n
JOIN webhook_endpoint AS e ON e.disabled_at IS NULL AND %(type)s = ANY(e.events)
WHERE e.every_store OR EXISTS (
    SELECT FROM webhook_endpoint_store AS s WHERE s.endpoint_id = e.endpoint_id AND s.store_id = %(store_id)s
)
ON CONFLICT DO NOTHING;

-- :name told
SELECT key FROM webhook_event WHERE key LIKE %(pattern)s;

-- :name conditions
SELECT store_id, subject, data FROM webhook_condition
WHERE kind = %(kind)s AND (%(store_id)s::integer IS NULL OR store_id = %(store_id)s)
FOR UPDATE;

-- :name condition_begins
INSERT INTO webhook_condition (kind, store_id, subject, data)
VALUES (%(kind)s, %(store_id)s, %(subject)s, %(data)s);

-- :name condition_ends
DELETE FROM webhook_condition WHERE kind = %(kind)s AND store_id = %(store_id)s AND subject = %(subject)s;

-- :name gaps
SELECT m.store, m.device, d.store_id, sum(m.missing)::bigint, min(e.updated_at)
FROM ledger_missing AS m
JOIN ledger_epoch AS e USING (epoch_id)
JOIN device AS d ON d.device_id = e.device_id
JOIN store AS s ON s.store_id = d.store_id
WHERE s.closed_at IS NULL
GROUP BY m.store, m.device, d.store_id
HAVING max(e.updated_at) < %(before)s;

-- :name claim
-- One delivery that is due. A slow receiver holds two senders at most, the others go on with the rest.
WITH busy AS (
    SELECT endpoint_id FROM webhook_delivery
    WHERE state = 'waiting' AND claimed_until > %(now)s
    GROUP BY endpoint_id HAVING count(*) >= 2
), picked AS (
    SELECT d.event_id, d.endpoint_id
    FROM webhook_delivery AS d
    JOIN webhook_endpoint AS e USING (endpoint_id)
    WHERE d.state = 'waiting' AND d.due_at <= %(now)s AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
      AND e.disabled_at IS NULL AND NOT EXISTS (SELECT FROM busy AS b WHERE b.endpoint_id = d.endpoint_id)
    ORDER BY d.due_at
    LIMIT 1
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE webhook_delivery AS d
SET claimed_until = %(until)s, attempts = d.attempts + 1, last_at = %(now)s
FROM picked AS p
JOIN webhook_endpoint AS e USING (endpoint_id)
JOIN webhook_event AS v USING (event_id)
WHERE d.event_id = p.event_id AND d.endpoint_id = p.endpoint_id
RETURNING d.event_id, d.endpoint_id, d.attempts, e.url, e.allow_private, e.generation, e.rotated_at, v.body;

-- :name settle
-- Only by the sender whose attempt it was: one that was thought dead may come back late.
UPDATE webhook_delivery
SET state = %(state)s, due_at = COALESCE(%(due_at)s, due_at), claimed_until = NULL, last_status = %(status)s,
    failure = %(failure)s
WHERE event_id = %(event_id)s AND endpoint_id = %(endpoint_id)s AND attempts = %(attempt)s AND state = 'waiting';

-- :name succeeded
UPDATE webhook_endpoint SET failing_since = NULL, failure = NULL
WHERE endpoint_id = %(endpoint_id)s AND failing_since IS NOT NULL;

-- :name failed
UPDATE webhook_endpoint
SET failing_since = COALESCE(failing_since, %(now)s), failure = %(failure)s,
    disabled_at = CASE WHEN %(gone)s OR failing_since <= %(before)s THEN COALESCE(disabled_at, %(now)s) ELSE disabled_at END,
    disabled_why = CASE WHEN disabled_at IS NOT NULL THEN disabled_why
                        WHEN %(gone)s THEN 'it answered 410: it wants nothing any more'
                        WHEN failing_since <= %(before)s THEN 'no delivery has succeeded for three days; the last one: ' || %(failure)s
                   END
WHERE endpoint_id = %(endpoint_id)s
RETURNING disabled_why;

-- :name state
SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'waiting'),
       (SELECT count(*) FROM webhook_endpoint WHERE disabled_at IS NOT NULL),
       (SELECT count(*) FROM webhook_endpoint);

-- :name prune
DELETE FROM webhook_event WHERE at < %(before)s;
