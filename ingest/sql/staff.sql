-- Hours that staff worked. A reference becomes an alias on its way in; it is kept nowhere.

-- :name sent
jsonb_to_recordset(%(shifts)s::jsonb) AS n(
    store_id integer, source text, external_id text, version bigint, staff_ref text, starts_at timestamptz,
    ends_at timestamptz, break_min integer, on_floor boolean, cancelled boolean
)

-- :name upsert
-- Of a till that says hours were worked in another store than it said before only the newer word stays.
WITH moved AS (
    DELETE FROM staff_shift AS k USING {shifts}
    WHERE %(may_move)s AND k.source = n.source AND k.external_id = n.external_id AND k.store_id <> n.store_id
      AND k.version < n.version
)
INSERT INTO staff_shift AS old (
    store_id, source, external_id, version, staff_alias, starts_at, ends_at, break_min, on_floor, cancelled
)
SELECT n.store_id, n.source, n.external_id, n.version, staff_alias(n.store_id, n.staff_ref), n.starts_at, n.ends_at,
       n.break_min, n.on_floor, n.cancelled
FROM {shifts}
WHERE NOT (%(may_move)s AND EXISTS (
    SELECT FROM staff_shift AS k
    WHERE k.source = n.source AND k.external_id = n.external_id AND k.store_id <> n.store_id AND k.version >= n.version
))
ORDER BY n.source, n.external_id, n.store_id
ON CONFLICT (source, external_id, store_id) DO UPDATE SET
    version = EXCLUDED.version, staff_alias = EXCLUDED.staff_alias,
    starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, break_min = EXCLUDED.break_min,
    on_floor = EXCLUDED.on_floor, cancelled = EXCLUDED.cancelled
WHERE old.version < EXCLUDED.version
RETURNING old.store_id, old.source, old.external_id, xmax = 0;

-- :name kept
-- Of each shift: in which version it is here, and whether it says anything else than what was sent.
SELECT
    k.store_id, k.source, k.external_id, k.version,
    (k.staff_alias, k.starts_at, k.ends_at, k.break_min, k.on_floor, k.cancelled)
    IS DISTINCT FROM
    (staff_alias(n.store_id, n.staff_ref), n.starts_at, n.ends_at, n.break_min, n.on_floor, n.cancelled)
FROM staff_shift AS k
JOIN {shifts} USING (store_id, source, external_id);
