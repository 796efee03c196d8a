CREATE SCHEMA past;

COMMENT ON SCHEMA past IS 'What was known at the moment that the setting footfall.as_of names: with `past` first in search_path, every question is answered as of then.';

CREATE FUNCTION past.body_of(p_name text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT rtrim(pg_get_viewdef(to_regclass(p_name || CASE WHEN r.of_raw THEN '_recent' ELSE '' END)), ';')
    FROM (SELECT (SELECT of_raw FROM public.rollup WHERE name = p_name) AS of_raw) AS r;
$$;

COMMENT ON FUNCTION past.body_of(p_name text) IS 'The SELECT of a view or rollup, its names as the search path lets them be written.';

CREATE FUNCTION past.follow(p_name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_path   text := current_setting('search_path');
    v_of_raw boolean := EXISTS (SELECT FROM public.rollup WHERE name = p_name AND of_raw);
    v_body   text;
BEGIN
    -- Written out with bare names, and read again where these mean the past.
    PERFORM set_config('search_path', 'public', true);
    v_body := past.body_of(p_name);
    PERFORM set_config('search_path', 'past, public', true);
    IF v_of_raw THEN
        v_body := past.with_what_is_gone(p_name, v_body);
    END IF;
    EXECUTE format('CREATE OR REPLACE VIEW past.%I AS %s', p_name, v_body);
    PERFORM set_config('search_path', v_path, true);
END $$;

COMMENT ON FUNCTION past.follow(p_name text) IS 'Makes a view or rollup''s namesake in `past`, from the same SELECT over what is there.';

CREATE FUNCTION past.known_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT current_setting('footfall.as_of')::timestamptz;
$$;

COMMENT ON FUNCTION past.known_at() IS 'As of when the session asks.';

CREATE FUNCTION past.since() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT COALESCE(NULLIF(current_setting('footfall.as_of_since', true), ''), '-infinity')::timestamptz;
$$;

COMMENT ON FUNCTION past.since() IS 'From when on the session asks for what was counted: TimescaleDB does not read the chunks before.';

CREATE FUNCTION past.until() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT COALESCE(NULLIF(current_setting('footfall.as_of_until', true), ''), 'infinity')::timestamptz;
$$;

COMMENT ON FUNCTION past.until() IS 'Up to when the session asks for what was counted: TimescaleDB does not read the chunks after.';

CREATE FUNCTION past.with_what_is_gone(p_name text, p_body text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT format('%s UNION ALL SELECT * FROM public.%I WHERE bucket < (SELECT kept_from FROM public.rollup WHERE name = %L)',
                  p_body, p_name || '_archive', p_name);
$$;

COMMENT ON FUNCTION past.with_what_is_gone(p_name text, p_body text) IS 'A rollup''s SELECT over raw rows, and the rollup itself where these are gone.';

CREATE FUNCTION public.archive_rollups(p_cutoff timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.archive_rollups(p_cutoff timestamp with time zone) IS 'Deletes raw rows before the cutoff, once every one of them is counted in its rollup''s archive.';

CREATE FUNCTION public.ask_setup_picture(p_device_id integer, p_camera text, p_by text, p_why text, p_now timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    asked   uuid := gen_random_uuid();
    expires timestamptz := p_now + interval '10 minutes';
BEGIN
    INSERT INTO device_command (command_id, device_id, kind, body, at, expires_at, by_whom, why)
    VALUES (asked, p_device_id, 'take_picture',
            jsonb_build_object('kind', 'take_picture', 'id', asked, 'issued_at', p_now, 'expires_at', expires,
                               'camera', p_camera),
            p_now, expires, p_by, p_why);
    INSERT INTO setup_picture_request (command_id, camera, answer_by)
    VALUES (asked, p_camera, p_now + interval '30 minutes');
    RETURN asked;
END
$$;

COMMENT ON FUNCTION public.ask_setup_picture(p_device_id integer, p_camera text, p_by text, p_why text, p_now timestamp with time zone) IS 'Ask a box for the set-up picture of a camera: it has ten minutes to hear of it, and half an hour to answer. Return the request.';

CREATE FUNCTION public.count_buckets(p_until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.count_buckets(p_until timestamp with time zone) IS 'Counts quarter-hours up to a moment by which every row in time was committed, and marked ones anew.';

CREATE FUNCTION public.count_door_days(p_store_id integer, p_until timestamp with time zone) RETURNS bigint
    LANGUAGE sql
    AS $$
WITH old AS (
    -- Nobody asks further back than 84 days (analytics.quality.anomalies).
    DELETE FROM door_day WHERE store_id = p_store_id AND business_date < p_until::date - 100
), due AS MATERIALIZED (
    SELECT l.line_id, l.camera_id, d.business_date, d.from_at, d.until, c.counted_at
    FROM store_day_kept AS d
    JOIN store_day AS c ON c.store_id = d.store_id AND c.business_date = d.business_date
    JOIN line_service AS l
      ON l.store_id = d.store_id AND l.role = 'entrance' AND l.from_at <= d.from_at AND l.until >= d.until
    WHERE d.store_id = p_store_id AND d.business_date >= p_until::date - 100
      AND NOT EXISTS (
          SELECT FROM door_day AS n
          WHERE n.store_id = p_store_id AND n.business_date = d.business_date AND n.line_id = l.line_id
            AND n.counted_at = c.counted_at
      )
), counted AS (
    INSERT INTO door_day AS k (store_id, line_id, business_date, counted_at, ins, up_s)
    SELECT p_store_id, d.line_id, d.business_date, d.counted_at, COALESCE(t.ins, 0), COALESCE(u.up_s, 0)
    FROM due AS d
    CROSS JOIN LATERAL (
        SELECT sum(t.ins) AS ins
        FROM line_traffic_15m AS t
        WHERE t.store_id = p_store_id AND t.line_id = d.line_id
          AND t.bucket >= time_bucket('15 minutes', d.from_at) AND t.bucket < d.until
    ) AS t
    CROSS JOIN LATERAL (
        SELECT sum(LEAST(u.up_s, EXTRACT(epoch FROM LEAST(u.bucket + INTERVAL '15 minutes', d.until)
                                                    - GREATEST(u.bucket, d.from_at)))) AS up_s
        FROM camera_uptime_15m AS u
        WHERE u.store_id = p_store_id AND u.camera_id = d.camera_id
          AND u.bucket >= time_bucket('15 minutes', d.from_at) AND u.bucket < d.until
    ) AS u
    ON CONFLICT (store_id, business_date, line_id) DO UPDATE
    SET counted_at = EXCLUDED.counted_at, ins = EXCLUDED.ins, up_s = EXCLUDED.up_s
    RETURNING 1
)
SELECT count(*) FROM counted;
$$;

COMMENT ON FUNCTION public.count_door_days(p_store_id integer, p_until timestamp with time zone) IS 'Counts the doors of those of a store''s kept days of the last 100 of which they are not counted; returns how many.';

CREATE PROCEDURE public.count_quarter_hours(IN p_now timestamp with time zone)
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON PROCEDURE public.count_quarter_hours(IN p_now timestamp with time zone) IS 'Counts the quarter-hours that are over, and those that have changed. Commits on its way: CALL it outside of any transaction.';

CREATE FUNCTION public.count_store_days(p_store_id integer, p_until timestamp with time zone) RETURNS bigint
    LANGUAGE sql
    AS $$
WITH days AS (
    SELECT c.store_id, c.business_date, c.opens_at AS from_at, c.closes_at AS until,
           GREATEST(c.closes_at, LEAST(
               c.closes_at + INTERVAL '1 hour', COALESCE(lead(c.opens_at) OVER (ORDER BY c.business_date), 'infinity')
           )) AS till_until
    FROM store_calendar AS c
    WHERE c.store_id = p_store_id
), due AS (
    SELECT d.* FROM days AS d
    WHERE d.till_until < p_until
      AND NOT EXISTS (
          SELECT FROM store_day_kept AS k
          WHERE k.store_id = p_store_id AND k.business_date = d.business_date AND k.from_at = d.from_at
            AND k.until = d.until AND k.till_until = d.till_until
      )
), counted AS (
    INSERT INTO store_day AS k (
        store_id, business_date, from_at, until, till_until, basis, counted_at, ins, outs, staff_ins, grouped_ins,
        buying_units, passers, expected_s, up_s, doors_down, street_expected_s, street_up_s, streets_down, transactions,
        refunds, net_sales, units
    )
    SELECT d.store_id, d.business_date, d.from_at, d.until, d.till_until, b.basis, now(), t.*, u.*, s.*
    FROM due AS d
    JOIN store_basis AS b USING (store_id)
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(t.ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.outs) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.staff_ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.grouped_ins) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.buying_units) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(t.ins + t.outs) FILTER (WHERE l.role = 'pass_by'), 0)
        FROM line_traffic_15m AS t
        JOIN line AS l ON l.line_id = t.line_id
        WHERE t.store_id = d.store_id AND t.bucket >= time_bucket('15 minutes', d.from_at) AND t.bucket < d.until
          AND NOT EXISTS (
              SELECT FROM line_set_aside AS a
              WHERE a.line_id = t.line_id AND t.bucket >= time_bucket('15 minutes', a.from_at) AND t.bucket < a.until
          )
    ) AS t
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'entrance'), 0),
               COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'entrance'), 0),
               count(*) FILTER (WHERE l.role = 'entrance' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * 0.98)),
               COALESCE(sum(w.expected_s) FILTER (WHERE l.role = 'pass_by'), 0),
               COALESCE(sum(u.up_s) FILTER (WHERE l.role = 'pass_by'), 0),
               count(*) FILTER (WHERE l.role = 'pass_by' AND (x.lost OR COALESCE(u.up_s, 0) < w.expected_s * 0.98))
        FROM line_service AS l
        CROSS JOIN LATERAL (
            SELECT GREATEST(d.from_at, l.from_at) AS from_at, LEAST(d.until, l.until) AS until
        ) AS r
        CROSS JOIN LATERAL (SELECT EXTRACT(epoch FROM r.until - r.from_at)::float8 AS expected_s) AS w
        CROSS JOIN LATERAL (
            SELECT sum(LEAST(u.up_s, EXTRACT(epoch FROM LEAST(u.bucket + INTERVAL '15 minutes', r.until)
                                                        - GREATEST(u.bucket, r.from_at)))) AS up_s
            FROM camera_uptime_15m AS u
            WHERE u.store_id = d.store_id AND u.camera_id = l.camera_id
              AND u.bucket >= time_bucket('15 minutes', r.from_at) AND u.bucket < r.until
        ) AS u
        CROSS JOIN LATERAL (
            SELECT EXISTS (
                SELECT FROM ledger_loss AS o
                WHERE o.store_id = d.store_id AND o.entries IS DISTINCT FROM 0 AND o.at < r.until AND o.until >= r.from_at
            ) AS lost
        ) AS x
        WHERE l.store_id = d.store_id AND l.role IN ('entrance', 'pass_by') AND w.expected_s > 0
          AND NOT EXISTS (
              SELECT FROM line_set_aside AS a
              WHERE a.line_id = l.line_id AND a.from_at < d.until AND a.until > d.from_at
          )
    ) AS u
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(s.transactions), 0), COALESCE(sum(s.refunds), 0), COALESCE(sum(s.net_sales), 0),
               COALESCE(sum(s.units), 0)
        FROM sales_15m AS s
        WHERE s.store_id = d.store_id
          AND s.bucket >= time_bucket('15 minutes', d.from_at) AND s.bucket < d.till_until
    ) AS s
    ON CONFLICT (store_id, business_date) DO UPDATE SET
        from_at = EXCLUDED.from_at, until = EXCLUDED.until, till_until = EXCLUDED.till_until, basis = EXCLUDED.basis,
        counted_at = EXCLUDED.counted_at, ins = EXCLUDED.ins, outs = EXCLUDED.outs, staff_ins = EXCLUDED.staff_ins,
        grouped_ins = EXCLUDED.grouped_ins, buying_units = EXCLUDED.buying_units, passers = EXCLUDED.passers,
        expected_s = EXCLUDED.expected_s, up_s = EXCLUDED.up_s, doors_down = EXCLUDED.doors_down,
        street_expected_s = EXCLUDED.street_expected_s, street_up_s = EXCLUDED.street_up_s,
        streets_down = EXCLUDED.streets_down, transactions = EXCLUDED.transactions, refunds = EXCLUDED.refunds,
        net_sales = EXCLUDED.net_sales, units = EXCLUDED.units
    RETURNING 1
)
SELECT count(*) FROM counted;
$$;

COMMENT ON FUNCTION public.count_store_days(p_store_id integer, p_until timestamp with time zone) IS 'Counts those of a store''s days that ended before a moment and are not kept; returns how many.';

CREATE FUNCTION public.fill_store_calendar(p_store_id integer, p_from date, p_to date) RETURNS void
    LANGUAGE sql
    AS $$
    WITH wanted AS (
        SELECT day::date AS business_date,
               (day + make_interval(mins => h.opens_min)) AT TIME ZONE s.timezone AS opens_at,
               (day + make_interval(mins => h.closes_min)) AT TIME ZONE s.timezone AS closes_at
        FROM store AS s
        JOIN store_hours AS h USING (store_id)
        CROSS JOIN generate_series(p_from::timestamp, p_to::timestamp, INTERVAL '1 day') AS day
        WHERE s.store_id = p_store_id AND h.weekday = EXTRACT(isodow FROM day)
    ), gone AS (
        DELETE FROM store_calendar AS c
        WHERE c.store_id = p_store_id AND c.business_date BETWEEN p_from AND p_to
          AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.business_date = c.business_date)
    )
    INSERT INTO store_calendar AS c (store_id, business_date, opens_at, closes_at)
    SELECT p_store_id, business_date, opens_at, closes_at FROM wanted
    ON CONFLICT (store_id, business_date) DO UPDATE SET opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at
    WHERE (c.opens_at, c.closes_at) <> (EXCLUDED.opens_at, EXCLUDED.closes_at);
$$;

COMMENT ON FUNCTION public.fill_store_calendar(p_store_id integer, p_from date, p_to date) IS 'Rewrites a store''s business days from its weekly hours, both ends included.';

CREATE FUNCTION public.keep_line_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- Lines change with their order, at the moment that it has in `updated_at`.
    INSERT INTO pos_order_line_past
    SELECT GREATEST(now(), o.updated_at), g.*
    FROM gone AS g
    LEFT JOIN pos_order AS o USING (order_id);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.keep_line_version() IS 'Keeps what orders consisted of until now.';

CREATE FUNCTION public.keep_order_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- Of two transactions the one that began first may write last: what is known never goes back in time.
    NEW.updated_at := GREATEST(now(), OLD.updated_at + INTERVAL '1 microsecond');
    INSERT INTO pos_order_past SELECT OLD.updated_at, NEW.updated_at, OLD.*;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.keep_order_version() IS 'Keeps what an order said until now.';

