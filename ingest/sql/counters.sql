-- People counters of other makers.

-- :name store
SELECT store_id, timezone FROM store WHERE code = %(store)s AND closed_at IS NULL FOR NO KEY UPDATE;

-- :name taken
-- Who counts one of these lines or doors, or is registered to: other than this counter's own device.
SELECT l.code, COALESCE(l.door, l.code), d.code,
       EXISTS (SELECT FROM counter AS k WHERE k.device_id = d.device_id AND k.removed_at IS NULL)
FROM line_claim AS c
JOIN line AS l USING (line_id)
JOIN device AS d ON d.device_id = c.device_id
WHERE l.store_id = %(store_id)s AND c.released_at IS NULL AND d.code <> %(login)s
  AND (l.code = ANY(%(lines)s) OR (l.role = 'entrance' AND COALESCE(l.door, l.code) = ANY(%(doors)s)))
UNION
SELECT n.line, COALESCE(n.door, n.line), k.login, true
FROM counter_line AS n
JOIN counter AS k USING (counter_id)
JOIN device AS d USING (device_id)
WHERE d.store_id = %(store_id)s AND k.removed_at IS NULL
  AND (n.line = ANY(%(lines)s) OR (n.role = 'entrance' AND COALESCE(n.door, n.line) = ANY(%(doors)s)))
ORDER BY 1;

-- :name device
INSERT INTO device (store_id, code) VALUES (%(store_id)s, %(login)s)
ON CONFLICT (store_id, code) DO UPDATE SET code = EXCLUDED.code
RETURNING device_id;

-- :name boxes
-- A device of this code that is no counter: a camera box, whose ledger must stay its own.
SELECT d.device_id
FROM device AS d
WHERE d.store_id = %(store_id)s AND d.code = %(login)s
  AND NOT EXISTS (SELECT FROM counter AS k WHERE k.device_id = d.device_id);

-- :name registered
SELECT s.code FROM counter AS k JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)
WHERE k.login = %(login)s AND k.removed_at IS NULL;

-- :name add
INSERT INTO counter (
    device_id, vendor, serial, login, timezone, token_sha256, digest_ha1, staff, reports_s, epoch, added_at
) VALUES (
    %(device_id)s, %(vendor)s, %(serial)s, %(login)s, %(timezone)s, %(token_sha256)s, %(digest_ha1)s, %(staff)s,
    %(reports_s)s, %(epoch)s, %(now)s
)
RETURNING counter_id;

-- :name add_line
INSERT INTO counter_line (counter_id, source, line, counts, role, door)
VALUES (%(counter_id)s, %(source)s, %(line)s, %(counts)s, %(role)s, %(door)s);

-- :name remove
UPDATE counter SET removed_at = %(now)s WHERE login = %(login)s AND removed_at IS NULL RETURNING counter_id;

-- :name counters
SELECT k.counter_id, s.code, k.vendor, k.serial, k.login, COALESCE(k.timezone, s.timezone), k.token_sha256,
       k.digest_ha1, k.staff, k.reports_s, k.epoch::text, k.last_seq, k.added_at, k.heard_at, o.waiting
FROM counter AS k
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM counter_outbox AS b WHERE b.counter_id = k.counter_id) AS o
WHERE k.removed_at IS NULL AND (%(login)s::text IS NULL OR k.login = %(login)s)
ORDER BY s.code, k.login;

-- :name lines
SELECT counter_id, source, line, counts, role, door, counter_line_id
FROM counter_line
WHERE counter_id = ANY(%(counter_ids)s)
ORDER BY counter_id, counter_line_id;

-- :name lock
SELECT k.last_seq
FROM counter AS k
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
WHERE k.counter_id = %(counter_id)s AND k.removed_at IS NULL AND s.closed_at IS NULL
FOR UPDATE OF k;

-- :name touching
SELECT from_at, until, ins, outs
FROM counter_interval
WHERE counter_line_id = %(counter_line_id)s AND from_at < %(until)s AND until > %(from_at)s
ORDER BY from_at, until;

