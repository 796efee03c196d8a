-- The till's orders and the keys of those who post them.

-- :name stores
SELECT code, store_id, currency FROM store WHERE code = ANY(%(codes)s);

-- :name sent
-- Orders as they come over HTTP.
jsonb_to_recordset(%(orders)s::jsonb) AS o(
    store_id integer, source text, external_id text, version bigint, kind text, original_external_id text,
    business_date date, closed_at timestamptz, gross numeric, discount numeric, tax numeric, net numeric, currency text,
    units integer, channel text, register text, staff_ref text, customer_ref text, is_test boolean
)

-- :name copied
-- Orders as they come out of a file: of several versions of one order the highest, of equal ones the first.
(SELECT DISTINCT ON (source, external_id) * FROM incoming ORDER BY source, external_id, version DESC, place) AS o

-- :name incoming
CREATE TEMPORARY TABLE incoming (
    place integer, store_id integer, source text, external_id text, version bigint, kind text,
    original_external_id text, business_date date, closed_at timestamptz, gross numeric, discount numeric, tax numeric,
    net numeric, currency text, units integer, channel text, register text, staff_ref text, customer_ref text,
    is_test boolean
) ON COMMIT DROP;

-- :name upsert
INSERT INTO pos_order (
    store_id, source, external_id, version, kind, original_external_id, business_date, closed_at, gross, discount, tax,
    net, currency, units, channel, register, staff_ref, customer_ref, is_test
)
SELECT
    o.store_id, o.source, o.external_id, o.version, o.kind, o.original_external_id,
    COALESCE(
        o.business_date,
        -- The day that had begun when the order closed; a till is closed some time after the doors are.
        (SELECT c.business_date FROM store_calendar AS c
         WHERE c.store_id = o.store_id AND c.opens_at <= o.closed_at
           AND c.opens_at > o.closed_at - INTERVAL '3 days'  -- none is as long: the others need not be looked at
           AND o.closed_at < c.closes_at + INTERVAL '3 hours'
         ORDER BY c.opens_at DESC LIMIT 1),
        (o.closed_at AT TIME ZONE s.timezone)::date
    ),
    o.closed_at, o.gross, o.discount, o.tax, o.net, o.currency, o.units, o.channel, o.register, o.staff_ref,
    o.customer_ref, o.is_test
FROM {orders}
JOIN store AS s USING (store_id)
ORDER BY o.source, o.external_id
ON CONFLICT (source, external_id) DO UPDATE SET
    version = EXCLUDED.version,
    kind = EXCLUDED.kind,
    original_external_id = EXCLUDED.original_external_id,
    business_date = EXCLUDED.business_date,
    closed_at = EXCLUDED.closed_at,
    gross = EXCLUDED.gross,
    discount = EXCLUDED.discount,
    tax = EXCLUDED.tax,
    net = EXCLUDED.net,
    currency = EXCLUDED.currency,
    units = EXCLUDED.units,
    channel = EXCLUDED.channel,
    register = EXCLUDED.register,
    staff_ref = EXCLUDED.staff_ref,
    customer_ref = EXCLUDED.customer_ref,
    is_test = EXCLUDED.is_test,
    updated_at = now()
WHERE pos_order.version < EXCLUDED.version AND pos_order.store_id = EXCLUDED.store_id
RETURNING source, external_id, xmax = 0 AS new;

-- :name counted
-- How many orders are new, and how many a higher version.
WITH written AS ({upsert})
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM written;

-- :name lines_gone
-- What an order's earlier version said.
DELETE FROM pos_order_line AS l
USING pos_order AS k
JOIN unnest(%(sources)s::text[], %(numbers)s::text[]) AS n(source, external_id) USING (source, external_id)
WHERE l.order_id = k.order_id;

-- :name lines
-- The lines of orders that are here in the version that was sent; none where some are here already: a till that sends
-- them later sends them once.
INSERT INTO pos_order_line (order_id, line_no, product, category, units, net, received_at)
SELECT k.order_id, l.line_no, l.value->>'product', l.value->>'category', (l.value->>'units')::numeric,
       (l.value->>'net')::numeric, GREATEST(now(), k.updated_at)
FROM jsonb_to_recordset(%(orders)s::jsonb) AS o(source text, external_id text, version bigint, lines jsonb)
JOIN pos_order AS k USING (source, external_id, version)
CROSS JOIN jsonb_array_elements(o.lines) WITH ORDINALITY AS l(value, line_no)
WHERE NOT EXISTS (SELECT FROM pos_order_line AS old WHERE old.order_id = k.order_id);

