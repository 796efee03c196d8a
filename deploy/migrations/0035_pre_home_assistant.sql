-- Which stores Home Assistant is told of, and what stands on the broker for it.

CREATE TABLE home_assistant_store (
    store_id   integer PRIMARY KEY REFERENCES store ON DELETE CASCADE,
    enabled_at timestamptz NOT NULL,
    enabled_by text NOT NULL
);
COMMENT ON TABLE home_assistant_store IS 'Stores whose boxes are announced to Home Assistant, because somebody wanted it.';

CREATE TABLE home_assistant_topic (
    topic  text PRIMARY KEY,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32)
);
COMMENT ON TABLE home_assistant_topic IS 'Announcements that the broker keeps, so that they can be taken back.';
COMMENT ON COLUMN home_assistant_topic.sha256 IS 'Of the payload that was published last.';
