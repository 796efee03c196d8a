-- The till's orders, and who may post them.

CREATE TABLE pos_order (
    order_id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id             integer NOT NULL REFERENCES store,
    source               text NOT NULL,
    external_id          text NOT NULL,
    version              bigint NOT NULL,
    kind                 text NOT NULL CHECK (kind IN ('sale', 'refund', 'exchange', 'void')),
    original_external_id text,
    business_date        date NOT NULL,
    closed_at            timestamptz NOT NULL,
    gross                numeric(14, 2) NOT NULL,
    discount             numeric(14, 2) NOT NULL,
    tax                  numeric(14, 2) NOT NULL,
    net                  numeric(14, 2) NOT NULL,
    currency             text NOT NULL,
    units                integer NOT NULL,
    channel              text NOT NULL CHECK (channel IN ('in_store', 'pickup', 'online', 'delivery')),
    register             text,
    staff_ref            text,
    customer_ref         text,
    is_test              boolean NOT NULL DEFAULT false,
    received_at          timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, external_id)
);
COMMENT ON TABLE pos_order IS 'One order at a till, in its highest version.';
COMMENT ON COLUMN pos_order.net IS 'gross - discount; tax is stated beside it, not inside it. Negative on a refund.';
COMMENT ON COLUMN pos_order.customer_ref IS 'Keyed hash of the till''s customer reference; the reference itself is never stored.';
COMMENT ON COLUMN pos_order.version IS 'The till''s own; a lower one than the stored is ignored.';
CREATE INDEX pos_order_closed_at ON pos_order (store_id, closed_at);
-- What the view sales_15m is filtered by.
CREATE INDEX pos_order_bucket ON pos_order (store_id, time_bucket('15 minutes', closed_at));

CREATE TABLE api_key (
    api_key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    prefix     text NOT NULL UNIQUE,
    key_sha256 bytea NOT NULL,
    store_id   integer REFERENCES store,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE api_key IS 'Keys of the orders API. Only a hash is kept: a key is 256 random bits, so a fast hash is safe.';
COMMENT ON COLUMN api_key.store_id IS 'The only store it may write and read; NULL: all.';
