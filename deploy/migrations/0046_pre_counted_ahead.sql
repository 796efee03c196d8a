-- Quarter-hours are counted when they are over, not when their raw rows go (docs/adr/0035): what plain PostgreSQL answers
-- of today comes from NAME_archive, too, but for the last minutes. TimescaleDB's continuous aggregates do that by themselves.

-- :plain
-- Whoever waits for a lock lets nobody else pass: rather say so, and be run again.
SET LOCAL lock_timeout = '10s';

CREATE TABLE bucket_mark (
    mark_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id integer NOT NULL,
    bucket   timestamptz NOT NULL
);
COMMENT ON TABLE bucket_mark IS 'Quarter-hours to be read from raw rows until they are counted again: a row came late, was changed or deleted. Written with it in one transaction.';
CREATE INDEX bucket_mark_bucket ON bucket_mark (store_id, bucket);

CREATE FUNCTION read_counted(p_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_rest text;
BEGIN
    SELECT string_agg(format('r.%I', attname), ', ' ORDER BY attnum) INTO v_rest
    FROM pg_attribute
    WHERE attrelid = p_name::regclass AND attnum > 0 AND attname NOT IN ('bucket', 'store_id');
    -- NOT IN looks marks up in a hash table; OFFSET 0 keeps the planner from reading all raw rows of a store before it looks
    -- for marks, of which there are few.
    -- Of time whose raw rows are gone a late row is not the whole bucket: it stands beside what was counted.
    EXECUTE format(
        'CREATE OR REPLACE VIEW %1$I AS'
        ' SELECT * FROM %2$I WHERE (store_id, bucket) NOT IN ('
        '     SELECT store_id, bucket FROM bucket_mark WHERE bucket >= (SELECT kept_from FROM rollup WHERE name = %1$L))'
        ' UNION ALL SELECT r.* FROM %3$I AS r WHERE r.bucket >= (SELECT counted_until FROM rollup WHERE name = %1$L)'
        ' UNION ALL SELECT m.bucket, m.store_id, %4$s'
        ' FROM (SELECT DISTINCT bucket, store_id FROM bucket_mark) AS m'
        ' CROSS JOIN LATERAL (SELECT * FROM %3$I AS r WHERE r.store_id = m.store_id AND r.bucket = m.bucket OFFSET 0) AS r'
        ' WHERE m.bucket < (SELECT counted_until FROM rollup WHERE name = %1$L)',
        p_name, p_name || '_archive', p_name || '_recent', v_rest
    );
    EXECUTE format('COMMENT ON TABLE %I IS %L', p_name || '_archive', p_name || ' as it was counted once a bucket was over.');
END $$;
COMMENT ON FUNCTION read_counted IS 'Makes a rollup of raw rows read what was counted of it: for each one that a migration adds.';

-- By the clock on the wall, not the transaction's: what is younger than 5 minutes lies in no bucket that was counted, as
-- `count_quarter_hours` leaves each one 10 minutes of rest and waits for those who were writing then. The last marks are
-- remembered in the transaction, as late rows come in runs.
CREATE FUNCTION mark_bucket(p_store_id integer, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_bucket timestamptz := time_bucket('15 minutes', p_at);
    v_mark   text := concat(' ', p_store_id, ':', (EXTRACT(epoch FROM v_bucket) / 900)::integer, ' ');
    v_marked text := COALESCE(current_setting('footfall.buckets', true), '');
BEGIN
    IF strpos(v_marked, v_mark) = 0 THEN
        INSERT INTO bucket_mark (store_id, bucket) VALUES (p_store_id, v_bucket);
        PERFORM set_config('footfall.buckets', left(v_mark || v_marked, 8000), true);
    END IF;
END $$;
COMMENT ON FUNCTION mark_bucket IS 'Marks a quarter-hour of a store, once a transaction.';

CREATE FUNCTION mark_late_bucket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_bucket(NEW.store_id, NEW.at);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION mark_late_bucket IS 'Marks the quarter-hour of a row that came late.';

CREATE FUNCTION mark_changed_bucket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_bucket(OLD.store_id, OLD.at);
    IF TG_OP = 'UPDATE' THEN
        PERFORM mark_bucket(NEW.store_id, NEW.at);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION mark_changed_bucket IS 'Marks the quarter-hour of a raw row that was changed or deleted by hand.';

-- One look at the clock for both marks: rows in time pay for one comparison.
CREATE OR REPLACE FUNCTION mark_late_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_date   date;
    v_mark   text;
    v_marked text;
BEGIN
    PERFORM mark_bucket(NEW.store_id, NEW.at);
    IF NEW.at < now() - INTERVAL '3 hours' THEN
        v_date := (NEW.at AT TIME ZONE 'UTC')::date;
        v_mark := concat(' ', NEW.store_id, ':', v_date, ' ');
        v_marked := COALESCE(current_setting('footfall.marked', true), '');
        IF strpos(v_marked, v_mark) = 0 THEN
            INSERT INTO store_day_mark (store_id, utc_date) VALUES (NEW.store_id, v_date);
            PERFORM set_config('footfall.marked', left(v_mark || v_marked, 8000), true);
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- A trigger is replaced, not dropped: until this is committed writers of raw rows wait, and readers do not.
DO $$
DECLARE
    v_kept timestamptz;
    r      record;
BEGIN
    FOR r IN SELECT source, min(rollup_id) AS first FROM rollup WHERE of_raw GROUP BY source ORDER BY first LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER late AFTER INSERT ON %I FOR EACH ROW'
                       ' WHEN (NEW.at < clock_timestamp() - INTERVAL ''5 minutes'') EXECUTE FUNCTION %I()',
                       r.source,
                       CASE WHEN r.source IN ('crossing', 'camera_uptime') THEN 'mark_late_row' ELSE 'mark_late_bucket' END);
        EXECUTE format('CREATE TRIGGER changed AFTER UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION mark_changed_bucket()', r.source);
        EXECUTE format('CREATE TRIGGER gone AFTER DELETE ON %I FOR EACH ROW'
                       ' WHEN (current_setting(''footfall.retention'', true) IS DISTINCT FROM ''on'')'
                       ' EXECUTE FUNCTION mark_changed_bucket()', r.source);
        -- What came after its time was archived has waited for the next `maintain` without a mark until now. By store: the
        -- index finds these few rows among all that there are.
        SELECT max(kept_from) INTO v_kept FROM rollup WHERE of_raw;
        EXECUTE format('INSERT INTO bucket_mark (store_id, bucket) SELECT s.store_id, r.bucket FROM store AS s'
                       ' CROSS JOIN LATERAL ('
                       '     SELECT DISTINCT time_bucket(''15 minutes'', at) AS bucket FROM %I'
                       '     WHERE store_id = s.store_id AND time_bucket(''15 minutes'', at) < $1 AND at < $1'
                       ' ) AS r', r.source) USING v_kept;
    END LOOP;
END $$;

-- Every reader of a rollup waits from here on.
ALTER TABLE rollup ADD COLUMN counted_until timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN rollup.counted_until IS 'Of raw rollups: buckets before it are read from NAME_archive, later ones from raw rows.';
SELECT read_counted(name) FROM rollup WHERE of_raw ORDER BY rollup_id;
-- From here on everything is read as before until it is counted for the first time.
UPDATE rollup SET counted_until = kept_from WHERE of_raw;

CREATE FUNCTION count_buckets(p_until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_counted timestamptz;
    v_kept    timestamptz;
    v_marks   bigint[];
    r         record;
BEGIN
    PERFORM FROM rollup WHERE of_raw ORDER BY rollup_id FOR UPDATE; -- one at a time
    SELECT max(counted_until), max(kept_from) INTO v_counted, v_kept FROM rollup WHERE of_raw;
    -- A mark that comes later stays for the next time. One of time whose raw rows are gone is for archive_rollups.
    SELECT array_agg(mark_id) INTO v_marks FROM bucket_mark WHERE bucket >= LEAST(v_counted, v_kept);
    FOR r IN SELECT name || '_archive' AS archive, name || '_recent' AS recent FROM rollup WHERE of_raw ORDER BY rollup_id LOOP
        IF v_marks IS NOT NULL THEN
            -- What goes and what is counted instead are of one moment: one statement.
            EXECUTE format(
                'WITH marked AS (SELECT DISTINCT store_id, bucket FROM bucket_mark'
                '                WHERE mark_id = ANY($1) AND bucket >= $2 AND bucket < $3),'
                ' gone AS (DELETE FROM %1$I AS k USING marked AS m WHERE k.store_id = m.store_id AND k.bucket = m.bucket)'
                ' INSERT INTO %1$I SELECT r.* FROM marked AS m'
                ' CROSS JOIN LATERAL (SELECT * FROM %2$I AS r WHERE r.store_id = m.store_id AND r.bucket = m.bucket OFFSET 0) AS r',
                r.archive, r.recent
            ) USING v_marks, v_kept, v_counted;
        END IF;
        IF p_until > v_counted THEN
            -- By store, kept so by OFFSET 0: the index finds the few new rows among all that there are.
            EXECUTE format(
                'INSERT INTO %1$I SELECT r.* FROM (SELECT store_id FROM store ORDER BY store_id) AS s'
                ' CROSS JOIN LATERAL ('
                '     SELECT * FROM %2$I AS r WHERE r.store_id = s.store_id AND r.bucket >= $1 AND r.bucket < $2 OFFSET 0'
                ' ) AS r',
                r.archive, r.recent
            ) USING v_counted, p_until;
        END IF;
    END LOOP;
    DELETE FROM bucket_mark WHERE mark_id = ANY(v_marks);
    UPDATE rollup SET counted_until = p_until WHERE of_raw AND counted_until < p_until;
END $$;
COMMENT ON FUNCTION count_buckets IS 'Counts quarter-hours up to a moment by which every row in time was committed, and marked ones anew.';

CREATE FUNCTION uncount_buckets(p_from timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_from timestamptz := GREATEST(p_from, (SELECT max(kept_from) FROM rollup WHERE of_raw));
    r      record;
BEGIN
    FOR r IN SELECT name || '_archive' AS archive FROM rollup WHERE of_raw ORDER BY rollup_id FOR UPDATE LOOP
        EXECUTE format('DELETE FROM %I WHERE bucket >= $1', r.archive) USING v_from;
    END LOOP;
    UPDATE rollup SET counted_until = v_from WHERE of_raw AND counted_until > v_from;
END $$;
COMMENT ON FUNCTION uncount_buckets IS 'Has the quarter-hours from a moment on read from raw rows again, as far as these are there.';

CREATE PROCEDURE count_quarter_hours(p_now timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    v_now    timestamptz := clock_timestamp();
    v_until  timestamptz := time_bucket('15 minutes', LEAST(p_now, v_now) - INTERVAL '10 minutes');
    v_at     timestamptz := (SELECT max(counted_until) FROM rollup WHERE of_raw);
    v_writer xid8;
BEGIN
    IF v_at > v_now - INTERVAL '10 minutes' THEN
        -- The clock was set back: what came since was taken for rows in time, in quarter-hours that were counted already.
        PERFORM uncount_buckets(time_bucket('15 minutes', v_now - INTERVAL '1 hour'));
        SELECT max(counted_until) INTO v_at FROM rollup WHERE of_raw;
    END IF;
    IF v_until <= v_at AND NOT EXISTS (SELECT FROM bucket_mark) THEN
        RETURN;
    END IF;
    -- Whoever was writing when the clock was read may hold rows that were in time: their transactions end first.
    v_writer := pg_current_xact_id();
    COMMIT;
    WHILE pg_snapshot_xmin(pg_current_snapshot()) < v_writer LOOP
        IF clock_timestamp() > v_now + INTERVAL '10 seconds' THEN
            v_until := v_at;
            EXIT;
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
    -- After an upgrade, or a long rest: a day at a time.
    v_at := GREATEST(v_at, LEAST(v_until, v_now - INTERVAL '100 days'));
    LOOP
        v_at := LEAST(time_bucket('15 minutes', v_at) + INTERVAL '1 day', GREATEST(v_at, v_until));
        PERFORM count_buckets(v_at);
        COMMIT;
        EXIT WHEN v_at >= v_until;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION archive_rollups(p_cutoff timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_counted timestamptz;
    r         record;
BEGIN
    PERFORM FROM rollup WHERE of_raw ORDER BY rollup_id FOR UPDATE; -- as count_buckets
    SELECT max(counted_until) INTO v_counted FROM rollup WHERE of_raw;
    FOR r IN SELECT DISTINCT source FROM rollup WHERE of_raw LOOP
        -- A late row committed between the copy and the deletion would be deleted uncounted.
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', r.source);
    END LOOP;
    PERFORM count_buckets(v_counted);
    FOR r IN SELECT name, kept_from FROM rollup WHERE of_raw LOOP
        -- What was not counted yet, and what came to time whose raw rows are gone.
        EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE bucket < $1 AND (bucket < $2 OR bucket >= $3)',
                       r.name || '_archive', r.name || '_recent') USING p_cutoff, r.kept_from, v_counted;
    END LOOP;
    PERFORM set_config('footfall.retention', 'on', true);
    FOR r IN SELECT DISTINCT source FROM rollup WHERE of_raw LOOP
        EXECUTE format('DELETE FROM %I WHERE at < %L', r.source, p_cutoff);
    END LOOP;
    PERFORM set_config('footfall.retention', 'off', true);
    DELETE FROM bucket_mark WHERE bucket < p_cutoff;
    -- Not into time that is still being written, whatever the cutoff: what is written is in time there, and not marked.
    UPDATE rollup
    SET kept_from = GREATEST(kept_from, p_cutoff),
        counted_until = GREATEST(counted_until, LEAST(p_cutoff, time_bucket('15 minutes', clock_timestamp() - INTERVAL '10 minutes')))
    WHERE of_raw;
END $$;
COMMENT ON FUNCTION archive_rollups IS 'Deletes raw rows before the cutoff, once every one of them is counted in its rollup''s archive.';

-- As on TimescaleDB: where raw rows are gone, the rollup is asked; where they are there, they say what was known.
CREATE OR REPLACE FUNCTION past.with_what_is_gone(p_name text, p_body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s UNION ALL SELECT * FROM public.%I WHERE bucket < (SELECT kept_from FROM public.rollup WHERE name = %L)',
                  p_body, p_name || '_archive', p_name);
$$;
SELECT past.follow(name) FROM rollup WHERE of_raw ORDER BY rollup_id;

-- :timescale
CREATE PROCEDURE count_quarter_hours(p_now timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    NULL; -- continuous aggregates are refreshed by their policies
END $$;

-- :both
COMMENT ON PROCEDURE count_quarter_hours IS 'Counts the quarter-hours that are over, and those that have changed. Commits on its way: CALL it outside of any transaction.';

-- Which lines of a store count is asked of the stores in question, no more of all: one grouping, and its key the store's.
-- The fingerprint stays what it was, or every day would be counted anew.
CREATE OR REPLACE VIEW store_basis AS
SELECT s.store_id,
       md5(concat(
           string_agg(concat_ws(',', l.line_id, l.role, v.camera_id, EXTRACT(epoch FROM v.from_at), EXTRACT(epoch FROM v.until)),
                      ';' ORDER BY l.line_id) FILTER (WHERE l.line_id IS NOT NULL),
           '|',
           (
               SELECT string_agg(concat_ws(',', a.line_id, EXTRACT(epoch FROM a.from_at), EXTRACT(epoch FROM a.until)),
                                 ';' ORDER BY a.line_id, a.counted_line_id)
               FROM line_set_aside AS a
               WHERE a.store_id = s.store_id
           )
       )) AS basis
FROM store AS s
LEFT JOIN line AS l ON l.store_id = s.store_id AND l.role IN ('entrance', 'pass_by')
LEFT JOIN line_service AS v ON v.line_id = l.line_id
GROUP BY s.store_id;

CREATE OR REPLACE VIEW store_day_kept AS
SELECT b.store_id, d.business_date, d.from_at, d.until, d.till_until, d.ins, d.outs, d.staff_ins, d.grouped_ins,
       d.buying_units, d.passers, d.expected_s, d.up_s, d.doors_down, d.street_expected_s, d.street_up_s, d.streets_down,
       d.transactions, d.refunds, d.net_sales, d.units
FROM store_day AS d
JOIN store_basis AS b ON b.store_id = d.store_id AND b.basis = d.basis
WHERE NOT EXISTS (
    SELECT FROM store_day_mark AS m
    WHERE m.store_id = d.store_id
      AND m.utc_date BETWEEN (d.from_at AT TIME ZONE 'UTC')::date AND (d.till_until AT TIME ZONE 'UTC')::date
);
