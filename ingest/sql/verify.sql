-- Whether everything that devices counted is here.

-- :name missing
SELECT store, device, epoch::text, last_seq, missing, missing_ranges::text
FROM ledger_missing
ORDER BY store, device, epoch;

-- :name registers
-- Per line and epoch: what the register rose by between its first and its last entry here, beside the crossings of that
-- time. A crossing is written down a moment after it happened, so those near either end may lie on either side: `least`
-- and `most` bound what can be. Epochs of one line that overlap in time are left out: a crossing does not say whose
-- it is.
WITH span AS (
    SELECT line_id, epoch_id, min(at) AS since, max(at) AS until,
           max(in_total) - min(in_total) AS ins, max(out_total) - min(out_total) AS outs
    FROM line_register
    GROUP BY line_id, epoch_id
),
alone AS (
    SELECT * FROM span AS a
    WHERE since < until AND NOT EXISTS (
        SELECT FROM span AS b
        WHERE b.line_id = a.line_id AND b.epoch_id <> a.epoch_id AND b.since <= a.until AND a.since <= b.until
    )
),
counted AS (
    SELECT a.line_id, a.epoch_id, a.since, a.until, a.ins, a.outs,
           count(*) FILTER (WHERE c.inward AND c.at > a.since + %(slack)s AND c.at <= a.until - %(slack)s) AS in_least,
           count(*) FILTER (WHERE c.inward) AS in_most,
           count(*) FILTER (WHERE NOT c.inward AND c.at > a.since + %(slack)s AND c.at <= a.until - %(slack)s)
               AS out_least,
           count(*) FILTER (WHERE NOT c.inward) AS out_most
    FROM alone AS a
    LEFT JOIN crossing AS c
        ON c.line_id = a.line_id AND c.at > a.since - %(slack)s AND c.at <= a.until + %(slack)s
    GROUP BY a.line_id, a.epoch_id, a.since, a.until, a.ins, a.outs
)
SELECT s.code, l.code, e.epoch::text, n.since, n.until, n.ins, n.in_least, n.in_most, n.outs, n.out_least, n.out_most
FROM counted AS n
JOIN line AS l USING (line_id)
JOIN store AS s ON s.store_id = l.store_id
JOIN ledger_epoch AS e USING (epoch_id)
WHERE n.ins NOT BETWEEN n.in_least AND n.in_most OR n.outs NOT BETWEEN n.out_least AND n.out_most
ORDER BY 1, 2, 4;

-- :name scope
SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM ledger_epoch),
       (SELECT COALESCE(sum(upper(r) - lower(r)), 0)::bigint FROM ledger_epoch CROSS JOIN LATERAL unnest(received) AS r),
       (SELECT count(*) FROM dead_letter);
