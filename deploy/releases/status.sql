-- :name boxes
SELECT s.code, d.code, p.version, COALESCE(p.state = 'online' AND p.received_at >= %(heard_since)s, false),
       r.payload -> 'application', r.payload -> 'model'
FROM enrolment AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
LEFT JOIN device_status AS p USING (device_id)
LEFT JOIN device_reported AS r USING (device_id)
WHERE e.ended_at IS NULL AND (%(store)s::text IS NULL OR s.code = %(store)s)
ORDER BY s.code, d.code;
