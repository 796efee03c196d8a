-- A provider that signs somebody out says so by the name of its session with them.

ALTER TABLE account_session ADD COLUMN oidc_sid text;
COMMENT ON COLUMN account_session.oidc_sid IS 'The provider''s name for its session (sid of the ID token), by which it ends ours; NULL: it named none.';
