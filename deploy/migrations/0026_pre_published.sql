-- What is desired is said again to a box that does not take it.

COMMENT ON TABLE desired IS 'The whole desired state of each box, version by version: the highest one counts. A row is never changed but for published_at, so it is the log of who wanted what.';
COMMENT ON COLUMN desired.published_at IS 'When it was last signed and handed to the broker; NULL: not yet, or a later one overtook it.';
