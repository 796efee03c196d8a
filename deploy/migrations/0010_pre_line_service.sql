-- From when to when a line is expected to count: also one whose camera has never counted anything.

CREATE VIEW line_service AS
SELECT l.line_id, l.store_id, l.code, l.role, COALESCE(l.door, l.code) AS door, l.camera_id,
       LEAST(c.counts_from, k.claimed_at + INTERVAL '15 minutes') AS from_at,
       COALESCE(LEAST(c.counts_until, CASE WHEN k.held = 0 THEN k.released_at END), 'infinity') AS until
FROM line AS l
JOIN camera AS c USING (camera_id)
LEFT JOIN (
    SELECT line_id, min(claimed_at) AS claimed_at, max(released_at) AS released_at,
           count(*) FILTER (WHERE released_at IS NULL) AS held
    FROM line_claim
    GROUP BY line_id
) AS k USING (line_id)
WHERE COALESCE(c.counts_from, k.claimed_at) IS NOT NULL;
COMMENT ON VIEW line_service IS 'From when to when each line is expected to count.';
COMMENT ON COLUMN line_service.door IS 'Which door an entrance line counts.';
COMMENT ON COLUMN line_service.from_at IS 'When its camera first counted, or should have: 15 minutes after a device named the line.';
COMMENT ON COLUMN line_service.until IS 'When the camera was taken out of service or the last device dropped the line; infinity: it counts.';
