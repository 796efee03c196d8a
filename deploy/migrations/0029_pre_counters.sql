-- People counters of other makers: which there are, what they said, and what of it is still to go into the ledger.

CREATE TABLE counter (
    counter_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    integer NOT NULL REFERENCES device,
    vendor       text NOT NULL CHECK (vendor IN ('axis', 'milesight', 'onvif', 'xovis')),
    serial       text NOT NULL,
    login        text NOT NULL,
    timezone     text,
    token_sha256 bytea NOT NULL CHECK (octet_length(token_sha256) = 32),
    digest_ha1   text NOT NULL,
    staff        text NOT NULL CHECK (staff IN ('counted', 'excluded')),
    reports_s    integer NOT NULL CHECK (reports_s BETWEEN 1 AND 86400),
    epoch        uuid NOT NULL,
    last_seq     bigint NOT NULL DEFAULT 0,
    added_at     timestamptz NOT NULL,
    removed_at   timestamptz,
    heard_at     timestamptz
);
COMMENT ON TABLE counter IS 'A people counter of another maker. To the ledger it is a device of its store, with an epoch of its own.';
COMMENT ON COLUMN counter.login IS 'Its name everywhere: user name, topic, device code.';
COMMENT ON COLUMN counter.timezone IS 'Of times that it writes without an offset; NULL: the store''s.';
COMMENT ON COLUMN counter.digest_ha1 IS 'What HTTP digest authentication compares with: a hash of login, realm and password.';
COMMENT ON COLUMN counter.staff IS 'counted: staff are among its counts; excluded: the counter leaves them out itself.';
COMMENT ON COLUMN counter.reports_s IS 'How often it reports: it counts as silent after three times as long, and a total rose within so long.';
COMMENT ON COLUMN counter.last_seq IS 'Highest seq that was assigned to an entry of it.';
COMMENT ON COLUMN counter.heard_at IS 'When it last pushed something that was understood.';
CREATE UNIQUE INDEX counter_login ON counter (login) WHERE removed_at IS NULL;
CREATE INDEX counter_device ON counter (device_id);

CREATE TABLE counter_line (
    counter_line_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    counter_id integer NOT NULL REFERENCES counter ON DELETE CASCADE,
    source     text NOT NULL,
    line       text NOT NULL,
    counts     text NOT NULL CHECK (counts IN ('both', 'reversed', 'in', 'out')),
    role       text NOT NULL CHECK (role IN ('entrance', 'pass_by', 'internal')),
    door       text,
    UNIQUE (counter_id, source)
);
COMMENT ON TABLE counter_line IS 'Which counting element of a counter feeds which line of its store.';
COMMENT ON COLUMN counter_line.source IS 'The maker''s number or name of the element; empty: it has one only.';
COMMENT ON COLUMN counter_line.counts IS 'both: in is in; reversed: its in is our out; in, out: it counts that direction only.';

CREATE TABLE counter_interval (
    counter_line_id integer NOT NULL REFERENCES counter_line ON DELETE CASCADE,
    from_at   timestamptz NOT NULL,
    until     timestamptz NOT NULL CHECK (until > from_at),
    ins       integer NOT NULL,
    outs      integer NOT NULL,
    heard_at  timestamptz NOT NULL,
    PRIMARY KEY (counter_line_id, from_at, until)
);
COMMENT ON TABLE counter_interval IS 'Intervals that are counted: the same one, pushed again, changes nothing. Kept for 90 days.';
COMMENT ON COLUMN counter_interval.ins IS 'All that is counted as in within it, be it as this interval or as finer ones.';

CREATE TABLE counter_total (
    counter_line_id integer NOT NULL REFERENCES counter_line ON DELETE CASCADE,
    at        timestamptz NOT NULL,
    total     bigint NOT NULL CHECK (total >= 0),
    heard_at  timestamptz NOT NULL,
    PRIMARY KEY (counter_line_id, at, total)
);
COMMENT ON TABLE counter_total IS 'Readings of totals that only rise until they are reset: what counts is the steps between them. Kept for 90 days.';

CREATE TABLE counter_restatement (
    counter_line_id integer NOT NULL REFERENCES counter_line ON DELETE CASCADE,
    from_at     timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    ins_before  integer NOT NULL,
    outs_before integer NOT NULL,
    ins_said    integer NOT NULL,
    outs_said   integer NOT NULL,
    PRIMARY KEY (counter_line_id, from_at, until, ins_said, outs_said)
);
COMMENT ON TABLE counter_restatement IS 'Intervals of which a counter said something else than before. The higher number of each direction counts.';

CREATE TABLE counter_outbox (
    counter_id integer NOT NULL REFERENCES counter ON DELETE CASCADE,
    first_seq  bigint NOT NULL,
    covers     bigint NOT NULL CHECK (covers >= 1),
    entries    jsonb NOT NULL,
    PRIMARY KEY (counter_id, first_seq)
);
COMMENT ON TABLE counter_outbox IS 'Runs of entries on their way into the ledger. Each is taken whole or not at all, so it may go twice.';

CREATE TABLE counter_refusal (
    login    text NOT NULL,
    reason   text NOT NULL,
    times    bigint NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (login, reason)
);
COMMENT ON TABLE counter_refusal IS 'Pushes that were not taken, with the reason. Never their content: it may hold anything.';
CREATE INDEX counter_refusal_last_at ON counter_refusal (last_at);
