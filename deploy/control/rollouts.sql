-- :name active
SELECT rollout_id FROM rollout WHERE state IN ('running', 'paused', 'stopped') FOR UPDATE;

-- :name latest
SELECT rollout_id FROM rollout ORDER BY rollout_id DESC LIMIT 1 FOR UPDATE;

-- :name recent
SELECT rollout_id FROM rollout ORDER BY rollout_id DESC LIMIT %(limit)s;

-- :name events
SELECT at, action, by_whom, detail FROM rollout_event WHERE rollout_id = %(rollout_id)s ORDER BY at;

-- :name start
-- A standard has its name itself.
INSERT INTO rollout (standard_id, number, part, name, release, share, stores, at_once, tolerated, state)
SELECT t.standard_id, %(number)s, %(part)s, CASE WHEN t.standard_id IS NULL THEN %(name)s END, %(release)s::jsonb,
       %(share)s, %(stores)s, %(at_once)s, %(tolerated)s, 'running'
FROM (VALUES (1)) AS once
LEFT JOIN standard AS t ON t.name = %(name)s AND %(part)s = 'standard'
RETURNING rollout_id;

-- :name widen
UPDATE rollout SET share = %(share)s, at_once = %(at_once)s, tolerated = %(tolerated)s WHERE rollout_id = %(rollout_id)s;

-- :name become
UPDATE rollout SET state = %(state)s WHERE rollout_id = %(rollout_id)s;

-- :name event
INSERT INTO rollout_event (at, rollout_id, action, by_whom, detail)
VALUES (%(at)s, %(rollout_id)s, %(action)s, %(by)s, %(detail)s);

-- :name enlist
INSERT INTO rollout_device (rollout_id, device_id, place)
SELECT o.rollout_id, d.device_id,
       row_number() OVER (ORDER BY md5(COALESCE(t.name, o.name) || ' ' || s.code || '/' || d.code))
       + (SELECT COALESCE(max(place), 0) FROM rollout_device AS m WHERE m.rollout_id = o.rollout_id)
FROM rollout AS o
LEFT JOIN standard AS t USING (standard_id)
JOIN enrolment AS e ON e.ended_at IS NULL
JOIN device AS d ON d.device_id = e.device_id
JOIN store AS s ON s.store_id = d.store_id AND (o.stores IS NULL OR s.code = ANY(o.stores))
WHERE o.rollout_id = %(rollout_id)s
  AND NOT EXISTS (SELECT FROM rollout_device AS m WHERE m.rollout_id = o.rollout_id AND m.device_id = d.device_id)
ORDER BY md5(COALESCE(t.name, o.name) || ' ' || s.code || '/' || d.code)
LIMIT %(most)s;

-- :name read
SELECT o.rollout_id, o.part, COALESCE(t.name, o.name), o.number, o.release, o.share, o.stores, o.at_once, o.tolerated, o.state,
       (SELECT count(*) FROM enrolment AS e JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)
        WHERE e.ended_at IS NULL AND (o.stores IS NULL OR s.code = ANY(o.stores))),
       count(m.device_id),
       count(m.device_id) FILTER (WHERE m.version IS NULL AND m.outcome IS NULL),
       count(m.device_id) FILTER (WHERE m.version IS NOT NULL AND m.outcome IS NULL),
       count(m.device_id) FILTER (WHERE m.version IS NOT NULL AND m.outcome IS NULL
                                    AND p.state = 'online' AND p.received_at >= %(heard_since)s),
       count(m.device_id) FILTER (WHERE m.outcome = 'runs'),
       count(m.device_id) FILTER (WHERE m.outcome = 'refused'),
       count(m.device_id) FILTER (WHERE m.outcome = 'rolled_back')
FROM rollout AS o
LEFT JOIN standard AS t USING (standard_id)
LEFT JOIN rollout_device AS m USING (rollout_id)
LEFT JOIN device_status AS p ON p.device_id = m.device_id
WHERE o.rollout_id = %(rollout_id)s
GROUP BY o.rollout_id, t.name;

