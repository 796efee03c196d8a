-- Signing in with somebody else's word for who one is: OpenID Connect.

CREATE TABLE account_identity (
    issuer     text NOT NULL,
    subject    text NOT NULL,
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    linked_at  timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (account_id, issuer)
);
COMMENT ON TABLE account_identity IS 'Whom a provider means by its subject. Names and addresses change hands there, subjects do not: nothing else links an account.';

CREATE TABLE oidc_attempt (
    state_sha256 bytea PRIMARY KEY CHECK (octet_length(state_sha256) = 32),
    nonce        text NOT NULL,
    verifier     text NOT NULL,
    way_back     text NOT NULL,
    at           timestamptz NOT NULL
);
COMMENT ON TABLE oidc_attempt IS 'Browsers that are at the provider now; each row is used once, within ten minutes.';
COMMENT ON COLUMN oidc_attempt.verifier IS 'The secret half of PKCE: a code that somebody overhears is worth nothing without it.';

ALTER TABLE account_session ADD COLUMN by_oidc boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN account_session.by_oidc IS 'Signed in with the provider: signing out is told there, too.';