CREATE FUNCTION public.keep_shift_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.starts_at, OLD.ends_at, OLD.break_min, OLD.on_floor, OLD.cancelled)
           IS NOT DISTINCT FROM (NEW.starts_at, NEW.ends_at, NEW.break_min, NEW.on_floor, NEW.cancelled) THEN
            NEW.received_at := OLD.received_at;
            RETURN NEW;
        END IF;
        -- Of two transactions the one that began first may write last: what is known never goes back in time.
        NEW.received_at := GREATEST(now(), OLD.received_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO staff_shift_past
    VALUES (OLD.received_at, CASE TG_OP WHEN 'UPDATE' THEN NEW.received_at
                                        ELSE GREATEST(now(), OLD.received_at + INTERVAL '1 microsecond') END,
            OLD.store_id, OLD.source, OLD.external_id, OLD.version, OLD.starts_at, OLD.ends_at, OLD.break_min,
            OLD.on_floor, OLD.cancelled);
    RETURN CASE TG_OP WHEN 'UPDATE' THEN NEW ELSE OLD END;
END $$;

COMMENT ON FUNCTION public.keep_shift_version() IS 'Keeps what a shift said until now.';

CREATE PROCEDURE public.keep_store_days(IN p_now timestamp with time zone)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_marks bigint[];
    v_store integer;
    v_until timestamptz;
BEGIN
    -- What is marked now is in the rollups after the refresh; a mark that comes later stays for the next time.
    SELECT array_agg(mark_id) INTO v_marks FROM store_day_mark;
    v_until := LEAST(p_now, now()) - INTERVAL '6 hours';
    COMMIT;
    CALL refresh_before_counting(p_now);
    FOR v_store IN SELECT store_id FROM store ORDER BY store_id LOOP
        PERFORM count_store_days(v_store, v_until);
        DELETE FROM store_day_mark WHERE store_id = v_store AND mark_id = ANY(v_marks);
        -- After the marks: a day that bears one is not kept.
        PERFORM count_door_days(v_store, v_until);
        COMMIT;
    END LOOP;
END $$;

COMMENT ON PROCEDURE public.keep_store_days(IN p_now timestamp with time zone) IS 'Counts each store''s past days that are new or have changed. Commits on its way: CALL it outside of any transaction.';

CREATE PROCEDURE public.maintain(IN p_now timestamp with time zone)
    LANGUAGE plpgsql
    AS $$
DECLARE
    -- A whole hour, so that no bucket is split between the archive and the raw rows; a day's grace, as it runs daily.
    v_cutoff timestamptz := time_bucket('1 hour', p_now - INTERVAL '89 days');
BEGIN
    PERFORM fill_store_calendar(store_id, (p_now + INTERVAL '1 day')::date, (p_now + INTERVAL '400 days')::date)
    FROM store;
    PERFORM archive_rollups(v_cutoff);
    DELETE FROM line_register WHERE at < v_cutoff;
END $$;

COMMENT ON PROCEDURE public.maintain(IN p_now timestamp with time zone) IS 'Daily housekeeping: extends every store''s calendar and keeps raw rows at most 90 days.';

CREATE FUNCTION public.mark_bucket(p_store_id integer, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON FUNCTION public.mark_bucket(p_store_id integer, p_at timestamp with time zone) IS 'Marks a quarter-hour of a store, once a transaction.';

CREATE FUNCTION public.mark_changed_bucket() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM mark_bucket(OLD.store_id, OLD.at);
    IF TG_OP = 'UPDATE' THEN
        PERFORM mark_bucket(NEW.store_id, NEW.at);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.mark_changed_bucket() IS 'Marks the quarter-hour of a raw row that was changed or deleted by hand.';

CREATE FUNCTION public.mark_late_bucket() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM mark_bucket(NEW.store_id, NEW.at);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.mark_late_bucket() IS 'Marks the quarter-hour of a row that came late.';

CREATE FUNCTION public.mark_late_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON FUNCTION public.mark_late_row() IS 'Marks the day of a row that came late.';

CREATE FUNCTION public.mark_loss() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO store_day_mark (store_id, utc_date)
    SELECT NEW.store_id, day::date
    FROM generate_series(date_trunc('day', NEW.at AT TIME ZONE 'UTC'), NEW.until AT TIME ZONE 'UTC', INTERVAL '1 day') AS day;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.mark_loss() IS 'Marks the days over which a loss reaches.';

CREATE FUNCTION public.mark_orders() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO store_day_mark (store_id, utc_date)
        SELECT DISTINCT store_id, (closed_at AT TIME ZONE 'UTC')::date FROM now_there
        WHERE closed_at < now() - INTERVAL '3 hours';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO store_day_mark (store_id, utc_date)
        SELECT DISTINCT store_id, (closed_at AT TIME ZONE 'UTC')::date FROM there_before
        WHERE closed_at < now() - INTERVAL '3 hours';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.mark_orders() IS 'Marks the days of orders that came late, were corrected or deleted.';

CREATE FUNCTION public.read_counted(p_name text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.read_counted(p_name text) IS 'Makes a rollup of raw rows read what was counted of it: for each one that a migration adds.';

CREATE PROCEDURE public.refresh_before_counting(IN p_now timestamp with time zone)
    LANGUAGE plpgsql
    AS $$
BEGIN
    NULL; -- views are always of now
END $$;

COMMENT ON PROCEDURE public.refresh_before_counting(IN p_now timestamp with time zone) IS 'Takes late rows into the rollups from which days are counted.';

CREATE FUNCTION public.settle_doors(p_store_id integer) RETURNS void
    LANGUAGE sql
    AS $$
    WITH claimed AS (
        SELECT l.line_id, COALESCE(l.door, l.code) AS door, min(c.claimed_at) AS from_at,
               max(COALESCE(c.released_at, 'infinity')) AS until
        FROM line AS l
        JOIN line_claim AS c USING (line_id)
        WHERE l.store_id = p_store_id AND l.role = 'entrance'
        GROUP BY l.line_id
    ), wanted AS (
        SELECT later.line_id, later.door, first.line_id AS counted_line_id, first.from_at, first.until
        FROM claimed AS later
        JOIN claimed AS first USING (door)
        WHERE (first.from_at, first.line_id) < (later.from_at, later.line_id) AND first.until > first.from_at
    ), gone AS (
        DELETE FROM line_set_aside AS a
        WHERE a.store_id = p_store_id AND NOT EXISTS (
            SELECT FROM wanted AS w WHERE w.line_id = a.line_id AND w.counted_line_id = a.counted_line_id
        )
    )
    INSERT INTO line_set_aside AS a (line_id, store_id, door, counted_line_id, from_at, until)
    SELECT line_id, p_store_id, door, counted_line_id, from_at, until FROM wanted
    ON CONFLICT (line_id, counted_line_id) DO UPDATE
    SET door = EXCLUDED.door, from_at = EXCLUDED.from_at, until = EXCLUDED.until
    WHERE (a.door, a.from_at, a.until) <> (EXCLUDED.door, EXCLUDED.from_at, EXCLUDED.until);
$$;

COMMENT ON FUNCTION public.settle_doors(p_store_id integer) IS 'Rewrites which of a store''s lines are set aside: of those that claim one door, the first counts.';

CREATE FUNCTION public.staff_alias(p_store_id integer, p_staff_ref text) RETURNS text
    LANGUAGE sql STABLE STRICT
    AS $$
    SELECT left(encode(sha256(k.key || convert_to(p_store_id || '/' || p_staff_ref, 'UTF8')), 'hex'), 6)
    FROM pseudonym_key AS k;
$$;

COMMENT ON FUNCTION public.staff_alias(p_store_id integer, p_staff_ref text) IS 'What stands for the till''s staff reference wherever figures are shown: the same in one store, another in every other.';

CREATE FUNCTION public.supersede() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_row jsonb := CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
BEGIN
    INSERT INTO superseded (relation, key, known_until, store_id, was)
    SELECT TG_TABLE_NAME, string_agg(v_row ->> k.name, '/' ORDER BY k.place), now(), (v_row ->> 'store_id')::integer,
           CASE TG_OP WHEN 'INSERT' THEN NULL ELSE v_row END
    FROM unnest(TG_ARGV) WITH ORDINALITY AS k(name, place)
    -- Changed twice in one transaction: what it said before that is what was known.
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.supersede() IS 'Keeps what a row of the set-up said until now; its arguments are the columns of the key.';

CREATE FUNCTION public.time_bucket(p_width interval, p_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT date_bin(p_width, p_at, TIMESTAMPTZ '2000-01-03 00:00:00+00');
$$;

COMMENT ON FUNCTION public.time_bucket(p_width interval, p_at timestamp with time zone) IS 'TimescaleDB''s function of this name, for fixed widths.';

CREATE FUNCTION public.touch_by_audit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, NEW.at, NEW.at, 'audit_entered', 1);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_audit() IS 'Notes the business day of an audit.';

CREATE FUNCTION public.touch_by_camera() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, LEAST(OLD.counts_from, NEW.counts_from), GREATEST(OLD.counts_from, NEW.counts_from),
                       'doors_changed', 1)
    WHERE OLD.counts_from IS DISTINCT FROM NEW.counts_from;
    PERFORM touch_days(NEW.store_id, LEAST(OLD.counts_until, NEW.counts_until), now(), 'doors_changed', 1)
    WHERE OLD.counts_until IS DISTINCT FROM NEW.counts_until;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_camera() IS 'Notes the business days in which a camera is now expected to have counted, or no more.';

CREATE FUNCTION public.touch_by_claim() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM touch_days(l.store_id, LEAST(OLD.released_at, NEW.released_at), now(), 'doors_changed', 1)
    FROM line AS l WHERE l.line_id = NEW.line_id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_claim() IS 'Notes the business days in which a line is now expected to have counted, or no more.';

CREATE FUNCTION public.touch_by_door() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM touch_days(
        COALESCE(NEW.store_id, OLD.store_id),
        -- Where only its end moved, what was before both ends stays as it was.
        CASE WHEN OLD.from_at = NEW.from_at THEN LEAST(OLD.until, NEW.until) ELSE LEAST(OLD.from_at, NEW.from_at) END,
        now(), 'doors_changed', 1
    );
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_door() IS 'Notes the business days in which a line counts its door now, or no more.';

CREATE FUNCTION public.touch_by_edits() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT o.store_id, d.business_date, CASE WHEN o.voided THEN 'order_voided' ELSE 'order_edited' END,
           count(DISTINCT o.order_id)
    FROM (
        SELECT b.order_id, b.store_id, time_bucket('15 minutes', unnest(ARRAY[a.closed_at, b.closed_at])) AS bucket,
               b.kind = 'void' AND a.kind <> 'void' AS voided
        FROM before AS a
        JOIN after AS b USING (order_id)
        WHERE (a.kind, a.closed_at, a.net, a.units, a.channel, a.is_test)
              IS DISTINCT FROM (b.kind, b.closed_at, b.net, b.units, b.channel, b.is_test)
    ) AS o
    CROSS JOIN LATERAL (
        SELECT business_date, from_at, till_until FROM business_day
        WHERE store_id = o.store_id
          AND business_date BETWEEN (o.bucket AT TIME ZONE 'UTC')::date - 2 AND (o.bucket AT TIME ZONE 'UTC')::date + 1
        OFFSET 0
    ) AS d
    WHERE o.bucket >= time_bucket('15 minutes', d.from_at) AND o.bucket < d.till_until
      AND o.bucket < now() - INTERVAL '3 hours'
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_edits() IS 'Notes the business days of orders that were edited: those that they leave, and those that they come to.';

CREATE FUNCTION public.touch_by_hours() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    VALUES (COALESCE(NEW.store_id, OLD.store_id), COALESCE(NEW.business_date, OLD.business_date), 'hours_changed', 1);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_hours() IS 'Notes the business day whose opening hours were changed.';

CREATE FUNCTION public.touch_by_line() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- A line counts from when its camera does.
    PERFORM touch_days(NEW.store_id, min(counts_from), now(), 'doors_changed', 1)
    FROM camera WHERE camera_id IN (OLD.camera_id, NEW.camera_id);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_line() IS 'Notes the business days of a line whose role, door or camera was changed.';

CREATE FUNCTION public.touch_by_loss() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, NEW.at, NEW.until, 'loss_stated', COALESCE(NEW.entries, 0));
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_loss() IS 'Notes the business days of which a box lost entries.';

CREATE FUNCTION public.touch_by_orders() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT o.store_id, d.business_date, o.reason, sum(o.orders)
    FROM (
        SELECT store_id, time_bucket('15 minutes', closed_at) AS bucket,
               CASE kind WHEN 'refund' THEN 'refund_late' ELSE 'order_late' END AS reason, count(*) AS orders
        FROM added
        -- A day is counted, and recorded, six hours after it ended at the earliest.
        WHERE closed_at < now() - INTERVAL '3 hours' AND kind <> 'void' AND NOT is_test AND channel = 'in_store'
        GROUP BY 1, 2, 3
    ) AS o
    CROSS JOIN LATERAL (
        SELECT business_date, from_at, till_until FROM business_day
        WHERE store_id = o.store_id
          AND business_date BETWEEN (o.bucket AT TIME ZONE 'UTC')::date - 2 AND (o.bucket AT TIME ZONE 'UTC')::date + 1
        OFFSET 0  -- looked up by date: the planner knows nothing of the rows of a statement
    ) AS d
    WHERE o.bucket >= time_bucket('15 minutes', d.from_at) AND o.bucket < d.till_until
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.touch_by_orders() IS 'Notes the business days of orders that came late.';

CREATE FUNCTION public.touch_days(p_store_id integer, p_from timestamp with time zone, p_until timestamp with time zone, p_reason text, p_rows bigint) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT store_id, business_date, p_reason, p_rows
    FROM business_day
    WHERE store_id = p_store_id AND from_at <= p_until AND until > p_from AND from_at < now();
$$;

COMMENT ON FUNCTION public.touch_days(p_store_id integer, p_from timestamp with time zone, p_until timestamp with time zone, p_reason text, p_rows bigint) IS 'Notes that something of the business days between two moments changed; of those that have begun.';

CREATE FUNCTION public.uncount_buckets(p_from timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_from timestamptz := GREATEST(p_from, (SELECT max(kept_from) FROM rollup WHERE of_raw));
    r      record;
BEGIN
    FOR r IN SELECT name || '_archive' AS archive FROM rollup WHERE of_raw ORDER BY rollup_id FOR UPDATE LOOP
        EXECUTE format('DELETE FROM %I WHERE bucket >= $1', r.archive) USING v_from;
    END LOOP;
    UPDATE rollup SET counted_until = v_from WHERE of_raw AND counted_until > v_from;
END $_$;

COMMENT ON FUNCTION public.uncount_buckets(p_from timestamp with time zone) IS 'Has the quarter-hours from a moment on read from raw rows again, as far as these are there.';

CREATE UNLOGGED TABLE public.setup_picture (
    command_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    taken_from timestamp with time zone NOT NULL,
    taken_until timestamp with time zone NOT NULL,
    samples integer NOT NULL,
    covered_share real NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    source_width integer NOT NULL,
    source_height integer NOT NULL,
    image bytea NOT NULL,
    CONSTRAINT setup_picture_image_check CHECK (((octet_length(image) >= 1) AND (octet_length(image) <= 400000)))
);

COMMENT ON TABLE public.setup_picture IS 'The pictures themselves, for 24 hours. Read them with view_setup_picture(), which writes down who did.';

COMMENT ON COLUMN public.setup_picture.covered_share IS 'How much of it is hatched because somebody was there, 0…1.';

COMMENT ON COLUMN public.setup_picture.source_width IS 'Of the camera''s own picture, whose pixels lines are drawn in.';

COMMENT ON COLUMN public.setup_picture.image IS 'JPEG, encoded anew by the server: nothing of the box''s own bytes.';

CREATE FUNCTION public.view_setup_picture(p_command_id uuid, p_account_id integer, p_by text, p_how text, p_now timestamp with time zone) RETURNS SETOF public.setup_picture
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF p_account_id IS NOT NULL THEN
        SELECT login INTO p_by FROM account
        WHERE account_id = p_account_id AND disabled_at IS NULL AND role IN ('head_office', 'installer');
        IF NOT FOUND THEN
            RAISE insufficient_privilege USING MESSAGE = 'set-up pictures are for those who set up cameras';
        END IF;
    END IF;
    INSERT INTO setup_picture_event (command_id, at, action, by_whom, how)
    SELECT command_id, p_now, 'viewed', p_by, p_how FROM setup_picture
    WHERE command_id = p_command_id AND received_at > p_now - interval '24 hours';
    IF FOUND THEN
        RETURN QUERY SELECT * FROM setup_picture WHERE command_id = p_command_id;
    END IF;
END
$$;

COMMENT ON FUNCTION public.view_setup_picture(p_command_id uuid, p_account_id integer, p_by text, p_how text, p_now timestamp with time zone) IS 'Return a set-up picture that is not older than 24 hours, and write down who looked at it: both, or neither. An account must have a role that sets up cameras; without one, a command on the server, p_by says who. No row: there is none to see.';

CREATE TABLE public.store_calendar (
    store_id integer NOT NULL,
    business_date date NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    CONSTRAINT store_calendar_check CHECK ((closes_at > opens_at))
);

COMMENT ON TABLE public.store_calendar IS 'Each business day''s opening hours as instants; made from store_hours, so DST days have 23 or 25 hours where they should.';

CREATE TABLE public.superseded (
    relation text NOT NULL,
    key text NOT NULL,
    known_until timestamp with time zone NOT NULL,
    store_id integer,
    was jsonb
);

COMMENT ON TABLE public.superseded IS 'What rows of the set-up (lines, doors, cameras, zones, where categories lie, past opening hours) said before they were changed.';

COMMENT ON COLUMN public.superseded.known_until IS 'When it was changed: of a moment before, the row that was changed first after it tells; none was: the row itself.';

COMMENT ON COLUMN public.superseded.was IS 'NULL: there was no such row.';

CREATE VIEW past.store_calendar AS
 SELECT c.store_id,
    c.business_date,
    c.opens_at,
    c.closes_at
   FROM public.store_calendar c
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'store_calendar'::text) AND (s.store_id = c.store_id) AND (s.key = ((c.store_id || '/'::text) || c.business_date)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT s.store_id,
    ((s.was ->> 'business_date'::text))::date AS business_date,
    ((s.was ->> 'opens_at'::text))::timestamp with time zone AS opens_at,
    ((s.was ->> 'closes_at'::text))::timestamp with time zone AS closes_at
   FROM ( SELECT DISTINCT ON (superseded.store_id, superseded.key) superseded.store_id,
            superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'store_calendar'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.store_id, superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE VIEW past.business_day AS
 SELECT store_id,
    business_date,
    opens_at AS from_at,
    closes_at AS until,
    GREATEST(closes_at, LEAST((closes_at + '01:00:00'::interval), ( SELECT min(n.opens_at) AS min
           FROM past.store_calendar n
          WHERE ((n.store_id = c.store_id) AND (n.opens_at > c.opens_at))))) AS till_until
   FROM past.store_calendar c;

CREATE TABLE public.camera (
    camera_id integer NOT NULL,
    store_id integer NOT NULL,
    code text NOT NULL,
    counts_from timestamp with time zone,
    counts_until timestamp with time zone
);

COMMENT ON TABLE public.camera IS 'One view. It belongs to the store, not to the box: a swapped device keeps its history.';

COMMENT ON COLUMN public.camera.counts_from IS 'Earliest uptime entry seen: before it the camera is not expected to count.';

COMMENT ON COLUMN public.camera.counts_until IS 'When it was taken out of service; NULL while it counts.';

CREATE VIEW past.camera AS
 SELECT r.camera_id,
    r.store_id,
    r.code,
    r.counts_from,
    r.counts_until
   FROM public.camera r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'camera'::text) AND (s.key = (r.camera_id || ''::text)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.camera, s.was)).camera_id AS camera_id,
    (jsonb_populate_record(NULL::public.camera, s.was)).store_id AS store_id,
    (jsonb_populate_record(NULL::public.camera, s.was)).code AS code,
    (jsonb_populate_record(NULL::public.camera, s.was)).counts_from AS counts_from,
    (jsonb_populate_record(NULL::public.camera, s.was)).counts_until AS counts_until
   FROM ( SELECT DISTINCT ON (superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'camera'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.camera_uptime (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    camera_id integer NOT NULL,
    period_s real NOT NULL,
    up_s real NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.camera_uptime IS 'How long of the period from `at` a camera was watched.';

CREATE VIEW past.camera_uptime AS
 SELECT at,
    store_id,
    camera_id,
    period_s,
    up_s,
    received_at
   FROM public.camera_uptime
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.camera_uptime_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    camera_id integer,
    up_s double precision,
    period_s double precision
);

COMMENT ON TABLE public.camera_uptime_15m_archive IS 'camera_uptime_15m as it was counted once a bucket was over.';

CREATE TABLE public.rollup (
    rollup_id integer NOT NULL,
    name text NOT NULL,
    source text NOT NULL,
    of_raw boolean NOT NULL,
    kept_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    counted_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.rollup IS 'What each rollup reads, in the order in which they are made.';

COMMENT ON COLUMN public.rollup.of_raw IS 'True: source is a raw table, from which retention takes rows. False: another rollup.';

COMMENT ON COLUMN public.rollup.kept_from IS 'Raw rows before it are gone; what the rollup says about that time must not be computed again.';

COMMENT ON COLUMN public.rollup.counted_until IS 'Of raw rollups: buckets before it are read from NAME_archive, later ones from raw rows.';

CREATE VIEW past.camera_uptime_15m AS
 SELECT public.time_bucket('00:15:00'::interval, camera_uptime.at) AS bucket,
    camera_uptime.store_id,
    camera_uptime.camera_id,
    sum((camera_uptime.up_s)::double precision) AS up_s,
    sum((camera_uptime.period_s)::double precision) AS period_s
   FROM past.camera_uptime
  GROUP BY (public.time_bucket('00:15:00'::interval, camera_uptime.at)), camera_uptime.store_id, camera_uptime.camera_id
UNION ALL
 SELECT camera_uptime_15m_archive.bucket,
    camera_uptime_15m_archive.store_id,
    camera_uptime_15m_archive.camera_id,
    camera_uptime_15m_archive.up_s,
    camera_uptime_15m_archive.period_s
   FROM public.camera_uptime_15m_archive
  WHERE (camera_uptime_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'camera_uptime_15m'::text)));

CREATE TABLE public.crossing (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    line_id integer NOT NULL,
    inward boolean NOT NULL,
    staff boolean,
    group_size smallint,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.crossing IS 'One person crossed a line.';

COMMENT ON COLUMN public.crossing.at IS 'Interpolated moment of the crossing.';

COMMENT ON COLUMN public.crossing.inward IS 'True: in. False: out.';

COMMENT ON COLUMN public.crossing.staff IS 'NULL: not assessed.';

COMMENT ON COLUMN public.crossing.group_size IS 'Size of the buying unit the person crossed with; NULL: not assessed.';

CREATE VIEW past.crossing AS
 SELECT at,
    store_id,
    line_id,
    inward,
    staff,
    group_size,
    received_at
   FROM public.crossing
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.door_day (
    store_id integer NOT NULL,
    line_id integer NOT NULL,
    business_date date NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    ins bigint NOT NULL,
    up_s double precision NOT NULL
);

COMMENT ON TABLE public.door_day IS 'Who came in over an entrance line on a past business day that it counted in. Read door_day_kept: a day may have changed since.';

COMMENT ON COLUMN public.door_day.counted_at IS 'That of the store''s day (store_day) beside which it was counted.';

COMMENT ON COLUMN public.door_day.up_s IS 'Seconds of the opening time in which the line''s camera counted.';

CREATE TABLE public.line (
    line_id integer NOT NULL,
    store_id integer NOT NULL,
    code text NOT NULL,
    role text,
    camera_id integer,
    door text,
    CONSTRAINT line_role_check CHECK ((role = ANY (ARRAY['entrance'::text, 'pass_by'::text, 'internal'::text])))
);

COMMENT ON TABLE public.line IS 'One counting line of a store.';

COMMENT ON COLUMN public.line.code IS 'As the device names it; `name@device` where another device counts a line of this name already.';

COMMENT ON COLUMN public.line.role IS 'NULL: a device named it in the ledger but never described it; it counts nowhere until it does.';

COMMENT ON COLUMN public.line.door IS 'Which of the store''s doors an entrance line counts; NULL: one of the line''s own name.';

CREATE TABLE public.line_claim (
    device_id integer NOT NULL,
    line_id integer NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone
);

COMMENT ON TABLE public.line_claim IS 'Which device says that it counts which line.';

COMMENT ON COLUMN public.line_claim.claimed_at IS 'Since when: its status named the line.';

COMMENT ON COLUMN public.line_claim.released_at IS 'Since when no more: it stopped, dropped the line, or fell silent and another took over; NULL: it counts.';

CREATE VIEW public.line_service AS
 SELECT l.line_id,
    l.store_id,
    l.code,
    l.role,
    COALESCE(l.door, l.code) AS door,
    l.camera_id,
    LEAST(c.counts_from, (k.claimed_at + '00:15:00'::interval)) AS from_at,
    COALESCE(LEAST(c.counts_until,
        CASE
            WHEN (k.held = 0) THEN k.released_at
            ELSE NULL::timestamp with time zone
        END), 'infinity'::timestamp with time zone) AS until
   FROM ((public.line l
     JOIN public.camera c USING (camera_id))
     LEFT JOIN ( SELECT line_claim.line_id,
            min(line_claim.claimed_at) AS claimed_at,
            max(line_claim.released_at) AS released_at,
            count(*) FILTER (WHERE (line_claim.released_at IS NULL)) AS held
           FROM public.line_claim
          GROUP BY line_claim.line_id) k USING (line_id))
  WHERE (COALESCE(c.counts_from, k.claimed_at) IS NOT NULL);

COMMENT ON VIEW public.line_service IS 'From when to when each line is expected to count.';

COMMENT ON COLUMN public.line_service.door IS 'Which door an entrance line counts.';

COMMENT ON COLUMN public.line_service.from_at IS 'When its camera first counted, or should have: 15 minutes after a device named the line.';

COMMENT ON COLUMN public.line_service.until IS 'When the camera was taken out of service or the last device dropped the line; infinity: it counts.';

CREATE TABLE public.line_set_aside (
    line_id integer NOT NULL,
    store_id integer NOT NULL,
    door text NOT NULL,
    counted_line_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.line_set_aside IS 'Entrance lines that do not count from `from_at` to `until`, because another line counts their door.';

COMMENT ON COLUMN public.line_set_aside.counted_line_id IS 'The line that counts the door instead.';

COMMENT ON COLUMN public.line_set_aside.until IS 'infinity: still so.';

CREATE TABLE public.store (
    store_id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    currency text NOT NULL,
    region text,
    opened_on date,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    format text,
    city_tier smallint,
    size_m2 real,
    staff_figures boolean DEFAULT false NOT NULL,
    CONSTRAINT store_city_tier_check CHECK (((city_tier >= 1) AND (city_tier <= 9))),
    CONSTRAINT store_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT store_format_check CHECK ((format <> ''::text)),
    CONSTRAINT store_size_m2_check CHECK ((size_m2 > (0)::double precision))
);

COMMENT ON TABLE public.store IS 'One shop.';

COMMENT ON COLUMN public.store.code IS 'The name in topics and URLs: a lower-case slug.';

COMMENT ON COLUMN public.store.timezone IS 'IANA zone; days, weeks and opening hours are local to it.';

COMMENT ON COLUMN public.store.currency IS 'ISO 4217; an order in another currency is refused.';

COMMENT ON COLUMN public.store.opened_on IS 'First day of business: what is younger than 12 months takes no part in like-for-like.';

COMMENT ON COLUMN public.store.closed_at IS 'When it was closed for good: none of its devices may speak any more. What was counted stays.';

COMMENT ON COLUMN public.store.format IS 'What kind of shop it is, in the company''s own words: flagship, outlet, kiosk.';

COMMENT ON COLUMN public.store.city_tier IS 'How large its city is, in the company''s own classes; 1 is the largest.';

COMMENT ON COLUMN public.store.size_m2 IS 'Sales floor in square metres.';

COMMENT ON COLUMN public.store.staff_figures IS 'Whether sales may be shown by staff alias: only after those concerned, or their works council, agreed.';

CREATE VIEW public.store_basis AS
 SELECT s.store_id,
    md5(concat(string_agg(concat_ws(','::text, l.line_id, l.role, v.camera_id, EXTRACT(epoch FROM v.from_at), EXTRACT(epoch FROM v.until)), ';'::text ORDER BY l.line_id) FILTER (WHERE (l.line_id IS NOT NULL)), '|', ( SELECT string_agg(concat_ws(','::text, a.line_id, EXTRACT(epoch FROM a.from_at), EXTRACT(epoch FROM a.until)), ';'::text ORDER BY a.line_id, a.counted_line_id) AS string_agg
           FROM public.line_set_aside a
          WHERE (a.store_id = s.store_id)))) AS basis
   FROM ((public.store s
     LEFT JOIN public.line l ON (((l.store_id = s.store_id) AND (l.role = ANY (ARRAY['entrance'::text, 'pass_by'::text])))))
     LEFT JOIN public.line_service v ON ((v.line_id = l.line_id)))
  GROUP BY s.store_id;

COMMENT ON VIEW public.store_basis IS 'A fingerprint of which lines of a store count from when to when: where it changes, every day is another.';

CREATE TABLE public.store_day (
    store_id integer NOT NULL,
    business_date date NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    till_until timestamp with time zone NOT NULL,
    basis text NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    ins bigint NOT NULL,
    outs bigint NOT NULL,
    staff_ins bigint NOT NULL,
    grouped_ins bigint NOT NULL,
    buying_units double precision NOT NULL,
    passers bigint NOT NULL,
    expected_s double precision NOT NULL,
    up_s double precision NOT NULL,
    doors_down bigint NOT NULL,
    street_expected_s double precision NOT NULL,
    street_up_s double precision NOT NULL,
    streets_down bigint NOT NULL,
    transactions bigint NOT NULL,
    refunds bigint NOT NULL,
    net_sales double precision NOT NULL,
    units bigint NOT NULL
);

COMMENT ON TABLE public.store_day IS 'A store''s past business days as they were last counted. Read store_day_kept: a day may have changed since.';

COMMENT ON COLUMN public.store_day.till_until IS 'Sales count until then: an hour after the door has closed.';

COMMENT ON COLUMN public.store_day.basis IS 'store_basis at the time.';

COMMENT ON COLUMN public.store_day.doors_down IS 'Entrance lines that were watched for less than 98 % of the day, or whose box lost entries.';

CREATE TABLE public.store_day_mark (
    mark_id bigint NOT NULL,
    store_id integer NOT NULL,
    utc_date date NOT NULL
);

COMMENT ON TABLE public.store_day_mark IS 'Days to be counted again: something came late, or was corrected. Written with it in one transaction, deleted once the days are counted.';

CREATE VIEW public.store_day_kept AS
 SELECT b.store_id,
    d.business_date,
    d.from_at,
    d.until,
    d.till_until,
    d.ins,
    d.outs,
    d.staff_ins,
    d.grouped_ins,
    d.buying_units,
    d.passers,
    d.expected_s,
    d.up_s,
    d.doors_down,
    d.street_expected_s,
    d.street_up_s,
    d.streets_down,
    d.transactions,
    d.refunds,
    d.net_sales,
    d.units
   FROM (public.store_day d
     JOIN public.store_basis b ON (((b.store_id = d.store_id) AND (b.basis = d.basis))))
  WHERE (NOT (EXISTS ( SELECT
           FROM public.store_day_mark m
          WHERE ((m.store_id = d.store_id) AND ((m.utc_date >= ((d.from_at AT TIME ZONE 'UTC'::text))::date) AND (m.utc_date <= ((d.till_until AT TIME ZONE 'UTC'::text))::date))))));

COMMENT ON VIEW public.store_day_kept IS 'Past business days of which nothing has changed since they were counted.';

CREATE VIEW public.door_day_kept AS
 SELECT n.store_id,
    n.line_id,
    n.business_date,
    d.from_at,
    d.until,
    n.ins,
    n.up_s
   FROM ((public.door_day n
     JOIN public.store_day c ON (((c.store_id = n.store_id) AND (c.business_date = n.business_date) AND (c.counted_at = n.counted_at))))
     JOIN public.store_day_kept d ON (((d.store_id = n.store_id) AND (d.business_date = n.business_date))));

COMMENT ON VIEW public.door_day_kept IS 'Past business days of doors of which nothing has changed since they were counted.';

CREATE VIEW past.door_day_kept AS
 SELECT store_id,
    line_id,
    business_date,
    from_at,
    until,
    ins,
    up_s
   FROM public.door_day_kept
  WHERE false;

CREATE TABLE public.flow (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    from_zone_id integer,
    to_zone_id integer,
    people integer NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.flow IS 'People who went from one zone straight to another in the 15 minutes from `at`; rows of the same 15 minutes add up.';

COMMENT ON COLUMN public.flow.from_zone_id IS 'NULL: from outside, through an entrance line.';

COMMENT ON COLUMN public.flow.to_zone_id IS 'NULL: to outside, through an entrance line.';

CREATE VIEW past.flow AS
 SELECT at,
    store_id,
    from_zone_id,
    to_zone_id,
    people,
    received_at
   FROM public.flow
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.heat (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    camera_id integer NOT NULL,
    columns smallint NOT NULL,
    rows smallint NOT NULL,
    person_s integer[] NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.heat IS 'Person-seconds per cell of a camera''s view in the 15 minutes from `at`, row by row; rows of the same 15 minutes add up.';

CREATE VIEW past.heat AS
 SELECT at,
    store_id,
    camera_id,
    columns,
    rows,
    person_s,
    received_at
   FROM public.heat
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.imputation (
    imputation_id integer NOT NULL,
    store_id integer NOT NULL,
    first date NOT NULL,
    last date NOT NULL,
    method text NOT NULL,
    model_version text NOT NULL,
    wape double precision NOT NULL,
    tested_hours bigint NOT NULL,
    made_at timestamp with time zone NOT NULL,
    reverted_at timestamp with time zone,
    CONSTRAINT imputation_check CHECK ((last >= first))
);

COMMENT ON TABLE public.imputation IS 'One estimate of a store''s missing line-hours, by the method that did best on hours that were counted.';

COMMENT ON COLUMN public.imputation.wape IS 'Sum of absolute errors over sum of visitors, on hours that were counted and hidden from the method.';

COMMENT ON COLUMN public.imputation.reverted_at IS 'NULL: in force. A later one in force replaces what an earlier one says of the same hours.';

CREATE VIEW past.imputation AS
 SELECT imputation_id,
    store_id,
    first,
    last,
    method,
    model_version,
    wape,
    tested_hours,
    made_at,
        CASE
            WHEN (reverted_at <= ( SELECT past.known_at() AS known_at)) THEN reverted_at
            ELSE NULL::timestamp with time zone
        END AS reverted_at
   FROM public.imputation i
  WHERE (made_at <= ( SELECT past.known_at() AS known_at));

CREATE TABLE public.imputed_hour (
    imputation_id integer NOT NULL,
    line_id integer NOT NULL,
    hour timestamp with time zone NOT NULL,
    business_date date NOT NULL,
    missing double precision NOT NULL,
    ins double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    method text NOT NULL,
    CONSTRAINT imputed_hour_check CHECK (((low >= (0)::double precision) AND (low <= ins))),
    CONSTRAINT imputed_hour_check1 CHECK ((high >= ins)),
    CONSTRAINT imputed_hour_ins_check CHECK ((ins >= (0)::double precision)),
    CONSTRAINT imputed_hour_missing_check CHECK (((missing > (0)::double precision) AND (missing <= (1)::double precision)))
);

COMMENT ON TABLE public.imputed_hour IS 'Visitors that a line is estimated to have missed in an hour, beside those it counted.';

COMMENT ON COLUMN public.imputed_hour.missing IS 'Share of the hour''s opening time that was not counted: that of an hour which `ins` is for.';

COMMENT ON COLUMN public.imputed_hour.low IS 'With high: 95 % of the hidden hours lay within, relative to their estimate.';

CREATE VIEW past.imputed_hour_now AS
 SELECT DISTINCT ON (h.line_id, h.hour) i.store_id,
    h.business_date,
    h.line_id,
    h.hour,
    h.missing,
    h.ins,
    h.low,
    h.high,
    h.method,
    i.imputation_id
   FROM (public.imputed_hour h
     JOIN past.imputation i USING (imputation_id))
  WHERE (i.reverted_at IS NULL)
  ORDER BY h.line_id, h.hour, i.imputation_id DESC;

CREATE TABLE public.ledger_loss (
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    epoch_id integer NOT NULL,
    reason text NOT NULL,
    entries bigint,
    lines jsonb DEFAULT '[]'::jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    of_epoch uuid,
    of_seqs int8multirange,
    CONSTRAINT ledger_loss_reason_check CHECK ((reason = ANY (ARRAY['budget'::text, 'corrupt'::text, 'backlog'::text, 'overlap'::text, 'pruned'::text, 'refused'::text])))
);

COMMENT ON TABLE public.ledger_loss IS 'Entries that a box let go of, as it says itself.';

COMMENT ON COLUMN public.ledger_loss.at IS 'Moment of the earliest of them.';

COMMENT ON COLUMN public.ledger_loss.until IS 'Moment of the latest of them.';

COMMENT ON COLUMN public.ledger_loss.reason IS 'budget: its disk budget; corrupt: its outbox file was damaged; backlog: its disk refused for too long; overlap: a sum of which a part was here already; pruned: it was asked for them and keeps them no longer; refused: the database refused a value, a dead letter holds the entry.';

COMMENT ON COLUMN public.ledger_loss.entries IS 'How many; NULL: nobody can tell.';

COMMENT ON COLUMN public.ledger_loss.lines IS 'Crossings among them, as [{line, ins, outs}].';

COMMENT ON COLUMN public.ledger_loss.of_epoch IS 'The box''s earlier epoch that ended with this loss: nothing more comes of it. NULL: it says none.';

COMMENT ON COLUMN public.ledger_loss.of_seqs IS 'Which seqs of of_epoch are lost, others of it may still come; NULL: the loss names none.';

CREATE VIEW past.ledger_loss AS
 SELECT at,
    until,
    store_id,
    epoch_id,
    reason,
    entries,
    lines,
    received_at,
    of_epoch,
    of_seqs
   FROM public.ledger_loss
  WHERE (received_at <= ( SELECT past.known_at() AS known_at));

CREATE VIEW past.line AS
 SELECT r.line_id,
    r.store_id,
    r.code,
    r.role,
    r.camera_id,
    r.door
   FROM public.line r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'line'::text) AND (s.key = (r.line_id || ''::text)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.line, s.was)).line_id AS line_id,
    (jsonb_populate_record(NULL::public.line, s.was)).store_id AS store_id,
    (jsonb_populate_record(NULL::public.line, s.was)).code AS code,
    (jsonb_populate_record(NULL::public.line, s.was)).role AS role,
    (jsonb_populate_record(NULL::public.line, s.was)).camera_id AS camera_id,
    (jsonb_populate_record(NULL::public.line, s.was)).door AS door
   FROM ( SELECT DISTINCT ON (superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'line'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.line_audit (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    line_id integer NOT NULL,
    duration_s real NOT NULL,
    auditor text NOT NULL,
    complete boolean NOT NULL,
    lag_s real NOT NULL,
    in_truth integer NOT NULL,
    in_counted integer NOT NULL,
    in_matched integer NOT NULL,
    out_truth integer NOT NULL,
    out_counted integer NOT NULL,
    out_matched integer NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_audit_check CHECK ((in_matched <= LEAST(in_truth, in_counted))),
    CONSTRAINT line_audit_check1 CHECK ((out_matched <= LEAST(out_truth, out_counted)))
);

COMMENT ON TABLE public.line_audit IS 'One audit of a line: a person tapped everybody who crossed it.';

COMMENT ON COLUMN public.line_audit.at IS 'When the audit began.';

COMMENT ON COLUMN public.line_audit.duration_s IS 'Seconds of tapping, pauses left out.';

COMMENT ON COLUMN public.line_audit.auditor IS 'What the person entered: initials at most.';

COMMENT ON COLUMN public.line_audit.complete IS 'False: abandoned, or the camera was dark meanwhile. Kept as a record, counted nowhere.';

COMMENT ON COLUMN public.line_audit.lag_s IS 'How long the taps lay after the crossings; taken out before matching.';

COMMENT ON COLUMN public.line_audit.in_truth IS 'People tapped in.';

COMMENT ON COLUMN public.line_audit.in_counted IS 'People the device counted in.';

COMMENT ON COLUMN public.line_audit.in_matched IS 'Taps and counts that belong together, one to one: misses = truth - matched, doubles = counted - matched.';

CREATE VIEW past.line_audit AS
 SELECT at,
    store_id,
    line_id,
    duration_s,
    auditor,
    complete,
    lag_s,
    in_truth,
    in_counted,
    in_matched,
    out_truth,
    out_counted,
    out_matched,
    received_at
   FROM public.line_audit
  WHERE (received_at <= ( SELECT past.known_at() AS known_at));

CREATE VIEW past.line_claim AS
 SELECT r.device_id,
    r.line_id,
    r.claimed_at,
    r.released_at
   FROM public.line_claim r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'line_claim'::text) AND (s.key = ((r.device_id || '/'::text) || r.line_id)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.line_claim, s.was)).device_id AS device_id,
    (jsonb_populate_record(NULL::public.line_claim, s.was)).line_id AS line_id,
    (jsonb_populate_record(NULL::public.line_claim, s.was)).claimed_at AS claimed_at,
    (jsonb_populate_record(NULL::public.line_claim, s.was)).released_at AS released_at
   FROM ( SELECT DISTINCT ON (superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'line_claim'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.line_register (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    line_id integer NOT NULL,
    epoch_id integer NOT NULL,
    in_total bigint NOT NULL,
    out_total bigint NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.line_register IS 'A line''s cumulative counts since its epoch began: they check the single crossings.';

CREATE VIEW past.line_register AS
 SELECT at,
    store_id,
    line_id,
    epoch_id,
    in_total,
    out_total,
    received_at
   FROM public.line_register
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE VIEW past.line_service AS
 SELECT l.line_id,
    l.store_id,
    l.code,
    l.role,
    COALESCE(l.door, l.code) AS door,
    l.camera_id,
    LEAST(c.counts_from, (k.claimed_at + '00:15:00'::interval)) AS from_at,
    COALESCE(LEAST(c.counts_until,
        CASE
            WHEN (k.held = 0) THEN k.released_at
            ELSE NULL::timestamp with time zone
        END), 'infinity'::timestamp with time zone) AS until
   FROM ((past.line l
     JOIN past.camera c USING (camera_id))
     LEFT JOIN ( SELECT line_claim.line_id,
            min(line_claim.claimed_at) AS claimed_at,
            max(line_claim.released_at) AS released_at,
            count(*) FILTER (WHERE (line_claim.released_at IS NULL)) AS held
           FROM past.line_claim
          GROUP BY line_claim.line_id) k USING (line_id))
  WHERE (COALESCE(c.counts_from, k.claimed_at) IS NOT NULL);

CREATE VIEW past.line_set_aside AS
 SELECT r.line_id,
    r.store_id,
    r.door,
    r.counted_line_id,
    r.from_at,
    r.until
   FROM public.line_set_aside r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'line_set_aside'::text) AND (s.key = ((r.line_id || '/'::text) || r.counted_line_id)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.line_set_aside, s.was)).line_id AS line_id,
    (jsonb_populate_record(NULL::public.line_set_aside, s.was)).store_id AS store_id,
    (jsonb_populate_record(NULL::public.line_set_aside, s.was)).door AS door,
    (jsonb_populate_record(NULL::public.line_set_aside, s.was)).counted_line_id AS counted_line_id,
    (jsonb_populate_record(NULL::public.line_set_aside, s.was)).from_at AS from_at,
    (jsonb_populate_record(NULL::public.line_set_aside, s.was)).until AS until
   FROM ( SELECT DISTINCT ON (superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'line_set_aside'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.line_traffic_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    line_id integer,
    ins bigint,
    outs bigint,
    staff_ins bigint,
    staff_outs bigint,
    grouped_ins bigint,
    buying_units numeric
);

COMMENT ON TABLE public.line_traffic_15m_archive IS 'line_traffic_15m as it was counted once a bucket was over.';

CREATE VIEW past.line_traffic_15m AS
 SELECT public.time_bucket('00:15:00'::interval, crossing.at) AS bucket,
    crossing.store_id,
    crossing.line_id,
    count(*) FILTER (WHERE (crossing.inward AND (crossing.staff IS NOT TRUE))) AS ins,
    count(*) FILTER (WHERE ((NOT crossing.inward) AND (crossing.staff IS NOT TRUE))) AS outs,
    count(*) FILTER (WHERE (crossing.inward AND crossing.staff)) AS staff_ins,
    count(*) FILTER (WHERE ((NOT crossing.inward) AND crossing.staff)) AS staff_outs,
    count(*) FILTER (WHERE (crossing.inward AND (crossing.staff IS NOT TRUE) AND (crossing.group_size IS NOT NULL))) AS grouped_ins,
    COALESCE(sum((1.0 / (crossing.group_size)::numeric)) FILTER (WHERE (crossing.inward AND (crossing.staff IS NOT TRUE))), (0)::numeric) AS buying_units
   FROM past.crossing
  GROUP BY (public.time_bucket('00:15:00'::interval, crossing.at)), crossing.store_id, crossing.line_id
UNION ALL
 SELECT line_traffic_15m_archive.bucket,
    line_traffic_15m_archive.store_id,
    line_traffic_15m_archive.line_id,
    line_traffic_15m_archive.ins,
    line_traffic_15m_archive.outs,
    line_traffic_15m_archive.staff_ins,
    line_traffic_15m_archive.staff_outs,
    line_traffic_15m_archive.grouped_ins,
    line_traffic_15m_archive.buying_units
   FROM public.line_traffic_15m_archive
  WHERE (line_traffic_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'line_traffic_15m'::text)));

CREATE VIEW past.line_traffic_day AS
 SELECT c.store_id,
    c.business_date,
    t.line_id,
    t.ins,
    t.outs,
    t.staff_ins,
    t.staff_outs,
    t.grouped_ins,
    t.buying_units
   FROM (past.store_calendar c
     CROSS JOIN LATERAL ( SELECT line_traffic_15m.line_id,
            sum(line_traffic_15m.ins) AS ins,
            sum(line_traffic_15m.outs) AS outs,
            sum(line_traffic_15m.staff_ins) AS staff_ins,
            sum(line_traffic_15m.staff_outs) AS staff_outs,
            sum(line_traffic_15m.grouped_ins) AS grouped_ins,
            sum(line_traffic_15m.buying_units) AS buying_units
           FROM past.line_traffic_15m
          WHERE ((line_traffic_15m.store_id = c.store_id) AND (line_traffic_15m.bucket >= public.time_bucket('00:15:00'::interval, c.opens_at)) AND (line_traffic_15m.bucket < c.closes_at))
          GROUP BY line_traffic_15m.line_id) t);

CREATE VIEW past.line_traffic_hour AS
 SELECT public.time_bucket('01:00:00'::interval, bucket) AS bucket,
    store_id,
    line_id,
    sum(ins) AS ins,
    sum(outs) AS outs,
    sum(staff_ins) AS staff_ins,
    sum(staff_outs) AS staff_outs,
    sum(grouped_ins) AS grouped_ins,
    sum(buying_units) AS buying_units
   FROM past.line_traffic_15m
  GROUP BY (public.time_bucket('01:00:00'::interval, bucket)), store_id, line_id;

CREATE TABLE public.occupancy_sample (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    zone_id integer NOT NULL,
    people integer NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.occupancy_sample IS 'People seen in a zone at a moment.';

CREATE VIEW past.occupancy_sample AS
 SELECT at,
    store_id,
    zone_id,
    people,
    received_at
   FROM public.occupancy_sample
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.occupancy_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    zone_id integer,
    samples bigint,
    people_sum bigint,
    people_max integer
);

COMMENT ON TABLE public.occupancy_15m_archive IS 'occupancy_15m as it was counted once a bucket was over.';

CREATE VIEW past.occupancy_15m AS
 SELECT public.time_bucket('00:15:00'::interval, occupancy_sample.at) AS bucket,
    occupancy_sample.store_id,
    occupancy_sample.zone_id,
    count(*) AS samples,
    sum(occupancy_sample.people) AS people_sum,
    max(occupancy_sample.people) AS people_max
   FROM past.occupancy_sample
  GROUP BY (public.time_bucket('00:15:00'::interval, occupancy_sample.at)), occupancy_sample.store_id, occupancy_sample.zone_id
UNION ALL
 SELECT occupancy_15m_archive.bucket,
    occupancy_15m_archive.store_id,
    occupancy_15m_archive.zone_id,
    occupancy_15m_archive.samples,
    occupancy_15m_archive.people_sum,
    occupancy_15m_archive.people_max
   FROM public.occupancy_15m_archive
  WHERE (occupancy_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'occupancy_15m'::text)));

CREATE TABLE public.pos_order (
    order_id bigint NOT NULL,
    store_id integer NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    original_external_id text,
    business_date date NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    gross numeric(14,2) NOT NULL,
    discount numeric(14,2) NOT NULL,
    tax numeric(14,2) NOT NULL,
    net numeric(14,2) NOT NULL,
    currency text NOT NULL,
    units integer NOT NULL,
    channel text NOT NULL,
    register text,
    staff_ref text,
    customer_ref text,
    is_test boolean DEFAULT false NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pos_order_channel_check CHECK ((channel = ANY (ARRAY['in_store'::text, 'pickup'::text, 'online'::text, 'delivery'::text]))),
    CONSTRAINT pos_order_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'refund'::text, 'exchange'::text, 'void'::text])))
);

