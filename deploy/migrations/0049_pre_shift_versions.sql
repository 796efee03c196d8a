-- Staff hours, the lines of orders and where categories lie are known as of a moment, too: each keeps what it said before.

-- Nothing of a version says whose hours they were: who worked is nobody's to look up in hindsight, and nothing to erase.
CREATE TABLE staff_shift_past (
    known_from  timestamptz NOT NULL,
    known_until timestamptz NOT NULL,
    store_id    integer NOT NULL REFERENCES store,
    source      text NOT NULL,
    external_id text NOT NULL,
    version     bigint NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz,
    break_min   integer NOT NULL,
    on_floor    boolean NOT NULL,
    cancelled   boolean NOT NULL,
    PRIMARY KEY (source, external_id, store_id, known_until)
);
COMMENT ON TABLE staff_shift_past IS 'What shifts said before they were changed or went to another store; the highest version is in staff_shift. Nobody''s alias.';
COMMENT ON COLUMN staff_shift_past.known_from IS 'When this version came.';
COMMENT ON COLUMN staff_shift_past.known_until IS 'When the next one came, or the shift went.';
CREATE INDEX staff_shift_past_starts_at ON staff_shift_past (store_id, starts_at);
COMMENT ON COLUMN staff_shift.received_at IS 'When what it says of the hours came.';

CREATE FUNCTION keep_shift_version() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION keep_shift_version IS 'Keeps what a shift said until now.';
CREATE TRIGGER keep_shift_version BEFORE UPDATE OR DELETE ON staff_shift
FOR EACH ROW EXECUTE FUNCTION keep_shift_version();

CREATE OR REPLACE VIEW past.staff_shift AS
SELECT * FROM public.staff_shift WHERE received_at <= (SELECT past.known_at())
UNION ALL
SELECT p.store_id, p.source, p.external_id, p.version, p.starts_at, p.ends_at, p.break_min, p.cancelled, NULL::text,
       p.on_floor, p.known_from
FROM public.staff_shift_past AS p
WHERE p.known_from <= (SELECT past.known_at()) AND p.known_until > (SELECT past.known_at());

-- NULL: written before this was noted, so known for as long as the version of its order is.
ALTER TABLE pos_order_line ADD COLUMN received_at timestamptz;
ALTER TABLE pos_order_line ALTER COLUMN received_at SET DEFAULT now();
COMMENT ON COLUMN pos_order_line.received_at IS 'When it came; NULL: when its order''s version did.';

CREATE TABLE pos_order_line_past (
    known_until timestamptz NOT NULL,
    LIKE pos_order_line
);
COMMENT ON TABLE pos_order_line_past IS 'What orders consisted of before they were edited; the highest version is in pos_order_line.';
COMMENT ON COLUMN pos_order_line_past.known_until IS 'When the next version came.';
CREATE INDEX pos_order_line_past_order ON pos_order_line_past (order_id);

CREATE FUNCTION keep_line_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Lines change with their order, at the moment that it has in `updated_at`.
    INSERT INTO pos_order_line_past
    SELECT GREATEST(now(), o.updated_at), g.*
    FROM gone AS g
    LEFT JOIN pos_order AS o USING (order_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_line_version IS 'Keeps what orders consisted of until now.';
CREATE TRIGGER keep_line_version AFTER DELETE ON pos_order_line
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_line_version();

CREATE VIEW past.pos_order_line AS
SELECT * FROM public.pos_order_line WHERE COALESCE(received_at, '-infinity') <= (SELECT past.known_at())
UNION ALL
SELECT p.order_id, p.line_no, p.product, p.category, p.units, p.net, p.received_at
FROM public.pos_order_line_past AS p
WHERE COALESCE(p.received_at, '-infinity') <= (SELECT past.known_at()) AND p.known_until > (SELECT past.known_at());

CREATE TRIGGER supersede AFTER INSERT OR DELETE ON zone_category
FOR EACH ROW EXECUTE FUNCTION supersede('store_id', 'zone', 'category');
COMMENT ON TABLE superseded IS 'What rows of the set-up (lines, doors, cameras, zones, where categories lie, past opening hours) said before they were changed.';

CREATE VIEW past.zone_category AS
SELECT r.* FROM public.zone_category AS r
WHERE NOT EXISTS (
    SELECT FROM public.superseded AS s
    WHERE s.relation = 'zone_category' AND s.store_id = r.store_id
      AND s.key = r.store_id || '/' || r.zone || '/' || r.category AND s.known_until > (SELECT past.known_at())
)
UNION ALL
SELECT (jsonb_populate_record(NULL::public.zone_category, s.was)).*
FROM (
    SELECT DISTINCT ON (store_id, key) was FROM public.superseded
    WHERE relation = 'zone_category' AND known_until > (SELECT past.known_at()) ORDER BY store_id, key, known_until
) AS s
WHERE s.was IS NOT NULL;
