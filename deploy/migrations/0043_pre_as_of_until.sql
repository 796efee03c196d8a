-- As of a moment the views in `past` read no chunk after what is asked about, as they read none before it. A range that
-- is found out row by row (each slice's) keeps TimescaleDB from leaving chunks out.

CREATE FUNCTION past.until() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(NULLIF(current_setting('footfall.as_of_until', true), ''), 'infinity')::timestamptz;
$$;
COMMENT ON FUNCTION past.until IS 'Up to when the session asks for what was counted: TimescaleDB does not read the chunks after.';

DO $$
DECLARE
    v_name text;
BEGIN
    FOREACH v_name IN ARRAY ARRAY['crossing', 'zone_visit', 'queue_sample', 'queue_exit', 'occupancy_sample', 'heat', 'flow',
                                  'line_register', 'camera_uptime'] LOOP
        EXECUTE format('CREATE OR REPLACE VIEW past.%I AS SELECT * FROM public.%I'
                       ' WHERE received_at <= (SELECT past.known_at()) AND at >= (SELECT past.since())'
                       ' AND at < (SELECT past.until())', v_name, v_name);
    END LOOP;
END $$;
