-- :name add
-- Locks the standard: two who define it get two numbers.
INSERT INTO standard (name) VALUES (%(name)s) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING standard_id;

-- :name latest
SELECT number, settings FROM standard_version WHERE standard_id = %(standard_id)s ORDER BY number DESC LIMIT 1;

-- :name define
INSERT INTO standard_version (standard_id, number, settings, at, by_whom, why)
VALUES (%(standard_id)s, %(number)s, %(settings)s, %(at)s, %(by)s, %(why)s);

-- :name version
SELECT v.number, v.settings
FROM standard AS s JOIN standard_version AS v USING (standard_id)
WHERE s.name = %(name)s AND (%(number)s::integer IS NULL OR v.number = %(number)s)
ORDER BY v.number DESC LIMIT 1;

-- :name list
SELECT s.name, v.number, v.at, v.by_whom, v.why, count(r.device_id)
FROM standard AS s
JOIN standard_version AS v USING (standard_id)
LEFT JOIN (
    SELECT r.device_id, ran.body -> 'standard' ->> 'name' AS name, (ran.body -> 'standard' ->> 'number')::integer AS number
    FROM device_reported AS r
    JOIN desired AS ran ON ran.device_id = r.device_id AND ran.version = r.running
) AS r ON (r.name, r.number) = (s.name, v.number)
GROUP BY s.name, v.number, v.at, v.by_whom, v.why
ORDER BY s.name, v.number DESC;

-- :name devices
SELECT d.device_id
FROM device AS d
JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND (%(device)s::text IS NULL OR d.code = %(device)s)
  AND EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = d.device_id AND e.ended_at IS NULL);
