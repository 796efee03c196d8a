-- What an order consists of, how tills that we ask are doing, and who worked when.

CREATE TABLE pos_order_line (
    order_id bigint NOT NULL REFERENCES pos_order ON DELETE CASCADE,
    line_no  integer NOT NULL,
    product  text NOT NULL,
    category text,
    units    numeric(12, 3) NOT NULL,
    net      numeric(14, 2) NOT NULL,
    PRIMARY KEY (order_id, line_no)
);
COMMENT ON TABLE pos_order_line IS 'What an order consists of, where its till says so.';
COMMENT ON COLUMN pos_order_line.category IS 'The till''s own category; NULL: it has none.';
COMMENT ON COLUMN pos_order_line.units IS 'Pieces, or kilograms and the like; taken back: negative.';
COMMENT ON COLUMN pos_order_line.net IS 'After discounts; taxed or not as the order''s net is.';

CREATE TABLE staff_shift (
    store_id    integer NOT NULL REFERENCES store,
    source      text NOT NULL,
    external_id text NOT NULL,
    version     bigint NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz,
    break_min   integer NOT NULL DEFAULT 0 CHECK (break_min >= 0),
    cancelled   boolean NOT NULL DEFAULT false,
    CHECK (ends_at >= starts_at),
    PRIMARY KEY (source, external_id)
);
COMMENT ON TABLE staff_shift IS 'Hours that somebody worked, as a till''s time clock has them. Nobody''s name or number: only hours are wanted.';
COMMENT ON COLUMN staff_shift.ends_at IS 'NULL: still at work.';
COMMENT ON COLUMN staff_shift.break_min IS 'Minutes of unpaid breaks in between.';
CREATE INDEX staff_shift_starts_at ON staff_shift (store_id, starts_at);

CREATE TABLE till_state (
    till         text PRIMARY KEY,
    kind         text NOT NULL,
    cursor       text,
    asked_at     timestamptz,
    answered_at  timestamptz,
    notified_at  timestamptz,
    reconciled_at timestamptz,
    failing_since timestamptz,
    failure      text
);
COMMENT ON TABLE till_state IS 'How far each till that we ask has been read, and how it is doing.';
COMMENT ON COLUMN till_state.cursor IS 'Where the next question goes on, in the till''s own terms.';
COMMENT ON COLUMN till_state.notified_at IS 'When it last told us of a change by itself.';
COMMENT ON COLUMN till_state.reconciled_at IS 'When the last days were last read again as a whole.';
COMMENT ON COLUMN till_state.failure IS 'Why the last question got no answer; NULL: it did.';

CREATE TABLE till_notice (
    till        text NOT NULL,
    document    text NOT NULL,
    noticed_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    failure     text,
    PRIMARY KEY (till, document)
);
COMMENT ON TABLE till_notice IS 'Documents that a till said have changed, and that are still to be fetched.';

CREATE TABLE till_refusal (
    till       text NOT NULL,
    document   text NOT NULL,
    at         timestamptz NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (till, document)
);
COMMENT ON TABLE till_refusal IS 'Documents of a till that could not be taken, with the reason. Never their content: it may name customers.';
