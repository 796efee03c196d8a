-- Targets: what a store wants to reach on each day of the week, from a day on.

CREATE TABLE store_target (
    store_id   integer NOT NULL REFERENCES store ON DELETE CASCADE,
    metric     text NOT NULL CHECK (metric IN ('visitors', 'conversion', 'net_sales')),
    valid_from date NOT NULL,
    said_at    timestamptz NOT NULL,
    said_by    text NOT NULL,
    by_weekday double precision[] CHECK (cardinality(by_weekday) = 7),
    PRIMARY KEY (store_id, metric, valid_from, said_at)
);
COMMENT ON TABLE store_target IS 'Targets per day from valid_from on, until the next ones begin. Never changed: what was said last of a day it begins on holds.';
COMMENT ON COLUMN store_target.by_weekday IS 'Monday to Sunday: people, a share, or money in the store''s currency; NULL within: no target on that weekday; NULL: taken back, what began before goes on.';

CREATE VIEW past.store_target AS
SELECT t.* FROM public.store_target AS t WHERE t.said_at <= (SELECT past.known_at());
