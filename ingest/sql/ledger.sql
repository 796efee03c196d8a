-- The watermark: which seqs of which outbox are in the fact tables.

-- :name lock
SELECT epoch_id, received::text, now()
FROM ledger_epoch
WHERE epoch_id = ANY(%(epoch_ids)s::integer[])
ORDER BY epoch_id
FOR UPDATE;

-- :name unite
UPDATE ledger_epoch AS e
SET received = e.received + n.added::int8multirange,
    summed = e.summed + n.summed::int8multirange,
    last_seq = GREATEST(e.last_seq, n.last_seq),
    updated_at = clock_timestamp()
FROM unnest(%(epoch_ids)s::integer[], %(added)s::text[], %(summed)s::text[], %(last_seqs)s::bigint[])
     AS n(epoch_id, added, summed, last_seq)
WHERE e.epoch_id = n.epoch_id;

-- :name counts_from
UPDATE camera AS c
SET counts_from = n.since
FROM unnest(%(camera_ids)s::integer[], %(since)s::timestamptz[]) AS n(camera_id, since)
WHERE c.camera_id = n.camera_id AND (c.counts_from IS NULL OR c.counts_from > n.since);

-- :name late
-- Which business days the late entries are of; what lies outside opening hours is of none.
INSERT INTO day_touched (store_id, business_date, reason, rows)
SELECT d.store_id, d.business_date, n.reason, sum(n.rows)
FROM unnest(%(store_ids)s::integer[], %(ats)s::timestamptz[], %(reasons)s::text[], %(rows)s::bigint[])
     AS n(store_id, at, reason, rows)
JOIN business_day AS d ON d.store_id = n.store_id AND n.at >= time_bucket('15 minutes', d.from_at) AND n.at < d.until
GROUP BY 1, 2, 3;

-- :name receipts
SELECT s.code, d.code, clock_timestamp(), e.epoch, e.received::text
FROM device AS d
JOIN store AS s USING (store_id)
LEFT JOIN LATERAL (
    SELECT epoch, received, updated_at FROM ledger_epoch WHERE device_id = d.device_id
    ORDER BY updated_at DESC LIMIT %(epochs_max)s
) AS e ON true
WHERE d.device_id = ANY(%(device_ids)s::integer[])
ORDER BY s.code, d.code, e.updated_at DESC;

-- :name lock_named
SELECT e.epoch_id
FROM ledger_epoch AS e
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND d.code = %(device)s AND e.epoch = %(epoch)s::uuid
FOR UPDATE OF e;

-- :name no_longer_aside
DELETE FROM ledger_loss
WHERE epoch_id = %(epoch_id)s AND reason = 'refused' AND of_seqs <@ %(run)s::int8multirange
RETURNING of_seqs::text;

-- :name take_back
UPDATE ledger_epoch
SET received = received - %(seqs)s::int8multirange, summed = summed - %(seqs)s::int8multirange
WHERE epoch_id = %(epoch_id)s;
