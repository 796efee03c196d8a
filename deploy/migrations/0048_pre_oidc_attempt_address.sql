-- Nobody may fill the table of those who are on their way to the provider: of an address the newest are kept.

ALTER TABLE oidc_attempt ADD COLUMN address text NOT NULL DEFAULT 'unknown';
COMMENT ON COLUMN oidc_attempt.address IS 'Where the browser came from.';