COMMENT ON TABLE public.pos_order IS 'One order at a till, in its highest version.';

COMMENT ON COLUMN public.pos_order.version IS 'The till''s own; a lower one than the stored is ignored.';

COMMENT ON COLUMN public.pos_order.net IS 'gross - discount; tax is stated beside it, not inside it. Negative on a refund.';

COMMENT ON COLUMN public.pos_order.customer_ref IS 'Keyed hash of the till''s customer reference; the reference itself is never stored.';

CREATE TABLE public.pos_order_past (
    known_from timestamp with time zone NOT NULL,
    known_until timestamp with time zone NOT NULL,
    order_id bigint CONSTRAINT pos_order_order_id_not_null NOT NULL,
    store_id integer CONSTRAINT pos_order_store_id_not_null NOT NULL,
    source text CONSTRAINT pos_order_source_not_null NOT NULL,
    external_id text CONSTRAINT pos_order_external_id_not_null NOT NULL,
    version bigint CONSTRAINT pos_order_version_not_null NOT NULL,
    kind text CONSTRAINT pos_order_kind_not_null NOT NULL,
    original_external_id text,
    business_date date CONSTRAINT pos_order_business_date_not_null NOT NULL,
    closed_at timestamp with time zone CONSTRAINT pos_order_closed_at_not_null NOT NULL,
    gross numeric(14,2) CONSTRAINT pos_order_gross_not_null NOT NULL,
    discount numeric(14,2) CONSTRAINT pos_order_discount_not_null NOT NULL,
    tax numeric(14,2) CONSTRAINT pos_order_tax_not_null NOT NULL,
    net numeric(14,2) CONSTRAINT pos_order_net_not_null NOT NULL,
    currency text CONSTRAINT pos_order_currency_not_null NOT NULL,
    units integer CONSTRAINT pos_order_units_not_null NOT NULL,
    channel text CONSTRAINT pos_order_channel_not_null NOT NULL,
    register text,
    staff_ref text,
    customer_ref text,
    is_test boolean CONSTRAINT pos_order_is_test_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT pos_order_received_at_not_null NOT NULL,
    updated_at timestamp with time zone CONSTRAINT pos_order_updated_at_not_null NOT NULL
);

