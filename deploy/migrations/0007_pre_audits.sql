-- Audits: how well a line counts, as a person found who tapped everybody in and out. A few rows a month, kept for good
-- and never rolled up: an ordinary table on both flavours.

CREATE TABLE line_audit (
    at          timestamptz NOT NULL,
    store_id    integer NOT NULL,
    line_id     integer NOT NULL,
    duration_s  real NOT NULL,
    auditor     text NOT NULL,
    complete    boolean NOT NULL,
    lag_s       real NOT NULL,
    in_truth    integer NOT NULL,
    in_counted  integer NOT NULL,
    in_matched  integer NOT NULL,
    out_truth   integer NOT NULL,
    out_counted integer NOT NULL,
    out_matched integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CHECK (in_matched <= LEAST(in_truth, in_counted)),
    CHECK (out_matched <= LEAST(out_truth, out_counted))
);
COMMENT ON TABLE line_audit IS 'One audit of a line: a person tapped everybody who crossed it.';
COMMENT ON COLUMN line_audit.at IS 'When the audit began.';
COMMENT ON COLUMN line_audit.duration_s IS 'Seconds of tapping, pauses left out.';
COMMENT ON COLUMN line_audit.auditor IS 'What the person entered: initials at most.';
COMMENT ON COLUMN line_audit.complete IS 'False: abandoned, or the camera was dark meanwhile. Kept as a record, counted nowhere.';
COMMENT ON COLUMN line_audit.lag_s IS 'How long the taps lay after the crossings; taken out before matching.';
COMMENT ON COLUMN line_audit.in_truth IS 'People tapped in.';
COMMENT ON COLUMN line_audit.in_counted IS 'People the device counted in.';
COMMENT ON COLUMN line_audit.in_matched IS 'Taps and counts that belong together, one to one: misses = truth - matched, doubles = counted - matched.';
CREATE INDEX line_audit_at ON line_audit (store_id, line_id, at);
