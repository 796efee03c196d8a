-- Past days, counted once: what every page asks of a whole business day is kept beside the rollups it comes from, and is
-- taken at its word only as long as nothing that it was counted from has changed (docs/adr/0023).

CREATE TABLE store_day (
    store_id          integer NOT NULL REFERENCES store ON DELETE CASCADE,
    business_date     date NOT NULL,
    from_at           timestamptz NOT NULL,
    until             timestamptz NOT NULL,
    till_until        timestamptz NOT NULL,
    basis             text NOT NULL,
    counted_at        timestamptz NOT NULL,
    ins               bigint NOT NULL,
    outs              bigint NOT NULL,
    staff_ins         bigint NOT NULL,
    grouped_ins       bigint NOT NULL,
    buying_units      double precision NOT NULL,
    passers           bigint NOT NULL,
    expected_s        double precision NOT NULL,
    up_s              double precision NOT NULL,
    doors_down        bigint NOT NULL,
    street_expected_s double precision NOT NULL,
    street_up_s       double precision NOT NULL,
    streets_down      bigint NOT NULL,
    transactions      bigint NOT NULL,
    refunds           bigint NOT NULL,
    net_sales         double precision NOT NULL,
    units             bigint NOT NULL,
    PRIMARY KEY (store_id, business_date)
);
COMMENT ON TABLE store_day IS 'A store''s past business days as they were last counted. Read store_day_kept: a day may have changed since.';
COMMENT ON COLUMN store_day.till_until IS 'Sales count until then: an hour after the door has closed.';
COMMENT ON COLUMN store_day.basis IS 'store_basis at the time.';
COMMENT ON COLUMN store_day.doors_down IS 'Entrance lines that were watched for less than 98 % of the day, or whose box lost entries.';

CREATE TABLE store_day_mark (
    mark_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id integer NOT NULL,
    utc_date date NOT NULL
);
COMMENT ON TABLE store_day_mark IS 'Days to be counted again: something came late, or was corrected. Written with it in one transaction, deleted once the days are counted.';
CREATE INDEX store_day_mark_day ON store_day_mark (store_id, utc_date);

CREATE VIEW store_basis AS
SELECT s.store_id, md5(concat(l.lines, '|', a.aside)) AS basis
FROM store AS s
LEFT JOIN (
    SELECT l.store_id,
           string_agg(concat_ws(',', l.line_id, l.role, v.camera_id, EXTRACT(epoch FROM v.from_at), EXTRACT(epoch FROM v.until)),
                      ';' ORDER BY l.line_id) AS lines
    FROM line AS l
    LEFT JOIN line_service AS v USING (line_id)
    WHERE l.role IN ('entrance', 'pass_by')
    GROUP BY l.store_id
) AS l USING (store_id)
LEFT JOIN (
    SELECT store_id,
           string_agg(concat_ws(',', line_id, EXTRACT(epoch FROM from_at), EXTRACT(epoch FROM until)),
                      ';' ORDER BY line_id, counted_line_id) AS aside
    FROM line_set_aside
    GROUP BY store_id
) AS a USING (store_id);
COMMENT ON VIEW store_basis IS 'A fingerprint of which lines of a store count from when to when: where it changes, every day is another.';

CREATE VIEW store_day_kept AS
SELECT d.store_id, d.business_date, d.from_at, d.until, d.till_until, d.ins, d.outs, d.staff_ins, d.grouped_ins,
       d.buying_units, d.passers, d.expected_s, d.up_s, d.doors_down, d.street_expected_s, d.street_up_s, d.streets_down,
       d.transactions, d.refunds, d.net_sales, d.units
FROM store_day AS d
JOIN store_basis AS b ON b.store_id = d.store_id AND b.basis = d.basis
WHERE NOT EXISTS (
    SELECT FROM store_day_mark AS m
    WHERE m.store_id = d.store_id
      AND m.utc_date BETWEEN (d.from_at AT TIME ZONE 'UTC')::date AND (d.till_until AT TIME ZONE 'UTC')::date
);
COMMENT ON VIEW store_day_kept IS 'Past business days of which nothing has changed since they were counted.';

