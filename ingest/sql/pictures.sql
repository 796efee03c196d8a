-- Set-up pictures: the answer to a request of head office.

-- :name asked
-- Locked: of two answers at once, the second one finds the first.
SELECT c.command_id
FROM setup_picture_request AS r
JOIN device_command AS c USING (command_id)
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE r.command_id = %(request)s::uuid AND s.code = %(store)s AND d.code = %(device)s AND r.camera = %(camera)s
  AND r.answer_by > %(at)s
  AND NOT EXISTS (SELECT FROM device_shut_out AS o WHERE o.device_id = d.device_id)
  AND NOT EXISTS (SELECT FROM setup_picture_event AS e WHERE e.command_id = r.command_id AND e.action = 'received')
FOR UPDATE OF r;

-- :name keep
INSERT INTO setup_picture (
    command_id, received_at, taken_from, taken_until, samples, covered_share, width, height, source_width,
    source_height, image
) VALUES (
    %(request)s::uuid, %(at)s, %(taken_from)s, %(taken_until)s, %(samples)s, %(covered_share)s, %(width)s, %(height)s,
    %(source_width)s, %(source_height)s, %(image)s
);

-- :name received
INSERT INTO setup_picture_event (command_id, at, action) VALUES (%(request)s::uuid, %(at)s, 'received');

-- :name delete
WITH gone AS (
    DELETE FROM setup_picture WHERE received_at <= %(now)s - interval '24 hours' RETURNING command_id
)
INSERT INTO setup_picture_event (command_id, at, action) SELECT command_id, %(now)s, 'deleted' FROM gone;
