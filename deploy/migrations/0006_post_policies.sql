-- Who keeps what for how long: minute-level rows at most 90 days, aggregates for good.

-- :timescale
ALTER TABLE crossing SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE zone_visit SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE queue_sample SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE queue_exit SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE occupancy_sample SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE camera_uptime SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE line_register SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE heat SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
ALTER TABLE flow SET (timescaledb.compress, timescaledb.compress_segmentby = 'store_id', timescaledb.compress_orderby = 'at');
SELECT add_compression_policy('crossing', INTERVAL '14 days');
SELECT add_compression_policy('zone_visit', INTERVAL '14 days');
SELECT add_compression_policy('queue_sample', INTERVAL '14 days');
SELECT add_compression_policy('queue_exit', INTERVAL '14 days');
SELECT add_compression_policy('occupancy_sample', INTERVAL '14 days');
SELECT add_compression_policy('camera_uptime', INTERVAL '14 days');
SELECT add_compression_policy('line_register', INTERVAL '14 days');
SELECT add_compression_policy('heat', INTERVAL '14 days');
SELECT add_compression_policy('flow', INTERVAL '14 days');
-- Nothing is computed from it, so it may go by itself.
SELECT add_retention_policy('line_register', INTERVAL '82 days');
-- A refresh reaches back 80 days for late data and never to what `maintain` has dropped: a dropped chunk counts as
-- changed, and refreshing it would empty its buckets. `maintain` refreshes what is older.
-- By default each bucket would be refreshed in a transaction of its own: take a day at a time (TimescaleDB 2.20).
SELECT add_continuous_aggregate_policy('line_traffic_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);
SELECT add_continuous_aggregate_policy('line_traffic_hour', INTERVAL '80 days', INTERVAL '1 hour', INTERVAL '1 hour', buckets_per_batch => 24);
SELECT add_continuous_aggregate_policy('zone_visit_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);
SELECT add_continuous_aggregate_policy('queue_exit_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);
SELECT add_continuous_aggregate_policy('queue_length_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);
SELECT add_continuous_aggregate_policy('occupancy_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);
SELECT add_continuous_aggregate_policy('camera_uptime_15m', INTERVAL '80 days', INTERVAL '15 minutes', INTERVAL '15 minutes', buckets_per_batch => 96);

CREATE PROCEDURE drop_rolled_up(p_source text, p_before timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    v_until timestamptz;
    v_late  bigint;
BEGIN
    SELECT max(range_end) INTO v_until
    FROM timescaledb_information.chunks
    WHERE hypertable_schema = current_schema() AND hypertable_name = p_source AND range_end <= p_before;
    IF v_until IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT count(*) FROM %I WHERE at < (SELECT max(kept_from) FROM rollup WHERE source = %L)', p_source, p_source)
    INTO v_late;
    IF v_late > 0 THEN
        RAISE WARNING '% rows of % came after their week was closed: no rollup counts them', v_late, p_source;
    END IF;
    UPDATE rollup SET kept_from = GREATEST(kept_from, v_until) WHERE source = p_source;
    PERFORM drop_chunks(p_source::regclass, older_than => v_until);
END $$;

COMMENT ON PROCEDURE drop_rolled_up IS 'Drops the chunks that end before a moment and remembers that their time is closed.';

-- Chunks hold 7 days and go as a whole, `maintain` runs daily: 82 + 7 + 1 days is the oldest that a row becomes.
-- Refreshing needs transactions of its own: CALL it outside of any.
CREATE PROCEDURE maintain(p_now timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    PERFORM fill_store_calendar(store_id, (p_now + INTERVAL '1 day')::date, (p_now + INTERVAL '400 days')::date)
    FROM store;
    COMMIT;
    FOR r IN SELECT name, kept_from FROM rollup ORDER BY rollup_id LOOP
        CALL refresh_continuous_aggregate(r.name::regclass, r.kept_from, p_now);
        -- What a refresh changed is noted when it commits: a rollup of this rollup must see it.
        COMMIT;
    END LOOP;
    FOR r IN SELECT DISTINCT source FROM rollup WHERE of_raw LOOP
        CALL drop_rolled_up(r.source, p_now - INTERVAL '82 days');
        COMMIT;
    END LOOP;
END $$;

CREATE PROCEDURE maintain_job(job_id integer, config jsonb) LANGUAGE plpgsql AS $$
BEGIN
    CALL maintain(now());
END $$;
COMMENT ON PROCEDURE maintain_job IS 'maintain() as TimescaleDB''s scheduler calls it.';
SELECT add_job('maintain_job', INTERVAL '1 day');

-- :plain
CREATE PROCEDURE maintain(p_now timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    -- A whole hour, so that no bucket is split between the archive and the raw rows; a day's grace, as it runs daily.
    v_cutoff timestamptz := time_bucket('1 hour', p_now - INTERVAL '89 days');
BEGIN
    PERFORM fill_store_calendar(store_id, (p_now + INTERVAL '1 day')::date, (p_now + INTERVAL '400 days')::date)
    FROM store;
    PERFORM archive_rollups(v_cutoff);
    DELETE FROM line_register WHERE at < v_cutoff;
END $$;

-- :both
COMMENT ON PROCEDURE maintain IS 'Daily housekeeping: extends every store''s calendar and keeps raw rows at most 90 days.';
