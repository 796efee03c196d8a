-- Doors: a store's entrance is counted by one line only. Who says so first counts; the others are set aside, and shown.

ALTER TABLE line ADD COLUMN door text;
COMMENT ON COLUMN line.door IS 'Which of the store''s doors an entrance line counts; NULL: one of the line''s own name.';
COMMENT ON COLUMN line.code IS 'As the device names it; `name@device` where another device counts a line of this name already.';

CREATE TABLE line_claim (
    device_id   integer NOT NULL REFERENCES device ON DELETE CASCADE,
    line_id     integer NOT NULL REFERENCES line ON DELETE CASCADE,
    claimed_at  timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (device_id, line_id)
);
COMMENT ON TABLE line_claim IS 'Which device says that it counts which line.';
COMMENT ON COLUMN line_claim.claimed_at IS 'Since when: its status named the line.';
COMMENT ON COLUMN line_claim.released_at IS 'Since when no more: it stopped, dropped the line, or fell silent and another took over; NULL: it counts.';
CREATE INDEX line_claim_line ON line_claim (line_id);

CREATE TABLE line_set_aside (
    line_id         integer NOT NULL REFERENCES line ON DELETE CASCADE,
    store_id        integer NOT NULL REFERENCES store ON DELETE CASCADE,
    door            text NOT NULL,
    counted_line_id integer NOT NULL REFERENCES line ON DELETE CASCADE,
    from_at         timestamptz NOT NULL,
    until           timestamptz NOT NULL,
    PRIMARY KEY (line_id, counted_line_id)
);
COMMENT ON TABLE line_set_aside IS 'Entrance lines that do not count from `from_at` to `until`, because another line counts their door.';
COMMENT ON COLUMN line_set_aside.counted_line_id IS 'The line that counts the door instead.';
COMMENT ON COLUMN line_set_aside.until IS 'infinity: still so.';
CREATE INDEX line_set_aside_store ON line_set_aside (store_id);

CREATE FUNCTION settle_doors(p_store_id integer) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM line_set_aside WHERE store_id = p_store_id;
    WITH claimed AS (
        SELECT l.line_id, COALESCE(l.door, l.code) AS door, min(c.claimed_at) AS from_at,
               max(COALESCE(c.released_at, 'infinity')) AS until
        FROM line AS l
        JOIN line_claim AS c USING (line_id)
        WHERE l.store_id = p_store_id AND l.role = 'entrance'
        GROUP BY l.line_id
    )
    INSERT INTO line_set_aside (line_id, store_id, door, counted_line_id, from_at, until)
    SELECT later.line_id, p_store_id, later.door, first.line_id, first.from_at, first.until
    FROM claimed AS later
    JOIN claimed AS first USING (door)
    WHERE (first.from_at, first.line_id) < (later.from_at, later.line_id) AND first.until > first.from_at;
$$;
COMMENT ON FUNCTION settle_doors IS 'Rewrites which of a store''s lines are set aside: of those that claim one door, the first counts.';
