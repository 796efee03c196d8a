-- Whether the database's own work gets done: TimescaleDB's jobs, and the daily maintain(). On some PostgreSQL versions its
-- scheduler fails every job while a CALL of the same job works, so ingest watches them and runs what is overdue itself.

CREATE TABLE job (
    name            text PRIMARY KEY,
    every           interval NOT NULL,
    seen_at         timestamptz NOT NULL,
    done_at         timestamptz,
    called_at       timestamptz,
    error           text,
    scheduler_error text,
    unwell_since    timestamptz
);
COMMENT ON TABLE job IS 'Work that the database has to have done again and again, as ingest saw it last.';
COMMENT ON COLUMN job.name IS 'What it does, with the job''s number where TimescaleDB has one.';
COMMENT ON COLUMN job.seen_at IS 'When it was first seen: a new job is not overdue.';
COMMENT ON COLUMN job.done_at IS 'When it last succeeded, whoever ran it.';
COMMENT ON COLUMN job.called_at IS 'When ingest last called it itself.';
COMMENT ON COLUMN job.error IS 'Why the last call failed; NULL: it did not.';
COMMENT ON COLUMN job.scheduler_error IS 'Why TimescaleDB''s scheduler failed it last, while it does.';
COMMENT ON COLUMN job.unwell_since IS 'Since when it is overdue or fails; NULL: it is done in time.';
