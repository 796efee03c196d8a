-- :name add_account
INSERT INTO account (login, role, password, one_time_until, created_at)
VALUES (%(login)s, %(role)s, %(password)s, %(one_time_until)s, %(at)s)
ON CONFLICT (login) DO NOTHING
RETURNING account_id;

-- :name account
SELECT account_id, login, role, password, one_time_until, disabled_at FROM account WHERE login = %(login)s;

-- :name accounts
SELECT a.login, a.role, a.created_at, a.disabled_at, a.one_time_until,
       ARRAY(SELECT s.code FROM account_store AS r JOIN store AS s USING (store_id)
             WHERE r.account_id = a.account_id ORDER BY s.code),
       ARRAY(SELECT r.region FROM account_region AS r WHERE r.account_id = a.account_id ORDER BY r.region),
       (SELECT max(e.at) FROM account_event AS e WHERE e.account_id = a.account_id AND e.action = 'signed_in'),
       (SELECT count(*) FROM account_session AS k WHERE k.account_id = a.account_id AND k.expires_at > %(at)s)
FROM account AS a
ORDER BY a.login;

-- :name any_account
SELECT EXISTS (SELECT FROM account WHERE disabled_at IS NULL);

-- :name set_password
UPDATE account SET password = %(password)s, one_time_until = %(one_time_until)s WHERE account_id = %(account_id)s;

-- :name rehash
UPDATE account SET password = %(password)s WHERE account_id = %(account_id)s;

-- :name set_role
UPDATE account SET role = %(role)s WHERE account_id = %(account_id)s;

-- :name clear_stores
DELETE FROM account_store WHERE account_id = %(account_id)s;

-- :name clear_regions
DELETE FROM account_region WHERE account_id = %(account_id)s;

-- :name add_stores
INSERT INTO account_store (account_id, store_id)
SELECT %(account_id)s, store_id FROM store WHERE code = ANY (%(stores)s)
RETURNING store_id;

-- :name add_regions
INSERT INTO account_region (account_id, region) SELECT %(account_id)s, unnest(%(regions)s::text[]);

-- :name set_disabled
UPDATE account SET disabled_at = %(disabled_at)s WHERE account_id = %(account_id)s;

-- :name add_session
INSERT INTO account_session (token_sha256, account_id, created_at, seen_at, expires_at, by_oidc, oidc_sid)
VALUES (%(token)s, %(account_id)s, %(at)s, %(at)s, %(expires_at)s, %(by_oidc)s, %(oidc_sid)s);

-- :name session
SELECT a.account_id, a.login, a.role, a.one_time_until IS NOT NULL, k.seen_at,
       ARRAY(SELECT r.store_id FROM account_store AS r WHERE r.account_id = a.account_id),
       ARRAY(SELECT r.region FROM account_region AS r WHERE r.account_id = a.account_id)
FROM account_session AS k
JOIN account AS a USING (account_id)
WHERE k.token_sha256 = %(token)s AND k.expires_at > %(at)s AND k.seen_at > %(idle_since)s AND a.disabled_at IS NULL;

-- :name seen
UPDATE account_session SET seen_at = %(at)s WHERE token_sha256 = %(token)s;

-- :name end_session
DELETE FROM account_session WHERE token_sha256 = %(token)s RETURNING account_id, by_oidc;

-- :name end_sessions
DELETE FROM account_session WHERE account_id = %(account_id)s;

-- :name end_of_provider
-- Sessions that a provider ends: the one that it names, or all of a person. A later one is none that it could mean.
DELETE FROM account_session AS k
USING account_identity AS i
WHERE i.account_id = k.account_id AND i.issuer = %(issuer)s AND k.by_oidc AND k.created_at <= %(until)s
  AND (%(subject)s::text IS NULL OR i.subject = %(subject)s)
  AND (%(sid)s::text IS NULL OR k.oidc_sid = %(sid)s OR (k.oidc_sid IS NULL AND %(subject)s::text IS NOT NULL))
RETURNING k.account_id;

-- :name prune_logouts
DELETE FROM oidc_logout WHERE at < %(before)s;

-- :name logout_once
-- Nothing where this token was taken before.
INSERT INTO oidc_logout (token_sha256, at) VALUES (%(token)s, %(at)s) ON CONFLICT DO NOTHING RETURNING 1;

-- :name forget_browsers
DELETE FROM known_browser WHERE account_id = %(account_id)s;

-- :name prune_sessions
DELETE FROM account_session WHERE expires_at < %(at)s OR seen_at < %(idle_since)s;