COMMENT ON TABLE public.pos_order_past IS 'What orders said before they were edited; the highest version is in pos_order. Kept as long as the order; of one that was deleted, which leaves what it said last nowhere, 100 days.';

COMMENT ON COLUMN public.pos_order_past.known_from IS 'When this version came.';

COMMENT ON COLUMN public.pos_order_past.known_until IS 'When the next one came.';

CREATE VIEW past.pos_order AS
 SELECT o.order_id,
    o.store_id,
    o.source,
    o.external_id,
    o.version,
    o.kind,
    o.original_external_id,
    o.business_date,
    o.closed_at,
    o.gross,
    o.discount,
    o.tax,
    o.net,
    o.currency,
    o.units,
    o.channel,
    o.register,
    o.staff_ref,
    o.customer_ref,
    o.is_test,
    o.received_at,
    o.updated_at
   FROM public.pos_order o
  WHERE (o.updated_at <= ( SELECT past.known_at() AS known_at))
UNION ALL
 SELECT p.order_id,
    p.store_id,
    p.source,
    p.external_id,
    p.version,
    p.kind,
    p.original_external_id,
    p.business_date,
    p.closed_at,
    p.gross,
    p.discount,
    p.tax,
    p.net,
    p.currency,
    p.units,
    p.channel,
    p.register,
    p.staff_ref,
    p.customer_ref,
    p.is_test,
    p.received_at,
    p.updated_at
   FROM public.pos_order_past p
  WHERE ((p.known_from <= ( SELECT past.known_at() AS known_at)) AND (p.known_until > ( SELECT past.known_at() AS known_at)));

CREATE TABLE public.pos_order_line (
    order_id bigint NOT NULL,
    line_no integer NOT NULL,
    product text NOT NULL,
    category text,
    units numeric(12,3) NOT NULL,
    net numeric(14,2) NOT NULL,
    received_at timestamp with time zone DEFAULT now()
);

COMMENT ON TABLE public.pos_order_line IS 'What an order consists of, where its till says so.';

COMMENT ON COLUMN public.pos_order_line.category IS 'The till''s own category; NULL: it has none.';

COMMENT ON COLUMN public.pos_order_line.units IS 'Pieces, or kilograms and the like; taken back: negative.';

COMMENT ON COLUMN public.pos_order_line.net IS 'After discounts; taxed or not as the order''s net is.';

COMMENT ON COLUMN public.pos_order_line.received_at IS 'When it came; NULL: when its order''s version did.';

CREATE TABLE public.pos_order_line_past (
    known_until timestamp with time zone NOT NULL,
    order_id bigint CONSTRAINT pos_order_line_order_id_not_null NOT NULL,
    line_no integer CONSTRAINT pos_order_line_line_no_not_null NOT NULL,
    product text CONSTRAINT pos_order_line_product_not_null NOT NULL,
    category text,
    units numeric(12,3) CONSTRAINT pos_order_line_units_not_null NOT NULL,
    net numeric(14,2) CONSTRAINT pos_order_line_net_not_null NOT NULL,
    received_at timestamp with time zone
);

COMMENT ON TABLE public.pos_order_line_past IS 'What orders consisted of before they were edited; the highest version is in pos_order_line. Kept as long as the order; of one that was deleted 100 days.';

COMMENT ON COLUMN public.pos_order_line_past.known_until IS 'When the next version came.';

CREATE VIEW past.pos_order_line AS
 SELECT pos_order_line.order_id,
    pos_order_line.line_no,
    pos_order_line.product,
    pos_order_line.category,
    pos_order_line.units,
    pos_order_line.net,
    pos_order_line.received_at
   FROM public.pos_order_line
  WHERE (COALESCE(pos_order_line.received_at, '-infinity'::timestamp with time zone) <= ( SELECT past.known_at() AS known_at))
UNION ALL
 SELECT p.order_id,
    p.line_no,
    p.product,
    p.category,
    p.units,
    p.net,
    p.received_at
   FROM public.pos_order_line_past p
  WHERE ((COALESCE(p.received_at, '-infinity'::timestamp with time zone) <= ( SELECT past.known_at() AS known_at)) AND (p.known_until > ( SELECT past.known_at() AS known_at)));

CREATE TABLE public.queue_exit (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    zone_id integer NOT NULL,
    wait_s real NOT NULL,
    served boolean NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.queue_exit IS 'One person left a queue, served or not.';

CREATE VIEW past.queue_exit AS
 SELECT at,
    store_id,
    zone_id,
    wait_s,
    served,
    received_at
   FROM public.queue_exit
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.queue_exit_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    zone_id integer,
    served bigint,
    abandoned bigint,
    wait_s double precision
);

COMMENT ON TABLE public.queue_exit_15m_archive IS 'queue_exit_15m as it was counted once a bucket was over.';

CREATE VIEW past.queue_exit_15m AS
 SELECT public.time_bucket('00:15:00'::interval, queue_exit.at) AS bucket,
    queue_exit.store_id,
    queue_exit.zone_id,
    count(*) FILTER (WHERE queue_exit.served) AS served,
    count(*) FILTER (WHERE (NOT queue_exit.served)) AS abandoned,
    sum((queue_exit.wait_s)::double precision) AS wait_s
   FROM past.queue_exit
  GROUP BY (public.time_bucket('00:15:00'::interval, queue_exit.at)), queue_exit.store_id, queue_exit.zone_id
UNION ALL
 SELECT queue_exit_15m_archive.bucket,
    queue_exit_15m_archive.store_id,
    queue_exit_15m_archive.zone_id,
    queue_exit_15m_archive.served,
    queue_exit_15m_archive.abandoned,
    queue_exit_15m_archive.wait_s
   FROM public.queue_exit_15m_archive
  WHERE (queue_exit_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'queue_exit_15m'::text)));

CREATE TABLE public.queue_sample (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    zone_id integer NOT NULL,
    length integer NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.queue_sample IS 'People in a queue zone at a moment.';

CREATE VIEW past.queue_sample AS
 SELECT at,
    store_id,
    zone_id,
    length,
    received_at
   FROM public.queue_sample
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.queue_length_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    zone_id integer,
    samples bigint,
    length_sum bigint,
    length_max integer
);

COMMENT ON TABLE public.queue_length_15m_archive IS 'queue_length_15m as it was counted once a bucket was over.';

CREATE VIEW past.queue_length_15m AS
 SELECT public.time_bucket('00:15:00'::interval, queue_sample.at) AS bucket,
    queue_sample.store_id,
    queue_sample.zone_id,
    count(*) AS samples,
    sum(queue_sample.length) AS length_sum,
    max(queue_sample.length) AS length_max
   FROM past.queue_sample
  GROUP BY (public.time_bucket('00:15:00'::interval, queue_sample.at)), queue_sample.store_id, queue_sample.zone_id
UNION ALL
 SELECT queue_length_15m_archive.bucket,
    queue_length_15m_archive.store_id,
    queue_length_15m_archive.zone_id,
    queue_length_15m_archive.samples,
    queue_length_15m_archive.length_sum,
    queue_length_15m_archive.length_max
   FROM public.queue_length_15m_archive
  WHERE (queue_length_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'queue_length_15m'::text)));

CREATE VIEW past.sales_15m AS
 SELECT public.time_bucket('00:15:00'::interval, closed_at) AS bucket,
    store_id,
    count(*) FILTER (WHERE (kind = 'sale'::text)) AS transactions,
    count(*) FILTER (WHERE (kind = 'refund'::text)) AS refunds,
    sum(net) AS net_sales,
    sum(tax) AS tax,
    sum(units) AS units
   FROM past.pos_order
  WHERE ((kind <> 'void'::text) AND (NOT is_test) AND (channel = 'in_store'::text))
  GROUP BY (public.time_bucket('00:15:00'::interval, closed_at)), store_id;

CREATE TABLE public.staff_shift (
    store_id integer NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    version bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    break_min integer DEFAULT 0 NOT NULL,
    cancelled boolean DEFAULT false NOT NULL,
    staff_alias text,
    on_floor boolean DEFAULT true NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staff_shift_break_min_check CHECK ((break_min >= 0)),
    CONSTRAINT staff_shift_check CHECK ((ends_at >= starts_at))
);

COMMENT ON TABLE public.staff_shift IS 'Hours that somebody worked, as a time clock or a roster has them. Nobody''s name or number.';

COMMENT ON COLUMN public.staff_shift.ends_at IS 'NULL: still at work.';

COMMENT ON COLUMN public.staff_shift.break_min IS 'Minutes of unpaid breaks in between.';

COMMENT ON COLUMN public.staff_shift.staff_alias IS 'staff_alias() of the till''s reference, which is not kept; NULL: the time clock names nobody.';

COMMENT ON COLUMN public.staff_shift.on_floor IS 'false: worked where no visitors are; such hours are in no figure.';

COMMENT ON COLUMN public.staff_shift.received_at IS 'When what it says of the hours came.';

CREATE TABLE public.staff_shift_past (
    known_from timestamp with time zone NOT NULL,
    known_until timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    version bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    break_min integer NOT NULL,
    on_floor boolean NOT NULL,
    cancelled boolean NOT NULL
);

COMMENT ON TABLE public.staff_shift_past IS 'What shifts said before they were changed or went to another store; the highest version is in staff_shift. Nobody''s alias. Kept as long as the shift; of one that was deleted 100 days.';

COMMENT ON COLUMN public.staff_shift_past.known_from IS 'When this version came.';

COMMENT ON COLUMN public.staff_shift_past.known_until IS 'When the next one came, or the shift went.';

CREATE VIEW past.staff_shift AS
 SELECT staff_shift.store_id,
    staff_shift.source,
    staff_shift.external_id,
    staff_shift.version,
    staff_shift.starts_at,
    staff_shift.ends_at,
    staff_shift.break_min,
    staff_shift.cancelled,
    staff_shift.staff_alias,
    staff_shift.on_floor,
    staff_shift.received_at
   FROM public.staff_shift
  WHERE (staff_shift.received_at <= ( SELECT past.known_at() AS known_at))
UNION ALL
 SELECT p.store_id,
    p.source,
    p.external_id,
    p.version,
    p.starts_at,
    p.ends_at,
    p.break_min,
    p.cancelled,
    NULL::text AS staff_alias,
    p.on_floor,
    p.known_from AS received_at
   FROM public.staff_shift_past p
  WHERE ((p.known_from <= ( SELECT past.known_at() AS known_at)) AND (p.known_until > ( SELECT past.known_at() AS known_at)));

CREATE TABLE public.known_day (
    store_id integer NOT NULL,
    business_date date NOT NULL,
    known_at timestamp with time zone NOT NULL,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    ins bigint NOT NULL,
    outs bigint NOT NULL,
    staff_ins bigint NOT NULL,
    passers bigint NOT NULL,
    grouped_ins bigint NOT NULL,
    buying_units double precision NOT NULL,
    up_s double precision NOT NULL,
    expected_s double precision NOT NULL,
    doors_down bigint NOT NULL,
    street_up_s double precision NOT NULL,
    street_expected_s double precision NOT NULL,
    streets_down bigint NOT NULL,
    transactions bigint NOT NULL,
    refunds bigint NOT NULL,
    net_sales double precision NOT NULL,
    units bigint NOT NULL,
    till_known boolean NOT NULL
);

COMMENT ON TABLE public.known_day IS 'What was known of each past business day: its first figures, and a row for each time that they changed. Kept for good: the restatement log.';

COMMENT ON COLUMN public.known_day.known_at IS 'From when on it was so: when the day was recorded first, or the last of what changed it came.';

COMMENT ON COLUMN public.known_day.reasons IS 'Why it differs from the row before, as [{reason, rows}]; empty: the first.';

CREATE VIEW past.store_day_kept AS
 SELECT b.store_id,
    b.business_date,
    b.from_at,
    b.until,
    b.till_until,
    k.ins,
    k.outs,
    k.staff_ins,
    k.grouped_ins,
    k.buying_units,
    k.passers,
    k.expected_s,
    k.up_s,
    k.doors_down,
    k.street_expected_s,
    k.street_up_s,
    k.streets_down,
    k.transactions,
    k.refunds,
    k.net_sales,
    k.units
   FROM (past.business_day b
     LEFT JOIN LATERAL ( SELECT k_1.store_id,
            k_1.business_date,
            k_1.known_at,
            k_1.reasons,
            k_1.ins,
            k_1.outs,
            k_1.staff_ins,
            k_1.passers,
            k_1.grouped_ins,
            k_1.buying_units,
            k_1.up_s,
            k_1.expected_s,
            k_1.doors_down,
            k_1.street_up_s,
            k_1.street_expected_s,
            k_1.streets_down,
            k_1.transactions,
            k_1.refunds,
            k_1.net_sales,
            k_1.units,
            k_1.till_known
           FROM public.known_day k_1
          WHERE ((k_1.store_id = b.store_id) AND (k_1.business_date = b.business_date) AND (k_1.known_at <= ( SELECT past.known_at() AS known_at)))
          ORDER BY k_1.known_at DESC
         LIMIT 1) k ON (true))
  WHERE (b.from_at < ( SELECT max(rollup.kept_from) AS max
           FROM public.rollup
          WHERE rollup.of_raw));

CREATE TABLE public.store_target (
    store_id integer NOT NULL,
    metric text NOT NULL,
    valid_from date NOT NULL,
    said_at timestamp with time zone NOT NULL,
    said_by text NOT NULL,
    by_weekday double precision[],
    CONSTRAINT store_target_by_weekday_check CHECK ((cardinality(by_weekday) = 7)),
    CONSTRAINT store_target_metric_check CHECK ((metric = ANY (ARRAY['visitors'::text, 'conversion'::text, 'net_sales'::text])))
);

COMMENT ON TABLE public.store_target IS 'Targets per day from valid_from on, until the next ones begin. Never changed: what was said last of a day it begins on holds.';

COMMENT ON COLUMN public.store_target.by_weekday IS 'Monday to Sunday: people, a share, or money in the store''s currency; NULL within: no target on that weekday; NULL: taken back, what began before goes on.';

CREATE VIEW past.store_target AS
 SELECT store_id,
    metric,
    valid_from,
    said_at,
    said_by,
    by_weekday
   FROM public.store_target t
  WHERE (said_at <= ( SELECT past.known_at() AS known_at));

CREATE TABLE public.zone (
    zone_id integer NOT NULL,
    store_id integer NOT NULL,
    code text NOT NULL,
    role text,
    camera_id integer,
    engaged_after_s real DEFAULT 10 NOT NULL,
    CONSTRAINT zone_engaged_after_s_check CHECK ((engaged_after_s >= (0)::double precision)),
    CONSTRAINT zone_role_check CHECK ((role = ANY (ARRAY['engagement'::text, 'queue'::text, 'staff'::text])))
);

COMMENT ON TABLE public.zone IS 'One zone of a store.';

COMMENT ON COLUMN public.zone.engaged_after_s IS 'A stay at least this long is an engagement.';

CREATE VIEW past.zone AS
 SELECT r.zone_id,
    r.store_id,
    r.code,
    r.role,
    r.camera_id,
    r.engaged_after_s
   FROM public.zone r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'zone'::text) AND (s.key = (r.zone_id || ''::text)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.zone, s.was)).zone_id AS zone_id,
    (jsonb_populate_record(NULL::public.zone, s.was)).store_id AS store_id,
    (jsonb_populate_record(NULL::public.zone, s.was)).code AS code,
    (jsonb_populate_record(NULL::public.zone, s.was)).role AS role,
    (jsonb_populate_record(NULL::public.zone, s.was)).camera_id AS camera_id,
    (jsonb_populate_record(NULL::public.zone, s.was)).engaged_after_s AS engaged_after_s
   FROM ( SELECT DISTINCT ON (superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'zone'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.zone_category (
    store_id integer NOT NULL,
    zone text NOT NULL,
    category text NOT NULL,
    CONSTRAINT zone_category_category_check CHECK ((category <> ''::text))
);

COMMENT ON TABLE public.zone_category IS 'Which of the till''s categories lie in which zone: a category may lie in several, a zone hold several.';

COMMENT ON COLUMN public.zone_category.zone IS 'The zone''s code; it may be said before a box names the zone.';

CREATE VIEW past.zone_category AS
 SELECT r.store_id,
    r.zone,
    r.category
   FROM public.zone_category r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.superseded s
          WHERE ((s.relation = 'zone_category'::text) AND (s.store_id = r.store_id) AND (s.key = ((((r.store_id || '/'::text) || r.zone) || '/'::text) || r.category)) AND (s.known_until > ( SELECT past.known_at() AS known_at))))))
UNION ALL
 SELECT (jsonb_populate_record(NULL::public.zone_category, s.was)).store_id AS store_id,
    (jsonb_populate_record(NULL::public.zone_category, s.was)).zone AS zone,
    (jsonb_populate_record(NULL::public.zone_category, s.was)).category AS category
   FROM ( SELECT DISTINCT ON (superseded.store_id, superseded.key) superseded.was
           FROM public.superseded
          WHERE ((superseded.relation = 'zone_category'::text) AND (superseded.known_until > ( SELECT past.known_at() AS known_at)))
          ORDER BY superseded.store_id, superseded.key, superseded.known_until) s
  WHERE (s.was IS NOT NULL);

CREATE TABLE public.zone_visit (
    at timestamp with time zone NOT NULL,
    store_id integer NOT NULL,
    zone_id integer NOT NULL,
    dwell_s real NOT NULL,
    censored boolean NOT NULL,
    staff boolean,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.zone_visit IS 'One stay in a zone, written when it ended.';

COMMENT ON COLUMN public.zone_visit.censored IS 'The true end was not seen: the stay lasted at least dwell_s.';

CREATE VIEW past.zone_visit AS
 SELECT at,
    store_id,
    zone_id,
    dwell_s,
    censored,
    staff,
    received_at
   FROM public.zone_visit
  WHERE ((received_at <= ( SELECT past.known_at() AS known_at)) AND (at >= ( SELECT past.since() AS since)) AND (at < ( SELECT past.until() AS until)));

CREATE TABLE public.zone_visit_15m_archive (
    bucket timestamp with time zone,
    store_id integer,
    zone_id integer,
    visits bigint,
    censored bigint,
    dwell_s double precision
);

COMMENT ON TABLE public.zone_visit_15m_archive IS 'zone_visit_15m as it was counted once a bucket was over.';

CREATE VIEW past.zone_visit_15m AS
 SELECT public.time_bucket('00:15:00'::interval, zone_visit.at) AS bucket,
    zone_visit.store_id,
    zone_visit.zone_id,
    count(*) FILTER (WHERE (zone_visit.staff IS NOT TRUE)) AS visits,
    count(*) FILTER (WHERE ((zone_visit.staff IS NOT TRUE) AND zone_visit.censored)) AS censored,
    COALESCE(sum((zone_visit.dwell_s)::double precision) FILTER (WHERE (zone_visit.staff IS NOT TRUE)), (0)::double precision) AS dwell_s
   FROM past.zone_visit
  GROUP BY (public.time_bucket('00:15:00'::interval, zone_visit.at)), zone_visit.store_id, zone_visit.zone_id
UNION ALL
 SELECT zone_visit_15m_archive.bucket,
    zone_visit_15m_archive.store_id,
    zone_visit_15m_archive.zone_id,
    zone_visit_15m_archive.visits,
    zone_visit_15m_archive.censored,
    zone_visit_15m_archive.dwell_s
   FROM public.zone_visit_15m_archive
  WHERE (zone_visit_15m_archive.bucket < ( SELECT rollup.kept_from
           FROM public.rollup
          WHERE (rollup.name = 'zone_visit_15m'::text)));

CREATE TABLE public.account (
    account_id integer NOT NULL,
    login text NOT NULL,
    role text NOT NULL,
    password text NOT NULL,
    one_time_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT account_login_check CHECK ((login ~ '^[a-z0-9][a-z0-9._@+-]{0,63}$'::text)),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['manager'::text, 'region'::text, 'head_office'::text, 'installer'::text])))
);

COMMENT ON TABLE public.account IS 'Somebody who may sign in to the dashboard.';

COMMENT ON COLUMN public.account.password IS 'Argon2id, encoded with its parameters and its salt.';

COMMENT ON COLUMN public.account.one_time_until IS 'Until when a password that somebody else chose is good; its owner has to choose another one first. NULL: the owner''s own.';

ALTER TABLE public.account ALTER COLUMN account_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_event (
    at timestamp with time zone NOT NULL,
    action text NOT NULL,
    account_id integer,
    subject text,
    address text,
    detail text,
    CONSTRAINT account_event_action_check CHECK ((action ~ '^[a-z_]+$'::text))
);

COMMENT ON TABLE public.account_event IS 'The audit log: who signed in, was refused, or changed what. Never a password, a code or a key.';

COMMENT ON COLUMN public.account_event.account_id IS 'Who did it; NULL: a command on the server, or somebody unknown.';

COMMENT ON COLUMN public.account_event.subject IS 'What it was done to: an account''s name, store, or store/device.';

COMMENT ON COLUMN public.account_event.address IS 'Where the request came from; NULL: a command on the server.';

