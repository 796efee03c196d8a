-- Who gets the week by mail, and which weeks were sent to whom.

CREATE TABLE weekly_mail (
    account_id   integer PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    address      text NOT NULL CHECK (length(address) <= 254 AND address !~ '[[:space:]]'),
    lang         text NOT NULL CHECK (lang IN ('en', 'zh')),
    token        text NOT NULL UNIQUE,
    wanted_at    timestamptz NOT NULL
);
COMMENT ON TABLE weekly_mail IS 'Accounts that asked for their week by mail.';
COMMENT ON COLUMN weekly_mail.token IS 'What ends it without signing in: the link in each mail holds it.';
COMMENT ON COLUMN weekly_mail.wanted_at IS 'A week that was over by then is not sent.';

CREATE TABLE weekly_mail_week (
    account_id  integer NOT NULL REFERENCES account ON DELETE CASCADE,
    monday      date NOT NULL CHECK (extract(isodow FROM monday) = 1),
    state       text NOT NULL CHECK (state IN ('waiting', 'handing_over', 'sent', 'unsure', 'given_up')),
    attempts    integer NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    lease_until timestamptz,
    last_at     timestamptz,
    failure     text,
    PRIMARY KEY (account_id, monday)
);
COMMENT ON TABLE weekly_mail_week IS 'A row per account and week: the row is what makes it one mail.';
COMMENT ON COLUMN weekly_mail_week.monday IS 'First day of the week that is told.';
COMMENT ON COLUMN weekly_mail_week.state IS
    'handing_over: written before the server is given the mail; who dies then leaves it unsure, and it is not sent again.';
CREATE INDEX weekly_mail_week_due ON weekly_mail_week (due_at) WHERE state IN ('waiting', 'handing_over');
