-- What was known of closed business days, version by version.

-- :name restatements
-- Changes of closed days, the latest first, each with the figures before (`old`) and after (`new`). With them those that
-- were not asked for of the same days (`asked`): what may be told of one depends on what the others tell.
WITH wanted AS (
    SELECT store_id, business_date, known_at
    FROM known_day
    WHERE reasons <> '[]' AND store_id = ANY(%(store_ids)s) AND known_at >= %(since)s AND known_at < %(until)s
    ORDER BY known_at DESC, store_id, business_date DESC
    LIMIT %(limit)s
)
SELECT k.store_id, k.business_date, k.known_at, k.reasons, to_jsonb(old) AS old, to_jsonb(k) AS new,
       (SELECT min(f.known_at) FROM known_day AS f WHERE f.store_id = k.store_id AND f.business_date = k.business_date)
           AS first_at,
       EXISTS (
           SELECT FROM wanted AS w
           WHERE w.store_id = k.store_id AND w.business_date = k.business_date AND w.known_at = k.known_at
       ) AS asked
FROM (SELECT DISTINCT store_id, business_date FROM wanted) AS d
JOIN known_day AS k USING (store_id, business_date)
CROSS JOIN LATERAL (
    SELECT * FROM known_day AS o
    WHERE o.store_id = k.store_id AND o.business_date = k.business_date AND o.known_at < k.known_at
    ORDER BY o.known_at DESC
    LIMIT 1
) AS old
WHERE k.reasons <> '[]'
ORDER BY k.known_at DESC, k.store_id, k.business_date DESC;

-- :name told_as_now
-- Of these days whose single rows are gone, those whose quarter-hours say what is known now and perhaps not what was at
-- the moment: nothing was recorded of them by then, or something was changed since.
SELECT d.business_date
FROM unnest(%(dates)s::date[], %(from_at)s::timestamptz[]) AS d (business_date, from_at)
WHERE d.from_at < (SELECT max(kept_from) FROM public.rollup WHERE of_raw)
  AND (SELECT bool_or(k.known_at <= %(at)s) AND NOT bool_or(k.known_at > %(at)s)
       FROM public.known_day AS k
       WHERE k.store_id = %(store_id)s AND k.business_date = d.business_date) IS NOT TRUE
ORDER BY d.business_date;
