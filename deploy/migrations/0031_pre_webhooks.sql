-- Webhooks: whom to tell what, what there was to tell, and how each telling went.

CREATE TABLE webhook_endpoint (
    endpoint_id   text PRIMARY KEY CHECK (endpoint_id ~ '^wh_[0-9a-f]{12}$'),
    url           text NOT NULL CHECK (length(url) <= 2000),
    events        text[] NOT NULL,
    every_store   boolean NOT NULL,
    allow_private boolean NOT NULL DEFAULT false,
    generation    integer NOT NULL DEFAULT 1,
    rotated_at    timestamptz,
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    failing_since timestamptz,
    failure       text,
    disabled_at   timestamptz,
    disabled_why  text
);
COMMENT ON TABLE webhook_endpoint IS 'Another system that is told of events. Its secret is not here: it is derived from the installation''s hash secret, this id and the generation.';
COMMENT ON COLUMN webhook_endpoint.allow_private IS 'Whether its address may be one of a private network or of this machine.';
COMMENT ON COLUMN webhook_endpoint.generation IS 'Which of its secrets signs; the one before signs, too, for a day after rotated_at.';
COMMENT ON COLUMN webhook_endpoint.failing_since IS 'Since when no delivery has succeeded; NULL: the last one did.';
COMMENT ON COLUMN webhook_endpoint.disabled_why IS 'Why nothing is sent to it any more.';

CREATE TABLE webhook_endpoint_store (
    endpoint_id text NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    store_id    integer NOT NULL REFERENCES store ON DELETE CASCADE,
    PRIMARY KEY (endpoint_id, store_id)
);
COMMENT ON TABLE webhook_endpoint_store IS 'The stores that an endpoint is told of, where it is not every one.';

CREATE TABLE webhook_event (
    event_id text PRIMARY KEY,
    type     text NOT NULL,
    key      text UNIQUE,
    store_id integer REFERENCES store ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    body     text NOT NULL CHECK (octet_length(body) <= 20480)
);
COMMENT ON TABLE webhook_event IS 'What there is to tell: written in the transaction that finds it out, deleted after 30 days.';
COMMENT ON COLUMN webhook_event.event_id IS 'The header webhook-id: the same at each attempt, so that a receiver knows what it has.';
COMMENT ON COLUMN webhook_event.key IS 'What may be told once only; NULL: any number of times.';
COMMENT ON COLUMN webhook_event.body IS 'The JSON that is sent and signed, byte by byte.';
CREATE INDEX webhook_event_at ON webhook_event (at);

CREATE TABLE webhook_delivery (
    event_id      text NOT NULL REFERENCES webhook_event ON DELETE CASCADE,
    endpoint_id   text NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts      integer NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL,
    claimed_until timestamptz,
    last_at       timestamptz,
    last_status   integer,
    failure       text,
    PRIMARY KEY (event_id, endpoint_id)
);
COMMENT ON TABLE webhook_delivery IS 'One event for one endpoint, until it is delivered or given up after three days.';
COMMENT ON COLUMN webhook_delivery.claimed_until IS 'Until when a sender is at it: if that is over and it still waits, the sender died.';
COMMENT ON COLUMN webhook_delivery.last_status IS 'The HTTP status of the last attempt; NULL: there was no answer.';
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint_id);

CREATE TABLE webhook_condition (
    kind     text NOT NULL,
    store_id integer NOT NULL REFERENCES store ON DELETE CASCADE,
    subject  text NOT NULL,
    data     text NOT NULL,
    PRIMARY KEY (kind, store_id, subject)
);
COMMENT ON TABLE webhook_condition IS 'What was told to be so and not yet told to be over: a box down, a finding, a gap.';
COMMENT ON COLUMN webhook_condition.data IS 'The event''s data as JSON, to be told again when it is over.';
