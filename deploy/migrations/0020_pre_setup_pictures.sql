-- Set-up pictures: asked for by name, answered by the box that was asked, seen by name, gone after a day.

CREATE TABLE setup_picture_request (
    command_id uuid PRIMARY KEY REFERENCES device_command,
    camera     text NOT NULL,
    answer_by  timestamptz NOT NULL
);
COMMENT ON TABLE setup_picture_request IS 'Each set-up picture that was asked for; who, why and when stands in device_command. Kept: it is the log.';
COMMENT ON COLUMN setup_picture_request.answer_by IS 'A picture that comes later is refused.';

-- Unlogged: never in the write-ahead log, so in no archive, no base backup and no replica. A crash of the server empties it.
CREATE UNLOGGED TABLE setup_picture (
    command_id    uuid PRIMARY KEY REFERENCES setup_picture_request,
    received_at   timestamptz NOT NULL,
    taken_from    timestamptz NOT NULL,
    taken_until   timestamptz NOT NULL,
    samples       integer NOT NULL,
    covered_share real NOT NULL,
    width         integer NOT NULL,
    height        integer NOT NULL,
    source_width  integer NOT NULL,
    source_height integer NOT NULL,
    image         bytea NOT NULL CHECK (octet_length(image) BETWEEN 1 AND 400000)
);
COMMENT ON TABLE setup_picture IS 'The pictures themselves, for 24 hours. Read them with view_setup_picture(), which writes down who did.';
COMMENT ON COLUMN setup_picture.covered_share IS 'How much of it is hatched because somebody was there, 0…1.';
COMMENT ON COLUMN setup_picture.source_width IS 'Of the camera''s own picture, whose pixels lines are drawn in.';
COMMENT ON COLUMN setup_picture.image IS 'JPEG, encoded anew by the server: nothing of the box''s own bytes.';
CREATE INDEX setup_picture_received ON setup_picture (received_at);

CREATE TABLE setup_picture_event (
    command_id uuid NOT NULL REFERENCES setup_picture_request,
    at         timestamptz NOT NULL,
    action     text NOT NULL CHECK (action IN ('received', 'viewed', 'deleted')),
    by_whom    text,
    how        text,
    CHECK ((action = 'viewed') = (by_whom IS NOT NULL))
);
COMMENT ON TABLE setup_picture_event IS 'What became of each set-up picture, every viewing with who and how. Kept.';
CREATE INDEX setup_picture_event_command ON setup_picture_event (command_id, at);

CREATE VIEW setup_picture_status AS
SELECT c.command_id, s.code AS store, d.code AS device, r.camera, c.at AS asked_at, c.by_whom AS asked_by, c.why,
       r.answer_by, c.outcome, c.reason, p.received_at, p.received_at + interval '24 hours' AS delete_at,
       p.samples, p.covered_share, p.width, p.height,
       EXISTS (SELECT FROM setup_picture_event AS e WHERE e.command_id = c.command_id AND e.action = 'received')
           AS arrived
FROM setup_picture_request AS r
JOIN device_command AS c USING (command_id)
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
LEFT JOIN setup_picture AS p USING (command_id);
COMMENT ON VIEW setup_picture_status IS 'How each request for a set-up picture stands, without the picture. `delete_at` in the past or NULL: there is none to see.';

CREATE FUNCTION ask_setup_picture(p_device_id integer, p_camera text, p_by text, p_why text, p_now timestamptz)
RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    asked   uuid := gen_random_uuid();
    expires timestamptz := p_now + interval '10 minutes';
BEGIN
    INSERT INTO device_command (command_id, device_id, kind, body, at, expires_at, by_whom, why)
    VALUES (asked, p_device_id, 'take_picture',
            jsonb_build_object('kind', 'take_picture', 'id', asked, 'issued_at', p_now, 'expires_at', expires,
                               'camera', p_camera),
            p_now, expires, p_by, p_why);
    INSERT INTO setup_picture_request (command_id, camera, answer_by)
    VALUES (asked, p_camera, p_now + interval '30 minutes');
    RETURN asked;
END
$$;
COMMENT ON FUNCTION ask_setup_picture IS 'Ask a box for the set-up picture of a camera: it has ten minutes to hear of it, and half an hour to answer. Return the request.';

CREATE FUNCTION view_setup_picture(
    p_command_id uuid, p_account_id integer, p_by text, p_how text, p_now timestamptz
)
RETURNS SETOF setup_picture
LANGUAGE plpgsql AS $$
BEGIN
    IF p_account_id IS NOT NULL THEN
        SELECT login INTO p_by FROM account
        WHERE account_id = p_account_id AND disabled_at IS NULL AND role IN ('head_office', 'installer');
        IF NOT FOUND THEN
            RAISE insufficient_privilege USING MESSAGE = 'set-up pictures are for those who set up cameras';
        END IF;
    END IF;
    INSERT INTO setup_picture_event (command_id, at, action, by_whom, how)
    SELECT command_id, p_now, 'viewed', p_by, p_how FROM setup_picture
    WHERE command_id = p_command_id AND received_at > p_now - interval '24 hours';
    IF FOUND THEN
        RETURN QUERY SELECT * FROM setup_picture WHERE command_id = p_command_id;
    END IF;
END
$$;
COMMENT ON FUNCTION view_setup_picture IS 'Return a set-up picture that is not older than 24 hours, and write down who looked at it: both, or neither. An account must have a role that sets up cameras; without one, a command on the server, p_by says who. No row: there is none to see.';