CREATE TABLE public.account_identity (
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id integer NOT NULL,
    linked_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.account_identity IS 'Whom a provider means by its subject. Names and addresses change hands there, subjects do not: nothing else links an account.';

CREATE TABLE public.account_region (
    account_id integer NOT NULL,
    region text NOT NULL
);

COMMENT ON TABLE public.account_region IS 'The regions whose stores a region''s account sees, the ones to come included.';

CREATE TABLE public.account_session (
    token_sha256 bytea NOT NULL,
    account_id integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    by_oidc boolean DEFAULT false NOT NULL,
    oidc_sid text,
    CONSTRAINT account_session_token_sha256_check CHECK ((octet_length(token_sha256) = 32))
);

COMMENT ON TABLE public.account_session IS 'Browsers that are signed in. The token itself is only in the browser; deleting the row signs it out.';

COMMENT ON COLUMN public.account_session.by_oidc IS 'Signed in with the provider: signing out is told there, too.';

COMMENT ON COLUMN public.account_session.oidc_sid IS 'The provider''s name for its session (sid of the ID token), by which it ends ours; NULL: it named none.';

CREATE TABLE public.account_store (
    account_id integer NOT NULL,
    store_id integer NOT NULL
);

COMMENT ON TABLE public.account_store IS 'The stores that a store manager sees.';

CREATE TABLE public.alarm (
    alarm_id bigint NOT NULL,
    kind text NOT NULL,
    store_id integer NOT NULL,
    subject text NOT NULL,
    code text NOT NULL,
    place text NOT NULL,
    detail text NOT NULL,
    number double precision,
    since timestamp with time zone,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT alarm_check CHECK ((ended_at >= began_at))
);

COMMENT ON TABLE public.alarm IS 'A finding from when it was seen first until it was seen no more; kept for 90 days after that.';

COMMENT ON COLUMN public.alarm.kind IS 'Which look finds it: device, gap or finding.';

COMMENT ON COLUMN public.alarm.subject IS 'What tells it from others of its kind in the store.';

COMMENT ON COLUMN public.alarm.code IS 'The finding''s code, which has its severity and its words.';

COMMENT ON COLUMN public.alarm.place IS 'The box, camera, line or door that it is about; empty: the store.';

COMMENT ON COLUMN public.alarm.since IS 'Since when it was so by what is known of it; NULL: that is not known.';

COMMENT ON COLUMN public.alarm.ended_at IS 'NULL while it lasts.';

ALTER TABLE public.alarm ALTER COLUMN alarm_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alarm_alarm_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alarm_look (
    kind text NOT NULL,
    at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.alarm_look IS 'When each kind of alarm was looked for last: a list that nobody renews must not pass for a quiet one.';

CREATE TABLE public.api_key (
    api_key_id integer NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    key_sha256 bytea NOT NULL,
    store_id integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    scopes text[] DEFAULT '{orders}'::text[] NOT NULL,
    outside boolean DEFAULT false NOT NULL,
    CONSTRAINT api_key_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['orders'::text, 'kpis'::text, 'staff'::text])))
);

COMMENT ON TABLE public.api_key IS 'Keys of the orders and KPI APIs. Only a hash is kept: a key is 256 random bits, so a fast hash is safe.';

COMMENT ON COLUMN public.api_key.store_id IS 'The only store it may write and read; NULL: all.';

COMMENT ON COLUMN public.api_key.scopes IS 'What it is for: orders (post and read them), kpis (read figures), staff (beside kpis: sales by staff alias).';

COMMENT ON COLUMN public.api_key.outside IS 'Held by somebody outside the company: cells of fewer than 10 people are withheld instead of 5, and finished days only are shown.';

ALTER TABLE public.api_key ALTER COLUMN api_key_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_key_api_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bucket_mark (
    mark_id bigint NOT NULL,
    store_id integer NOT NULL,
    bucket timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.bucket_mark IS 'Quarter-hours to be read from raw rows until they are counted again: a row came late, was changed or deleted. Written with it in one transaction.';

ALTER TABLE public.bucket_mark ALTER COLUMN mark_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.bucket_mark_mark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.business_day AS
 SELECT store_id,
    business_date,
    opens_at AS from_at,
    closes_at AS until,
    GREATEST(closes_at, LEAST((closes_at + '01:00:00'::interval), ( SELECT min(n.opens_at) AS min
           FROM public.store_calendar n
          WHERE ((n.store_id = c.store_id) AND (n.opens_at > c.opens_at))))) AS till_until
   FROM public.store_calendar c;

COMMENT ON VIEW public.business_day IS 'Each business day as instants.';

COMMENT ON COLUMN public.business_day.till_until IS 'Sales count until then: an hour after the door, never in the next business day.';

ALTER TABLE public.camera ALTER COLUMN camera_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.camera_camera_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.camera_uptime_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    camera_id,
    sum((up_s)::double precision) AS up_s,
    sum((period_s)::double precision) AS period_s
   FROM public.camera_uptime
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, camera_id;

COMMENT ON VIEW public.camera_uptime_15m_recent IS 'camera_uptime_15m of the raw rows that are still there.';

CREATE VIEW public.camera_uptime_15m AS
 SELECT camera_uptime_15m_archive.bucket,
    camera_uptime_15m_archive.store_id,
    camera_uptime_15m_archive.camera_id,
    camera_uptime_15m_archive.up_s,
    camera_uptime_15m_archive.period_s
   FROM public.camera_uptime_15m_archive
  WHERE (NOT ((camera_uptime_15m_archive.store_id, camera_uptime_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'camera_uptime_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.camera_id,
    r.up_s,
    r.period_s
   FROM public.camera_uptime_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'camera_uptime_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.camera_id,
    r.up_s,
    r.period_s
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.camera_id,
            r_1.up_s,
            r_1.period_s
           FROM public.camera_uptime_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'camera_uptime_15m'::text)));

COMMENT ON VIEW public.camera_uptime_15m IS 'Watched seconds per camera, by the 15 minutes in which a period began.';

COMMENT ON COLUMN public.camera_uptime_15m.up_s IS 'Seconds watched.';

COMMENT ON COLUMN public.camera_uptime_15m.period_s IS 'Seconds that `up_s` is out of.';

CREATE TABLE public.counter (
    counter_id integer NOT NULL,
    device_id integer NOT NULL,
    vendor text NOT NULL,
    serial text NOT NULL,
    login text NOT NULL,
    timezone text,
    token_sha256 bytea NOT NULL,
    digest_ha1 text NOT NULL,
    staff text NOT NULL,
    reports_s integer NOT NULL,
    epoch uuid NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    added_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    heard_at timestamp with time zone,
    CONSTRAINT counter_reports_s_check CHECK (((reports_s >= 1) AND (reports_s <= 86400))),
    CONSTRAINT counter_staff_check CHECK ((staff = ANY (ARRAY['counted'::text, 'excluded'::text]))),
    CONSTRAINT counter_token_sha256_check CHECK ((octet_length(token_sha256) = 32)),
    CONSTRAINT counter_vendor_check CHECK ((vendor = ANY (ARRAY['axis'::text, 'milesight'::text, 'onvif'::text, 'xovis'::text])))
);

COMMENT ON TABLE public.counter IS 'A people counter of another maker. To the ledger it is a device of its store, with an epoch of its own.';

COMMENT ON COLUMN public.counter.login IS 'Its name everywhere: user name, topic, device code.';

COMMENT ON COLUMN public.counter.timezone IS 'Of times that it writes without an offset; NULL: the store''s.';

COMMENT ON COLUMN public.counter.digest_ha1 IS 'What HTTP digest authentication compares with: a hash of login, realm and password.';

COMMENT ON COLUMN public.counter.staff IS 'counted: staff are among its counts; excluded: the counter leaves them out itself.';

COMMENT ON COLUMN public.counter.reports_s IS 'How often it reports: it counts as silent after three times as long, and a total rose within so long.';

COMMENT ON COLUMN public.counter.last_seq IS 'Highest seq that was assigned to an entry of it.';

COMMENT ON COLUMN public.counter.heard_at IS 'When it last pushed something that was understood.';

ALTER TABLE public.counter ALTER COLUMN counter_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.counter_counter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.counter_interval (
    counter_line_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ins integer NOT NULL,
    outs integer NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT counter_interval_check CHECK ((until > from_at))
);

COMMENT ON TABLE public.counter_interval IS 'Intervals that are counted: the same one, pushed again, changes nothing. Kept for 90 days.';

COMMENT ON COLUMN public.counter_interval.ins IS 'All that is counted as in within it, be it as this interval or as finer ones.';

CREATE TABLE public.counter_line (
    counter_line_id integer NOT NULL,
    counter_id integer NOT NULL,
    source text NOT NULL,
    line text NOT NULL,
    counts text NOT NULL,
    role text NOT NULL,
    door text,
    CONSTRAINT counter_line_counts_check CHECK ((counts = ANY (ARRAY['both'::text, 'reversed'::text, 'in'::text, 'out'::text]))),
    CONSTRAINT counter_line_role_check CHECK ((role = ANY (ARRAY['entrance'::text, 'pass_by'::text, 'internal'::text])))
);

COMMENT ON TABLE public.counter_line IS 'Which counting element of a counter feeds which line of its store.';

COMMENT ON COLUMN public.counter_line.source IS 'The maker''s number or name of the element; empty: it has one only.';

COMMENT ON COLUMN public.counter_line.counts IS 'both: in is in; reversed: its in is our out; in, out: it counts that direction only.';

ALTER TABLE public.counter_line ALTER COLUMN counter_line_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.counter_line_counter_line_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.counter_outbox (
    counter_id integer NOT NULL,
    first_seq bigint NOT NULL,
    covers bigint NOT NULL,
    entries jsonb NOT NULL,
    CONSTRAINT counter_outbox_covers_check CHECK ((covers >= 1))
);

COMMENT ON TABLE public.counter_outbox IS 'Runs of entries on their way into the ledger. Each is taken whole or not at all, so it may go twice.';

CREATE TABLE public.counter_refusal (
    login text NOT NULL,
    reason text NOT NULL,
    times bigint DEFAULT 1 NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.counter_refusal IS 'Pushes that were not taken, with the reason. Never their content: it may hold anything.';

CREATE TABLE public.counter_restatement (
    counter_line_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    ins_before integer NOT NULL,
    outs_before integer NOT NULL,
    ins_said integer NOT NULL,
    outs_said integer NOT NULL
);

COMMENT ON TABLE public.counter_restatement IS 'Intervals of which a counter said something else than before. The higher number of each direction counts.';

CREATE TABLE public.counter_total (
    counter_line_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    total bigint NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT counter_total_total_check CHECK ((total >= 0))
);

COMMENT ON TABLE public.counter_total IS 'Readings of totals that only rise until they are reset: what counts is the steps between them. Kept for 90 days.';

CREATE TABLE public.day_touched (
    day_touched_id bigint NOT NULL,
    store_id integer NOT NULL,
    business_date date NOT NULL,
    reason text NOT NULL,
    rows bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.day_touched IS 'Business days of which something came or changed late, in the transaction in which it did; housekeeping takes them into known_day.';

COMMENT ON COLUMN public.day_touched.rows IS 'How many rows or orders.';

ALTER TABLE public.day_touched ALTER COLUMN day_touched_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.day_touched_day_touched_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dead_letter (
    dead_letter_id bigint NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    payload_sha256 bytea NOT NULL,
    reason text NOT NULL,
    times bigint DEFAULT 1 NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.dead_letter IS 'Messages that could not be read or stored, kept instead of lost.';

COMMENT ON COLUMN public.dead_letter.times IS 'How often this very message came.';

ALTER TABLE public.dead_letter ALTER COLUMN dead_letter_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.dead_letter_dead_letter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.desired (
    device_id integer NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    by_whom text NOT NULL,
    why text,
    published_at timestamp with time zone,
    CONSTRAINT desired_version_check CHECK ((version >= 1))
);

COMMENT ON TABLE public.desired IS 'The whole desired state of each box, version by version: the highest one counts. A row is never changed but for published_at, so it is the log of who wanted what.';

COMMENT ON COLUMN public.desired.body IS 'contract.control.Desired without version and issued_at.';

COMMENT ON COLUMN public.desired.by_whom IS 'Who decided it: a name at head office.';

COMMENT ON COLUMN public.desired.published_at IS 'When it was last signed and handed to the broker; NULL: not yet, or a later one overtook it.';

CREATE TABLE public.device (
    device_id integer NOT NULL,
    store_id integer NOT NULL,
    code text NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.device IS 'One camera box.';

CREATE TABLE public.device_certificate (
    serial text NOT NULL,
    enrolment_id integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.device_certificate IS 'Each certificate that was signed for a box, the first one and every renewal.';

COMMENT ON COLUMN public.device_certificate.serial IS 'Serial number in hexadecimal.';

CREATE TABLE public.device_command (
    command_id uuid NOT NULL,
    device_id integer NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    by_whom text NOT NULL,
    why text,
    sent_at timestamp with time zone,
    outcome text,
    reason text,
    answered_at timestamp with time zone,
    CONSTRAINT device_command_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'done'::text, 'refused'::text])))
);

COMMENT ON TABLE public.device_command IS 'What was asked of a box once, by whom, and what became of it.';

COMMENT ON COLUMN public.device_command.kind IS 'The tag of its kind in contract.control.';

COMMENT ON COLUMN public.device_command.body IS 'The command as contract.control has it.';

COMMENT ON COLUMN public.device_command.sent_at IS 'When it was last signed and handed to the broker; it is said again until it is answered or expires.';

COMMENT ON COLUMN public.device_command.reason IS 'Why the box refused it.';

ALTER TABLE public.device ALTER COLUMN device_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE UNLOGGED TABLE public.device_live (
    device_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    lines jsonb NOT NULL,
    zones jsonb NOT NULL
);

COMMENT ON TABLE public.device_live IS 'Last live values of each device: freshness only, never history.';

CREATE TABLE public.device_report (
    report_id bigint NOT NULL,
    device_id integer NOT NULL,
    received_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    version bigint,
    running bigint,
    reason text,
    rejected text
);

COMMENT ON TABLE public.device_report IS 'How each box''s reports changed; the latest 200 of each.';

ALTER TABLE public.device_report ALTER COLUMN report_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_report_report_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_reported (
    device_id integer NOT NULL,
    received_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    version bigint,
    running bigint,
    reason text,
    site_sha256 text NOT NULL,
    edited boolean NOT NULL,
    rejected text,
    payload jsonb NOT NULL,
    CONSTRAINT device_reported_state_check CHECK ((state = ANY (ARRAY['current'::text, 'pending'::text, 'applied'::text, 'refused'::text, 'rolled_back'::text])))
);

COMMENT ON TABLE public.device_reported IS 'The last report of each box: how far it is with what is desired of it.';

COMMENT ON COLUMN public.device_reported.version IS 'The desired version that state and reason speak of.';

COMMENT ON COLUMN public.device_reported.running IS 'The desired version that runs; NULL: none from head office.';

COMMENT ON COLUMN public.device_reported.site_sha256 IS 'SHA-256 of the site file on the box.';

COMMENT ON COLUMN public.device_reported.edited IS 'A person changed that file since head office wrote it.';

COMMENT ON COLUMN public.device_reported.rejected IS 'Why the latest message that was not head office''s was refused.';

COMMENT ON COLUMN public.device_reported.payload IS 'The whole message, contract.control.Reported.';

CREATE TABLE public.enrolment (
    enrolment_id integer NOT NULL,
    device_id integer NOT NULL,
    name text NOT NULL,
    key_sha256 bytea NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    CONSTRAINT enrolment_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT enrolment_ended_by_check CHECK ((ended_by = ANY (ARRAY['replaced'::text, 'revoked'::text, 'store closed'::text])))
);

COMMENT ON TABLE public.enrolment IS 'One box that was let in as a device. A swapped box is another enrolment of the same device, and ends the one before.';

COMMENT ON COLUMN public.enrolment.name IS 'The common name of its certificates and its user name at the broker: store.device.number.';

COMMENT ON COLUMN public.enrolment.key_sha256 IS 'Of the public key that it enrolled with: the same box may ask again when the answer was lost.';

CREATE VIEW public.device_shut_out AS
 SELECT d.device_id,
        CASE
            WHEN (s.closed_at IS NULL) THEN 'revoked'::text
            ELSE 'store closed'::text
        END AS why
   FROM (public.device d
     JOIN public.store s USING (store_id))
  WHERE ((s.closed_at IS NOT NULL) OR ((EXISTS ( SELECT
           FROM public.enrolment e
          WHERE (e.device_id = d.device_id))) AND (NOT (EXISTS ( SELECT
           FROM public.enrolment e
          WHERE ((e.device_id = d.device_id) AND (e.ended_at IS NULL)))))));

COMMENT ON VIEW public.device_shut_out IS 'Devices that were revoked and not enrolled anew, or whose store is closed.';

CREATE TABLE public.device_status (
    device_id integer NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    version text NOT NULL,
    model text,
    last_seq bigint NOT NULL,
    queue_depth bigint NOT NULL,
    cameras jsonb DEFAULT '[]'::jsonb NOT NULL,
    temperature_c real,
    disk_free_mb bigint,
    clock_offset_s real,
    crashes_10_min bigint,
    crashes_24_h bigint,
    CONSTRAINT device_status_state_check CHECK ((state = ANY (ARRAY['online'::text, 'stopped'::text, 'offline'::text])))
);

COMMENT ON TABLE public.device_status IS 'Last presence and heartbeat of each device.';

COMMENT ON COLUMN public.device_status.crashes_10_min IS 'Starts within ten minutes without a stop before them: crashed, killed, or no power. NULL: few or none.';

COMMENT ON COLUMN public.device_status.crashes_24_h IS 'The same within a day.';

CREATE TABLE public.enrolment_code (
    code_sha256 bytea NOT NULL,
    device_id integer NOT NULL,
    site text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    enrolment_id integer,
    CONSTRAINT enrolment_code_code_sha256_check CHECK ((octet_length(code_sha256) = 32))
);

COMMENT ON TABLE public.enrolment_code IS 'One-time codes, kept as a hash of their secret: 70 random bits.';

COMMENT ON COLUMN public.enrolment_code.site IS 'The set-up that the box gets, TOML without store, device and broker; NULL: none was written yet.';

COMMENT ON COLUMN public.enrolment_code.withdrawn_at IS 'When a newer code for the device, its revocation or the end of its store took it back.';

COMMENT ON COLUMN public.enrolment_code.enrolment_id IS 'What it was used for; NULL: not used.';

ALTER TABLE public.enrolment ALTER COLUMN enrolment_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.enrolment_enrolment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.floor_plan (
    store_id integer NOT NULL,
    width real NOT NULL,
    height real NOT NULL,
    media text,
    image bytea,
    placed jsonb DEFAULT '{}'::jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT floor_plan_check CHECK (((image IS NULL) = (media IS NULL))),
    CONSTRAINT floor_plan_height_check CHECK ((height > (0)::double precision)),
    CONSTRAINT floor_plan_image_check CHECK (((octet_length(image) >= 1) AND (octet_length(image) <= 2000000))),
    CONSTRAINT floor_plan_media_check CHECK ((media = ANY (ARRAY['image/png'::text, 'image/jpeg'::text, 'image/svg+xml'::text]))),
    CONSTRAINT floor_plan_width_check CHECK ((width > (0)::double precision))
);

COMMENT ON TABLE public.floor_plan IS 'Drawings of shops by head office, and what installers placed on them; never a photograph of people.';

COMMENT ON COLUMN public.floor_plan.width IS 'Of the image in pixels; of a plain grid in metres.';

COMMENT ON COLUMN public.floor_plan.image IS 'As it was encoded anew when it came in; NULL: a plain grid.';

COMMENT ON COLUMN public.floor_plan.placed IS 'Shapes of zones and lines, and four points of each camera''s picture with where they lie; all as shares of width and height.';

CREATE TABLE public.forecast_day (
    run_id bigint NOT NULL,
    day date NOT NULL,
    visitors double precision NOT NULL,
    low_80 double precision,
    high_80 double precision,
    low_95 double precision,
    high_95 double precision,
    CONSTRAINT forecast_day_visitors_check CHECK ((visitors >= (0)::double precision))
);

COMMENT ON TABLE public.forecast_day IS 'Expected visitors of a local day. Its interval is the day''s own: hours that miss do not miss all to one side.';

CREATE TABLE public.forecast_hour (
    run_id bigint NOT NULL,
    hour_at timestamp with time zone NOT NULL,
    visitors double precision NOT NULL,
    low_80 double precision,
    high_80 double precision,
    low_95 double precision,
    high_95 double precision,
    CONSTRAINT forecast_hour_visitors_check CHECK ((visitors >= (0)::double precision))
);

COMMENT ON TABLE public.forecast_hour IS 'Expected visitors in the part of a local hour that the store is open. Closed hours have no row.';

COMMENT ON COLUMN public.forecast_hour.hour_at IS 'Start of the local hour.';

CREATE TABLE public.forecast_run (
    run_id bigint NOT NULL,
    store_id integer NOT NULL,
    first_day date NOT NULL,
    made_at timestamp with time zone NOT NULL,
    version smallint NOT NULL,
    history_days integer NOT NULL,
    model text,
    trained_at timestamp with time zone,
    reason text,
    off double precision,
    off_hours integer DEFAULT 0 NOT NULL,
    inside_80 double precision,
    inside_95 double precision,
    CONSTRAINT forecast_run_check CHECK (((model IS NULL) = (reason IS NOT NULL))),
    CONSTRAINT forecast_run_history_days_check CHECK ((history_days >= 0)),
    CONSTRAINT forecast_run_reason_check CHECK ((reason = ANY (ARRAY['too_new'::text, 'not_counted'::text])))
);

COMMENT ON TABLE public.forecast_run IS 'One forecast of one store; the newest first_day counts. Older ones are kept for 60 days, to be held against what came.';

COMMENT ON COLUMN public.forecast_run.first_day IS 'The store''s first day forecast: nothing from its midnight on was looked at.';

COMMENT ON COLUMN public.forecast_run.version IS 'Version of the forecasting method.';

COMMENT ON COLUMN public.forecast_run.trained_at IS 'When the model was trained; NULL for the closed form, which is not.';

COMMENT ON COLUMN public.forecast_run.reason IS 'Why there is no forecast: under eight weeks of history, or nothing counted in the last ten weeks.';

COMMENT ON COLUMN public.forecast_run.off IS 'WAPE of the store''s earlier forecasts over the 28 days before first_day, 1 to 14 days ahead; NULL: none to judge.';

COMMENT ON COLUMN public.forecast_run.off_hours IS 'Forecast hours that were judged.';

COMMENT ON COLUMN public.forecast_run.inside_80 IS 'Share of these hours within the 80 % interval.';

ALTER TABLE public.forecast_run ALTER COLUMN run_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.forecast_run_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.home_assistant_store (
    store_id integer NOT NULL,
    enabled_at timestamp with time zone NOT NULL,
    enabled_by text NOT NULL
);

COMMENT ON TABLE public.home_assistant_store IS 'Stores whose boxes are announced to Home Assistant, because somebody wanted it.';

CREATE TABLE public.home_assistant_topic (
    topic text NOT NULL,
    sha256 bytea NOT NULL,
    CONSTRAINT home_assistant_topic_sha256_check CHECK ((octet_length(sha256) = 32))
);

COMMENT ON TABLE public.home_assistant_topic IS 'Announcements that the broker keeps, so that they can be taken back.';

COMMENT ON COLUMN public.home_assistant_topic.sha256 IS 'Of the payload that was published last.';

ALTER TABLE public.imputation ALTER COLUMN imputation_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.imputation_imputation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.imputed_hour_now AS
 SELECT DISTINCT ON (h.line_id, h.hour) i.store_id,
    h.business_date,
    h.line_id,
    h.hour,
    h.missing,
    h.ins,
    h.low,
    h.high,
    h.method,
    i.imputation_id
   FROM (public.imputed_hour h
     JOIN public.imputation i USING (imputation_id))
  WHERE (i.reverted_at IS NULL)
  ORDER BY h.line_id, h.hour, i.imputation_id DESC;

COMMENT ON VIEW public.imputed_hour_now IS 'The estimates in force, the newest of each line-hour.';

CREATE TABLE public.job (
    name text NOT NULL,
    every interval NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    called_at timestamp with time zone,
    error text,
    scheduler_error text,
    unwell_since timestamp with time zone
);

COMMENT ON TABLE public.job IS 'Work that the database has to have done again and again, as ingest saw it last.';

COMMENT ON COLUMN public.job.name IS 'What it does, with the job''s number where TimescaleDB has one.';

COMMENT ON COLUMN public.job.seen_at IS 'When it was first seen: a new job is not overdue.';

COMMENT ON COLUMN public.job.done_at IS 'When it last succeeded, whoever ran it.';

COMMENT ON COLUMN public.job.called_at IS 'When ingest last called it itself.';

COMMENT ON COLUMN public.job.error IS 'Why the last call failed; NULL: it did not.';

COMMENT ON COLUMN public.job.scheduler_error IS 'Why TimescaleDB''s scheduler failed it last, while it does.';

COMMENT ON COLUMN public.job.unwell_since IS 'Since when it is overdue or fails; NULL: it is done in time.';

CREATE TABLE public.known_browser (
    token_sha256 bytea NOT NULL,
    account_id integer NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT known_browser_token_sha256_check CHECK ((octet_length(token_sha256) = 32))
);

COMMENT ON TABLE public.known_browser IS 'Browsers in which an account has signed in before: wrong passwords from elsewhere do not lock them out.';

CREATE TABLE public.ledger_epoch (
    epoch_id integer NOT NULL,
    device_id integer NOT NULL,
    epoch uuid NOT NULL,
    received int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    first_seen timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    summed int8multirange DEFAULT '{}'::int8multirange NOT NULL
);

COMMENT ON TABLE public.ledger_epoch IS 'Per device and outbox file: the seqs committed here. Locked in epoch_id order by every writer.';

COMMENT ON COLUMN public.ledger_epoch.received IS 'Committed seqs; what the rows of the fact tables are, this says.';

COMMENT ON COLUMN public.ledger_epoch.last_seq IS 'Highest seq the device has said it assigned.';

COMMENT ON COLUMN public.ledger_epoch.summed IS 'Those of `received` that came as sums of a quarter-hour, or were let go of: their single moments are not known.';

ALTER TABLE public.ledger_epoch ALTER COLUMN epoch_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ledger_epoch_epoch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ledger_gap (
    epoch_id integer NOT NULL,
    ranges int8multirange NOT NULL,
    since timestamp with time zone NOT NULL,
    asked_at timestamp with time zone,
    times integer DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.ledger_gap IS 'Per outbox file, seqs that have been missing since a moment and still are; gone once they came or are stated as lost.';

COMMENT ON COLUMN public.ledger_gap.ranges IS 'What was missing at `since` and has been ever since; what is missing now is in ledger_missing.';

COMMENT ON COLUMN public.ledger_gap.asked_at IS 'When its box was last asked for what is missing; NULL: not yet.';

COMMENT ON COLUMN public.ledger_gap.times IS 'How often it was asked.';

CREATE VIEW public.ledger_missing AS
 SELECT s.code AS store,
    d.code AS device,
    e.epoch,
    e.last_seq,
    COALESCE(( SELECT sum((upper(r.r) - lower(r.r))) AS sum
           FROM unnest(g.ranges) r(r)), (0)::numeric) AS missing,
    g.ranges AS missing_ranges,
    e.epoch_id,
    e.device_id
   FROM (((public.ledger_epoch e
     JOIN public.device d USING (device_id))
     JOIN public.store s USING (store_id))
     CROSS JOIN LATERAL ( SELECT ((int8multirange(int8range((1)::bigint, e.last_seq, '[]'::text)) - e.received) - COALESCE(( SELECT range_agg(o.of_seqs) AS range_agg
                   FROM (public.ledger_loss o
                     JOIN public.ledger_epoch n ON ((n.epoch_id = o.epoch_id)))
                  WHERE ((o.of_epoch = e.epoch) AND (n.device_id = e.device_id))), '{}'::int8multirange)) AS ranges) g)
  WHERE ((e.last_seq > 0) AND (NOT (int8range((1)::bigint, e.last_seq, '[]'::text) <@ e.received)) AND (NOT isempty(g.ranges)) AND (NOT (EXISTS ( SELECT
           FROM (public.ledger_loss o
             JOIN public.ledger_epoch n ON ((n.epoch_id = o.epoch_id)))
          WHERE ((o.of_epoch = e.epoch) AND (o.of_seqs IS NULL) AND (n.device_id = e.device_id) AND (n.epoch_id <> e.epoch_id))))));

COMMENT ON VIEW public.ledger_missing IS 'Expected minus received per device and epoch, less what its device states as lost: empty when the ledger is complete.';

ALTER TABLE public.line ALTER COLUMN line_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.line_line_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.line_traffic_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    line_id,
    count(*) FILTER (WHERE (inward AND (staff IS NOT TRUE))) AS ins,
    count(*) FILTER (WHERE ((NOT inward) AND (staff IS NOT TRUE))) AS outs,
    count(*) FILTER (WHERE (inward AND staff)) AS staff_ins,
    count(*) FILTER (WHERE ((NOT inward) AND staff)) AS staff_outs,
    count(*) FILTER (WHERE (inward AND (staff IS NOT TRUE) AND (group_size IS NOT NULL))) AS grouped_ins,
    COALESCE(sum((1.0 / (group_size)::numeric)) FILTER (WHERE (inward AND (staff IS NOT TRUE))), (0)::numeric) AS buying_units
   FROM public.crossing
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, line_id;

COMMENT ON VIEW public.line_traffic_15m_recent IS 'line_traffic_15m of the raw rows that are still there.';

CREATE VIEW public.line_traffic_15m AS
 SELECT line_traffic_15m_archive.bucket,
    line_traffic_15m_archive.store_id,
    line_traffic_15m_archive.line_id,
    line_traffic_15m_archive.ins,
    line_traffic_15m_archive.outs,
    line_traffic_15m_archive.staff_ins,
    line_traffic_15m_archive.staff_outs,
    line_traffic_15m_archive.grouped_ins,
    line_traffic_15m_archive.buying_units
   FROM public.line_traffic_15m_archive
  WHERE (NOT ((line_traffic_15m_archive.store_id, line_traffic_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'line_traffic_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.line_id,
    r.ins,
    r.outs,
    r.staff_ins,
    r.staff_outs,
    r.grouped_ins,
    r.buying_units
   FROM public.line_traffic_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'line_traffic_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.line_id,
    r.ins,
    r.outs,
    r.staff_ins,
    r.staff_outs,
    r.grouped_ins,
    r.buying_units
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.line_id,
            r_1.ins,
            r_1.outs,
            r_1.staff_ins,
            r_1.staff_outs,
            r_1.grouped_ins,
            r_1.buying_units
           FROM public.line_traffic_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'line_traffic_15m'::text)));

COMMENT ON VIEW public.line_traffic_15m IS 'Crossings per line in the 15 minutes from `bucket`.';

COMMENT ON COLUMN public.line_traffic_15m.ins IS 'People who came in, staff excluded.';

COMMENT ON COLUMN public.line_traffic_15m.staff_ins IS 'Staff who came in.';

COMMENT ON COLUMN public.line_traffic_15m.grouped_ins IS 'Those of `ins` whose group was assessed.';

COMMENT ON COLUMN public.line_traffic_15m.buying_units IS 'Groups that came in: each person counts 1 / group size.';

CREATE VIEW public.line_traffic_day AS
 SELECT c.store_id,
    c.business_date,
    t.line_id,
    t.ins,
    t.outs,
    t.staff_ins,
    t.staff_outs,
    t.grouped_ins,
    t.buying_units
   FROM (public.store_calendar c
     CROSS JOIN LATERAL ( SELECT line_traffic_15m.line_id,
            sum(line_traffic_15m.ins) AS ins,
            sum(line_traffic_15m.outs) AS outs,
            sum(line_traffic_15m.staff_ins) AS staff_ins,
            sum(line_traffic_15m.staff_outs) AS staff_outs,
            sum(line_traffic_15m.grouped_ins) AS grouped_ins,
            sum(line_traffic_15m.buying_units) AS buying_units
           FROM public.line_traffic_15m
          WHERE ((line_traffic_15m.store_id = c.store_id) AND (line_traffic_15m.bucket >= public.time_bucket('00:15:00'::interval, c.opens_at)) AND (line_traffic_15m.bucket < c.closes_at))
          GROUP BY line_traffic_15m.line_id) t);

COMMENT ON VIEW public.line_traffic_day IS 'Crossings per line and store-local business day, within opening hours.';

CREATE VIEW public.line_traffic_hour AS
 SELECT public.time_bucket('01:00:00'::interval, bucket) AS bucket,
    store_id,
    line_id,
    sum(ins) AS ins,
    sum(outs) AS outs,
    sum(staff_ins) AS staff_ins,
    sum(staff_outs) AS staff_outs,
    sum(grouped_ins) AS grouped_ins,
    sum(buying_units) AS buying_units
   FROM public.line_traffic_15m
  GROUP BY (public.time_bucket('01:00:00'::interval, bucket)), store_id, line_id;

COMMENT ON VIEW public.line_traffic_hour IS 'Crossings per line in the hour from `bucket`. On plain PostgreSQL a store''s whole time is read: prefer the quarter hours.';

CREATE VIEW public.occupancy_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    zone_id,
    count(*) AS samples,
    sum(people) AS people_sum,
    max(people) AS people_max
   FROM public.occupancy_sample
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, zone_id;

COMMENT ON VIEW public.occupancy_15m_recent IS 'occupancy_15m of the raw rows that are still there.';

CREATE VIEW public.occupancy_15m AS
 SELECT occupancy_15m_archive.bucket,
    occupancy_15m_archive.store_id,
    occupancy_15m_archive.zone_id,
    occupancy_15m_archive.samples,
    occupancy_15m_archive.people_sum,
    occupancy_15m_archive.people_max
   FROM public.occupancy_15m_archive
  WHERE (NOT ((occupancy_15m_archive.store_id, occupancy_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'occupancy_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.zone_id,
    r.samples,
    r.people_sum,
    r.people_max
   FROM public.occupancy_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'occupancy_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.zone_id,
    r.samples,
    r.people_sum,
    r.people_max
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.zone_id,
            r_1.samples,
            r_1.people_sum,
            r_1.people_max
           FROM public.occupancy_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'occupancy_15m'::text)));

COMMENT ON VIEW public.occupancy_15m IS 'Samples of the people in a zone in the 15 minutes from `bucket`.';

CREATE TABLE public.oidc_attempt (
    state_sha256 bytea NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    way_back text NOT NULL,
    at timestamp with time zone NOT NULL,
    address text DEFAULT 'unknown'::text NOT NULL,
    CONSTRAINT oidc_attempt_state_sha256_check CHECK ((octet_length(state_sha256) = 32))
);

COMMENT ON TABLE public.oidc_attempt IS 'Browsers that are at the provider now; each row is used once, within ten minutes.';

COMMENT ON COLUMN public.oidc_attempt.verifier IS 'The secret half of PKCE: a code that somebody overhears is worth nothing without it.';

COMMENT ON COLUMN public.oidc_attempt.address IS 'Where the browser came from.';

CREATE TABLE public.oidc_logout (
    token_sha256 bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT oidc_logout_token_sha256_check CHECK ((octet_length(token_sha256) = 32))
);

COMMENT ON TABLE public.oidc_logout IS 'Logout tokens that were taken (issuer and jti), for as long as they would be good.';

CREATE TABLE public.order_import (
    file text NOT NULL,
    rows_done bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.order_import IS 'Imports under way, or killed: where the next attempt with the same file and settings goes on.';

COMMENT ON COLUMN public.order_import.file IS 'SHA-256 of the file and of how it is read.';

CREATE TABLE public.place_name (
    store_id integer NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    CONSTRAINT place_name_kind_check CHECK ((kind = ANY (ARRAY['zone'::text, 'line'::text]))),
    CONSTRAINT place_name_name_check CHECK ((name <> ''::text))
);

COMMENT ON TABLE public.place_name IS 'What the pages call a zone or a line of a store in place of its code. A box knows nothing of it.';

ALTER TABLE public.pos_order ALTER COLUMN order_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pos_order_order_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pseudonym_key (
    one boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT pseudonym_key_one_check CHECK (one)
);

COMMENT ON TABLE public.pseudonym_key IS 'The one secret from which staff aliases are made, drawn when the table is. Without it none can be worked out from a name.';

CREATE VIEW public.queue_exit_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    zone_id,
    count(*) FILTER (WHERE served) AS served,
    count(*) FILTER (WHERE (NOT served)) AS abandoned,
    sum((wait_s)::double precision) AS wait_s
   FROM public.queue_exit
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, zone_id;

COMMENT ON VIEW public.queue_exit_15m_recent IS 'queue_exit_15m of the raw rows that are still there.';

CREATE VIEW public.queue_exit_15m AS
 SELECT queue_exit_15m_archive.bucket,
    queue_exit_15m_archive.store_id,
    queue_exit_15m_archive.zone_id,
    queue_exit_15m_archive.served,
    queue_exit_15m_archive.abandoned,
    queue_exit_15m_archive.wait_s
   FROM public.queue_exit_15m_archive
  WHERE (NOT ((queue_exit_15m_archive.store_id, queue_exit_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'queue_exit_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.zone_id,
    r.served,
    r.abandoned,
    r.wait_s
   FROM public.queue_exit_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'queue_exit_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.zone_id,
    r.served,
    r.abandoned,
    r.wait_s
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.zone_id,
            r_1.served,
            r_1.abandoned,
            r_1.wait_s
           FROM public.queue_exit_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'queue_exit_15m'::text)));

COMMENT ON VIEW public.queue_exit_15m IS 'People who left a queue in the 15 minutes from `bucket`.';

COMMENT ON COLUMN public.queue_exit_15m.wait_s IS 'Sum of the waits, served or not, in seconds.';

CREATE VIEW public.queue_length_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    zone_id,
    count(*) AS samples,
    sum(length) AS length_sum,
    max(length) AS length_max
   FROM public.queue_sample
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, zone_id;

COMMENT ON VIEW public.queue_length_15m_recent IS 'queue_length_15m of the raw rows that are still there.';

CREATE VIEW public.queue_length_15m AS
 SELECT queue_length_15m_archive.bucket,
    queue_length_15m_archive.store_id,
    queue_length_15m_archive.zone_id,
    queue_length_15m_archive.samples,
    queue_length_15m_archive.length_sum,
    queue_length_15m_archive.length_max
   FROM public.queue_length_15m_archive
  WHERE (NOT ((queue_length_15m_archive.store_id, queue_length_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'queue_length_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.zone_id,
    r.samples,
    r.length_sum,
    r.length_max
   FROM public.queue_length_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'queue_length_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.zone_id,
    r.samples,
    r.length_sum,
    r.length_max
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.zone_id,
            r_1.samples,
            r_1.length_sum,
            r_1.length_max
           FROM public.queue_length_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'queue_length_15m'::text)));

COMMENT ON VIEW public.queue_length_15m IS 'Samples of a queue''s length in the 15 minutes from `bucket`.';

CREATE TABLE public.rollout (
    rollout_id integer NOT NULL,
    standard_id integer,
    number integer,
    share double precision NOT NULL,
    stores text[],
    at_once integer NOT NULL,
    tolerated double precision NOT NULL,
    state text NOT NULL,
    part text DEFAULT 'standard'::text NOT NULL,
    name text,
    release jsonb,
    CONSTRAINT rollout_at_once_check CHECK ((at_once >= 1)),
    CONSTRAINT rollout_part_check CHECK ((part = ANY (ARRAY['standard'::text, 'model'::text, 'application'::text]))),
    CONSTRAINT rollout_share_check CHECK (((share > (0)::double precision) AND (share <= (1)::double precision))),
    CONSTRAINT rollout_state_check CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text, 'finished'::text, 'ended'::text, 'taken back'::text]))),
    CONSTRAINT rollout_subject_check CHECK (
CASE part
    WHEN 'standard'::text THEN ((standard_id IS NOT NULL) AND (number IS NOT NULL) AND (name IS NULL) AND (release IS NULL))
    ELSE ((standard_id IS NULL) AND (number IS NULL) AND (name IS NOT NULL) AND (release ? 'manifest'::text))
END),
    CONSTRAINT rollout_tolerated_check CHECK (((tolerated >= (0)::double precision) AND (tolerated <= (1)::double precision)))
);

