-- What was known of closed business days, version by version.

-- :name restatements
-- Changes of closed days, the latest first, each with the figures before (`old`) and after (`new`).
SELECT k.store_id, k.business_date, k.known_at, k.reasons, to_jsonb(old) AS old, to_jsonb(k) AS new,
       (SELECT min(f.known_at) FROM known_day AS f WHERE f.store_id = k.store_id AND f.business_date = k.business_date)
           AS first_at
FROM known_day AS k
CROSS JOIN LATERAL (
    SELECT * FROM known_day AS o
    WHERE o.store_id = k.store_id AND o.business_date = k.business_date AND o.known_at < k.known_at
    ORDER BY o.known_at DESC
    LIMIT 1
) AS old
WHERE k.reasons <> '[]' AND k.store_id = ANY(%(store_ids)s) AND k.known_at >= %(since)s AND k.known_at < %(until)s
ORDER BY k.known_at DESC, k.store_id, k.business_date DESC
LIMIT %(limit)s;
