-- Alarms: what needed a person at a box or in a store, from when to when.

CREATE TABLE alarm (
    alarm_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    store_id integer NOT NULL REFERENCES store ON DELETE CASCADE,
    subject  text NOT NULL,
    code     text NOT NULL,
    place    text NOT NULL,
    detail   text NOT NULL,
    number   double precision,
    since    timestamptz,
    began_at timestamptz NOT NULL,
    ended_at timestamptz CHECK (ended_at >= began_at)
);
COMMENT ON TABLE alarm IS 'A finding from when it was seen first until it was seen no more; kept for 90 days after that.';
COMMENT ON COLUMN alarm.kind IS 'Which look finds it: device, gap or finding.';
COMMENT ON COLUMN alarm.subject IS 'What tells it from others of its kind in the store.';
COMMENT ON COLUMN alarm.code IS 'The finding''s code, which has its severity and its words.';
COMMENT ON COLUMN alarm.place IS 'The box, camera, line or door that it is about; empty: the store.';
COMMENT ON COLUMN alarm.since IS 'Since when it was so by what is known of it; NULL: that is not known.';
COMMENT ON COLUMN alarm.ended_at IS 'NULL while it lasts.';
CREATE UNIQUE INDEX alarm_open ON alarm (kind, store_id, subject) WHERE ended_at IS NULL;
CREATE INDEX alarm_ended ON alarm (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE alarm_look (
    kind text PRIMARY KEY,
    at   timestamptz NOT NULL
);
COMMENT ON TABLE alarm_look IS 'When each kind of alarm was looked for last: a list that nobody renews must not pass for a quiet one.';
