-- :name seen
-- What is so now; what was so already keeps its beginning.
INSERT INTO alarm AS a (kind, store_id, subject, code, place, detail, number, since, began_at)
SELECT %(kind)s, store_id, subject, code, place, detail, number, since, %(at)s
FROM unnest(%(store_ids)s::integer[], %(subjects)s::text[], %(codes)s::text[], %(places)s::text[], %(details)s::text[],
            %(numbers)s::double precision[], %(sinces)s::timestamptz[])
    AS n(store_id, subject, code, place, detail, number, since)
ON CONFLICT (kind, store_id, subject) WHERE ended_at IS NULL
DO UPDATE SET code = EXCLUDED.code, place = EXCLUDED.place, detail = EXCLUDED.detail, number = EXCLUDED.number,
              since = EXCLUDED.since
WHERE (a.code, a.place, a.detail, a.number, a.since)
      IS DISTINCT FROM (EXCLUDED.code, EXCLUDED.place, EXCLUDED.detail, EXCLUDED.number, EXCLUDED.since);

-- :name over
-- What is not so any more: of all stores, or of one.
UPDATE alarm SET ended_at = greatest(%(at)s, began_at)
WHERE kind = %(kind)s AND ended_at IS NULL AND (%(store_id)s::integer IS NULL OR store_id = %(store_id)s)
  AND (store_id, subject) NOT IN (
      SELECT * FROM unnest(%(store_ids)s::integer[], %(subjects)s::text[])
  );

-- :name closed_stores
-- Of a store that is closed for good nothing needs anybody.
UPDATE alarm AS a SET ended_at = greatest(%(at)s, a.began_at)
FROM store AS s
WHERE s.store_id = a.store_id AND s.closed_at IS NOT NULL AND a.ended_at IS NULL;

-- :name looked
INSERT INTO alarm_look (kind, at) VALUES (%(kind)s, %(at)s) ON CONFLICT (kind) DO UPDATE SET at = EXCLUDED.at;

-- :name prune
DELETE FROM alarm WHERE ended_at < %(before)s;
