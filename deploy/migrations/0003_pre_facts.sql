-- Fact tables: one per ledger kind, written by COPY only. No unique index: the ledger's ranges keep them exact.

CREATE TABLE crossing (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    line_id     integer NOT NULL,
    inward      boolean NOT NULL,
    staff       boolean,
    group_size  smallint,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE crossing IS 'One person crossed a line.';
COMMENT ON COLUMN crossing.at IS 'Interpolated moment of the crossing.';
COMMENT ON COLUMN crossing.inward IS 'True: in. False: out.';
COMMENT ON COLUMN crossing.staff IS 'NULL: not assessed.';
COMMENT ON COLUMN crossing.group_size IS 'Size of the buying unit the person crossed with; NULL: not assessed.';

CREATE TABLE zone_visit (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    zone_id     integer NOT NULL,
    dwell_s     real NOT NULL,
    censored    boolean NOT NULL,
    staff       boolean,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE zone_visit IS 'One stay in a zone, written when it ended.';
COMMENT ON COLUMN zone_visit.censored IS 'The true end was not seen: the stay lasted at least dwell_s.';

CREATE TABLE queue_sample (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    zone_id     integer NOT NULL,
    length      integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE queue_sample IS 'People in a queue zone at a moment.';

CREATE TABLE queue_exit (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    zone_id     integer NOT NULL,
    wait_s      real NOT NULL,
    served      boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE queue_exit IS 'One person left a queue, served or not.';

CREATE TABLE occupancy_sample (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    zone_id     integer NOT NULL,
    people      integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE occupancy_sample IS 'People seen in a zone at a moment.';

CREATE TABLE heat (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    camera_id   integer NOT NULL,
    columns     smallint NOT NULL,
    rows        smallint NOT NULL,
    person_s    integer[] NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE heat IS 'Person-seconds per cell of a camera''s view in the 15 minutes from `at`, row by row.';

CREATE TABLE flow (
    at           timestamptz NOT NULL,
    store_id     integer NOT NULL,
    from_zone_id integer NOT NULL,
    to_zone_id   integer NOT NULL,
    people       integer NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE flow IS 'People who went from one zone to another in the 15 minutes from `at`.';

CREATE TABLE line_register (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    line_id     integer NOT NULL,
    epoch_id    integer NOT NULL,
    in_total    bigint NOT NULL,
    out_total   bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE line_register IS 'A line''s cumulative counts since its epoch began: they check the single crossings.';

CREATE TABLE camera_uptime (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    camera_id   integer NOT NULL,
    period_s    real NOT NULL,
    up_s        real NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE camera_uptime IS 'How long of the period from `at` a camera was watched.';

-- :plain
CREATE FUNCTION time_bucket(p_width interval, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT date_bin(p_width, p_at, TIMESTAMPTZ '2000-01-03 00:00:00+00');
$$;
COMMENT ON FUNCTION time_bucket IS 'TimescaleDB''s function of this name, for fixed widths.';

-- Rollup views filter by bucket: the index is on what they filter.
CREATE INDEX crossing_bucket ON crossing (store_id, time_bucket('15 minutes', at));
CREATE INDEX zone_visit_bucket ON zone_visit (store_id, time_bucket('15 minutes', at));
CREATE INDEX queue_sample_bucket ON queue_sample (store_id, time_bucket('15 minutes', at));
CREATE INDEX queue_exit_bucket ON queue_exit (store_id, time_bucket('15 minutes', at));
CREATE INDEX occupancy_sample_bucket ON occupancy_sample (store_id, time_bucket('15 minutes', at));
CREATE INDEX camera_uptime_bucket ON camera_uptime (store_id, time_bucket('15 minutes', at));
CREATE INDEX heat_at ON heat (store_id, at);
CREATE INDEX flow_at ON flow (store_id, at);
CREATE INDEX line_register_at ON line_register (store_id, at);

-- :timescale
SELECT create_hypertable('crossing', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('zone_visit', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('queue_sample', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('queue_exit', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('occupancy_sample', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('camera_uptime', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('line_register', by_range('at', INTERVAL '7 days'), create_default_indexes => false);
SELECT create_hypertable('heat', by_range('at', INTERVAL '28 days'), create_default_indexes => false);
SELECT create_hypertable('flow', by_range('at', INTERVAL '28 days'), create_default_indexes => false);
CREATE INDEX crossing_at ON crossing (store_id, at);
CREATE INDEX zone_visit_at ON zone_visit (store_id, at);
CREATE INDEX queue_sample_at ON queue_sample (store_id, at);
CREATE INDEX queue_exit_at ON queue_exit (store_id, at);
CREATE INDEX occupancy_sample_at ON occupancy_sample (store_id, at);
CREATE INDEX camera_uptime_at ON camera_uptime (store_id, at);
CREATE INDEX line_register_at ON line_register (store_id, at);
CREATE INDEX heat_at ON heat (store_id, at);
CREATE INDEX flow_at ON flow (store_id, at);
