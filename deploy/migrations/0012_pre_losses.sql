-- What a box could not keep: entries that came as sums, and losses, which a box states. A few rows in a store's life, kept
-- for good and never rolled up: an ordinary table on both flavours.

ALTER TABLE ledger_epoch ADD COLUMN summed int8multirange NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ledger_epoch.summed IS 'Those of `received` that came as sums of a quarter-hour, or were let go of: their single moments are not known.';

CREATE TABLE ledger_loss (
    at          timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    store_id    integer NOT NULL,
    epoch_id    integer NOT NULL,
    reason      text NOT NULL CHECK (reason IN ('budget', 'corrupt', 'backlog', 'overlap')),
    entries     bigint,
    lines       jsonb NOT NULL DEFAULT '[]',
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger_loss IS 'Entries that a box let go of, as it says itself.';
COMMENT ON COLUMN ledger_loss.at IS 'Moment of the earliest of them.';
COMMENT ON COLUMN ledger_loss.until IS 'Moment of the latest of them.';
COMMENT ON COLUMN ledger_loss.reason IS 'budget: its disk budget; corrupt: its outbox file was damaged; backlog: its disk refused for too long; overlap: a sum of which a part was here already.';
COMMENT ON COLUMN ledger_loss.entries IS 'How many; NULL: nobody can tell.';
COMMENT ON COLUMN ledger_loss.lines IS 'Crossings among them, as [{line, ins, outs}].';
CREATE INDEX ledger_loss_at ON ledger_loss (store_id, at);
