-- The traffic forecast: what each store may expect in the next 14 days, by hour and by day, as it was said each night.

CREATE TABLE forecast_run (
    run_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id     integer NOT NULL REFERENCES store ON DELETE CASCADE,
    first_day    date NOT NULL,
    made_at      timestamptz NOT NULL,
    version      smallint NOT NULL,
    history_days integer NOT NULL CHECK (history_days >= 0),
    model        text,
    trained_at   timestamptz,
    reason       text CHECK (reason IN ('too_new', 'not_counted')),
    off          double precision,
    off_hours    integer NOT NULL DEFAULT 0,
    inside_80    double precision,
    inside_95    double precision,
    UNIQUE (store_id, first_day),
    CHECK ((model IS NULL) = (reason IS NOT NULL))
);
COMMENT ON TABLE forecast_run IS 'One forecast of one store; the newest first_day counts. Older ones are kept for 60 days, to be held against what came.';
COMMENT ON COLUMN forecast_run.first_day IS 'The store''s first day forecast: nothing from its midnight on was looked at.';
COMMENT ON COLUMN forecast_run.version IS 'Version of the forecasting method.';
COMMENT ON COLUMN forecast_run.trained_at IS 'When the model was trained; NULL for the closed form, which is not.';
COMMENT ON COLUMN forecast_run.reason IS 'Why there is no forecast: under eight weeks of history, or nothing counted in the last ten weeks.';
COMMENT ON COLUMN forecast_run.off IS 'WAPE of the store''s earlier forecasts over the 28 days before first_day, 1 to 14 days ahead; NULL: none to judge.';
COMMENT ON COLUMN forecast_run.off_hours IS 'Forecast hours that were judged.';
COMMENT ON COLUMN forecast_run.inside_80 IS 'Share of these hours within the 80 % interval.';

CREATE TABLE forecast_hour (
    run_id   bigint NOT NULL REFERENCES forecast_run ON DELETE CASCADE,
    hour_at  timestamptz NOT NULL,
    visitors double precision NOT NULL CHECK (visitors >= 0),
    low_80   double precision,
    high_80  double precision,
    low_95   double precision,
    high_95  double precision,
    PRIMARY KEY (run_id, hour_at)
);
COMMENT ON TABLE forecast_hour IS 'Expected visitors in the part of a local hour that the store is open. Closed hours have no row.';
COMMENT ON COLUMN forecast_hour.hour_at IS 'Start of the local hour.';

CREATE TABLE forecast_day (
    run_id   bigint NOT NULL REFERENCES forecast_run ON DELETE CASCADE,
    day      date NOT NULL,
    visitors double precision NOT NULL CHECK (visitors >= 0),
    low_80   double precision,
    high_80  double precision,
    low_95   double precision,
    high_95  double precision,
    PRIMARY KEY (run_id, day)
);
COMMENT ON TABLE forecast_day IS 'Expected visitors of a local day. Its interval is the day''s own: hours that miss do not miss all to one side.';
