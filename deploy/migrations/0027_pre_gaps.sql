-- What is missing of the ledger, until it is filled or stated as lost: since when, and how often it was asked for. And
-- losses that name their seqs: what a box was asked for and no longer has, and what the database refused.

ALTER TABLE ledger_loss ADD COLUMN of_seqs int8multirange;
COMMENT ON COLUMN ledger_loss.of_seqs IS 'Which seqs of of_epoch are lost, others of it may still come; NULL: the loss names none.';
ALTER TABLE ledger_loss DROP CONSTRAINT ledger_loss_reason_check;
ALTER TABLE ledger_loss ADD CONSTRAINT ledger_loss_reason_check
    CHECK (reason IN ('budget', 'corrupt', 'backlog', 'overlap', 'pruned', 'refused'));
COMMENT ON COLUMN ledger_loss.reason IS 'budget: its disk budget; corrupt: its outbox file was damaged; backlog: its disk refused for too long; overlap: a sum of which a part was here already; pruned: it was asked for them and keeps them no longer; refused: the database refused a value, a dead letter holds the entry.';

CREATE OR REPLACE VIEW ledger_missing AS
SELECT s.code AS store, d.code AS device, e.epoch, e.last_seq,
       COALESCE((SELECT sum(upper(r) - lower(r)) FROM unnest(g.ranges) AS r), 0) AS missing,
       g.ranges AS missing_ranges, e.epoch_id, e.device_id
FROM ledger_epoch AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
CROSS JOIN LATERAL (
    SELECT int8multirange(int8range(1, e.last_seq, '[]')) - e.received - COALESCE((
        SELECT range_agg(o.of_seqs)
        FROM ledger_loss AS o
        JOIN ledger_epoch AS n ON n.epoch_id = o.epoch_id
        WHERE o.of_epoch = e.epoch AND n.device_id = e.device_id
    ), '{}') AS ranges
) AS g
WHERE e.last_seq > 0 AND NOT int8range(1, e.last_seq, '[]') <@ e.received AND NOT isempty(g.ranges)
  AND NOT EXISTS (
      SELECT FROM ledger_loss AS o
      JOIN ledger_epoch AS n ON n.epoch_id = o.epoch_id
      WHERE o.of_epoch = e.epoch AND o.of_seqs IS NULL AND n.device_id = e.device_id AND n.epoch_id <> e.epoch_id
  );
COMMENT ON VIEW ledger_missing IS 'Expected minus received per device and epoch, less what its device states as lost: empty when the ledger is complete.';

CREATE TABLE ledger_gap (
    epoch_id integer PRIMARY KEY REFERENCES ledger_epoch,
    ranges   int8multirange NOT NULL,
    since    timestamptz NOT NULL,
    asked_at timestamptz,
    times    integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE ledger_gap IS 'Per outbox file, seqs that have been missing since a moment and still are; gone once they came or are stated as lost.';
COMMENT ON COLUMN ledger_gap.ranges IS 'What was missing at `since` and has been ever since; what is missing now is in ledger_missing.';
COMMENT ON COLUMN ledger_gap.asked_at IS 'When its box was last asked for what is missing; NULL: not yet.';
COMMENT ON COLUMN ledger_gap.times IS 'How often it was asked.';