-- :name browser
SELECT EXISTS (
    SELECT FROM known_browser AS b JOIN account AS a USING (account_id)
    WHERE b.token_sha256 = %(browser)s AND a.login = %(login)s
);

-- :name know_browser
INSERT INTO known_browser (token_sha256, account_id, seen_at) VALUES (%(browser)s, %(account_id)s, %(at)s)
ON CONFLICT (token_sha256) DO UPDATE SET account_id = EXCLUDED.account_id, seen_at = EXCLUDED.seen_at;

-- :name prune_browsers
-- The newest so many of an account stay.
DELETE FROM known_browser WHERE account_id = %(account_id)s AND token_sha256 NOT IN (
    SELECT token_sha256 FROM known_browser WHERE account_id = %(account_id)s ORDER BY seen_at DESC LIMIT %(most)s
);

-- :name failures
-- How many in the window, and when the oldest of the newest `most` was: from the browser, for the name, from the address.
SELECT count(*), min(at) FROM (
    SELECT at FROM sign_in_failure
    WHERE at > %(since)s
      AND CASE %(by)s
          WHEN 'browser' THEN browser = %(browser)s
          WHEN 'name' THEN browser IS NULL AND name = %(name)s
          ELSE browser IS NULL AND address = %(address)s
      END
    ORDER BY at DESC LIMIT %(most)s
) AS newest;

-- :name add_failure
INSERT INTO sign_in_failure (at, name, address, browser) VALUES (%(at)s, %(name)s, %(address)s, %(browser)s);

-- :name forget_failures
DELETE FROM sign_in_failure
WHERE name = %(name)s AND (browser = %(browser)s OR (browser IS NULL AND address = %(address)s));

-- :name prune_failures
DELETE FROM sign_in_failure WHERE at < %(before)s;

-- :name event
INSERT INTO account_event (at, action, account_id, subject, address, detail)
VALUES (%(at)s, %(action)s, %(account_id)s, %(subject)s, %(address)s, %(detail)s);

-- :name events
SELECT e.at, e.action, a.login, e.subject, e.address, e.detail
FROM account_event AS e
LEFT JOIN account AS a USING (account_id)
WHERE (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s)
  AND (%(actions)s::text[] IS NULL OR e.action = ANY (%(actions)s))
  AND (%(who)s::text IS NULL OR strpos(a.login, %(who)s) > 0 OR strpos(e.subject, %(who)s) > 0)
ORDER BY e.at DESC
LIMIT %(limit)s;

-- :name add_attempt
INSERT INTO oidc_attempt (state_sha256, nonce, verifier, way_back, at, address)
VALUES (%(state)s, %(nonce)s, %(verifier)s, %(way_back)s, %(at)s, %(address)s);

-- :name take_attempt
DELETE FROM oidc_attempt WHERE state_sha256 = %(state)s AND at > %(since)s RETURNING nonce, verifier, way_back;

-- :name prune_attempts
DELETE FROM oidc_attempt WHERE at < %(before)s;

-- :name prune_attempts_of
-- The newest so many of an address stay.
DELETE FROM oidc_attempt WHERE address = %(address)s AND state_sha256 NOT IN (
    SELECT state_sha256 FROM oidc_attempt WHERE address = %(address)s ORDER BY at DESC LIMIT %(most)s
);

-- :name linked
SELECT a.account_id, a.login, a.role, a.disabled_at,
       ARRAY(SELECT s.code FROM account_store AS r JOIN store AS s USING (store_id)
             WHERE r.account_id = a.account_id ORDER BY s.code),
       ARRAY(SELECT r.region FROM account_region AS r WHERE r.account_id = a.account_id ORDER BY r.region)
FROM account_identity AS i
JOIN account AS a USING (account_id)
WHERE i.issuer = %(issuer)s AND i.subject = %(subject)s;

-- :name link
INSERT INTO account_identity (issuer, subject, account_id, linked_at)
VALUES (%(issuer)s, %(subject)s, %(account_id)s, %(at)s)
ON CONFLICT DO NOTHING
RETURNING account_id;

-- :name unlink
DELETE FROM account_identity WHERE account_id = %(account_id)s AND issuer = %(issuer)s;

-- :name end_one_time
-- Somebody whose provider vouches for them needs no password of ours: one that another chose is void.
UPDATE account SET password = %(password)s, one_time_until = NULL
WHERE account_id = %(account_id)s AND one_time_until IS NOT NULL;