COMMENT ON TABLE public.rollout IS 'A version of a standard, or a release, on its way to a share of the boxes.';

COMMENT ON COLUMN public.rollout.stores IS 'Codes of the stores whose boxes it is for; NULL: all.';

COMMENT ON COLUMN public.rollout.at_once IS 'So many boxes may be under way and undecided at a time.';

COMMENT ON COLUMN public.rollout.tolerated IS 'It stops by itself when a larger share of its boxes, and more than one, refuse or roll back.';

COMMENT ON COLUMN public.rollout.state IS 'stopped: by itself; finished: all boxes there are have decided; ended: by a person, or another version took its place.';

COMMENT ON COLUMN public.rollout.part IS 'Which part of what is desired of a box it replaces.';

COMMENT ON COLUMN public.rollout.name IS 'Name and version of the release; NULL: a standard, which has them itself.';

COMMENT ON COLUMN public.rollout.release IS 'contract.releases.ModelRelease or ApplicationRelease; NULL: a standard.';

CREATE TABLE public.rollout_device (
    rollout_id integer NOT NULL,
    device_id integer NOT NULL,
    place integer NOT NULL,
    before jsonb,
    version bigint,
    released_at timestamp with time zone,
    outcome text,
    reason text,
    decided_at timestamp with time zone,
    CONSTRAINT rollout_device_outcome_check CHECK ((outcome = ANY (ARRAY['runs'::text, 'refused'::text, 'rolled_back'::text])))
);

COMMENT ON TABLE public.rollout_device IS 'The boxes of a roll-out: once in, a box stays in.';

COMMENT ON COLUMN public.rollout_device.place IS 'Its place in the order, by hash: the same for a standard from roll-out to roll-out.';

COMMENT ON COLUMN public.rollout_device.before IS 'What was desired of it for that part before; NULL: nothing.';

COMMENT ON COLUMN public.rollout_device.version IS 'The desired version that brings it; NULL: not its turn yet, or offline.';

CREATE TABLE public.rollout_event (
    at timestamp with time zone NOT NULL,
    rollout_id integer NOT NULL,
    action text NOT NULL,
    by_whom text NOT NULL,
    detail text,
    CONSTRAINT rollout_event_action_check CHECK ((action = ANY (ARRAY['started'::text, 'widened'::text, 'paused'::text, 'resumed'::text, 'stopped'::text, 'finished'::text, 'ended'::text, 'taken back'::text])))
);

COMMENT ON TABLE public.rollout_event IS 'What was decided about a roll-out; by_whom roll-out: by itself.';

ALTER TABLE public.rollout ALTER COLUMN rollout_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rollout_rollout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.rollup ALTER COLUMN rollup_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rollup_rollup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.sales_15m AS
 SELECT public.time_bucket('00:15:00'::interval, closed_at) AS bucket,
    store_id,
    count(*) FILTER (WHERE (kind = 'sale'::text)) AS transactions,
    count(*) FILTER (WHERE (kind = 'refund'::text)) AS refunds,
    sum(net) AS net_sales,
    sum(tax) AS tax,
    sum(units) AS units
   FROM public.pos_order
  WHERE ((kind <> 'void'::text) AND (NOT is_test) AND (channel = 'in_store'::text))
  GROUP BY (public.time_bucket('00:15:00'::interval, closed_at)), store_id;

COMMENT ON VIEW public.sales_15m IS 'In-store sales by the moment the order closed; a refund counts on its own day.';

CREATE TABLE public.schema_migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.schema_migration IS 'Which migrations made this database, with their fingerprints.';

CREATE TABLE public.setup_picture_event (
    command_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    action text NOT NULL,
    by_whom text,
    how text,
    CONSTRAINT setup_picture_event_action_check CHECK ((action = ANY (ARRAY['received'::text, 'viewed'::text, 'deleted'::text]))),
    CONSTRAINT setup_picture_event_check CHECK (((action = 'viewed'::text) = (by_whom IS NOT NULL)))
);

