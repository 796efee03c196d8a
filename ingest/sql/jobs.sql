-- The database's own work: what there is, how it went, and what ingest noted of it.

-- :name timescale
SELECT count(*) > 0 FROM pg_extension WHERE extname = 'timescaledb';

-- :name scheduled
-- Our own maintain() is among them, but ingest calls it daily and notes it itself.
SELECT j.job_id, concat_ws(' ', j.proc_name, j.hypertable_name) || ' (' || j.job_id || ')', j.schedule_interval,
       NULLIF(s.last_successful_finish, '-infinity'),
       CASE WHEN s.last_run_status = 'Failed' THEN COALESCE(e.err_message, 'it does not say why') END
FROM timescaledb_information.jobs AS j
LEFT JOIN timescaledb_information.job_stats AS s ON s.job_id = j.job_id
LEFT JOIN LATERAL (
    SELECT err_message FROM timescaledb_information.job_errors
    WHERE job_id = j.job_id
    ORDER BY finish_time DESC LIMIT 1
) AS e ON true
WHERE j.scheduled AND j.job_id >= 1000 AND j.proc_name <> 'maintain_job'
ORDER BY j.job_id;

-- :name seen
INSERT INTO job AS old (name, every, seen_at, done_at, scheduler_error)
SELECT n.name, n.every, %(now)s, n.done_at, n.scheduler_error
FROM unnest(%(names)s::text[], %(every)s::interval[], %(done_at)s::timestamptz[], %(errors)s::text[])
     AS n(name, every, done_at, scheduler_error)
ON CONFLICT (name) DO UPDATE
SET every = EXCLUDED.every, done_at = GREATEST(old.done_at, EXCLUDED.done_at), scheduler_error = EXCLUDED.scheduler_error;

-- :name gone
DELETE FROM job WHERE NOT name = ANY(%(names)s);

-- :name due
-- What its scheduler has left undone for twice its time; what was called before is called again in its own time.
SELECT name FROM job
WHERE name = ANY(%(names)s) AND GREATEST(COALESCE(done_at, seen_at), called_at) <= %(now)s::timestamptz
      - CASE WHEN called_at IS NULL AND scheduler_error IS NULL THEN 2 ELSE 1 END * every;

-- :name called
INSERT INTO job AS old (name, every, seen_at, done_at, called_at, error)
VALUES (%(name)s, %(every)s, %(now)s, CASE WHEN %(error)s::text IS NULL THEN %(now)s::timestamptz END, %(now)s, %(error)s)
ON CONFLICT (name) DO UPDATE
SET every = EXCLUDED.every, done_at = COALESCE(EXCLUDED.done_at, old.done_at), called_at = EXCLUDED.called_at, error = EXCLUDED.error;

-- :name judged
UPDATE job
SET unwell_since = CASE
    WHEN error IS NOT NULL OR COALESCE(done_at, seen_at) < %(now)s::timestamptz - 2 * every - %(grace)s::interval
    THEN COALESCE(unwell_since, %(now)s) END
RETURNING name, unwell_since = %(now)s, error;

-- :name list
SELECT name, every, seen_at, done_at, error, scheduler_error,
       CASE WHEN COALESCE(done_at, seen_at) < %(now)s::timestamptz - 2 * every - %(grace)s::interval OR error IS NOT NULL
            THEN COALESCE(unwell_since, %(now)s) END
FROM job
ORDER BY name;
