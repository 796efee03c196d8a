-- An address is confirmed by a link in a mail to it before any figures are, and a week may be skipped on purpose.

ALTER TABLE weekly_mail
    ADD COLUMN confirmed_at   timestamptz,
    ADD COLUMN confirm_sha256 bytea UNIQUE CHECK (octet_length(confirm_sha256) = 32),
    ADD COLUMN confirm_until  timestamptz,
    ADD COLUMN ask_at         timestamptz,
    ADD COLUMN ask_attempts   integer NOT NULL DEFAULT 0,
    ADD COLUMN ask_failure    text;
COMMENT ON COLUMN weekly_mail.confirmed_at IS 'Whoever reads the address''s mail has opened the link in it; NULL: no figures are sent there.';
COMMENT ON COLUMN weekly_mail.confirm_sha256 IS 'Hash of the token in the link that confirms the address, good once and until confirm_until.';
COMMENT ON COLUMN weekly_mail.ask_at IS 'When the mail with the link is sent, or tried again; NULL: not any more.';
COMMENT ON COLUMN weekly_mail.ask_failure IS 'Why that mail was not sent.';
UPDATE weekly_mail SET ask_at = wanted_at;

ALTER TABLE weekly_mail_week DROP CONSTRAINT weekly_mail_week_state_check;
ALTER TABLE weekly_mail_week ADD CONSTRAINT weekly_mail_week_state_check
    CHECK (state IN ('waiting', 'handing_over', 'sent', 'unsure', 'given_up', 'skipped'));
COMMENT ON COLUMN weekly_mail_week.state IS
    'handing_over: written before the server is given the mail; who dies then leaves it unsure, and it is not sent again. skipped: not sent on purpose, failure says why.';