-- :name not_taken
-- Of what came out of a file and was not written in this transaction, or whose order another row of it was: where it
-- stands there and in which version, whose order it is here, in which version, and whether that says anything else.
SELECT
    o.place, o.version, k.store_id, k.version,
    (k.kind, k.original_external_id, k.business_date, k.closed_at, k.gross, k.discount, k.tax, k.net, k.currency,
     k.units, k.channel, k.register, k.staff_ref, k.customer_ref, k.is_test)
    IS DISTINCT FROM
    (o.kind, o.original_external_id, COALESCE(o.business_date, k.business_date), o.closed_at, o.gross, o.discount,
     o.tax, o.net, o.currency, o.units, o.channel, o.register, o.staff_ref, o.customer_ref, o.is_test)
FROM (
    SELECT *, row_number() OVER (PARTITION BY source, external_id ORDER BY version DESC, place) > 1 AS outdone
    FROM incoming
) AS o
CROSS JOIN LATERAL (
    SELECT *, xmin FROM pos_order WHERE source = o.source AND external_id = o.external_id
    OFFSET 0  -- looked up one by one: the planner knows nothing of what was just copied in, and would read all orders
) AS k
WHERE o.outdone OR k.xmin <> pg_current_xact_id()::xid
ORDER BY o.place;

-- :name import_begun
SELECT rows_done FROM order_import WHERE file = %(file)s;

-- :name import_step
INSERT INTO order_import (file, rows_done) VALUES (%(file)s, %(rows)s)
ON CONFLICT (file) DO UPDATE SET rows_done = EXCLUDED.rows_done, at = now();

-- :name import_over
DELETE FROM order_import WHERE file = %(file)s;

-- :name kept
-- Of each order: whose it is here, in which version, and whether it says anything else than what was sent.
SELECT
    k.source, k.external_id, k.store_id, k.version,
    (k.kind, k.original_external_id, k.business_date, k.closed_at, k.gross, k.discount, k.tax, k.net, k.currency,
     k.units, k.channel, k.register, k.staff_ref, k.customer_ref, k.is_test)
    IS DISTINCT FROM
    (o.kind, o.original_external_id, COALESCE(o.business_date, k.business_date), o.closed_at, o.gross, o.discount,
     o.tax, o.net, o.currency, o.units, o.channel, o.register, o.staff_ref, o.customer_ref, o.is_test)
FROM pos_order AS k
JOIN jsonb_to_recordset(%(orders)s::jsonb) AS o(
    source text, external_id text, kind text, original_external_id text, business_date date, closed_at timestamptz,
    gross numeric, discount numeric, tax numeric, net numeric, currency text, units integer, channel text,
    register text, staff_ref text, customer_ref text, is_test boolean
) USING (source, external_id);

-- :name page
SELECT o.order_id, s.code, o.source, o.external_id, o.version, o.kind, o.original_external_id, o.business_date,
       o.closed_at, o.gross, o.discount, o.tax, o.net, o.currency, o.units, o.channel, o.register, o.staff_ref,
       o.customer_ref, o.is_test
FROM pos_order AS o
JOIN store AS s USING (store_id)
WHERE (%(store_id)s::integer IS NULL OR o.store_id = %(store_id)s)
  AND (%(store)s::text IS NULL OR s.code = %(store)s)
  AND (%(since)s::timestamptz IS NULL OR o.closed_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR o.closed_at < %(until)s)
  AND (%(after_at)s::timestamptz IS NULL OR (o.closed_at, o.order_id) > (%(after_at)s, %(after_id)s))
ORDER BY o.closed_at, o.order_id
LIMIT %(limit)s;

-- :name one
SELECT o.order_id, s.code, o.source, o.external_id, o.version, o.kind, o.original_external_id, o.business_date,
       o.closed_at, o.gross, o.discount, o.tax, o.net, o.currency, o.units, o.channel, o.register, o.staff_ref,
       o.customer_ref, o.is_test
FROM pos_order AS o
JOIN store AS s USING (store_id)
WHERE o.source = %(source)s AND o.external_id = %(external_id)s
  AND (%(store_id)s::integer IS NULL OR o.store_id = %(store_id)s);

-- :name key_create
INSERT INTO api_key (name, prefix, key_sha256, store_id, scopes, outside)
SELECT %(name)s, %(prefix)s, %(sha256)s, (SELECT store_id FROM store WHERE code = %(store)s), %(scopes)s, %(outside)s
WHERE %(store)s::text IS NULL OR EXISTS (SELECT FROM store WHERE code = %(store)s)
RETURNING api_key_id;

-- :name key_find
SELECT k.api_key_id, k.key_sha256, k.store_id, s.code, k.scopes
FROM api_key AS k
LEFT JOIN store AS s USING (store_id)
WHERE k.prefix = %(prefix)s AND k.revoked_at IS NULL;

-- :name key_list
SELECT k.prefix, k.name, s.code, k.scopes, k.outside, k.created_at, k.revoked_at
FROM api_key AS k
LEFT JOIN store AS s USING (store_id)
ORDER BY k.api_key_id;

-- :name key_revoke
UPDATE api_key SET revoked_at = COALESCE(revoked_at, now()) WHERE prefix = %(prefix)s RETURNING name;
