-- Who may read figures over HTTP.

-- :name reader_key
SELECT k.api_key_id, k.key_sha256, k.store_id, k.scopes, k.outside
FROM api_key AS k
WHERE k.prefix = %(prefix)s AND k.revoked_at IS NULL;
