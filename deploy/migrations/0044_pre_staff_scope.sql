-- A key may be for figures of staff, too.

ALTER TABLE api_key DROP CONSTRAINT api_key_scopes_check;
ALTER TABLE api_key ADD CONSTRAINT api_key_scopes_check
    CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['orders', 'kpis', 'staff']);
COMMENT ON COLUMN api_key.scopes IS 'What it is for: orders (post and read them), kpis (read figures), staff (beside kpis: sales by staff alias).';
