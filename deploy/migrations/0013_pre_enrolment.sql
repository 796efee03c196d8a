-- Who may speak for a device: one-time codes, enrolments, their certificates, and a log of what was decided.

ALTER TABLE store ADD COLUMN closed_at timestamptz;
COMMENT ON COLUMN store.closed_at IS 'When it was closed for good: none of its devices may speak any more. What was counted stays.';

CREATE TABLE enrolment (
    enrolment_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    integer NOT NULL REFERENCES device,
    name         text NOT NULL UNIQUE,
    key_sha256   bytea NOT NULL,
    enrolled_at  timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_by     text CHECK (ended_by IN ('replaced', 'revoked', 'store closed')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
COMMENT ON TABLE enrolment IS 'One box that was let in as a device. A swapped box is another enrolment of the same device, and ends the one before.';
COMMENT ON COLUMN enrolment.name IS 'The common name of its certificates and its user name at the broker: store.device.number.';
COMMENT ON COLUMN enrolment.key_sha256 IS 'Of the public key that it enrolled with: the same box may ask again when the answer was lost.';
CREATE UNIQUE INDEX enrolment_active ON enrolment (device_id) WHERE ended_at IS NULL;

CREATE TABLE device_certificate (
    serial       text PRIMARY KEY,
    enrolment_id integer NOT NULL REFERENCES enrolment,
    issued_at    timestamptz NOT NULL,
    not_after    timestamptz NOT NULL
);
COMMENT ON TABLE device_certificate IS 'Each certificate that was signed for a box, the first one and every renewal.';
COMMENT ON COLUMN device_certificate.serial IS 'Serial number in hexadecimal.';
CREATE INDEX device_certificate_enrolment ON device_certificate (enrolment_id, not_after);

CREATE TABLE enrolment_code (
    code_sha256  bytea PRIMARY KEY CHECK (octet_length(code_sha256) = 32),
    device_id    integer NOT NULL REFERENCES device,
    site         text,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    withdrawn_at timestamptz,
    enrolment_id integer REFERENCES enrolment
);
COMMENT ON TABLE enrolment_code IS 'One-time codes, kept as a hash of their secret: 70 random bits.';
COMMENT ON COLUMN enrolment_code.site IS 'The set-up that the box gets, TOML without store, device and broker; NULL: none was written yet.';
COMMENT ON COLUMN enrolment_code.withdrawn_at IS 'When a newer code for the device, its revocation or the end of its store took it back.';
COMMENT ON COLUMN enrolment_code.enrolment_id IS 'What it was used for; NULL: not used.';
CREATE INDEX enrolment_code_device ON enrolment_code (device_id);

CREATE TABLE trust_event (
    at        timestamptz NOT NULL,
    action    text NOT NULL CHECK (action IN (
        'store_opened', 'store_closed', 'code_issued', 'code_refused', 'locked_out', 'enrolled', 'renewed',
        'renewal_refused', 'revoked'
    )),
    device_id integer REFERENCES device,
    store_id  integer REFERENCES store,
    address   text,
    detail    text
);
COMMENT ON TABLE trust_event IS 'What was decided about who may speak, and who was refused. Never a code, a key or a certificate.';
COMMENT ON COLUMN trust_event.address IS 'Where the request came from; NULL: a command on the server.';
CREATE INDEX trust_event_at ON trust_event (at);