COMMENT ON TABLE public.setup_picture_event IS 'What became of each set-up picture, every viewing with who and how. Kept.';

CREATE TABLE public.setup_picture_request (
    command_id uuid NOT NULL,
    camera text NOT NULL,
    answer_by timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.setup_picture_request IS 'Each set-up picture that was asked for; who, why and when stands in device_command. Kept: it is the log.';

COMMENT ON COLUMN public.setup_picture_request.answer_by IS 'A picture that comes later is refused.';

CREATE VIEW public.setup_picture_status AS
 SELECT c.command_id,
    s.code AS store,
    d.code AS device,
    r.camera,
    c.at AS asked_at,
    c.by_whom AS asked_by,
    c.why,
    r.answer_by,
    c.outcome,
    c.reason,
    p.received_at,
    (p.received_at + '24:00:00'::interval) AS delete_at,
    p.samples,
    p.covered_share,
    p.width,
    p.height,
    (EXISTS ( SELECT
           FROM public.setup_picture_event e
          WHERE ((e.command_id = c.command_id) AND (e.action = 'received'::text)))) AS arrived
   FROM ((((public.setup_picture_request r
     JOIN public.device_command c USING (command_id))
     JOIN public.device d USING (device_id))
     JOIN public.store s USING (store_id))
     LEFT JOIN public.setup_picture p USING (command_id));

COMMENT ON VIEW public.setup_picture_status IS 'How each request for a set-up picture stands, without the picture. `delete_at` in the past or NULL: there is none to see.';

CREATE TABLE public.sign_in_failure (
    at timestamp with time zone NOT NULL,
    name integer NOT NULL,
    address text NOT NULL,
    browser bytea
);

COMMENT ON TABLE public.sign_in_failure IS 'Wrong passwords of the last day, for the lock-out.';

COMMENT ON COLUMN public.sign_in_failure.name IS '32 bits of the SHA-256 of what was typed as name: somebody may have typed a password there.';

COMMENT ON COLUMN public.sign_in_failure.browser IS 'The known browser that it came from; NULL: none.';

CREATE TABLE public.standard (
    standard_id integer NOT NULL,
    name text NOT NULL
);

COMMENT ON TABLE public.standard IS 'A named set of settings for many boxes; its numbered versions are never changed.';

ALTER TABLE public.standard ALTER COLUMN standard_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.standard_standard_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.standard_version (
    standard_id integer NOT NULL,
    number integer NOT NULL,
    settings text NOT NULL,
    at timestamp with time zone NOT NULL,
    by_whom text NOT NULL,
    why text,
    CONSTRAINT standard_version_number_check CHECK ((number >= 1))
);

COMMENT ON TABLE public.standard_version IS 'What a standard says, version by version.';

COMMENT ON COLUMN public.standard_version.settings IS 'TOML as contract/standard.py reads it.';

ALTER TABLE public.store_day_mark ALTER COLUMN mark_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.store_day_mark_mark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.store_hours (
    store_id integer NOT NULL,
    weekday smallint NOT NULL,
    opens_min smallint NOT NULL,
    closes_min smallint NOT NULL,
    CONSTRAINT store_hours_check CHECK ((closes_min > opens_min)),
    CONSTRAINT store_hours_closes_min_check CHECK (((closes_min >= 1) AND (closes_min <= 2160))),
    CONSTRAINT store_hours_opens_min_check CHECK (((opens_min >= 0) AND (opens_min <= 1439))),
    CONSTRAINT store_hours_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);

COMMENT ON TABLE public.store_hours IS 'Weekly opening hours; a weekday without a row is closed.';

COMMENT ON COLUMN public.store_hours.weekday IS 'ISO weekday, 1 = Monday.';

COMMENT ON COLUMN public.store_hours.opens_min IS 'Minutes after local midnight.';

COMMENT ON COLUMN public.store_hours.closes_min IS 'Minutes after local midnight of the same business day; over 1440 when it ends after midnight.';

ALTER TABLE public.store ALTER COLUMN store_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.store_store_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.till_notice (
    till text NOT NULL,
    document text NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    failure text
);

COMMENT ON TABLE public.till_notice IS 'Documents that a till said have changed, and that are still to be fetched.';

CREATE TABLE public.till_refusal (
    till text NOT NULL,
    document text NOT NULL,
    at timestamp with time zone NOT NULL,
    reason text NOT NULL
);

COMMENT ON TABLE public.till_refusal IS 'Documents of a till that could not be taken, with the reason. Never their content: it may name customers.';

CREATE TABLE public.till_state (
    till text NOT NULL,
    kind text NOT NULL,
    cursor text,
    asked_at timestamp with time zone,
    answered_at timestamp with time zone,
    notified_at timestamp with time zone,
    reconciled_at timestamp with time zone,
    failing_since timestamp with time zone,
    failure text
);

COMMENT ON TABLE public.till_state IS 'How far each till that we ask has been read, and how it is doing.';

COMMENT ON COLUMN public.till_state.cursor IS 'Where the next question goes on, in the till''s own terms.';

COMMENT ON COLUMN public.till_state.notified_at IS 'When it last told us of a change by itself.';

COMMENT ON COLUMN public.till_state.reconciled_at IS 'When the last days were last read again as a whole.';

COMMENT ON COLUMN public.till_state.failure IS 'Why the last question got no answer; NULL: it did.';

CREATE TABLE public.trust_event (
    at timestamp with time zone NOT NULL,
    action text NOT NULL,
    device_id integer,
    store_id integer,
    address text,
    detail text,
    CONSTRAINT trust_event_action_check CHECK ((action = ANY (ARRAY['store_opened'::text, 'store_closed'::text, 'code_issued'::text, 'code_refused'::text, 'locked_out'::text, 'enrolled'::text, 'renewed'::text, 'renewal_refused'::text, 'revoked'::text, 'fetch_refused'::text])))
);

COMMENT ON TABLE public.trust_event IS 'What was decided about who may speak, and who was refused. Never a code, a key or a certificate.';

COMMENT ON COLUMN public.trust_event.address IS 'Where the request came from; NULL: a command on the server.';

CREATE TABLE public.webhook_condition (
    kind text NOT NULL,
    store_id integer NOT NULL,
    subject text NOT NULL,
    data text NOT NULL
);

COMMENT ON TABLE public.webhook_condition IS 'What was told to be so and not yet told to be over: a box down, a finding, a gap.';

COMMENT ON COLUMN public.webhook_condition.data IS 'The event''s data as JSON, to be told again when it is over.';

CREATE TABLE public.webhook_delivery (
    event_id text NOT NULL,
    endpoint_id text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone,
    last_at timestamp with time zone,
    last_status integer,
    failure text,
    CONSTRAINT webhook_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'given_up'::text])))
);

COMMENT ON TABLE public.webhook_delivery IS 'One event for one endpoint, until it is delivered or given up after three days.';

COMMENT ON COLUMN public.webhook_delivery.claimed_until IS 'Until when a sender is at it: if that is over and it still waits, the sender died.';

COMMENT ON COLUMN public.webhook_delivery.last_status IS 'The HTTP status of the last attempt; NULL: there was no answer.';

CREATE TABLE public.webhook_endpoint (
    endpoint_id text NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL,
    every_store boolean NOT NULL,
    allow_private boolean DEFAULT false NOT NULL,
    generation integer DEFAULT 1 NOT NULL,
    rotated_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    failing_since timestamp with time zone,
    failure text,
    disabled_at timestamp with time zone,
    disabled_why text,
    CONSTRAINT webhook_endpoint_endpoint_id_check CHECK ((endpoint_id ~ '^wh_[0-9a-f]{12}$'::text)),
    CONSTRAINT webhook_endpoint_url_check CHECK ((length(url) <= 2000))
);

COMMENT ON TABLE public.webhook_endpoint IS 'Another system that is told of events. Its secret is not here: it is derived from the installation''s hash secret, this id and the generation.';

COMMENT ON COLUMN public.webhook_endpoint.allow_private IS 'Whether its address may be one of a private network or of this machine.';

COMMENT ON COLUMN public.webhook_endpoint.generation IS 'Which of its secrets signs; the one before signs, too, for a day after rotated_at.';

COMMENT ON COLUMN public.webhook_endpoint.failing_since IS 'Since when no delivery has succeeded; NULL: the last one did.';

COMMENT ON COLUMN public.webhook_endpoint.disabled_why IS 'Why nothing is sent to it any more.';

CREATE TABLE public.webhook_endpoint_store (
    endpoint_id text NOT NULL,
    store_id integer NOT NULL
);

COMMENT ON TABLE public.webhook_endpoint_store IS 'The stores that an endpoint is told of, where it is not every one.';

CREATE TABLE public.webhook_event (
    event_id text NOT NULL,
    type text NOT NULL,
    key text,
    store_id integer,
    at timestamp with time zone NOT NULL,
    body text NOT NULL,
    CONSTRAINT webhook_event_body_check CHECK ((octet_length(body) <= 20480))
);

COMMENT ON TABLE public.webhook_event IS 'What there is to tell: written in the transaction that finds it out, deleted after 30 days.';

COMMENT ON COLUMN public.webhook_event.event_id IS 'The header webhook-id: the same at each attempt, so that a receiver knows what it has.';

COMMENT ON COLUMN public.webhook_event.key IS 'What may be told once only; NULL: any number of times.';

COMMENT ON COLUMN public.webhook_event.body IS 'The JSON that is sent and signed, byte by byte.';

CREATE TABLE public.weekly_mail (
    account_id integer NOT NULL,
    address text NOT NULL,
    lang text NOT NULL,
    token text NOT NULL,
    wanted_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirm_sha256 bytea,
    confirm_until timestamp with time zone,
    ask_at timestamp with time zone,
    ask_attempts integer DEFAULT 0 NOT NULL,
    ask_failure text,
    CONSTRAINT weekly_mail_address_check CHECK (((length(address) <= 254) AND (address !~ '[[:space:]]'::text))),
    CONSTRAINT weekly_mail_confirm_sha256_check CHECK ((octet_length(confirm_sha256) = 32)),
    CONSTRAINT weekly_mail_lang_check CHECK ((lang = ANY (ARRAY['en'::text, 'zh'::text])))
);

COMMENT ON TABLE public.weekly_mail IS 'Accounts that asked for their week by mail.';

COMMENT ON COLUMN public.weekly_mail.token IS 'What ends it without signing in: the link in each mail holds it.';

COMMENT ON COLUMN public.weekly_mail.wanted_at IS 'A week that was over by then is not sent.';

COMMENT ON COLUMN public.weekly_mail.confirmed_at IS 'Whoever reads the address''s mail has opened the link in it; NULL: no figures are sent there.';

COMMENT ON COLUMN public.weekly_mail.confirm_sha256 IS 'Hash of the token in the link that confirms the address, good once and until confirm_until.';

COMMENT ON COLUMN public.weekly_mail.ask_at IS 'When the mail with the link is sent, or tried again; NULL: not any more.';

COMMENT ON COLUMN public.weekly_mail.ask_failure IS 'Why that mail was not sent.';

CREATE TABLE public.weekly_mail_week (
    account_id integer NOT NULL,
    monday date NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    last_at timestamp with time zone,
    failure text,
    CONSTRAINT weekly_mail_week_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
    CONSTRAINT weekly_mail_week_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'handing_over'::text, 'sent'::text, 'unsure'::text, 'given_up'::text, 'skipped'::text])))
);

COMMENT ON TABLE public.weekly_mail_week IS 'A row per account and week: the row is what makes it one mail.';

COMMENT ON COLUMN public.weekly_mail_week.monday IS 'First day of the week that is told.';

COMMENT ON COLUMN public.weekly_mail_week.state IS 'handing_over: written before the server is given the mail; who dies then leaves it unsure, and it is not sent again. skipped: not sent on purpose, failure says why.';

CREATE VIEW public.zone_visit_15m_recent AS
 SELECT public.time_bucket('00:15:00'::interval, at) AS bucket,
    store_id,
    zone_id,
    count(*) FILTER (WHERE (staff IS NOT TRUE)) AS visits,
    count(*) FILTER (WHERE ((staff IS NOT TRUE) AND censored)) AS censored,
    COALESCE(sum((dwell_s)::double precision) FILTER (WHERE (staff IS NOT TRUE)), (0)::double precision) AS dwell_s
   FROM public.zone_visit
  GROUP BY (public.time_bucket('00:15:00'::interval, at)), store_id, zone_id;

COMMENT ON VIEW public.zone_visit_15m_recent IS 'zone_visit_15m of the raw rows that are still there.';

CREATE VIEW public.zone_visit_15m AS
 SELECT zone_visit_15m_archive.bucket,
    zone_visit_15m_archive.store_id,
    zone_visit_15m_archive.zone_id,
    zone_visit_15m_archive.visits,
    zone_visit_15m_archive.censored,
    zone_visit_15m_archive.dwell_s
   FROM public.zone_visit_15m_archive
  WHERE (NOT ((zone_visit_15m_archive.store_id, zone_visit_15m_archive.bucket) IN ( SELECT bucket_mark.store_id,
            bucket_mark.bucket
           FROM public.bucket_mark
          WHERE (bucket_mark.bucket >= ( SELECT rollup.kept_from
                   FROM public.rollup
                  WHERE (rollup.name = 'zone_visit_15m'::text))))))
UNION ALL
 SELECT r.bucket,
    r.store_id,
    r.zone_id,
    r.visits,
    r.censored,
    r.dwell_s
   FROM public.zone_visit_15m_recent r
  WHERE (r.bucket >= ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'zone_visit_15m'::text)))
UNION ALL
 SELECT m.bucket,
    m.store_id,
    r.zone_id,
    r.visits,
    r.censored,
    r.dwell_s
   FROM (( SELECT DISTINCT bucket_mark.bucket,
            bucket_mark.store_id
           FROM public.bucket_mark) m
     CROSS JOIN LATERAL ( SELECT r_1.bucket,
            r_1.store_id,
            r_1.zone_id,
            r_1.visits,
            r_1.censored,
            r_1.dwell_s
           FROM public.zone_visit_15m_recent r_1
          WHERE ((r_1.store_id = m.store_id) AND (r_1.bucket = m.bucket))
         OFFSET 0) r)
  WHERE (m.bucket < ( SELECT rollup.counted_until
           FROM public.rollup
          WHERE (rollup.name = 'zone_visit_15m'::text)));

COMMENT ON VIEW public.zone_visit_15m IS 'Stays per zone that ended in the 15 minutes from `bucket`, staff excluded.';

COMMENT ON COLUMN public.zone_visit_15m.censored IS 'Those of `visits` whose true end was not seen.';

COMMENT ON COLUMN public.zone_visit_15m.dwell_s IS 'Sum of the stays, in seconds.';

ALTER TABLE public.zone ALTER COLUMN zone_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.zone_zone_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_account_id_issuer_key UNIQUE (account_id, issuer);

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_login_key UNIQUE (login);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.account_region
    ADD CONSTRAINT account_region_pkey PRIMARY KEY (account_id, region);

ALTER TABLE ONLY public.account_session
    ADD CONSTRAINT account_session_pkey PRIMARY KEY (token_sha256);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_pkey PRIMARY KEY (account_id, store_id);

ALTER TABLE ONLY public.alarm_look
    ADD CONSTRAINT alarm_look_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (alarm_id);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (api_key_id);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_prefix_key UNIQUE (prefix);

ALTER TABLE ONLY public.bucket_mark
    ADD CONSTRAINT bucket_mark_pkey PRIMARY KEY (mark_id);

ALTER TABLE ONLY public.camera
    ADD CONSTRAINT camera_pkey PRIMARY KEY (camera_id);

ALTER TABLE ONLY public.camera
    ADD CONSTRAINT camera_store_id_code_key UNIQUE (store_id, code);

ALTER TABLE ONLY public.counter_interval
    ADD CONSTRAINT counter_interval_pkey PRIMARY KEY (counter_line_id, from_at, until);

ALTER TABLE ONLY public.counter_line
    ADD CONSTRAINT counter_line_counter_id_source_key UNIQUE (counter_id, source);

ALTER TABLE ONLY public.counter_line
    ADD CONSTRAINT counter_line_pkey PRIMARY KEY (counter_line_id);

ALTER TABLE ONLY public.counter_outbox
    ADD CONSTRAINT counter_outbox_pkey PRIMARY KEY (counter_id, first_seq);

ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (counter_id);

ALTER TABLE ONLY public.counter_refusal
    ADD CONSTRAINT counter_refusal_pkey PRIMARY KEY (login, reason);

ALTER TABLE ONLY public.counter_restatement
    ADD CONSTRAINT counter_restatement_pkey PRIMARY KEY (counter_line_id, from_at, until, ins_said, outs_said);

ALTER TABLE ONLY public.counter_total
    ADD CONSTRAINT counter_total_pkey PRIMARY KEY (counter_line_id, at, total);

