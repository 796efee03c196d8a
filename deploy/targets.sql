-- :name say
INSERT INTO store_target (store_id, metric, valid_from, said_at, said_by, by_weekday)
SELECT store_id, %(metric)s, %(valid_from)s, %(at)s, %(by)s, %(by_weekday)s::double precision[]
FROM store WHERE code = %(store)s
ON CONFLICT (store_id, metric, valid_from, said_at) DO UPDATE
SET said_by = EXCLUDED.said_by, by_weekday = EXCLUDED.by_weekday;

-- :name list
SELECT code, metric, valid_from, by_weekday, said_at, said_by
FROM (
    SELECT DISTINCT ON (s.code, t.metric, t.valid_from) s.code, t.*
    FROM store_target AS t
    JOIN store AS s USING (store_id)
    WHERE %(store)s::text IS NULL OR s.code = %(store)s
    ORDER BY s.code, t.metric, t.valid_from, t.said_at DESC
) AS said
WHERE by_weekday IS NOT NULL
ORDER BY code, metric, valid_from;
