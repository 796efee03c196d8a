-- Stores, devices and what they count. Integer ids keep the fact rows narrow.

CREATE TABLE store (
    store_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE,
    name        text NOT NULL,
    timezone    text NOT NULL DEFAULT 'UTC',
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    region      text,
    opened_on   date,
    registered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE store IS 'One shop.';
COMMENT ON COLUMN store.code IS 'The name in topics and URLs: a lower-case slug.';
COMMENT ON COLUMN store.timezone IS 'IANA zone; days, weeks and opening hours are local to it.';
COMMENT ON COLUMN store.currency IS 'ISO 4217; an order in another currency is refused.';

CREATE TABLE store_hours (
    store_id   integer NOT NULL REFERENCES store ON DELETE CASCADE,
    weekday    smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens_min  smallint NOT NULL CHECK (opens_min BETWEEN 0 AND 1439),
    closes_min smallint NOT NULL CHECK (closes_min BETWEEN 1 AND 2160),
    CHECK (closes_min > opens_min),
    PRIMARY KEY (store_id, weekday)
);
COMMENT ON TABLE store_hours IS 'Weekly opening hours; a weekday without a row is closed.';
COMMENT ON COLUMN store_hours.weekday IS 'ISO weekday, 1 = Monday.';
COMMENT ON COLUMN store_hours.opens_min IS 'Minutes after local midnight.';
COMMENT ON COLUMN store_hours.closes_min IS 'Minutes after local midnight of the same business day; over 1440 when it ends after midnight.';

CREATE TABLE store_calendar (
    store_id      integer NOT NULL REFERENCES store ON DELETE CASCADE,
    business_date date NOT NULL,
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL,
    CHECK (closes_at > opens_at),
    PRIMARY KEY (store_id, business_date)
);
COMMENT ON TABLE store_calendar IS 'Each business day''s opening hours as instants; made from store_hours, so DST days have 23 or 25 hours where they should.';
CREATE INDEX store_calendar_opens_at ON store_calendar (opens_at);

CREATE FUNCTION fill_store_calendar(p_store_id integer, p_from date, p_to date) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM store_calendar WHERE store_id = p_store_id AND business_date BETWEEN p_from AND p_to;
    INSERT INTO store_calendar (store_id, business_date, opens_at, closes_at)
    SELECT s.store_id, day::date,
           (day + make_interval(mins => h.opens_min)) AT TIME ZONE s.timezone,
           (day + make_interval(mins => h.closes_min)) AT TIME ZONE s.timezone
    FROM store AS s
    JOIN store_hours AS h USING (store_id)
    CROSS JOIN generate_series(p_from::timestamp, p_to::timestamp, INTERVAL '1 day') AS day
    WHERE s.store_id = p_store_id AND h.weekday = EXTRACT(isodow FROM day);
$$;
COMMENT ON FUNCTION fill_store_calendar IS 'Rewrites a store''s business days from its weekly hours, both ends included.';

CREATE TABLE device (
    device_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id      integer NOT NULL REFERENCES store,
    code          text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (store_id, code)
);
COMMENT ON TABLE device IS 'One camera box.';

CREATE TABLE camera (
    camera_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id     integer NOT NULL REFERENCES store,
    code         text NOT NULL,
    counts_from  timestamptz,
    counts_until timestamptz,
    UNIQUE (store_id, code)
);
COMMENT ON TABLE camera IS 'One view. It belongs to the store, not to the box: a swapped device keeps its history.';
COMMENT ON COLUMN camera.counts_from IS 'Earliest uptime entry seen: before it the camera is not expected to count.';
COMMENT ON COLUMN camera.counts_until IS 'When it was taken out of service; NULL while it counts.';

CREATE TABLE line (
    line_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id  integer NOT NULL REFERENCES store,
    code      text NOT NULL,
    role      text CHECK (role IN ('entrance', 'pass_by', 'internal')),
    camera_id integer REFERENCES camera,
    UNIQUE (store_id, code)
);
COMMENT ON TABLE line IS 'One counting line of a store.';
COMMENT ON COLUMN line.role IS 'NULL: a device named it in the ledger but never described it; it counts nowhere until it does.';

CREATE TABLE zone (
    zone_id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        integer NOT NULL REFERENCES store,
    code            text NOT NULL,
    role            text CHECK (role IN ('engagement', 'queue', 'staff')),
    camera_id       integer REFERENCES camera,
    engaged_after_s real NOT NULL DEFAULT 10 CHECK (engaged_after_s >= 0),
    UNIQUE (store_id, code)
);
COMMENT ON TABLE zone IS 'One zone of a store.';
COMMENT ON COLUMN zone.engaged_after_s IS 'A stay at least this long is an engagement.';
