-- Who wants the week by mail, and how each went.

-- :name of_account
SELECT a.account_id, a.login, w.address, w.lang, w.token, w.wanted_at, w.confirmed_at, w.ask_failure,
    CASE WHEN w.confirmed_at IS NULL AND w.ask_attempts = 0 THEN w.ask_at END AS unasked_since
FROM weekly_mail AS w JOIN account AS a USING (account_id)
WHERE a.account_id = %(account_id)s;

-- :name all
SELECT a.account_id, a.login, w.address, w.lang, w.token, w.wanted_at, w.confirmed_at, w.ask_failure,
    CASE WHEN w.confirmed_at IS NULL AND w.ask_attempts = 0 THEN w.ask_at END AS unasked_since
FROM weekly_mail AS w JOIN account AS a USING (account_id)
WHERE a.disabled_at IS NULL AND a.role <> 'installer'
ORDER BY a.login;

-- :name want
-- Another address is a stranger until its mail is answered: no link that went to the one before holds any more.
INSERT INTO weekly_mail AS w (account_id, address, lang, token, wanted_at, ask_at)
VALUES (%(account_id)s, %(address)s, %(lang)s, %(token)s, %(at)s, %(at)s)
ON CONFLICT (account_id) DO UPDATE SET
    address = EXCLUDED.address, lang = EXCLUDED.lang, ask_attempts = 0, ask_failure = NULL,
    token = CASE WHEN w.address = EXCLUDED.address THEN w.token ELSE EXCLUDED.token END,
    confirmed_at = CASE WHEN w.address = EXCLUDED.address THEN w.confirmed_at END,
    confirm_sha256 = CASE WHEN w.address = EXCLUDED.address THEN w.confirm_sha256 END,
    ask_at = CASE WHEN w.address = EXCLUDED.address AND w.confirmed_at IS NOT NULL THEN NULL ELSE EXCLUDED.ask_at END
RETURNING confirmed_at IS NOT NULL;

-- :name lately
SELECT count(*) FROM account_event WHERE at > %(since)s AND action = 'mail_wanted' AND account_id = %(account_id)s;

-- :name next_asking
UPDATE weekly_mail AS w
SET confirm_sha256 = %(digest)s, confirm_until = %(until)s, ask_at = %(again)s, ask_attempts = w.ask_attempts + 1
FROM (
    SELECT account_id, login FROM weekly_mail JOIN account USING (account_id)
    WHERE confirmed_at IS NULL AND ask_at <= %(now)s AND ask_attempts < %(most)s AND disabled_at IS NULL
    ORDER BY ask_at, account_id LIMIT 1 FOR UPDATE OF weekly_mail SKIP LOCKED
) AS next
WHERE w.account_id = next.account_id
RETURNING w.account_id, next.login, w.address, w.lang, w.ask_attempts;

-- :name settle_asking
UPDATE weekly_mail SET ask_at = %(again)s, ask_failure = %(failure)s
WHERE account_id = %(account_id)s AND confirm_sha256 = %(digest)s;

-- :name confirm
UPDATE weekly_mail AS w
SET confirmed_at = %(now)s, confirm_sha256 = NULL, ask_at = NULL, ask_failure = NULL
FROM account AS a
WHERE a.account_id = w.account_id AND w.confirm_sha256 = %(digest)s AND w.confirm_until > %(now)s
RETURNING a.account_id, a.login, w.address;

-- :name hurry
-- A week that waited for the address is sent now.
UPDATE weekly_mail_week SET due_at = LEAST(due_at, %(now)s) WHERE account_id = %(account_id)s AND state = 'waiting';

-- :name end
DELETE FROM weekly_mail WHERE account_id = %(account_id)s RETURNING address;

-- :name end_by_token
DELETE FROM weekly_mail AS w USING account AS a
WHERE a.account_id = w.account_id AND w.token = %(token)s
RETURNING a.account_id, a.login;

-- :name viewer
SELECT a.account_id, a.login, a.role,
       ARRAY(SELECT r.store_id FROM account_store AS r WHERE r.account_id = a.account_id),
       ARRAY(SELECT r.region FROM account_region AS r WHERE r.account_id = a.account_id),
       a.one_time_until IS NOT NULL
FROM account AS a
WHERE a.account_id = %(account_id)s AND a.disabled_at IS NULL;

-- :name stays_away
-- Whom a provider vouches for it vouches for when they sign in, and never else: who has left does not.
SELECT EXISTS (SELECT FROM account_identity WHERE account_id = %(account_id)s)
   AND NOT EXISTS (SELECT FROM account_session WHERE account_id = %(account_id)s AND created_at > %(since)s)
   AND NOT EXISTS (
       SELECT FROM account_event WHERE account_id = %(account_id)s AND action = 'signed_in' AND at > %(since)s
   );

-- :name plan
INSERT INTO weekly_mail_week (account_id, monday, state, due_at)
VALUES (%(account_id)s, %(monday)s, 'waiting', %(due_at)s)
ON CONFLICT DO NOTHING;

-- :name left_behind
UPDATE weekly_mail_week
SET state = 'unsure', failure = 'ended while the server was given the mail', lease_until = NULL
WHERE state = 'handing_over' AND lease_until < %(now)s
RETURNING account_id, monday;

-- :name give_up
-- What was begun so often without an end, or would be told so late, is left.
UPDATE weekly_mail_week
SET state = 'given_up', lease_until = NULL,
    failure = COALESCE(failure, CASE WHEN attempts < %(most)s THEN 'too late' ELSE 'begun too often' END)
WHERE state = 'waiting' AND (lease_until IS NULL OR lease_until < %(now)s)
  AND (attempts >= %(most)s OR monday < %(before)s)
RETURNING account_id, monday, failure;

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

-- :name last_week
SELECT a.login, k.monday, k.state, k.attempts, k.due_at, k.last_at, k.failure
FROM weekly_mail_week AS k JOIN account AS a USING (account_id)
WHERE k.account_id = %(account_id)s
ORDER BY k.monday DESC
LIMIT 1;
