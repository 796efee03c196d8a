-- Estimates as they were in force at a moment of the past: made by then, and not taken back before.
CREATE VIEW past.imputation AS
SELECT i.imputation_id, i.store_id, i.first, i.last, i.method, i.model_version, i.wape, i.tested_hours, i.made_at,
       CASE WHEN i.reverted_at <= (SELECT past.known_at()) THEN i.reverted_at END AS reverted_at
FROM public.imputation AS i
WHERE i.made_at <= (SELECT past.known_at());

CREATE VIEW past.imputed_hour_now AS
SELECT DISTINCT ON (h.line_id, h.hour) i.store_id, h.business_date, h.line_id, h.hour, h.missing, h.ins, h.low, h.high,
       h.method, i.imputation_id
FROM public.imputed_hour AS h
JOIN past.imputation AS i USING (imputation_id)
WHERE i.reverted_at IS NULL
ORDER BY h.line_id, h.hour, i.imputation_id DESC;
