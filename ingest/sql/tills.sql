-- Tills that we ask, or that tell us.

-- :name notice
-- What was noticed before is due anew.
INSERT INTO till_notice AS n (till, document, noticed_at, due_at)
SELECT %(till)s, document, %(now)s, %(now)s FROM unnest(%(documents)s::text[]) AS document
ON CONFLICT (till, document) DO UPDATE SET
    noticed_at = EXCLUDED.noticed_at, due_at = EXCLUDED.due_at, attempts = 0, failure = NULL;

-- :name notified
INSERT INTO till_state AS s (till, kind, notified_at) VALUES (%(till)s, %(kind)s, %(now)s)
ON CONFLICT (till) DO UPDATE SET notified_at = EXCLUDED.notified_at;

-- :name due
SELECT document, noticed_at, attempts FROM till_notice
WHERE till = %(till)s AND due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s;

-- :name settled
-- Not one that was noticed anew since it was asked for.
DELETE FROM till_notice
WHERE till = %(till)s AND document = ANY(%(documents)s) AND noticed_at <= %(asked_at)s;

-- :name postponed
UPDATE till_notice SET due_at = %(due_at)s, attempts = attempts + 1, failure = %(failure)s
WHERE till = %(till)s AND document = %(document)s;

-- :name waiting
INSERT INTO till_notice (till, document, noticed_at, due_at, failure)
VALUES (%(till)s, %(document)s, %(now)s, %(due_at)s, %(failure)s)
ON CONFLICT (till, document) DO NOTHING;

-- :name refused
INSERT INTO till_refusal AS r (till, document, at, reason) VALUES (%(till)s, %(document)s, %(now)s, %(reason)s)
ON CONFLICT (till, document) DO UPDATE SET at = EXCLUDED.at, reason = EXCLUDED.reason;

-- :name taken
DELETE FROM till_refusal WHERE till = %(till)s AND document = ANY(%(documents)s);

-- :name state
SELECT cursor, answered_at, reconciled_at FROM till_state WHERE till = %(till)s;

-- :name answered
INSERT INTO till_state AS s (till, kind, cursor, asked_at, answered_at, reconciled_at)
VALUES (%(till)s, %(kind)s, %(cursor)s, %(now)s, %(now)s, %(reconciled_at)s)
ON CONFLICT (till) DO UPDATE SET
    kind = EXCLUDED.kind, cursor = COALESCE(EXCLUDED.cursor, s.cursor), asked_at = EXCLUDED.asked_at,
    answered_at = EXCLUDED.answered_at, reconciled_at = COALESCE(EXCLUDED.reconciled_at, s.reconciled_at),
    failing_since = NULL, failure = NULL;

-- :name failed
INSERT INTO till_state AS s (till, kind, asked_at, failing_since, failure)
VALUES (%(till)s, %(kind)s, %(now)s, %(now)s, %(failure)s)
ON CONFLICT (till) DO UPDATE SET
    asked_at = EXCLUDED.asked_at, failing_since = COALESCE(s.failing_since, EXCLUDED.failing_since),
    failure = EXCLUDED.failure;

-- :name list
SELECT s.till, s.kind, s.asked_at, s.answered_at, s.notified_at, s.reconciled_at, s.failing_since, s.failure,
       (SELECT count(*) FROM till_notice AS n WHERE n.till = s.till),
       (SELECT count(*) FROM till_refusal AS r WHERE r.till = s.till),
       (SELECT count(*) FROM pos_order AS o WHERE o.source = s.till)
FROM till_state AS s ORDER BY s.till;

-- :name refusals
SELECT till, document, at, reason FROM till_refusal
WHERE %(till)s::text IS NULL OR till = %(till)s ORDER BY at DESC LIMIT %(limit)s;