ALTER TABLE ONLY public.day_touched
    ADD CONSTRAINT day_touched_pkey PRIMARY KEY (day_touched_id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (dead_letter_id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_topic_payload_sha256_key UNIQUE (topic, payload_sha256);

ALTER TABLE ONLY public.desired
    ADD CONSTRAINT desired_pkey PRIMARY KEY (device_id, version);

ALTER TABLE ONLY public.device_certificate
    ADD CONSTRAINT device_certificate_pkey PRIMARY KEY (serial);

ALTER TABLE ONLY public.device_command
    ADD CONSTRAINT device_command_pkey PRIMARY KEY (command_id);

ALTER TABLE ONLY public.device_live
    ADD CONSTRAINT device_live_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device_report
    ADD CONSTRAINT device_report_pkey PRIMARY KEY (report_id);

ALTER TABLE ONLY public.device_reported
    ADD CONSTRAINT device_reported_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_store_id_code_key UNIQUE (store_id, code);

ALTER TABLE ONLY public.door_day
    ADD CONSTRAINT door_day_pkey PRIMARY KEY (store_id, business_date, line_id);

ALTER TABLE ONLY public.enrolment_code
    ADD CONSTRAINT enrolment_code_pkey PRIMARY KEY (code_sha256);

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_name_key UNIQUE (name);

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_pkey PRIMARY KEY (enrolment_id);

ALTER TABLE ONLY public.floor_plan
    ADD CONSTRAINT floor_plan_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.forecast_day
    ADD CONSTRAINT forecast_day_pkey PRIMARY KEY (run_id, day);

ALTER TABLE ONLY public.forecast_hour
    ADD CONSTRAINT forecast_hour_pkey PRIMARY KEY (run_id, hour_at);

ALTER TABLE ONLY public.forecast_run
    ADD CONSTRAINT forecast_run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.forecast_run
    ADD CONSTRAINT forecast_run_store_id_first_day_key UNIQUE (store_id, first_day);

ALTER TABLE ONLY public.home_assistant_store
    ADD CONSTRAINT home_assistant_store_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.home_assistant_topic
    ADD CONSTRAINT home_assistant_topic_pkey PRIMARY KEY (topic);

ALTER TABLE ONLY public.imputation
    ADD CONSTRAINT imputation_pkey PRIMARY KEY (imputation_id);

ALTER TABLE ONLY public.imputed_hour
    ADD CONSTRAINT imputed_hour_pkey PRIMARY KEY (imputation_id, line_id, hour);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.known_browser
    ADD CONSTRAINT known_browser_pkey PRIMARY KEY (token_sha256);

ALTER TABLE ONLY public.known_day
    ADD CONSTRAINT known_day_pkey PRIMARY KEY (store_id, business_date, known_at);

ALTER TABLE ONLY public.ledger_epoch
    ADD CONSTRAINT ledger_epoch_device_id_epoch_key UNIQUE (device_id, epoch);

ALTER TABLE ONLY public.ledger_epoch
    ADD CONSTRAINT ledger_epoch_pkey PRIMARY KEY (epoch_id);

ALTER TABLE ONLY public.ledger_gap
    ADD CONSTRAINT ledger_gap_pkey PRIMARY KEY (epoch_id);

ALTER TABLE ONLY public.line_claim
    ADD CONSTRAINT line_claim_pkey PRIMARY KEY (device_id, line_id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (line_id);

ALTER TABLE ONLY public.line_set_aside
    ADD CONSTRAINT line_set_aside_pkey PRIMARY KEY (line_id, counted_line_id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_store_id_code_key UNIQUE (store_id, code);

ALTER TABLE ONLY public.oidc_attempt
    ADD CONSTRAINT oidc_attempt_pkey PRIMARY KEY (state_sha256);

ALTER TABLE ONLY public.oidc_logout
    ADD CONSTRAINT oidc_logout_pkey PRIMARY KEY (token_sha256);

ALTER TABLE ONLY public.order_import
    ADD CONSTRAINT order_import_pkey PRIMARY KEY (file);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_pkey PRIMARY KEY (store_id, kind, code);

ALTER TABLE ONLY public.pos_order_line
    ADD CONSTRAINT pos_order_line_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY public.pos_order
    ADD CONSTRAINT pos_order_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.pos_order
    ADD CONSTRAINT pos_order_source_external_id_key UNIQUE (source, external_id);

ALTER TABLE ONLY public.pseudonym_key
    ADD CONSTRAINT pseudonym_key_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.rollout_device
    ADD CONSTRAINT rollout_device_pkey PRIMARY KEY (rollout_id, device_id);

ALTER TABLE ONLY public.rollout
    ADD CONSTRAINT rollout_pkey PRIMARY KEY (rollout_id);

ALTER TABLE ONLY public.rollup
    ADD CONSTRAINT rollup_name_key UNIQUE (name);

ALTER TABLE ONLY public.rollup
    ADD CONSTRAINT rollup_pkey PRIMARY KEY (rollup_id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.setup_picture
    ADD CONSTRAINT setup_picture_pkey PRIMARY KEY (command_id);

ALTER TABLE ONLY public.setup_picture_request
    ADD CONSTRAINT setup_picture_request_pkey PRIMARY KEY (command_id);

ALTER TABLE ONLY public.staff_shift_past
    ADD CONSTRAINT staff_shift_past_pkey PRIMARY KEY (source, external_id, store_id, known_until);

ALTER TABLE ONLY public.staff_shift
    ADD CONSTRAINT staff_shift_pkey PRIMARY KEY (source, external_id, store_id);

ALTER TABLE ONLY public.standard
    ADD CONSTRAINT standard_name_key UNIQUE (name);

ALTER TABLE ONLY public.standard
    ADD CONSTRAINT standard_pkey PRIMARY KEY (standard_id);

ALTER TABLE ONLY public.standard_version
    ADD CONSTRAINT standard_version_pkey PRIMARY KEY (standard_id, number);

ALTER TABLE ONLY public.store_calendar
    ADD CONSTRAINT store_calendar_pkey PRIMARY KEY (store_id, business_date);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_code_key UNIQUE (code);

ALTER TABLE ONLY public.store_day_mark
    ADD CONSTRAINT store_day_mark_pkey PRIMARY KEY (mark_id);

ALTER TABLE ONLY public.store_day
    ADD CONSTRAINT store_day_pkey PRIMARY KEY (store_id, business_date);

ALTER TABLE ONLY public.store_hours
    ADD CONSTRAINT store_hours_pkey PRIMARY KEY (store_id, weekday);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.store_target
    ADD CONSTRAINT store_target_pkey PRIMARY KEY (store_id, metric, valid_from, said_at);

ALTER TABLE ONLY public.superseded
    ADD CONSTRAINT superseded_pkey PRIMARY KEY (relation, key, known_until);

ALTER TABLE ONLY public.till_notice
    ADD CONSTRAINT till_notice_pkey PRIMARY KEY (till, document);

ALTER TABLE ONLY public.till_refusal
    ADD CONSTRAINT till_refusal_pkey PRIMARY KEY (till, document);

ALTER TABLE ONLY public.till_state
    ADD CONSTRAINT till_state_pkey PRIMARY KEY (till);

ALTER TABLE ONLY public.webhook_condition
    ADD CONSTRAINT webhook_condition_pkey PRIMARY KEY (kind, store_id, subject);

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (event_id, endpoint_id);

ALTER TABLE ONLY public.webhook_endpoint
    ADD CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (endpoint_id);

ALTER TABLE ONLY public.webhook_endpoint_store
    ADD CONSTRAINT webhook_endpoint_store_pkey PRIMARY KEY (endpoint_id, store_id);

ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_key_key UNIQUE (key);

ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.weekly_mail
    ADD CONSTRAINT weekly_mail_confirm_sha256_key UNIQUE (confirm_sha256);

ALTER TABLE ONLY public.weekly_mail
    ADD CONSTRAINT weekly_mail_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.weekly_mail
    ADD CONSTRAINT weekly_mail_token_key UNIQUE (token);

ALTER TABLE ONLY public.weekly_mail_week
    ADD CONSTRAINT weekly_mail_week_pkey PRIMARY KEY (account_id, monday);

ALTER TABLE ONLY public.zone_category
    ADD CONSTRAINT zone_category_pkey PRIMARY KEY (store_id, zone, category);

ALTER TABLE ONLY public.zone
    ADD CONSTRAINT zone_pkey PRIMARY KEY (zone_id);

ALTER TABLE ONLY public.zone
    ADD CONSTRAINT zone_store_id_code_key UNIQUE (store_id, code);

CREATE INDEX account_event_at ON public.account_event USING btree (at);

CREATE INDEX account_session_account ON public.account_session USING btree (account_id);

CREATE INDEX alarm_ended ON public.alarm USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE UNIQUE INDEX alarm_open ON public.alarm USING btree (kind, store_id, subject) WHERE (ended_at IS NULL);

CREATE INDEX bucket_mark_bucket ON public.bucket_mark USING btree (store_id, bucket);

CREATE INDEX camera_uptime_15m_archive_bucket ON public.camera_uptime_15m_archive USING btree (store_id, bucket);

CREATE INDEX camera_uptime_bucket ON public.camera_uptime USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE INDEX counter_device ON public.counter USING btree (device_id);

CREATE UNIQUE INDEX counter_login ON public.counter USING btree (login) WHERE (removed_at IS NULL);

CREATE INDEX counter_refusal_last_at ON public.counter_refusal USING btree (last_at);

CREATE INDEX crossing_bucket ON public.crossing USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE INDEX desired_unpublished ON public.desired USING btree (device_id, version) WHERE (published_at IS NULL);

CREATE INDEX device_certificate_enrolment ON public.device_certificate USING btree (enrolment_id, not_after);

CREATE INDEX device_command_device ON public.device_command USING btree (device_id, at);

CREATE INDEX device_command_waiting ON public.device_command USING btree (expires_at) WHERE (outcome IS NULL);

CREATE INDEX device_report_device ON public.device_report USING btree (device_id, report_id);

CREATE UNIQUE INDEX enrolment_active ON public.enrolment USING btree (device_id) WHERE (ended_at IS NULL);

CREATE INDEX enrolment_code_device ON public.enrolment_code USING btree (device_id);

CREATE INDEX flow_at ON public.flow USING btree (store_id, at);

CREATE INDEX heat_at ON public.heat USING btree (store_id, at);

CREATE INDEX imputation_store ON public.imputation USING btree (store_id);

CREATE INDEX known_browser_account ON public.known_browser USING btree (account_id);

CREATE INDEX known_day_known_at ON public.known_day USING btree (known_at) WHERE (reasons <> '[]'::jsonb);

CREATE INDEX ledger_loss_at ON public.ledger_loss USING btree (store_id, at);

CREATE INDEX ledger_loss_of_epoch ON public.ledger_loss USING btree (of_epoch) WHERE (of_epoch IS NOT NULL);

CREATE INDEX line_audit_at ON public.line_audit USING btree (store_id, line_id, at);

CREATE INDEX line_claim_line ON public.line_claim USING btree (line_id);

CREATE INDEX line_register_at ON public.line_register USING btree (store_id, at);

CREATE INDEX line_set_aside_store ON public.line_set_aside USING btree (store_id);

CREATE INDEX line_traffic_15m_archive_bucket ON public.line_traffic_15m_archive USING btree (store_id, bucket);

CREATE INDEX occupancy_15m_archive_bucket ON public.occupancy_15m_archive USING btree (store_id, bucket);

CREATE INDEX occupancy_sample_bucket ON public.occupancy_sample USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE INDEX oidc_logout_at ON public.oidc_logout USING btree (at);

CREATE INDEX pos_order_bucket ON public.pos_order USING btree (store_id, public.time_bucket('00:15:00'::interval, closed_at));

CREATE INDEX pos_order_closed_at ON public.pos_order USING btree (store_id, closed_at);

CREATE INDEX pos_order_customer ON public.pos_order USING btree (store_id, customer_ref, closed_at) WHERE ((customer_ref IS NOT NULL) AND (kind = 'sale'::text) AND (NOT is_test) AND (channel = 'in_store'::text));

CREATE INDEX pos_order_line_past_order ON public.pos_order_line_past USING btree (order_id);

CREATE INDEX pos_order_past_bucket ON public.pos_order_past USING btree (store_id, public.time_bucket('00:15:00'::interval, closed_at));

CREATE INDEX pos_order_past_order ON public.pos_order_past USING btree (order_id);

CREATE INDEX queue_exit_15m_archive_bucket ON public.queue_exit_15m_archive USING btree (store_id, bucket);

CREATE INDEX queue_exit_bucket ON public.queue_exit USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE INDEX queue_length_15m_archive_bucket ON public.queue_length_15m_archive USING btree (store_id, bucket);

CREATE INDEX queue_sample_bucket ON public.queue_sample USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE UNIQUE INDEX rollout_active ON public.rollout USING btree ((true)) WHERE (state = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text]));

CREATE INDEX rollout_event_rollout ON public.rollout_event USING btree (rollout_id, at);

CREATE INDEX setup_picture_event_command ON public.setup_picture_event USING btree (command_id, at);

CREATE INDEX setup_picture_received ON public.setup_picture USING btree (received_at);

CREATE INDEX sign_in_failure_at ON public.sign_in_failure USING btree (at);

CREATE INDEX staff_shift_ends_at ON public.staff_shift USING btree (store_id, ends_at);

CREATE INDEX staff_shift_past_starts_at ON public.staff_shift_past USING btree (store_id, starts_at);

CREATE INDEX staff_shift_starts_at ON public.staff_shift USING btree (store_id, starts_at);

CREATE INDEX store_calendar_of_store ON public.store_calendar USING btree (store_id, opens_at);

CREATE INDEX store_calendar_opens_at ON public.store_calendar USING btree (opens_at);

CREATE INDEX store_day_mark_day ON public.store_day_mark USING btree (store_id, utc_date);

CREATE INDEX superseded_store ON public.superseded USING btree (store_id, relation, key, known_until);

CREATE INDEX trust_event_at ON public.trust_event USING btree (at);

CREATE INDEX webhook_delivery_due ON public.webhook_delivery USING btree (due_at) WHERE (state = 'waiting'::text);

CREATE INDEX webhook_delivery_endpoint ON public.webhook_delivery USING btree (endpoint_id);

CREATE INDEX webhook_event_at ON public.webhook_event USING btree (at);

CREATE INDEX weekly_mail_week_due ON public.weekly_mail_week USING btree (due_at) WHERE (state = ANY (ARRAY['waiting'::text, 'handing_over'::text]));

CREATE INDEX zone_visit_15m_archive_bucket ON public.zone_visit_15m_archive USING btree (store_id, bucket);

CREATE INDEX zone_visit_bucket ON public.zone_visit USING btree (store_id, public.time_bucket('00:15:00'::interval, at));

CREATE TRIGGER changed AFTER UPDATE ON public.camera_uptime FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER changed AFTER UPDATE ON public.crossing FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER changed AFTER UPDATE ON public.occupancy_sample FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER changed AFTER UPDATE ON public.queue_exit FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER changed AFTER UPDATE ON public.queue_sample FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER changed AFTER UPDATE ON public.zone_visit FOR EACH ROW EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.camera_uptime FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.crossing FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.occupancy_sample FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.queue_exit FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.queue_sample FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER gone AFTER DELETE ON public.zone_visit FOR EACH ROW WHEN ((current_setting('footfall.retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION public.mark_changed_bucket();

CREATE TRIGGER keep_line_version AFTER DELETE ON public.pos_order_line REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.keep_line_version();

CREATE TRIGGER keep_order_version BEFORE UPDATE ON public.pos_order FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.keep_order_version();

CREATE TRIGGER keep_shift_version BEFORE DELETE OR UPDATE ON public.staff_shift FOR EACH ROW EXECUTE FUNCTION public.keep_shift_version();

CREATE TRIGGER late AFTER INSERT ON public.camera_uptime FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_row();

CREATE TRIGGER late AFTER INSERT ON public.crossing FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_row();

CREATE TRIGGER late AFTER INSERT ON public.ledger_loss FOR EACH ROW WHEN ((new.at < (now() - '03:00:00'::interval))) EXECUTE FUNCTION public.mark_loss();

CREATE TRIGGER late AFTER INSERT ON public.occupancy_sample FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_bucket();

CREATE TRIGGER late AFTER INSERT ON public.queue_exit FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_bucket();

CREATE TRIGGER late AFTER INSERT ON public.queue_sample FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_bucket();

CREATE TRIGGER late AFTER INSERT ON public.zone_visit FOR EACH ROW WHEN ((new.at < (clock_timestamp() - '00:05:00'::interval))) EXECUTE FUNCTION public.mark_late_bucket();

CREATE TRIGGER late_changed AFTER UPDATE ON public.pos_order REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION public.mark_orders();

CREATE TRIGGER late_gone AFTER DELETE ON public.pos_order REFERENCING OLD TABLE AS there_before FOR EACH STATEMENT EXECUTE FUNCTION public.mark_orders();

CREATE TRIGGER late_in AFTER INSERT ON public.pos_order REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION public.mark_orders();

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.camera FOR EACH ROW EXECUTE FUNCTION public.supersede('camera_id');

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.line FOR EACH ROW EXECUTE FUNCTION public.supersede('line_id');

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.line_claim FOR EACH ROW EXECUTE FUNCTION public.supersede('device_id', 'line_id');

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.line_set_aside FOR EACH ROW EXECUTE FUNCTION public.supersede('line_id', 'counted_line_id');

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.zone FOR EACH ROW EXECUTE FUNCTION public.supersede('zone_id');

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON public.zone_category FOR EACH ROW EXECUTE FUNCTION public.supersede('store_id', 'zone', 'category');

CREATE TRIGGER supersede_calendar_changed AFTER UPDATE ON public.store_calendar FOR EACH ROW WHEN (((old.* IS DISTINCT FROM new.*) AND (LEAST(old.opens_at, new.opens_at) < now()))) EXECUTE FUNCTION public.supersede('store_id', 'business_date');

CREATE TRIGGER supersede_calendar_gone AFTER DELETE ON public.store_calendar FOR EACH ROW WHEN ((old.opens_at < now())) EXECUTE FUNCTION public.supersede('store_id', 'business_date');

CREATE TRIGGER supersede_calendar_new AFTER INSERT ON public.store_calendar FOR EACH ROW WHEN ((new.opens_at < now())) EXECUTE FUNCTION public.supersede('store_id', 'business_date');

CREATE TRIGGER supersede_changed AFTER UPDATE ON public.camera FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.supersede('camera_id');

CREATE TRIGGER supersede_changed AFTER UPDATE ON public.line FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.supersede('line_id');

CREATE TRIGGER supersede_changed AFTER UPDATE ON public.line_claim FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.supersede('device_id', 'line_id');

CREATE TRIGGER supersede_changed AFTER UPDATE ON public.line_set_aside FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.supersede('line_id', 'counted_line_id');

CREATE TRIGGER supersede_changed AFTER UPDATE ON public.zone FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.supersede('zone_id');

CREATE TRIGGER touch AFTER UPDATE ON public.camera FOR EACH ROW WHEN (((old.counts_from IS DISTINCT FROM new.counts_from) OR (old.counts_until IS DISTINCT FROM new.counts_until))) EXECUTE FUNCTION public.touch_by_camera();

CREATE TRIGGER touch AFTER INSERT ON public.ledger_loss FOR EACH ROW WHEN ((new.at < (now() - '03:00:00'::interval))) EXECUTE FUNCTION public.touch_by_loss();

CREATE TRIGGER touch AFTER UPDATE ON public.line FOR EACH ROW WHEN ((((old.role IS DISTINCT FROM new.role) OR (old.door IS DISTINCT FROM new.door)) OR (old.camera_id IS DISTINCT FROM new.camera_id))) EXECUTE FUNCTION public.touch_by_line();

CREATE TRIGGER touch AFTER INSERT ON public.line_audit FOR EACH ROW WHEN ((new.complete AND (new.at < (now() - '03:00:00'::interval)))) EXECUTE FUNCTION public.touch_by_audit();

CREATE TRIGGER touch AFTER UPDATE ON public.line_claim FOR EACH ROW WHEN ((old.released_at IS DISTINCT FROM new.released_at)) EXECUTE FUNCTION public.touch_by_claim();

CREATE TRIGGER touch AFTER INSERT OR DELETE OR UPDATE ON public.line_set_aside FOR EACH ROW EXECUTE FUNCTION public.touch_by_door();

CREATE TRIGGER touch_by_edits AFTER UPDATE ON public.pos_order REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.touch_by_edits();

CREATE TRIGGER touch_by_new AFTER INSERT ON public.pos_order REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.touch_by_orders();

CREATE TRIGGER touch_changed AFTER UPDATE ON public.store_calendar FOR EACH ROW WHEN (((old.* IS DISTINCT FROM new.*) AND (LEAST(old.opens_at, new.opens_at) < now()))) EXECUTE FUNCTION public.touch_by_hours();

CREATE TRIGGER touch_gone AFTER DELETE ON public.store_calendar FOR EACH ROW WHEN ((old.opens_at < now())) EXECUTE FUNCTION public.touch_by_hours();

CREATE TRIGGER touch_new AFTER INSERT ON public.store_calendar FOR EACH ROW WHEN ((new.opens_at < now())) EXECUTE FUNCTION public.touch_by_hours();

ALTER TABLE ONLY public.account_event
    ADD CONSTRAINT account_event_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_region
    ADD CONSTRAINT account_region_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_session
    ADD CONSTRAINT account_session_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.camera
    ADD CONSTRAINT camera_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.counter_interval
    ADD CONSTRAINT counter_interval_counter_line_id_fkey FOREIGN KEY (counter_line_id) REFERENCES public.counter_line(counter_line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.counter_line
    ADD CONSTRAINT counter_line_counter_id_fkey FOREIGN KEY (counter_id) REFERENCES public.counter(counter_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.counter_outbox
    ADD CONSTRAINT counter_outbox_counter_id_fkey FOREIGN KEY (counter_id) REFERENCES public.counter(counter_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.counter_restatement
    ADD CONSTRAINT counter_restatement_counter_line_id_fkey FOREIGN KEY (counter_line_id) REFERENCES public.counter_line(counter_line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.counter_total
    ADD CONSTRAINT counter_total_counter_line_id_fkey FOREIGN KEY (counter_line_id) REFERENCES public.counter_line(counter_line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.day_touched
    ADD CONSTRAINT day_touched_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.desired
    ADD CONSTRAINT desired_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device_certificate
    ADD CONSTRAINT device_certificate_enrolment_id_fkey FOREIGN KEY (enrolment_id) REFERENCES public.enrolment(enrolment_id);

ALTER TABLE ONLY public.device_command
    ADD CONSTRAINT device_command_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device_live
    ADD CONSTRAINT device_live_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device_report
    ADD CONSTRAINT device_report_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device_reported
    ADD CONSTRAINT device_reported_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.door_day
    ADD CONSTRAINT door_day_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.enrolment_code
    ADD CONSTRAINT enrolment_code_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.enrolment_code
    ADD CONSTRAINT enrolment_code_enrolment_id_fkey FOREIGN KEY (enrolment_id) REFERENCES public.enrolment(enrolment_id);

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.floor_plan
    ADD CONSTRAINT floor_plan_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.forecast_day
    ADD CONSTRAINT forecast_day_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.forecast_hour
    ADD CONSTRAINT forecast_hour_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.forecast_run
    ADD CONSTRAINT forecast_run_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.home_assistant_store
    ADD CONSTRAINT home_assistant_store_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imputation
    ADD CONSTRAINT imputation_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imputed_hour
    ADD CONSTRAINT imputed_hour_imputation_id_fkey FOREIGN KEY (imputation_id) REFERENCES public.imputation(imputation_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imputed_hour
    ADD CONSTRAINT imputed_hour_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(line_id);

ALTER TABLE ONLY public.known_browser
    ADD CONSTRAINT known_browser_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.known_day
    ADD CONSTRAINT known_day_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ledger_epoch
    ADD CONSTRAINT ledger_epoch_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.ledger_gap
    ADD CONSTRAINT ledger_gap_epoch_id_fkey FOREIGN KEY (epoch_id) REFERENCES public.ledger_epoch(epoch_id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_camera_id_fkey FOREIGN KEY (camera_id) REFERENCES public.camera(camera_id);

ALTER TABLE ONLY public.line_claim
    ADD CONSTRAINT line_claim_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.line_claim
    ADD CONSTRAINT line_claim_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.line_set_aside
    ADD CONSTRAINT line_set_aside_counted_line_id_fkey FOREIGN KEY (counted_line_id) REFERENCES public.line(line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.line_set_aside
    ADD CONSTRAINT line_set_aside_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(line_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.line_set_aside
    ADD CONSTRAINT line_set_aside_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.pos_order_line
    ADD CONSTRAINT pos_order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.pos_order(order_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pos_order
    ADD CONSTRAINT pos_order_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.rollout_device
    ADD CONSTRAINT rollout_device_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.rollout_device
    ADD CONSTRAINT rollout_device_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES public.rollout(rollout_id);

ALTER TABLE ONLY public.rollout_event
    ADD CONSTRAINT rollout_event_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES public.rollout(rollout_id);

ALTER TABLE ONLY public.rollout
    ADD CONSTRAINT rollout_standard_id_number_fkey FOREIGN KEY (standard_id, number) REFERENCES public.standard_version(standard_id, number);

ALTER TABLE ONLY public.setup_picture
    ADD CONSTRAINT setup_picture_command_id_fkey FOREIGN KEY (command_id) REFERENCES public.setup_picture_request(command_id);

ALTER TABLE ONLY public.setup_picture_event
    ADD CONSTRAINT setup_picture_event_command_id_fkey FOREIGN KEY (command_id) REFERENCES public.setup_picture_request(command_id);

ALTER TABLE ONLY public.setup_picture_request
    ADD CONSTRAINT setup_picture_request_command_id_fkey FOREIGN KEY (command_id) REFERENCES public.device_command(command_id);

ALTER TABLE ONLY public.staff_shift_past
    ADD CONSTRAINT staff_shift_past_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.staff_shift
    ADD CONSTRAINT staff_shift_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.standard_version
    ADD CONSTRAINT standard_version_standard_id_fkey FOREIGN KEY (standard_id) REFERENCES public.standard(standard_id);

ALTER TABLE ONLY public.store_calendar
    ADD CONSTRAINT store_calendar_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.store_day
    ADD CONSTRAINT store_day_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.store_hours
    ADD CONSTRAINT store_hours_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.store_target
    ADD CONSTRAINT store_target_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.trust_event
    ADD CONSTRAINT trust_event_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(device_id);

ALTER TABLE ONLY public.trust_event
    ADD CONSTRAINT trust_event_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.webhook_condition
    ADD CONSTRAINT webhook_condition_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(endpoint_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.webhook_event(event_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_endpoint_store
    ADD CONSTRAINT webhook_endpoint_store_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(endpoint_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_endpoint_store
    ADD CONSTRAINT webhook_endpoint_store_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.weekly_mail
    ADD CONSTRAINT weekly_mail_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.weekly_mail_week
    ADD CONSTRAINT weekly_mail_week_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.zone
    ADD CONSTRAINT zone_camera_id_fkey FOREIGN KEY (camera_id) REFERENCES public.camera(camera_id);

ALTER TABLE ONLY public.zone_category
    ADD CONSTRAINT zone_category_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);

ALTER TABLE ONLY public.zone
    ADD CONSTRAINT zone_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(store_id);
