-- What stores are compared by: with which others a store has something in common.

ALTER TABLE store
    ADD COLUMN format text CHECK (format <> ''),
    ADD COLUMN city_tier smallint CHECK (city_tier BETWEEN 1 AND 9),
    ADD COLUMN size_m2 real CHECK (size_m2 > 0);
COMMENT ON COLUMN store.opened_on IS 'First day of business: what is younger than 12 months takes no part in like-for-like.';
COMMENT ON COLUMN store.format IS 'What kind of shop it is, in the company''s own words: flagship, outlet, kiosk.';
COMMENT ON COLUMN store.city_tier IS 'How large its city is, in the company''s own classes; 1 is the largest.';
COMMENT ON COLUMN store.size_m2 IS 'Sales floor in square metres.';
