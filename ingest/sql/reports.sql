-- What boxes report of what is desired of them.

-- :name shut_out
SELECT FROM device_shut_out WHERE device_id = %(device_id)s;

-- :name change
-- Only what differs from the last report is history.
INSERT INTO device_report (device_id, received_at, at, state, version, running, reason, rejected)
SELECT %(device_id)s, %(received_at)s, %(at)s, %(state)s, %(version)s, %(running)s, %(reason)s, %(rejected)s
WHERE NOT EXISTS (
    SELECT FROM device_reported AS r
    WHERE r.device_id = %(device_id)s
      AND (r.state, r.version, r.running, r.reason, r.rejected)
          IS NOT DISTINCT FROM (%(state)s, %(version)s::bigint, %(running)s::bigint, %(reason)s, %(rejected)s)
);

-- :name forget
DELETE FROM device_report AS r
WHERE r.device_id = %(device_id)s
  AND r.report_id <= (SELECT report_id FROM device_report WHERE device_id = %(device_id)s
                      ORDER BY report_id DESC OFFSET %(kept)s LIMIT 1);

-- :name report
INSERT INTO device_reported (
    device_id, received_at, at, state, version, running, reason, site_sha256, edited, rejected, payload
) VALUES (
    %(device_id)s, %(received_at)s, %(at)s, %(state)s, %(version)s, %(running)s, %(reason)s, %(site_sha256)s,
    %(edited)s, %(rejected)s, %(payload)s
)
ON CONFLICT (device_id) DO UPDATE SET
    received_at = EXCLUDED.received_at, at = EXCLUDED.at, state = EXCLUDED.state, version = EXCLUDED.version,
    running = EXCLUDED.running, reason = EXCLUDED.reason, site_sha256 = EXCLUDED.site_sha256,
    edited = EXCLUDED.edited, rejected = EXCLUDED.rejected, payload = EXCLUDED.payload;

-- :name answer
UPDATE device_command SET outcome = %(outcome)s, reason = %(reason)s, answered_at = %(at)s
WHERE command_id = %(id)s::uuid AND device_id = %(device_id)s AND outcome IS DISTINCT FROM %(outcome)s;