-- What is younger than 3 hours lies in no day that is counted yet: `keep_store_days` leaves each day 6 hours of rest, so
-- that a transaction may take 3. The last mark is remembered in the transaction, as late rows come in runs.
CREATE FUNCTION mark_late_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_date date := (NEW.at AT TIME ZONE 'UTC')::date;
    v_mark text := concat(NEW.store_id, ' ', v_date);
BEGIN
    IF current_setting('footfall.marked', true) IS DISTINCT FROM v_mark THEN
        INSERT INTO store_day_mark (store_id, utc_date) VALUES (NEW.store_id, v_date);
        PERFORM set_config('footfall.marked', v_mark, true);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION mark_late_row IS 'Marks the day of a row that came late.';
CREATE TRIGGER late AFTER INSERT ON crossing FOR EACH ROW
WHEN (NEW.at < now() - INTERVAL '3 hours') EXECUTE FUNCTION mark_late_row();
CREATE TRIGGER late AFTER INSERT ON camera_uptime FOR EACH ROW
WHEN (NEW.at < now() - INTERVAL '3 hours') EXECUTE FUNCTION mark_late_row();

CREATE FUNCTION mark_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO store_day_mark (store_id, utc_date)
    SELECT NEW.store_id, day::date
    FROM generate_series(date_trunc('day', NEW.at AT TIME ZONE 'UTC'), NEW.until AT TIME ZONE 'UTC', INTERVAL '1 day') AS day;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION mark_loss IS 'Marks the days over which a loss reaches.';
CREATE TRIGGER late AFTER INSERT ON ledger_loss FOR EACH ROW
WHEN (NEW.at < now() - INTERVAL '3 hours') EXECUTE FUNCTION mark_loss();

CREATE FUNCTION mark_orders() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION mark_orders IS 'Marks the days of orders that came late, were corrected or deleted.';
CREATE TRIGGER late_in AFTER INSERT ON pos_order
REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION mark_orders();
CREATE TRIGGER late_changed AFTER UPDATE ON pos_order
REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION mark_orders();
CREATE TRIGGER late_gone AFTER DELETE ON pos_order
REFERENCING OLD TABLE AS there_before FOR EACH STATEMENT EXECUTE FUNCTION mark_orders();

-- The same sums as traffic_of_slices, uptime_of_slices and sales_of_slices in analytics/sql/facts.sql, which answer
-- what is not kept; a test holds the two together.
CREATE FUNCTION count_store_days(p_store_id integer, p_until timestamptz) RETURNS bigint
LANGUAGE sql AS $$
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
          WHERE k.store_id = d.store_id AND k.business_date = d.business_date AND k.from_at = d.from_at
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
COMMENT ON FUNCTION count_store_days IS 'Counts those of a store''s days that ended before a moment and are not kept; returns how many.';

-- :plain
CREATE PROCEDURE refresh_before_counting(p_now timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    NULL; -- views are always of now
END $$;

-- :timescale
CREATE PROCEDURE refresh_before_counting(p_now timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT name, kept_from FROM rollup WHERE name IN ('line_traffic_15m', 'camera_uptime_15m') ORDER BY rollup_id LOOP
        CALL refresh_continuous_aggregate(r.name::regclass, r.kept_from, p_now);
        COMMIT;
    END LOOP;
END $$;

-- :both
COMMENT ON PROCEDURE refresh_before_counting IS 'Takes late rows into the rollups from which days are counted.';

CREATE PROCEDURE keep_store_days(p_now timestamptz) LANGUAGE plpgsql AS $$
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
        COMMIT;
    END LOOP;
END $$;
COMMENT ON PROCEDURE keep_store_days IS 'Counts each store''s past days that are new or have changed. Commits on its way: CALL it outside of any transaction.';
