-- A box that lost its outbox names the epoch that ended so: what never came of it is lost and stated, not missing.

ALTER TABLE ledger_loss ADD COLUMN of_epoch uuid;
COMMENT ON COLUMN ledger_loss.of_epoch IS 'The box''s earlier epoch that ended with this loss: nothing more comes of it. NULL: it says none.';

CREATE OR REPLACE VIEW ledger_missing AS
SELECT s.code AS store, d.code AS device, e.epoch, e.last_seq,
       e.last_seq - COALESCE((SELECT sum(upper(r) - lower(r)) FROM unnest(e.received) AS r), 0) AS missing,
       int8multirange(int8range(1, e.last_seq, '[]')) - e.received AS missing_ranges
FROM ledger_epoch AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE e.last_seq > 0 AND NOT int8range(1, e.last_seq, '[]') <@ e.received
  AND NOT EXISTS (
      SELECT FROM ledger_loss AS o
      JOIN ledger_epoch AS n ON n.epoch_id = o.epoch_id
      WHERE o.of_epoch = e.epoch AND n.device_id = e.device_id AND n.epoch_id <> e.epoch_id
  );
COMMENT ON VIEW ledger_missing IS 'Expected minus received per device and epoch, less what its device states as lost: empty when the ledger is complete.';
CREATE INDEX ledger_loss_of_epoch ON ledger_loss (of_epoch) WHERE of_epoch IS NOT NULL;
