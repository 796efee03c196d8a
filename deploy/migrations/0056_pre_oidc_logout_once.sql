-- A logout token ends sessions once: who overhears one cannot end those that begin after it.

CREATE TABLE oidc_logout (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    at           timestamptz NOT NULL
);
COMMENT ON TABLE oidc_logout IS 'Logout tokens that were taken (issuer and jti), for as long as they would be good.';
CREATE INDEX oidc_logout_at ON oidc_logout (at);
