-- Who may look at which store, and do what: accounts of the dashboard, their sessions, and a log of what they did.

CREATE TABLE account (
    account_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login          text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._@+-]{0,63}$'),
    role           text NOT NULL CHECK (role IN ('manager', 'region', 'head_office', 'installer')),
    password       text NOT NULL,
    one_time_until timestamptz,
    created_at     timestamptz NOT NULL,
    disabled_at    timestamptz
);
COMMENT ON TABLE account IS 'Somebody who may sign in to the dashboard.';
COMMENT ON COLUMN account.password IS 'Argon2id, encoded with its parameters and its salt.';
COMMENT ON COLUMN account.one_time_until IS 'Until when a password that somebody else chose is good; its owner has to choose another one first. NULL: the owner''s own.';

CREATE TABLE account_store (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    store_id   integer NOT NULL REFERENCES store ON DELETE CASCADE,
    PRIMARY KEY (account_id, store_id)
);
COMMENT ON TABLE account_store IS 'The stores that a store manager sees.';

CREATE TABLE account_region (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    region     text NOT NULL,
    PRIMARY KEY (account_id, region)
);
COMMENT ON TABLE account_region IS 'The regions whose stores a region''s account sees, the ones to come included.';

CREATE TABLE account_session (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    account_id   integer NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
COMMENT ON TABLE account_session IS 'Browsers that are signed in. The token itself is only in the browser; deleting the row signs it out.';
CREATE INDEX account_session_account ON account_session (account_id);

CREATE TABLE known_browser (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    account_id   integer NOT NULL REFERENCES account ON DELETE CASCADE,
    seen_at      timestamptz NOT NULL
);
COMMENT ON TABLE known_browser IS 'Browsers in which an account has signed in before: wrong passwords from elsewhere do not lock them out.';
CREATE INDEX known_browser_account ON known_browser (account_id);

CREATE TABLE sign_in_failure (
    at      timestamptz NOT NULL,
    name    integer NOT NULL,
    address text NOT NULL,
    browser bytea
);
COMMENT ON TABLE sign_in_failure IS 'Wrong passwords of the last day, for the lock-out.';
COMMENT ON COLUMN sign_in_failure.name IS '32 bits of the SHA-256 of what was typed as name: somebody may have typed a password there.';
COMMENT ON COLUMN sign_in_failure.browser IS 'The known browser that it came from; NULL: none.';
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);

CREATE TABLE account_event (
    at         timestamptz NOT NULL,
    action     text NOT NULL CHECK (action ~ '^[a-z_]+$'),
    account_id integer REFERENCES account,
    subject    text,
    address    text,
    detail     text
);
COMMENT ON TABLE account_event IS 'The audit log: who signed in, was refused, or changed what. Never a password, a code or a key.';
COMMENT ON COLUMN account_event.account_id IS 'Who did it; NULL: a command on the server, or somebody unknown.';
COMMENT ON COLUMN account_event.subject IS 'What it was done to: an account''s name, store, or store/device.';
COMMENT ON COLUMN account_event.address IS 'Where the request came from; NULL: a command on the server.';
CREATE INDEX account_event_at ON account_event (at);
