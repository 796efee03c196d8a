-- Who wants the week by mail, and how each went.

-- :name of_account
SELECT a.account_id, a.login, w.address, w.lang, w.token, w.wanted_at FROM weekly_mail AS w JOIN account AS a USING (account_id)
WHERE a.account_id = %(account_id)s;

-- :name all
SELECT a.account_id, a.login, w.address, w.lang, w.token, w.wanted_at FROM weekly_mail AS w JOIN account AS a USING (account_id)
WHERE a.disabled_at IS NULL AND a.role <> 'installer'
ORDER BY a.login;

-- :name want
INSERT INTO weekly_mail (account_id, address, lang, token, wanted_at)
VALUES (%(account_id)s, %(address)s, %(lang)s, %(token)s, %(at)s)
ON CONFLICT (account_id) DO UPDATE SET address = EXCLUDED.address, lang = EXCLUDED.lang;

-- :name end
DELETE FROM weekly_mail WHERE account_id = %(account_id)s RETURNING address;

-- :name end_by_token
DELETE FROM weekly_mail WHERE token = %(token)s RETURNING account_id, address;

-- :name viewer
SELECT a.account_id, a.login, a.role,
       ARRAY(SELECT r.store_id FROM account_store AS r WHERE r.account_id = a.account_id),
       ARRAY(SELECT r.region FROM account_region AS r WHERE r.account_id = a.account_id)
FROM account AS a
WHERE a.account_id = %(account_id)s AND a.disabled_at IS NULL;

-- :name plan
INSERT INTO weekly_mail_week (account_id, monday, state, due_at)
VALUES (%(account_id)s, %(monday)s, 'waiting', %(due_at)s)
ON CONFLICT DO NOTHING;

-- :name left_behind
UPDATE weekly_mail_week
SET state = 'unsure', failure = 'ended while the server was given the mail', lease_until = NULL
WHERE state = 'handing_over' AND lease_until < %(now)s
RETURNING account_id, monday;

-- :name claim
UPDATE weekly_mail_week AS c
SET attempts = c.attempts + 1, lease_until = %(until)s, last_at = %(now)s
FROM (
    SELECT account_id, monday FROM weekly_mail_week
    WHERE state = 'waiting' AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
    ORDER BY due_at, account_id LIMIT 1 FOR UPDATE SKIP LOCKED
) AS next
WHERE c.account_id = next.account_id AND c.monday = next.monday
RETURNING c.account_id, c.monday, c.attempts;

-- :name hand_over
-- Nothing where another took it meanwhile: its lease was over.
UPDATE weekly_mail_week SET state = 'handing_over', lease_until = %(until)s
WHERE account_id = %(account_id)s AND monday = %(monday)s AND attempts = %(attempts)s AND state = 'waiting'
RETURNING 1;

-- :name settle
UPDATE weekly_mail_week
SET state = %(state)s, due_at = COALESCE(%(due_at)s, due_at), failure = %(failure)s, lease_until = NULL
WHERE account_id = %(account_id)s AND monday = %(monday)s AND attempts = %(attempts)s;

-- :name weeks
SELECT a.login, k.monday, k.state, k.attempts, k.due_at, k.last_at, k.failure
FROM weekly_mail_week AS k JOIN account AS a USING (account_id)
ORDER BY k.monday DESC, a.login
LIMIT %(limit)s;
