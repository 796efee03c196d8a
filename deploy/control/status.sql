-- :name boxes
SELECT s.code, d.code, r.state, COALESCE(p.state = 'online' AND p.received_at >= %(heard_since)s, false),
       last.version, r.version, r.running,
       (last.body -> 'standard' ->> 'name') || ' ' || (last.body -> 'standard' ->> 'number'),
       (ran.body -> 'standard' ->> 'name') || ' ' || (ran.body -> 'standard' ->> 'number'),
       r.reason, r.edited, r.rejected, r.received_at
FROM enrolment AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
LEFT JOIN LATERAL (
    SELECT version, body FROM desired AS w WHERE w.device_id = d.device_id ORDER BY version DESC LIMIT 1
) AS last ON true
LEFT JOIN device_reported AS r ON r.device_id = d.device_id
LEFT JOIN desired AS ran ON ran.device_id = d.device_id AND ran.version = r.running
LEFT JOIN device_status AS p ON p.device_id = d.device_id
WHERE e.ended_at IS NULL AND (%(store)s::text IS NULL OR s.code = %(store)s)
ORDER BY s.code, d.code;

-- :name history
SELECT at, what, NULL::text, by_whom, detail FROM (
    SELECT w.at, 'desired ' || w.version AS what, w.by_whom, w.why AS detail, 0 AS rank, w.device_id FROM desired AS w
    UNION ALL
    SELECT r.received_at, r.state || COALESCE(' ' || r.version, ''), NULL,
           NULLIF(concat_ws('; ', r.reason, 'a message was refused: ' || r.rejected), ''), 2, r.device_id
    FROM device_report AS r
    UNION ALL
    SELECT c.at, c.kind || ' ' || COALESCE(c.outcome, 'asked'), c.by_whom, COALESCE(c.reason, c.why), 1, c.device_id
    FROM device_command AS c
) AS h
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND d.code = %(device)s
ORDER BY at DESC, rank DESC
LIMIT %(limit)s;

-- :name log
SELECT at, what, place, by_whom, detail FROM (
    SELECT w.at, 'desired ' || w.version AS what, s.code || '/' || d.code AS place, w.by_whom, w.why AS detail
    FROM desired AS w JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)
    WHERE w.by_whom <> 'roll-out'
    UNION ALL
    SELECT c.at, c.kind || ' ' || COALESCE(c.outcome, 'asked'), s.code || '/' || d.code, c.by_whom, COALESCE(c.reason, c.why)
    FROM device_command AS c JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)
    UNION ALL
    SELECT v.at, 'standard defined', t.name || ' ' || v.number, v.by_whom, v.why
    FROM standard_version AS v JOIN standard AS t USING (standard_id)
    UNION ALL
    SELECT e.at, 'roll-out ' || e.action, COALESCE(t.name || ' ' || o.number, o.part || ' ' || o.name), e.by_whom, e.detail
    FROM rollout_event AS e JOIN rollout AS o USING (rollout_id) LEFT JOIN standard AS t USING (standard_id)
) AS l
ORDER BY at DESC
LIMIT %(limit)s;
