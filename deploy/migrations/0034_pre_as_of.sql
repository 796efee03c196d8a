-- What was known when: orders and set-up keep what they said before, every relation that figures are read from has a
-- namesake in the schema `past`, and each closed business day keeps what was known of it, version by version.

CREATE TABLE pos_order_past (
    known_from  timestamptz NOT NULL,
    known_until timestamptz NOT NULL,
    LIKE pos_order
);
COMMENT ON TABLE pos_order_past IS 'What orders said before they were edited; the highest version is in pos_order.';
COMMENT ON COLUMN pos_order_past.known_from IS 'When this version came.';
COMMENT ON COLUMN pos_order_past.known_until IS 'When the next one came.';
CREATE INDEX pos_order_past_bucket ON pos_order_past (store_id, time_bucket('15 minutes', closed_at));
-- What an order that was edited before this table was there had said is not known: its last version stands for it.
INSERT INTO pos_order_past SELECT received_at, updated_at, o.* FROM pos_order AS o WHERE updated_at > received_at;

CREATE FUNCTION keep_order_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of two transactions the one that began first may write last: what is known never goes back in time.
    NEW.updated_at := GREATEST(now(), OLD.updated_at + INTERVAL '1 microsecond');
    INSERT INTO pos_order_past SELECT OLD.updated_at, NEW.updated_at, OLD.*;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_order_version IS 'Keeps what an order said until now.';
CREATE TRIGGER keep_order_version BEFORE UPDATE ON pos_order
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_order_version();

CREATE TABLE superseded (
    relation    text NOT NULL,
    key         text NOT NULL,
    known_until timestamptz NOT NULL,
    store_id    integer,
    was         jsonb,
    PRIMARY KEY (relation, key, known_until)
);
COMMENT ON TABLE superseded IS 'What rows of the set-up (lines, doors, cameras, zones, past opening hours) said before they were changed.';
COMMENT ON COLUMN superseded.known_until IS 'When it was changed: of a moment before, the row that was changed first after it tells; none was: the row itself.';
COMMENT ON COLUMN superseded.was IS 'NULL: there was no such row.';

CREATE FUNCTION supersede() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION supersede IS 'Keeps what a row of the set-up said until now; its arguments are the columns of the key.';

-- A day to come is known by nobody's figures: its hours are kept only once it has begun.
CREATE TRIGGER supersede_calendar_new AFTER INSERT ON store_calendar
FOR EACH ROW WHEN (NEW.opens_at < now()) EXECUTE FUNCTION supersede('store_id', 'business_date');
CREATE TRIGGER supersede_calendar_changed AFTER UPDATE ON store_calendar
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.* AND LEAST(OLD.opens_at, NEW.opens_at) < now())
EXECUTE FUNCTION supersede('store_id', 'business_date');
CREATE TRIGGER supersede_calendar_gone AFTER DELETE ON store_calendar
FOR EACH ROW WHEN (OLD.opens_at < now()) EXECUTE FUNCTION supersede('store_id', 'business_date');

DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM (VALUES ('line', '''line_id'''), ('zone', '''zone_id'''), ('camera', '''camera_id'''),
                                   ('line_claim', '''device_id'', ''line_id'''),
                                   ('line_set_aside', '''line_id'', ''counted_line_id''')) AS t(name, key) LOOP
        EXECUTE format('CREATE TRIGGER supersede AFTER INSERT OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION supersede(%s)',
                       r.name, r.key);
        EXECUTE format('CREATE TRIGGER supersede_changed AFTER UPDATE ON %I FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)'
                       ' EXECUTE FUNCTION supersede(%s)', r.name, r.key);
    END LOOP;
END $$;

-- Both wrote all their rows anew each time: now only what differs, as each change is kept.
CREATE OR REPLACE FUNCTION fill_store_calendar(p_store_id integer, p_from date, p_to date) RETURNS void
LANGUAGE sql AS $$
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

CREATE OR REPLACE FUNCTION settle_doors(p_store_id integer) RETURNS void
LANGUAGE sql AS $$
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

CREATE SCHEMA past;
COMMENT ON SCHEMA past IS 'What was known at the moment that the setting footfall.as_of names: with `past` first in search_path, every question is answered as of then.';

