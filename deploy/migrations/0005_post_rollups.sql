-- Rollups: one SELECT body each. TimescaleDB keeps them as continuous aggregates, plain PostgreSQL answers them as
-- views with an archive table for what retention has taken out of the raw rows.

CREATE TABLE rollup (
    rollup_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      text NOT NULL UNIQUE,
    source    text NOT NULL,
    of_raw    boolean NOT NULL,
    kept_from timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE rollup IS 'What each rollup reads, in the order in which they are made.';
COMMENT ON COLUMN rollup.of_raw IS 'True: source is a raw table, from which retention takes rows. False: another rollup.';
COMMENT ON COLUMN rollup.kept_from IS 'Raw rows before it are gone; what the rollup says about that time must not be computed again.';

-- :plain
CREATE FUNCTION archive_rollups(p_cutoff timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT DISTINCT source FROM rollup WHERE of_raw LOOP
        -- A late row committed between the copy and the deletion would be deleted uncounted.
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', r.source);
    END LOOP;
    FOR r IN SELECT name FROM rollup WHERE of_raw LOOP
        EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE bucket < %L', r.name || '_archive', r.name || '_recent', p_cutoff);
    END LOOP;
    FOR r IN SELECT DISTINCT source FROM rollup WHERE of_raw LOOP
        EXECUTE format('DELETE FROM %I WHERE at < %L', r.source, p_cutoff);
    END LOOP;
    UPDATE rollup SET kept_from = GREATEST(kept_from, p_cutoff) WHERE of_raw;
END $$;
COMMENT ON FUNCTION archive_rollups IS 'Moves every bucket before the cutoff from raw rows to its rollup''s archive.';

-- :rollup line_traffic_15m OF crossing
SELECT time_bucket('15 minutes', at) AS bucket, store_id, line_id,
       count(*) FILTER (WHERE inward AND staff IS NOT TRUE) AS ins,
       count(*) FILTER (WHERE NOT inward AND staff IS NOT TRUE) AS outs,
       count(*) FILTER (WHERE inward AND staff) AS staff_ins,
       count(*) FILTER (WHERE NOT inward AND staff) AS staff_outs,
       count(*) FILTER (WHERE inward AND staff IS NOT TRUE AND group_size IS NOT NULL) AS grouped_ins,
       COALESCE(sum(1.0 / group_size) FILTER (WHERE inward AND staff IS NOT TRUE), 0) AS buying_units
FROM crossing
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW line_traffic_15m IS 'Crossings per line in the 15 minutes from `bucket`.';
COMMENT ON COLUMN line_traffic_15m.ins IS 'People who came in, staff excluded.';
COMMENT ON COLUMN line_traffic_15m.staff_ins IS 'Staff who came in.';
COMMENT ON COLUMN line_traffic_15m.grouped_ins IS 'Those of `ins` whose group was assessed.';
COMMENT ON COLUMN line_traffic_15m.buying_units IS 'Groups that came in: each person counts 1 / group size.';

-- :rollup line_traffic_hour ON line_traffic_15m
SELECT time_bucket('1 hour', bucket) AS bucket, store_id, line_id,
       sum(ins) AS ins, sum(outs) AS outs, sum(staff_ins) AS staff_ins, sum(staff_outs) AS staff_outs,
       sum(grouped_ins) AS grouped_ins, sum(buying_units) AS buying_units
FROM line_traffic_15m
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW line_traffic_hour IS 'Crossings per line in the hour from `bucket`. On plain PostgreSQL a store''s whole time is read: prefer the quarter hours.';

-- :rollup zone_visit_15m OF zone_visit
SELECT time_bucket('15 minutes', at) AS bucket, store_id, zone_id,
       count(*) FILTER (WHERE staff IS NOT TRUE) AS visits,
       count(*) FILTER (WHERE staff IS NOT TRUE AND censored) AS censored,
       COALESCE(sum(dwell_s::float8) FILTER (WHERE staff IS NOT TRUE), 0) AS dwell_s
FROM zone_visit
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW zone_visit_15m IS 'Stays per zone that ended in the 15 minutes from `bucket`, staff excluded.';
COMMENT ON COLUMN zone_visit_15m.dwell_s IS 'Sum of the stays, in seconds.';
COMMENT ON COLUMN zone_visit_15m.censored IS 'Those of `visits` whose true end was not seen.';

-- :rollup queue_exit_15m OF queue_exit
SELECT time_bucket('15 minutes', at) AS bucket, store_id, zone_id,
       count(*) FILTER (WHERE served) AS served,
       count(*) FILTER (WHERE NOT served) AS abandoned,
       sum(wait_s::float8) AS wait_s
FROM queue_exit
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW queue_exit_15m IS 'People who left a queue in the 15 minutes from `bucket`.';
COMMENT ON COLUMN queue_exit_15m.wait_s IS 'Sum of the waits, served or not, in seconds.';

-- :rollup queue_length_15m OF queue_sample
SELECT time_bucket('15 minutes', at) AS bucket, store_id, zone_id,
       count(*) AS samples, sum(length) AS length_sum, max(length) AS length_max
FROM queue_sample
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW queue_length_15m IS 'Samples of a queue''s length in the 15 minutes from `bucket`.';

-- :rollup occupancy_15m OF occupancy_sample
SELECT time_bucket('15 minutes', at) AS bucket, store_id, zone_id,
       count(*) AS samples, sum(people) AS people_sum, max(people) AS people_max
FROM occupancy_sample
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW occupancy_15m IS 'Samples of the people in a zone in the 15 minutes from `bucket`.';

-- :rollup camera_uptime_15m OF camera_uptime
SELECT time_bucket('15 minutes', at) AS bucket, store_id, camera_id,
       sum(up_s::float8) AS up_s, sum(period_s::float8) AS period_s
FROM camera_uptime
GROUP BY 1, 2, 3;

-- :both
COMMENT ON VIEW camera_uptime_15m IS 'Watched seconds per camera, by the 15 minutes in which a period began.';
COMMENT ON COLUMN camera_uptime_15m.up_s IS 'Seconds watched.';
COMMENT ON COLUMN camera_uptime_15m.period_s IS 'Seconds that `up_s` is out of.';

CREATE VIEW sales_15m AS
SELECT time_bucket('15 minutes', closed_at) AS bucket, store_id,
       count(*) FILTER (WHERE kind = 'sale') AS transactions,
       count(*) FILTER (WHERE kind = 'refund') AS refunds,
       sum(net) AS net_sales,
       sum(tax) AS tax,
       sum(units) AS units
FROM pos_order
WHERE kind <> 'void' AND NOT is_test AND channel = 'in_store'
GROUP BY 1, 2;
COMMENT ON VIEW sales_15m IS 'In-store sales by the moment the order closed; a refund counts on its own day.';

CREATE VIEW line_traffic_day AS
SELECT c.store_id, c.business_date, t.line_id, t.ins, t.outs, t.staff_ins, t.staff_outs, t.grouped_ins, t.buying_units
FROM store_calendar AS c
CROSS JOIN LATERAL (
    SELECT line_id, sum(ins) AS ins, sum(outs) AS outs, sum(staff_ins) AS staff_ins, sum(staff_outs) AS staff_outs,
           sum(grouped_ins) AS grouped_ins, sum(buying_units) AS buying_units
    FROM line_traffic_15m
    WHERE store_id = c.store_id
      AND bucket >= time_bucket('15 minutes', c.opens_at) AND bucket < c.closes_at
    GROUP BY line_id
) AS t;
COMMENT ON VIEW line_traffic_day IS 'Crossings per line and store-local business day, within opening hours.';
