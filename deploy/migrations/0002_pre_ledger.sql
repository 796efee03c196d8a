-- The ledger's book-keeping: what was received of what was expected, and what could not be read.

CREATE TABLE ledger_epoch (
    epoch_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id  integer NOT NULL REFERENCES device,
    epoch      uuid NOT NULL,
    received   int8multirange NOT NULL DEFAULT '{}',
    last_seq   bigint NOT NULL DEFAULT 0,
    first_seen timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (device_id, epoch)
);
COMMENT ON TABLE ledger_epoch IS 'Per device and outbox file: the seqs committed here. Locked in epoch_id order by every writer.';
COMMENT ON COLUMN ledger_epoch.received IS 'Committed seqs; what the rows of the fact tables are, this says.';
COMMENT ON COLUMN ledger_epoch.last_seq IS 'Highest seq the device has said it assigned.';

CREATE VIEW ledger_missing AS
SELECT s.code AS store, d.code AS device, e.epoch, e.last_seq,
       e.last_seq - COALESCE((SELECT sum(upper(r) - lower(r)) FROM unnest(e.received) AS r), 0) AS missing,
       int8multirange(int8range(1, e.last_seq, '[]')) - e.received AS missing_ranges
FROM ledger_epoch AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE e.last_seq > 0 AND NOT (int8range(1, e.last_seq, '[]') <@ e.received);
COMMENT ON VIEW ledger_missing IS 'Expected minus received per device and epoch: empty when the ledger is complete.';

CREATE TABLE dead_letter (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic          text NOT NULL,
    payload        bytea NOT NULL,
    payload_sha256 bytea NOT NULL,
    reason         text NOT NULL,
    times          bigint NOT NULL DEFAULT 1,
    first_at       timestamptz NOT NULL DEFAULT now(),
    last_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, payload_sha256)
);
COMMENT ON TABLE dead_letter IS 'Messages that could not be read or stored, kept instead of lost.';
COMMENT ON COLUMN dead_letter.times IS 'How often this very message came.';

CREATE TABLE device_status (
    device_id      integer PRIMARY KEY REFERENCES device,
    state          text NOT NULL CHECK (state IN ('online', 'stopped', 'offline')),
    at             timestamptz NOT NULL,
    received_at    timestamptz NOT NULL DEFAULT now(),
    version        text NOT NULL,
    model          text,
    last_seq       bigint NOT NULL,
    queue_depth    bigint NOT NULL,
    cameras        jsonb NOT NULL DEFAULT '[]',
    temperature_c  real,
    disk_free_mb   bigint,
    clock_offset_s real
);
COMMENT ON TABLE device_status IS 'Last presence and heartbeat of each device.';

CREATE UNLOGGED TABLE device_live (
    device_id   integer PRIMARY KEY REFERENCES device,
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    lines       jsonb NOT NULL,
    zones       jsonb NOT NULL
);
COMMENT ON TABLE device_live IS 'Last live values of each device: freshness only, never history.';