CREATE FUNCTION past.known_at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT current_setting('footfall.as_of')::timestamptz;
$$;
COMMENT ON FUNCTION past.known_at IS 'As of when the session asks.';

CREATE FUNCTION past.since() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(NULLIF(current_setting('footfall.as_of_since', true), ''), '-infinity')::timestamptz;
$$;
COMMENT ON FUNCTION past.since IS 'From when on the session asks for what was counted: TimescaleDB does not read the chunks before.';

-- The moment is asked for once a query, not once a row.
DO $$
DECLARE
    v_name text;
BEGIN
    FOREACH v_name IN ARRAY ARRAY['crossing', 'zone_visit', 'queue_sample', 'queue_exit', 'occupancy_sample', 'heat', 'flow',
                                  'line_register', 'camera_uptime'] LOOP
        EXECUTE format('CREATE VIEW past.%I AS SELECT * FROM public.%I'
                       ' WHERE received_at <= (SELECT past.known_at()) AND at >= (SELECT past.since())', v_name, v_name);
    END LOOP;
    FOREACH v_name IN ARRAY ARRAY['line_audit', 'ledger_loss'] LOOP
        EXECUTE format('CREATE VIEW past.%I AS SELECT * FROM public.%I WHERE received_at <= (SELECT past.known_at())',
                       v_name, v_name);
    END LOOP;
    FOREACH v_name IN ARRAY ARRAY['line', 'zone', 'camera', 'line_set_aside'] LOOP
        EXECUTE format(
            'CREATE VIEW past.%1$I AS SELECT r.* FROM public.%1$I AS r WHERE NOT EXISTS ('
            ' SELECT FROM public.superseded AS s WHERE s.relation = %1$L AND s.key = %2$s'
            ' AND s.known_until > (SELECT past.known_at()))'
            ' UNION ALL SELECT (jsonb_populate_record(NULL::public.%1$I, s.was)).* FROM ('
            ' SELECT DISTINCT ON (key) was FROM public.superseded'
            ' WHERE relation = %1$L AND known_until > (SELECT past.known_at()) ORDER BY key, known_until) AS s'
            ' WHERE s.was IS NOT NULL',
            v_name, CASE v_name WHEN 'line_set_aside' THEN 'r.line_id || ''/'' || r.counted_line_id'
                                ELSE 'r.' || v_name || '_id || ''''' END);
    END LOOP;
END $$;

CREATE VIEW past.line_claim AS
SELECT r.* FROM public.line_claim AS r
WHERE NOT EXISTS (
    SELECT FROM public.superseded AS s
    WHERE s.relation = 'line_claim' AND s.key = r.device_id || '/' || r.line_id AND s.known_until > (SELECT past.known_at())
)
UNION ALL
SELECT (jsonb_populate_record(NULL::public.line_claim, s.was)).*
FROM (
    SELECT DISTINCT ON (key) was FROM public.superseded
    WHERE relation = 'line_claim' AND known_until > (SELECT past.known_at()) ORDER BY key, known_until
) AS s
WHERE s.was IS NOT NULL;

CREATE VIEW past.store_calendar AS
SELECT c.store_id, c.business_date, c.opens_at, c.closes_at
FROM public.store_calendar AS c
WHERE NOT EXISTS (
    SELECT FROM public.superseded AS s
    WHERE s.relation = 'store_calendar' AND s.store_id = c.store_id AND s.key = c.store_id || '/' || c.business_date
      AND s.known_until > (SELECT past.known_at())
)
UNION ALL
SELECT s.store_id, (s.was ->> 'business_date')::date, (s.was ->> 'opens_at')::timestamptz,
       (s.was ->> 'closes_at')::timestamptz
FROM (
    SELECT DISTINCT ON (store_id, key) store_id, was FROM public.superseded
    WHERE relation = 'store_calendar' AND known_until > (SELECT past.known_at()) ORDER BY store_id, key, known_until
) AS s
WHERE s.was IS NOT NULL;
CREATE INDEX superseded_store ON superseded (store_id, relation, key, known_until);

CREATE VIEW past.pos_order AS
SELECT o.* FROM public.pos_order AS o WHERE o.updated_at <= (SELECT past.known_at())
UNION ALL
SELECT p.order_id, p.store_id, p.source, p.external_id, p.version, p.kind, p.original_external_id, p.business_date,
       p.closed_at, p.gross, p.discount, p.tax, p.net, p.currency, p.units, p.channel, p.register, p.staff_ref,
       p.customer_ref, p.is_test, p.received_at, p.updated_at
FROM public.pos_order_past AS p
WHERE p.known_from <= (SELECT past.known_at()) AND p.known_until > (SELECT past.known_at());

CREATE FUNCTION past.follow(p_name text) RETURNS void LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION past.follow IS 'Makes a view or rollup''s namesake in `past`, from the same SELECT over what is there.';

-- Where raw rows are gone the rollup itself is asked: it says what is known now, the day''s versions what was (known_day).
-- :plain
CREATE FUNCTION past.body_of(p_name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT rtrim(pg_get_viewdef(to_regclass(p_name || CASE WHEN r.of_raw THEN '_recent' ELSE '' END)), ';')
    FROM (SELECT (SELECT of_raw FROM public.rollup WHERE name = p_name) AS of_raw) AS r;
$$;
CREATE FUNCTION past.with_what_is_gone(p_name text, p_body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s UNION ALL SELECT * FROM public.%I', p_body, p_name || '_archive');
$$;

-- :timescale
CREATE FUNCTION past.body_of(p_name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT rtrim(COALESCE(
        (SELECT view_definition FROM timescaledb_information.continuous_aggregates
         WHERE view_schema = 'public' AND view_name = p_name),
        pg_get_viewdef(to_regclass(p_name))
    ), ';');
$$;
CREATE FUNCTION past.with_what_is_gone(p_name text, p_body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('SELECT * FROM (%1$s) AS b WHERE b.bucket >= (SELECT kept_from FROM public.rollup WHERE name = %2$L)'
                  ' UNION ALL SELECT * FROM public.%2$I'
                  ' WHERE bucket < (SELECT kept_from FROM public.rollup WHERE name = %2$L)', p_body, p_name);
$$;

-- :both
COMMENT ON FUNCTION past.body_of IS 'The SELECT of a view or rollup, its names as the search path lets them be written.';
COMMENT ON FUNCTION past.with_what_is_gone IS 'A rollup''s SELECT over raw rows, and the rollup itself where these are gone.';

SELECT past.follow(name) FROM rollup ORDER BY rollup_id;
SELECT past.follow('sales_15m');
SELECT past.follow('line_traffic_day');
SELECT past.follow('line_service');

CREATE VIEW business_day AS
SELECT c.store_id, c.business_date, c.opens_at AS from_at, c.closes_at AS until,
       GREATEST(c.closes_at, LEAST(c.closes_at + INTERVAL '1 hour', (
           SELECT min(n.opens_at) FROM store_calendar AS n WHERE n.store_id = c.store_id AND n.opens_at > c.opens_at
       ))) AS till_until
FROM store_calendar AS c;
COMMENT ON VIEW business_day IS 'Each business day as instants.';
COMMENT ON COLUMN business_day.till_until IS 'Sales count until then: an hour after the door, never in the next business day.';

CREATE TABLE known_day (
    store_id          integer NOT NULL REFERENCES store ON DELETE CASCADE,
    business_date     date NOT NULL,
    known_at          timestamptz NOT NULL,
    reasons           jsonb NOT NULL DEFAULT '[]',
    ins               bigint NOT NULL,
    outs              bigint NOT NULL,
    staff_ins         bigint NOT NULL,
    passers           bigint NOT NULL,
    grouped_ins       bigint NOT NULL,
    buying_units      float8 NOT NULL,
    up_s              float8 NOT NULL,
    expected_s        float8 NOT NULL,
    doors_down        bigint NOT NULL,
    street_up_s       float8 NOT NULL,
    street_expected_s float8 NOT NULL,
    streets_down      bigint NOT NULL,
    transactions      bigint NOT NULL,
    refunds           bigint NOT NULL,
    net_sales         float8 NOT NULL,
    units             bigint NOT NULL,
    till_known        boolean NOT NULL,
    PRIMARY KEY (store_id, business_date, known_at)
);
COMMENT ON TABLE known_day IS 'What was known of each past business day: its first figures, and a row for each time that they changed. Kept for good: the restatement log.';
COMMENT ON COLUMN known_day.known_at IS 'From when on it was so: when the day was recorded first, or the last of what changed it came.';
COMMENT ON COLUMN known_day.reasons IS 'Why it differs from the row before, as [{reason, rows}]; empty: the first.';
CREATE INDEX known_day_known_at ON known_day (known_at) WHERE reasons <> '[]';

SELECT past.follow('business_day');

-- Beside days that are there to be counted, those whose raw rows are gone: as they were last recorded by then, and unknown
-- where they were not.
CREATE VIEW past.store_day_kept AS
SELECT b.store_id, b.business_date, b.from_at, b.until, b.till_until, k.ins, k.outs, k.staff_ins, k.grouped_ins,
       k.buying_units, k.passers, k.expected_s, k.up_s, k.doors_down, k.street_expected_s, k.street_up_s, k.streets_down,
       k.transactions, k.refunds, k.net_sales, k.units
FROM past.business_day AS b
LEFT JOIN LATERAL (
    SELECT * FROM public.known_day AS k
    WHERE k.store_id = b.store_id AND k.business_date = b.business_date AND k.known_at <= (SELECT past.known_at())
    ORDER BY k.known_at DESC
    LIMIT 1
) AS k ON true
WHERE b.from_at < (SELECT max(kept_from) FROM public.rollup WHERE of_raw);

CREATE TABLE day_touched (
    day_touched_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id       integer NOT NULL REFERENCES store ON DELETE CASCADE,
    business_date  date NOT NULL,
    reason         text NOT NULL,
    rows           bigint NOT NULL,
    at             timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE day_touched IS 'Business days of which something came or changed late, in the transaction in which it did; housekeeping takes them into known_day.';
COMMENT ON COLUMN day_touched.rows IS 'How many rows or orders.';

CREATE FUNCTION touch_days(p_store_id integer, p_from timestamptz, p_until timestamptz, p_reason text, p_rows bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT store_id, business_date, p_reason, p_rows
    FROM business_day
    WHERE store_id = p_store_id AND from_at <= p_until AND until > p_from AND from_at < now();
$$;
COMMENT ON FUNCTION touch_days IS 'Notes that something of the business days between two moments changed; of those that have begun.';

CREATE FUNCTION touch_by_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT d.store_id, d.business_date, CASE o.kind WHEN 'refund' THEN 'refund_late' ELSE 'order_late' END, count(*)
    FROM added AS o
    JOIN business_day AS d
      ON d.store_id = o.store_id AND time_bucket('15 minutes', o.closed_at) >= time_bucket('15 minutes', d.from_at)
     AND time_bucket('15 minutes', o.closed_at) < d.till_until
    -- A day is counted, and recorded, six hours after it ended at the earliest.
    WHERE o.closed_at < now() - INTERVAL '3 hours' AND o.kind <> 'void' AND NOT o.is_test AND o.channel = 'in_store'
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_orders IS 'Notes the business days of orders that came late.';
CREATE TRIGGER touch_by_new AFTER INSERT ON pos_order
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION touch_by_orders();

CREATE FUNCTION touch_by_edits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    SELECT d.store_id, d.business_date, CASE WHEN o.voided THEN 'order_voided' ELSE 'order_edited' END,
           count(DISTINCT o.order_id)
    FROM (
        SELECT b.order_id, b.store_id, unnest(ARRAY[a.closed_at, b.closed_at]) AS closed_at,
               b.kind = 'void' AND a.kind <> 'void' AS voided
        FROM before AS a
        JOIN after AS b USING (order_id)
        WHERE (a.kind, a.closed_at, a.net, a.units, a.channel, a.is_test)
              IS DISTINCT FROM (b.kind, b.closed_at, b.net, b.units, b.channel, b.is_test)
    ) AS o
    JOIN business_day AS d
      ON d.store_id = o.store_id AND time_bucket('15 minutes', o.closed_at) >= time_bucket('15 minutes', d.from_at)
     AND time_bucket('15 minutes', o.closed_at) < d.till_until
    WHERE o.closed_at < now() - INTERVAL '3 hours'
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_edits IS 'Notes the business days of orders that were edited: those that they leave, and those that they come to.';
CREATE TRIGGER touch_by_edits AFTER UPDATE ON pos_order
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION touch_by_edits();

CREATE FUNCTION touch_by_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, NEW.at, NEW.at, 'audit_entered', 1);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_audit IS 'Notes the business day of an audit.';
CREATE TRIGGER touch AFTER INSERT ON line_audit
FOR EACH ROW WHEN (NEW.complete AND NEW.at < now() - INTERVAL '3 hours') EXECUTE FUNCTION touch_by_audit();

CREATE FUNCTION touch_by_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, NEW.at, NEW.until, 'loss_stated', COALESCE(NEW.entries, 0));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_loss IS 'Notes the business days of which a box lost entries.';
CREATE TRIGGER touch AFTER INSERT ON ledger_loss
FOR EACH ROW WHEN (NEW.at < now() - INTERVAL '3 hours') EXECUTE FUNCTION touch_by_loss();

CREATE FUNCTION touch_by_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_touched (store_id, business_date, reason, rows)
    VALUES (COALESCE(NEW.store_id, OLD.store_id), COALESCE(NEW.business_date, OLD.business_date), 'hours_changed', 1);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_hours IS 'Notes the business day whose opening hours were changed.';
CREATE TRIGGER touch_new AFTER INSERT ON store_calendar
FOR EACH ROW WHEN (NEW.opens_at < now()) EXECUTE FUNCTION touch_by_hours();
CREATE TRIGGER touch_changed AFTER UPDATE ON store_calendar
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.* AND LEAST(OLD.opens_at, NEW.opens_at) < now())
EXECUTE FUNCTION touch_by_hours();
CREATE TRIGGER touch_gone AFTER DELETE ON store_calendar
FOR EACH ROW WHEN (OLD.opens_at < now()) EXECUTE FUNCTION touch_by_hours();

CREATE FUNCTION touch_by_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A line counts from when its camera does.
    PERFORM touch_days(NEW.store_id, min(counts_from), now(), 'doors_changed', 1)
    FROM camera WHERE camera_id IN (OLD.camera_id, NEW.camera_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_line IS 'Notes the business days of a line whose role, door or camera was changed.';
CREATE TRIGGER touch AFTER UPDATE ON line
FOR EACH ROW WHEN ((OLD.role, OLD.door, OLD.camera_id) IS DISTINCT FROM (NEW.role, NEW.door, NEW.camera_id))
EXECUTE FUNCTION touch_by_line();

CREATE FUNCTION touch_by_camera() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM touch_days(NEW.store_id, LEAST(OLD.counts_from, NEW.counts_from), GREATEST(OLD.counts_from, NEW.counts_from),
                       'doors_changed', 1)
    WHERE OLD.counts_from IS DISTINCT FROM NEW.counts_from;
    PERFORM touch_days(NEW.store_id, LEAST(OLD.counts_until, NEW.counts_until), now(), 'doors_changed', 1)
    WHERE OLD.counts_until IS DISTINCT FROM NEW.counts_until;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_camera IS 'Notes the business days in which a camera is now expected to have counted, or no more.';
CREATE TRIGGER touch AFTER UPDATE ON camera
FOR EACH ROW WHEN ((OLD.counts_from, OLD.counts_until) IS DISTINCT FROM (NEW.counts_from, NEW.counts_until))
EXECUTE FUNCTION touch_by_camera();

CREATE FUNCTION touch_by_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM touch_days(l.store_id, LEAST(OLD.released_at, NEW.released_at), now(), 'doors_changed', 1)
    FROM line AS l WHERE l.line_id = NEW.line_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_claim IS 'Notes the business days in which a line is now expected to have counted, or no more.';
CREATE TRIGGER touch AFTER UPDATE ON line_claim
FOR EACH ROW WHEN (OLD.released_at IS DISTINCT FROM NEW.released_at) EXECUTE FUNCTION touch_by_claim();

CREATE FUNCTION touch_by_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM touch_days(
        COALESCE(NEW.store_id, OLD.store_id),
        -- Where only its end moved, what was before both ends stays as it was.
        CASE WHEN OLD.from_at = NEW.from_at THEN LEAST(OLD.until, NEW.until) ELSE LEAST(OLD.from_at, NEW.from_at) END,
        now(), 'doors_changed', 1
    );
    RETURN NULL;
END $$;
COMMENT ON FUNCTION touch_by_door IS 'Notes the business days in which a line counts its door now, or no more.';
CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE ON line_set_aside
FOR EACH ROW EXECUTE FUNCTION touch_by_door();
