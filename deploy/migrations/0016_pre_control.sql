-- What head office wants of each box, what it asks of it once, and what the box reports. Small, kept for good, written by
-- people: ordinary tables on both flavours.

CREATE TABLE desired (
    device_id    integer NOT NULL REFERENCES device,
    version      bigint NOT NULL CHECK (version >= 1),
    body         jsonb NOT NULL,
    at           timestamptz NOT NULL,
    by_whom      text NOT NULL,
    why          text,
    published_at timestamptz,
    PRIMARY KEY (device_id, version)
);
COMMENT ON TABLE desired IS 'The whole desired state of each box, version by version: the highest one counts. A row is never changed but for published_at, so it is the log of who wanted what.';
COMMENT ON COLUMN desired.body IS 'contract.control.Desired without version and issued_at.';
COMMENT ON COLUMN desired.by_whom IS 'Who decided it: a name at head office.';
COMMENT ON COLUMN desired.published_at IS 'When it was first signed and handed to the broker; NULL: not yet, or a later one overtook it.';
CREATE INDEX desired_unpublished ON desired (device_id, version) WHERE published_at IS NULL;

CREATE TABLE device_command (
    command_id  uuid PRIMARY KEY,
    device_id   integer NOT NULL REFERENCES device,
    kind        text NOT NULL,
    body        jsonb NOT NULL,
    at          timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    by_whom     text NOT NULL,
    why         text,
    sent_at     timestamptz,
    outcome     text CHECK (outcome IN ('accepted', 'done', 'refused')),
    reason      text,
    answered_at timestamptz
);
COMMENT ON TABLE device_command IS 'What was asked of a box once, by whom, and what became of it.';
COMMENT ON COLUMN device_command.kind IS 'The tag of its kind in contract.control.';
COMMENT ON COLUMN device_command.body IS 'The command as contract.control has it.';
COMMENT ON COLUMN device_command.sent_at IS 'When it was last signed and handed to the broker; it is said again until it is answered or expires.';
COMMENT ON COLUMN device_command.reason IS 'Why the box refused it.';
CREATE INDEX device_command_waiting ON device_command (expires_at) WHERE outcome IS NULL;
CREATE INDEX device_command_device ON device_command (device_id, at);

CREATE TABLE device_reported (
    device_id   integer PRIMARY KEY REFERENCES device,
    received_at timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('current', 'pending', 'applied', 'refused', 'rolled_back')),
    version     bigint,
    running     bigint,
    reason      text,
    site_sha256 text NOT NULL,
    edited      boolean NOT NULL,
    rejected    text,
    payload     jsonb NOT NULL
);
COMMENT ON TABLE device_reported IS 'The last report of each box: how far it is with what is desired of it.';
COMMENT ON COLUMN device_reported.version IS 'The desired version that state and reason speak of.';
COMMENT ON COLUMN device_reported.running IS 'The desired version that runs; NULL: none from head office.';
COMMENT ON COLUMN device_reported.site_sha256 IS 'SHA-256 of the site file on the box.';
COMMENT ON COLUMN device_reported.edited IS 'A person changed that file since head office wrote it.';
COMMENT ON COLUMN device_reported.rejected IS 'Why the latest message that was not head office''s was refused.';
COMMENT ON COLUMN device_reported.payload IS 'The whole message, contract.control.Reported.';

CREATE TABLE device_report (
    report_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id   integer NOT NULL REFERENCES device,
    received_at timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL,
    version     bigint,
    running     bigint,
    reason      text,
    rejected    text
);
COMMENT ON TABLE device_report IS 'How each box''s reports changed; the latest 200 of each.';
CREATE INDEX device_report_device ON device_report (device_id, report_id);
