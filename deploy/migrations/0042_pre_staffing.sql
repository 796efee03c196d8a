-- Whose hours they were, under a name that tells nobody; and which of the till's categories lie in which zone.

CREATE TABLE pseudonym_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL
);
COMMENT ON TABLE pseudonym_key IS 'The one secret from which staff aliases are made, drawn when the table is. Without it none can be worked out from a name.';
INSERT INTO pseudonym_key (key)
VALUES (sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea));

CREATE FUNCTION staff_alias(p_store_id integer, p_staff_ref text) RETURNS text LANGUAGE sql STABLE STRICT AS $$
    SELECT left(encode(sha256(k.key || convert_to(p_store_id || '/' || p_staff_ref, 'UTF8')), 'hex'), 6)
    FROM pseudonym_key AS k;
$$;
COMMENT ON FUNCTION staff_alias IS 'What stands for the till''s staff reference wherever figures are shown: the same in one store, another in every other.';

-- The store is part of a shift's name: or whoever may speak for one store could take the numbers of another one's roster.
ALTER TABLE staff_shift
    DROP CONSTRAINT staff_shift_pkey,
    ADD PRIMARY KEY (source, external_id, store_id),
    ADD COLUMN staff_alias text,
    ADD COLUMN on_floor boolean NOT NULL DEFAULT true,
    ADD COLUMN received_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN staff_shift.staff_alias IS 'staff_alias() of the till''s reference, which is not kept; NULL: the time clock names nobody.';
COMMENT ON COLUMN staff_shift.on_floor IS 'false: worked where no visitors are; such hours are in no figure.';
COMMENT ON TABLE staff_shift IS 'Hours that somebody worked, as a time clock or a roster has them. Nobody''s name or number.';
-- Whole store-weeks are read at once; a shift that lasts longer than a day was not clocked out.
CREATE INDEX staff_shift_ends_at ON staff_shift (store_id, ends_at);

ALTER TABLE store ADD COLUMN staff_figures boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN store.staff_figures IS 'Whether sales may be shown by staff alias: only after those concerned, or their works council, agreed.';

CREATE TABLE zone_category (
    store_id integer NOT NULL REFERENCES store,
    zone     text NOT NULL,
    category text NOT NULL CHECK (category <> ''),
    PRIMARY KEY (store_id, zone, category)
);
COMMENT ON TABLE zone_category IS 'Which of the till''s categories lie in which zone: a category may lie in several, a zone hold several.';
COMMENT ON COLUMN zone_category.zone IS 'The zone''s code; it may be said before a box names the zone.';