-- :name decide
-- A box that was given another version since runs it, if that one runs: the standard stays in what is desired. One that
-- refuses such a version says nothing about the standard: what else is in it may be wrong.
UPDATE rollout_device AS m
SET outcome = CASE WHEN r.running >= m.version THEN 'runs' ELSE r.state END,
    reason = CASE WHEN r.running >= m.version THEN NULL ELSE r.reason END,
    decided_at = %(at)s
FROM device_reported AS r
WHERE m.rollout_id = %(rollout_id)s AND m.outcome IS NULL AND r.device_id = m.device_id
  AND (r.running >= m.version OR (r.version = m.version AND r.state IN ('refused', 'rolled_back')));

-- :name decide_release
-- What a box says of a release counts once it has taken the version that brings it.
UPDATE rollout_device AS m
SET outcome = CASE said.state WHEN 'applied' THEN 'runs' WHEN 'rolled_back' THEN 'rolled_back' ELSE 'refused' END,
    reason = CASE WHEN said.state <> 'applied' THEN said.reason END,
    decided_at = %(at)s
FROM rollout AS o, device_reported AS r,
     LATERAL (SELECT r.payload -> o.part ->> 'manifest', r.payload -> o.part ->> 'state',
                     r.payload -> o.part ->> 'reason') AS said(manifest, state, reason)
WHERE m.rollout_id = %(rollout_id)s AND o.rollout_id = m.rollout_id AND m.outcome IS NULL
  AND r.device_id = m.device_id AND r.version >= m.version AND said.manifest = o.release ->> 'manifest'
  AND said.state IN ('applied', 'refused', 'differs', 'rolled_back');

-- :name next
SELECT m.device_id
FROM rollout_device AS m
JOIN device_status AS p ON p.device_id = m.device_id AND p.state = 'online' AND p.received_at >= %(heard_since)s
WHERE m.rollout_id = %(rollout_id)s AND m.version IS NULL AND m.outcome IS NULL
  AND EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = m.device_id AND e.ended_at IS NULL)
ORDER BY m.place
LIMIT %(most)s;

-- :name before
UPDATE rollout_device AS m
SET before = (SELECT w.body -> o.part FROM desired AS w WHERE w.device_id = m.device_id ORDER BY w.version DESC LIMIT 1)
FROM rollout AS o
WHERE o.rollout_id = m.rollout_id AND m.rollout_id = %(rollout_id)s AND m.device_id = ANY(%(device_ids)s);

-- :name released
UPDATE rollout_device AS m SET version = n.version, released_at = %(at)s
FROM unnest(%(device_ids)s::integer[], %(versions)s::bigint[]) AS n(device_id, version)
WHERE m.rollout_id = %(rollout_id)s AND m.device_id = n.device_id;

-- :name to_give_back
SELECT device_id, before FROM rollout_device
WHERE rollout_id = %(rollout_id)s AND version IS NOT NULL AND (outcome IS NULL OR NOT %(undecided_only)s)
ORDER BY device_id;

-- :name given_back
UPDATE rollout_device SET version = NULL, outcome = NULL, reason = NULL, decided_at = NULL
WHERE rollout_id = %(rollout_id)s AND version IS NOT NULL AND outcome IS NULL AND %(undecided_only)s;

-- :name forgive
-- They have their turn again.
UPDATE rollout_device SET version = NULL, outcome = NULL, reason = NULL, decided_at = NULL
WHERE rollout_id = %(rollout_id)s AND outcome IN ('refused', 'rolled_back');

-- :name members
SELECT s.code, d.code, COALESCE(m.outcome, CASE WHEN m.version IS NULL THEN 'waiting' ELSE 'pending' END), m.reason
FROM rollout_device AS m
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE m.rollout_id = %(rollout_id)s
ORDER BY m.place;
