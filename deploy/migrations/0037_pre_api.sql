-- One table of keys for everything that speaks HTTP with other systems: what each is for, and who holds it.
ALTER TABLE api_key
    ADD COLUMN scopes  text[] NOT NULL DEFAULT '{orders}',
    ADD COLUMN outside boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT api_key_scopes_check
        CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['orders', 'kpis']);
COMMENT ON TABLE api_key IS 'Keys of the orders and KPI APIs. Only a hash is kept: a key is 256 random bits, so a fast hash is safe.';
COMMENT ON COLUMN api_key.scopes IS 'What it is for: orders (post and read them), kpis (read figures).';
COMMENT ON COLUMN api_key.outside IS 'Held by somebody outside the company: cells of fewer than 10 people are withheld instead of 5, and finished days only are shown.';

-- Whether a customer has bought before is asked of each sale: without it, of all orders that a store ever had.
CREATE INDEX pos_order_customer ON pos_order (store_id, customer_ref, closed_at)
WHERE customer_ref IS NOT NULL AND kind = 'sale' AND NOT is_test AND channel = 'in_store';
