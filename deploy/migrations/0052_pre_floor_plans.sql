-- A store's floor plan: a drawing of the room, and where on it its zones, lines and cameras' pictures lie. It holds no
-- people and no figures: nothing of it is told as of a moment.

CREATE TABLE floor_plan (
    store_id integer PRIMARY KEY REFERENCES store,
    width real NOT NULL CHECK (width > 0),
    height real NOT NULL CHECK (height > 0),
    media text CHECK (media IN ('image/png', 'image/jpeg', 'image/svg+xml')),
    image bytea CHECK (octet_length(image) BETWEEN 1 AND 2000000),
    placed jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL,
    CHECK ((image IS NULL) = (media IS NULL))
);
COMMENT ON TABLE floor_plan IS 'Drawings of shops by head office, and what installers placed on them; never a photograph of people.';
COMMENT ON COLUMN floor_plan.width IS 'Of the image in pixels; of a plain grid in metres.';
COMMENT ON COLUMN floor_plan.image IS 'As it was encoded anew when it came in; NULL: a plain grid.';
COMMENT ON COLUMN floor_plan.placed IS 'Shapes of zones and lines, and four points of each camera''s picture with where they lie; all as shares of width and height.';
