-- :name store_id
SELECT store_id FROM store WHERE code = %(store)s;

-- :name add_imputation
INSERT INTO imputation (store_id, first, last, method, model_version, wape, tested_hours, made_at)
VALUES (%(store_id)s, %(first)s, %(last)s, %(method)s, %(version)s, %(wape)s, %(tested)s, %(now)s)
RETURNING imputation_id;

-- :name add_hours
INSERT INTO imputed_hour (imputation_id, line_id, hour, business_date, missing, ins, low, high, method) VALUES %s;

-- :name list_imputations
SELECT i.imputation_id, s.code, i.first, i.last, i.method, i.model_version, i.wape, i.tested_hours, i.made_at,
       i.reverted_at, count(h.*), COALESCE(sum(h.ins), 0)
FROM imputation AS i
JOIN store AS s USING (store_id)
LEFT JOIN imputed_hour AS h USING (imputation_id)
WHERE %(store)s::text IS NULL OR s.code = %(store)s
GROUP BY i.imputation_id, s.code
ORDER BY i.imputation_id DESC;

-- :name revert
UPDATE imputation SET reverted_at = %(now)s WHERE imputation_id = %(id)s AND reverted_at IS NULL RETURNING imputation_id;
