-- Whether everything that devices counted is here.

-- :name missing
SELECT store, device, epoch::text, last_seq, missing, missing_ranges::text
FROM ledger_missing
ORDER BY store, device, epoch;

-- :name registers
-- Per line and epoch: what the register rose by between its first and its last entry here, beside the crossings of that
-- time. A crossing is written down a moment after it happened, so those near either end may lie on either side: `least`
-- and `most` bound what can be; where an epoch has sums, a quarter-hour on either side. Where the box's clock was set,
-- crossings lie outside the time of its registers: `most` has all that no other epoch's time lies between. What a box let
-- go of is in its registers, not among the crossings. Epochs of one line that overlap in time are left out: a crossing
-- does not say whose it is.
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
slackened AS (
    SELECT a.*, CASE WHEN isempty(e.summed) THEN %(slack)s ELSE INTERVAL '15 minutes' + %(slack)s END AS slack,
           COALESCE((SELECT max(b.until) FROM span AS b WHERE b.line_id = a.line_id AND b.until < a.since), '-infinity')
               AS earliest,
           COALESCE((SELECT min(b.since) FROM span AS b WHERE b.line_id = a.line_id AND b.since > a.until), 'infinity')
               AS latest
    FROM alone AS a
    JOIN ledger_epoch AS e USING (epoch_id)
),
counted AS (
    SELECT a.line_id, a.epoch_id, a.since, a.until, a.ins, a.outs,
           count(*) FILTER (WHERE c.inward AND c.at > a.since + a.slack AND c.at <= a.until - a.slack) AS in_least,
           count(*) FILTER (WHERE c.inward) AS in_most,
           count(*) FILTER (WHERE NOT c.inward AND c.at > a.since + a.slack AND c.at <= a.until - a.slack) AS out_least,
           count(*) FILTER (WHERE NOT c.inward) AS out_most
    FROM slackened AS a
    LEFT JOIN crossing AS c ON c.line_id = a.line_id
        AND c.at > LEAST(a.earliest, a.since - a.slack) AND c.at <= GREATEST(a.latest, a.until + a.slack)
    GROUP BY a.line_id, a.epoch_id, a.since, a.until, a.ins, a.outs
),
bounded AS (
    SELECT n.line_id, n.epoch_id, n.since, n.until, n.ins, n.in_least, n.in_most + COALESCE(x.ins, 0) AS in_most,
           n.outs, n.out_least, n.out_most + COALESCE(x.outs, 0) AS out_most
    FROM counted AS n
    JOIN line AS l USING (line_id)
    JOIN ledger_epoch AS e USING (epoch_id)
    LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN o.reason <> 'budget' THEN o.entries ELSE (g ->> 'ins')::bigint END)::bigint AS ins,
               sum(CASE WHEN o.reason <> 'budget' THEN o.entries ELSE (g ->> 'outs')::bigint END)::bigint AS outs
        FROM ledger_loss AS o
        LEFT JOIN LATERAL jsonb_array_elements(o.lines) AS g ON g ->> 'line' = split_part(l.code, '@', 1)
        WHERE o.epoch_id = n.epoch_id AND o.reason IN ('budget', 'overlap', 'refused')
           OR o.of_epoch = e.epoch AND o.reason = 'pruned'
    ) AS x ON true
)
SELECT s.code, l.code, e.epoch::text, n.since, n.until, n.ins, n.in_least, n.in_most, n.outs, n.out_least, n.out_most
FROM bounded AS n
JOIN line AS l USING (line_id)
JOIN store AS s ON s.store_id = l.store_id
JOIN ledger_epoch AS e USING (epoch_id)
WHERE n.ins NOT BETWEEN n.in_least AND n.in_most OR n.outs NOT BETWEEN n.out_least AND n.out_most
ORDER BY 1, 2, 4;

-- :name losses
SELECT s.code, d.code, e.epoch::text, o.at, o.until, o.reason, o.entries, o.of_epoch::text,
       CASE WHEN o.of_seqs IS NULL
            THEN (b.last_seq - COALESCE((SELECT sum(upper(r) - lower(r)) FROM unnest(b.received) AS r), 0))::bigint END,
       o.of_seqs::text
FROM ledger_loss AS o
JOIN ledger_epoch AS e USING (epoch_id)
JOIN device AS d USING (device_id)
JOIN store AS s ON s.store_id = d.store_id
LEFT JOIN ledger_epoch AS b ON b.device_id = e.device_id AND b.epoch = o.of_epoch
ORDER BY s.code, d.code, o.at;

-- :name scope
SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM ledger_epoch),
       (SELECT COALESCE(sum(upper(r) - lower(r)), 0)::bigint FROM ledger_epoch CROSS JOIN LATERAL unnest(received) AS r),
       (SELECT count(*) FROM dead_letter);
