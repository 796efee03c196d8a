-- Past days of each door, counted once beside those of its store (0028): whether a door's level shifted is asked of twelve
-- weeks of days at once, with every look at how far its store can be relied on.

CREATE TABLE door_day (
    store_id      integer NOT NULL REFERENCES store ON DELETE CASCADE,
    line_id       integer NOT NULL,
    business_date date NOT NULL,
    counted_at    timestamptz NOT NULL,
    ins           bigint NOT NULL,
    up_s          double precision NOT NULL,
    PRIMARY KEY (store_id, business_date, line_id)
);
COMMENT ON TABLE door_day IS 'Who came in over an entrance line on a past business day that it counted in. Read door_day_kept: a day may have changed since.';
COMMENT ON COLUMN door_day.counted_at IS 'That of the store''s day (store_day) beside which it was counted.';
COMMENT ON COLUMN door_day.up_s IS 'Seconds of the opening time in which the line''s camera counted.';

CREATE VIEW door_day_kept AS
SELECT n.store_id, n.line_id, n.business_date, d.from_at, d.until, n.ins, n.up_s
FROM door_day AS n
JOIN store_day AS c ON c.store_id = n.store_id AND c.business_date = n.business_date AND c.counted_at = n.counted_at
JOIN store_day_kept AS d ON d.store_id = n.store_id AND d.business_date = n.business_date;
COMMENT ON VIEW door_day_kept IS 'Past business days of doors of which nothing has changed since they were counted.';

-- As of a moment doors' days are counted: what is kept says what is known now.
CREATE VIEW past.door_day_kept AS SELECT * FROM public.door_day_kept WHERE false;

CREATE FUNCTION count_door_days(p_store_id integer, p_until timestamptz) RETURNS bigint
LANGUAGE sql AS $$
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
COMMENT ON FUNCTION count_door_days IS 'Counts the doors of those of a store''s kept days of the last 100 of which they are not counted; returns how many.';

CREATE OR REPLACE PROCEDURE keep_store_days(p_now timestamptz) LANGUAGE plpgsql AS $$
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
