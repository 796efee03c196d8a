-- Who keeps what for how long: minute-level rows at most 90 days, aggregates for good.

-- :timescale
ALTER TABLE crossing SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE zone_visit SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE queue_sample SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE queue_exit SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE occupancy_sample SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE camera_uptime SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE line_register SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
SELECT add_compression_policy('crossing', INTERVAL '14 days');
SELECT add_compression_policy('zone_visit', INTERVAL '14 days');
SELECT add_compression_policy('queue_sample', INTERVAL '14 days');
SELECT add_compression_policy('queue_exit', INTERVAL '14 days');
SELECT add_compression_policy('occupancy_sample', INTERVAL '14 days');
SELECT add_compression_policy('camera_uptime', INTERVAL '14 days');
SELECT add_compression_policy('line_register', INTERVAL '14 days');
SELECT add_retention_policy('crossing', INTERVAL '90 days');
SELECT add_retention_policy('zone_visit', INTERVAL '90 days');
SELECT add_retention_policy('queue_sample', INTERVAL '90 days');
SELECT add_retention_policy('queue_exit', INTERVAL '90 days');
SELECT add_retention_policy('occupancy_sample', INTERVAL '90 days');
SELECT add_retention_policy('camera_uptime', INTERVAL '90 days');
SELECT add_retention_policy('line_register', INTERVAL '90 days');
-- A refresh reaches back 80 days for late data and never further than retention keeps: a bucket whose raw rows are
-- gone must not be refreshed to nothing.
SELECT add_continuous_aggregate_policy('line_traffic_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');
SELECT add_continuous_aggregate_policy('line_traffic_hour', INTERVAL '80 days', INTERVAL '1 hour', INTERVAL '1 hour');
SELECT add_continuous_aggregate_policy('zone_visit_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');
SELECT add_continuous_aggregate_policy('queue_exit_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');
SELECT add_continuous_aggregate_policy('queue_length_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');
SELECT add_continuous_aggregate_policy('occupancy_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');
SELECT add_continuous_aggregate_policy('camera_uptime_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes');

CREATE PROCEDURE maintain(p_now timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fill_store_calendar(store_id, (p_now + INTERVAL '1 day')::date, (p_now + INTERVAL '400 days')::date)
    FROM store;
END $$;

-- :plain
CREATE PROCEDURE maintain(p_now timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    -- A whole hour, so that no bucket is split between the archive and the raw rows.
    v_cutoff timestamptz := time_bucket('1 hour', p_now - INTERVAL '90 days');
BEGIN
    PERFORM fill_store_calendar(store_id, (p_now + INTERVAL '1 day')::date, (p_now + INTERVAL '400 days')::date)
    FROM store;
    PERFORM archive_rollups(v_cutoff);
    DELETE FROM line_register WHERE at < v_cutoff;
END $$;

-- :both
COMMENT ON PROCEDURE maintain IS 'Daily housekeeping: extends every store''s calendar and keeps raw rows at most 90 days.';
