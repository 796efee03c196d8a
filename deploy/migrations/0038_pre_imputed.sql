-- What was estimated for hours in which a camera did not count. It lies beside what was counted and never in it.

CREATE TABLE imputation (
    imputation_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id      integer NOT NULL REFERENCES store ON DELETE CASCADE,
    first         date NOT NULL,
    last          date NOT NULL CHECK (last >= first),
    method        text NOT NULL,
    model_version text NOT NULL,
    wape          double precision NOT NULL,
    tested_hours  bigint NOT NULL,
    made_at       timestamptz NOT NULL,
    reverted_at   timestamptz
);
COMMENT ON TABLE imputation IS 'One estimate of a store''s missing line-hours, by the method that did best on hours that were counted.';
COMMENT ON COLUMN imputation.wape IS 'Sum of absolute errors over sum of visitors, on hours that were counted and hidden from the method.';
COMMENT ON COLUMN imputation.reverted_at IS 'NULL: in force. A later one in force replaces what an earlier one says of the same hours.';
CREATE INDEX imputation_store ON imputation (store_id);

CREATE TABLE imputed_hour (
    imputation_id integer NOT NULL REFERENCES imputation ON DELETE CASCADE,
    line_id       integer NOT NULL REFERENCES line,
    hour          timestamptz NOT NULL,
    business_date date NOT NULL,
    missing       double precision NOT NULL CHECK (missing > 0 AND missing <= 1),
    ins           double precision NOT NULL CHECK (ins >= 0),
    low           double precision NOT NULL CHECK (low >= 0 AND low <= ins),
    high          double precision NOT NULL CHECK (high >= ins),
    method        text NOT NULL,
    PRIMARY KEY (imputation_id, line_id, hour)
);
COMMENT ON TABLE imputed_hour IS 'Visitors that a line is estimated to have missed in an hour, beside those it counted.';
COMMENT ON COLUMN imputed_hour.missing IS 'Share of the hour''s opening time that was not counted: that of an hour which `ins` is for.';
COMMENT ON COLUMN imputed_hour.low IS 'With high: 95 % of the hidden hours lay within, relative to their estimate.';

CREATE VIEW imputed_hour_now AS
SELECT DISTINCT ON (h.line_id, h.hour) i.store_id, h.business_date, h.line_id, h.hour, h.missing, h.ins, h.low, h.high, h.method,
       i.imputation_id
FROM imputed_hour AS h
JOIN imputation AS i USING (imputation_id)
WHERE i.reverted_at IS NULL
ORDER BY h.line_id, h.hour, i.imputation_id DESC;
COMMENT ON VIEW imputed_hour_now IS 'The estimates in force, the newest of each line-hour.';
