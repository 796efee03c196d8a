-- What people call a zone or a line; figures keep its code.
CREATE TABLE place_name (
    store_id integer NOT NULL REFERENCES store,
    kind     text NOT NULL CHECK (kind IN ('zone', 'line')),
    code     text NOT NULL,
    name     text NOT NULL CHECK (name <> ''),
    PRIMARY KEY (store_id, kind, code)
);
COMMENT ON TABLE place_name IS 'What the pages call a zone or a line of a store in place of its code. A box knows nothing of it.';