-- :name keep_interval
INSERT INTO counter_interval (counter_line_id, from_at, until, ins, outs, heard_at)
VALUES (%(counter_line_id)s, %(from_at)s, %(until)s, %(ins)s, %(outs)s, %(heard_at)s)
ON CONFLICT (counter_line_id, from_at, until) DO UPDATE SET ins = EXCLUDED.ins, outs = EXCLUDED.outs;

-- :name restated
INSERT INTO counter_restatement (counter_line_id, from_at, until, at, ins_before, outs_before, ins_said, outs_said)
VALUES (
    %(counter_line_id)s, %(from_at)s, %(until)s, %(heard_at)s, %(ins_before)s, %(outs_before)s, %(ins_said)s,
    %(outs_said)s
)
ON CONFLICT DO NOTHING;

-- :name keep_total
INSERT INTO counter_total (counter_line_id, at, total, heard_at)
VALUES (%(counter_line_id)s, %(at)s, %(total)s, %(heard_at)s)
ON CONFLICT DO NOTHING
RETURNING at;

-- :name before
SELECT at, total FROM counter_total
WHERE counter_line_id = %(counter_line_id)s AND (at, total) < (%(at)s, %(total)s)
ORDER BY at DESC, total DESC LIMIT 1;

-- :name after
SELECT at, total FROM counter_total
WHERE counter_line_id = %(counter_line_id)s AND (at, total) > (%(at)s, %(total)s)
ORDER BY at, total LIMIT 1;

-- :name put
INSERT INTO counter_outbox (counter_id, first_seq, covers, entries)
VALUES (%(counter_id)s, %(first_seq)s, %(covers)s, %(entries)s);

-- :name heard
UPDATE counter SET last_seq = %(last_seq)s, heard_at = GREATEST(heard_at, %(heard_at)s)
WHERE counter_id = %(counter_id)s;

-- :name waiting
SELECT s.code, k.login, k.epoch::text, k.last_seq, b.counter_id, b.first_seq, b.covers, b.entries::text
FROM counter_outbox AS b
JOIN counter AS k USING (counter_id)
JOIN device AS d USING (device_id)
JOIN store AS s USING (store_id)
ORDER BY b.counter_id, b.first_seq
LIMIT %(limit)s;

-- :name delivered
DELETE FROM counter_outbox AS b
USING unnest(%(counter_ids)s::integer[], %(first_seqs)s::bigint[]) AS n(counter_id, first_seq)
WHERE b.counter_id = n.counter_id AND b.first_seq = n.first_seq;

-- :name refuse
INSERT INTO counter_refusal AS r (login, reason, first_at, last_at)
VALUES (%(login)s, %(reason)s, %(now)s, %(now)s)
ON CONFLICT (login, reason) DO UPDATE SET times = r.times + 1, last_at = EXCLUDED.last_at;

-- :name forget_refusals
DELETE FROM counter_refusal WHERE (login, reason) IN (
    SELECT login, reason FROM counter_refusal ORDER BY last_at DESC OFFSET %(most)s
);

-- :name refusals
SELECT login, reason, times, first_at, last_at
FROM counter_refusal
WHERE %(login)s::text IS NULL OR login = %(login)s
ORDER BY last_at DESC
LIMIT %(limit)s;

-- :name restatements
SELECT k.login, n.line, r.from_at, r.until, r.at, r.ins_before, r.outs_before, r.ins_said, r.outs_said
FROM counter_restatement AS r
JOIN counter_line AS n USING (counter_line_id)
JOIN counter AS k USING (counter_id)
WHERE %(login)s::text IS NULL OR k.login = %(login)s
ORDER BY r.at DESC
LIMIT %(limit)s;

-- :name tidy_intervals
DELETE FROM counter_interval WHERE until < %(before)s;

-- :name tidy_totals
-- The newest reading stays, however old: it is what the next one is counted from.
DELETE FROM counter_total AS t
WHERE t.at < %(before)s
  AND EXISTS (SELECT FROM counter_total AS n WHERE n.counter_line_id = t.counter_line_id AND n.at > t.at);
