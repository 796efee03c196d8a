-- Gaps in the ledger: noted, asked for, listed.

-- :name filled
DELETE FROM ledger_gap AS g
WHERE NOT EXISTS (SELECT FROM ledger_missing AS m WHERE m.epoch_id = g.epoch_id AND m.missing_ranges && g.ranges);

-- :name narrowed
UPDATE ledger_gap AS g SET ranges = g.ranges * m.missing_ranges
FROM ledger_missing AS m
WHERE m.epoch_id = g.epoch_id AND NOT g.ranges <@ m.missing_ranges;

-- :name noted
INSERT INTO ledger_gap (epoch_id, ranges, since)
SELECT epoch_id, missing_ranges, %(now)s FROM ledger_missing
ON CONFLICT (epoch_id) DO NOTHING;

-- :name due
-- A box that still holds what is missing sends it by itself, however long that takes: it is asked where more is missing
-- than waits in its outbox, or of an epoch that is not its present one. Each time it is asked, twice as long after.
SELECT m.device_id, m.epoch_id, m.epoch::text, m.missing_ranges::text
FROM ledger_gap AS g
JOIN ledger_missing AS m USING (epoch_id)
JOIN device_status AS p ON p.device_id = m.device_id
WHERE g.since <= %(now)s::timestamptz - %(after)s::interval
  AND (g.asked_at IS NULL
       OR g.asked_at <= %(now)s::timestamptz - LEAST(%(pause)s::interval * 2 ^ LEAST(g.times - 1, 16), %(pause_max)s::interval))
  AND p.state = 'online' AND p.received_at > g.since
  AND (m.missing > p.queue_depth
       OR EXISTS (SELECT FROM ledger_epoch AS n WHERE n.device_id = m.device_id AND n.epoch_id > m.epoch_id))
  AND EXISTS (SELECT FROM enrolment AS e WHERE e.device_id = m.device_id AND e.ended_at IS NULL)
ORDER BY m.epoch_id
LIMIT %(most)s;

-- :name missing_of
SELECT m.device_id, m.epoch_id, m.epoch::text, m.missing_ranges::text
FROM ledger_missing AS m
WHERE m.device_id = %(device_id)s
ORDER BY m.epoch_id;

-- :name asked
-- Asked by a person, it may not have been noted yet.
INSERT INTO ledger_gap AS g (epoch_id, ranges, since, asked_at, times)
SELECT epoch_id, missing_ranges, %(now)s, %(now)s, 1 FROM ledger_missing WHERE epoch_id = %(epoch_id)s
ON CONFLICT (epoch_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, times = g.times + 1;

-- :name listed
SELECT m.store, m.device, m.epoch::text, m.missing::bigint, m.missing_ranges::text, g.since, g.asked_at,
       COALESCE(g.times, 0), c.outcome, c.reason, p.state
FROM ledger_missing AS m
LEFT JOIN ledger_gap AS g USING (epoch_id)
LEFT JOIN device_status AS p ON p.device_id = m.device_id
LEFT JOIN LATERAL (
    SELECT outcome, reason FROM device_command
    WHERE device_id = m.device_id AND kind = 'resend' AND body ->> 'epoch' = m.epoch::text AND at >= g.since
    ORDER BY at DESC LIMIT 1
) AS c ON true
ORDER BY m.store, m.device, m.epoch_id;
