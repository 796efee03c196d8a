-- People come in and go out, too: a flow may begin or end outside the shop.

ALTER TABLE flow ALTER COLUMN from_zone_id DROP NOT NULL;
ALTER TABLE flow ALTER COLUMN to_zone_id DROP NOT NULL;
COMMENT ON TABLE flow IS 'People who went from one zone straight to another in the 15 minutes from `at`; rows of the same 15 minutes add up.';
COMMENT ON COLUMN flow.from_zone_id IS 'NULL: from outside, through an entrance line.';
COMMENT ON COLUMN flow.to_zone_id IS 'NULL: to outside, through an entrance line.';
COMMENT ON TABLE heat IS 'Person-seconds per cell of a camera''s view in the 15 minutes from `at`, row by row; rows of the same 15 minutes add up.';
