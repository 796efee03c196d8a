-- Devices that may not speak any more: what they said last, and what a broker still keeps of it, is no news.

CREATE VIEW device_shut_out AS
SELECT d.device_id, CASE WHEN s.closed_at IS NULL THEN 'revoked' ELSE 'store closed' END AS why
FROM device AS d
JOIN store AS s USING (store_id)
WHERE s.closed_at IS NOT NULL
   OR (EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = d.device_id)
       AND NOT EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = d.device_id AND e.ended_at IS NULL));
COMMENT ON VIEW device_shut_out IS 'Devices that were revoked and not enrolled anew, or whose store is closed.';
