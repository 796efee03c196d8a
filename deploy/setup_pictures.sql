-- Set-up pictures: asking for one, how the requests stand, and looking at one.

-- :name standing
SELECT d.device_id,
       EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = d.device_id AND e.ended_at IS NULL),
       (SELECT array_agg(c ->> 'camera') FROM device_status AS t, jsonb_array_elements(t.cameras) AS c
        WHERE t.device_id = d.device_id)
FROM device AS d JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND d.code = %(device)s;

-- :name request
SELECT ask_setup_picture(%(device_id)s, %(camera)s, %(by)s, %(why)s, %(at)s)::text;

-- :name list
SELECT command_id::text, store, device, camera, asked_at, asked_by, why, answer_by, outcome, reason, received_at,
       delete_at, samples, covered_share, width, height, arrived
FROM setup_picture_status
WHERE %(store)s::text IS NULL OR store = %(store)s
ORDER BY asked_at DESC
LIMIT %(limit)s;

-- :name events
SELECT at, action, by_whom, how FROM setup_picture_event WHERE command_id = %(id)s::uuid ORDER BY at;

-- :name view
SELECT image FROM view_setup_picture(%(id)s::uuid, %(account_id)s, %(by)s, %(how)s, %(now)s);
