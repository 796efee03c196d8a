-- Standards: settings that head office lays over its stores' own, and their roll-out, a share of the boxes at a time.

CREATE TABLE standard (
    standard_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE
);
COMMENT ON TABLE standard IS 'A named set of settings for many boxes; its numbered versions are never changed.';

CREATE TABLE standard_version (
    standard_id integer NOT NULL REFERENCES standard,
    number      integer NOT NULL CHECK (number >= 1),
    settings    text NOT NULL,
    at          timestamptz NOT NULL,
    by_whom     text NOT NULL,
    why         text,
    PRIMARY KEY (standard_id, number)
);
COMMENT ON TABLE standard_version IS 'What a standard says, version by version.';
COMMENT ON COLUMN standard_version.settings IS 'TOML as contract/standard.py reads it.';

CREATE TABLE rollout (
    rollout_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    standard_id integer NOT NULL,
    number      integer NOT NULL,
    share       double precision NOT NULL CHECK (share > 0 AND share <= 1),
    stores      text[],
    at_once     integer NOT NULL CHECK (at_once >= 1),
    tolerated   double precision NOT NULL CHECK (tolerated >= 0 AND tolerated <= 1),
    state       text NOT NULL CHECK (state IN ('running', 'paused', 'stopped', 'finished', 'ended', 'taken back')),
    FOREIGN KEY (standard_id, number) REFERENCES standard_version
);
COMMENT ON TABLE rollout IS 'A version of a standard on its way to a share of the boxes.';
COMMENT ON COLUMN rollout.stores IS 'Codes of the stores whose boxes it is for; NULL: all.';
COMMENT ON COLUMN rollout.at_once IS 'So many boxes may be under way and undecided at a time.';
COMMENT ON COLUMN rollout.tolerated IS 'It stops by itself when a larger share of its boxes, and more than one, refuse or roll back.';
COMMENT ON COLUMN rollout.state IS 'stopped: by itself; finished: all boxes there are have decided; ended: by a person, or another version took its place.';
CREATE UNIQUE INDEX rollout_active ON rollout ((true)) WHERE state IN ('running', 'paused', 'stopped');

CREATE TABLE rollout_device (
    rollout_id  integer NOT NULL REFERENCES rollout,
    device_id   integer NOT NULL REFERENCES device,
    place       integer NOT NULL,
    before      jsonb,
    version     bigint,
    released_at timestamptz,
    outcome     text CHECK (outcome IN ('runs', 'refused', 'rolled_back')),
    reason      text,
    decided_at  timestamptz,
    PRIMARY KEY (rollout_id, device_id)
);
COMMENT ON TABLE rollout_device IS 'The boxes of a roll-out: once in, a box stays in.';
COMMENT ON COLUMN rollout_device.place IS 'Its place in the order, by hash: the same for a standard from roll-out to roll-out.';
COMMENT ON COLUMN rollout_device.before IS 'The standard that was desired of it before; NULL: none.';
COMMENT ON COLUMN rollout_device.version IS 'The desired version that brings it; NULL: not its turn yet, or offline.';

CREATE TABLE rollout_event (
    at         timestamptz NOT NULL,
    rollout_id integer NOT NULL REFERENCES rollout,
    action     text NOT NULL CHECK (action IN (
        'started', 'widened', 'paused', 'resumed', 'stopped', 'finished', 'ended', 'taken back'
    )),
    by_whom    text NOT NULL,
    detail     text
);
COMMENT ON TABLE rollout_event IS 'What was decided about a roll-out; by_whom roll-out: by itself.';
CREATE INDEX rollout_event_rollout ON rollout_event (rollout_id, at);
