-- How long the stretch of time is that one chunk of a hypertable holds, and what rows of it weigh.

-- :name memory
SELECT pg_size_bytes(current_setting('shared_buffers'));

-- :name hypertables
SELECT h.hypertable_name, d.time_interval
FROM timescaledb_information.hypertables AS h
JOIN timescaledb_information.dimensions AS d USING (hypertable_schema, hypertable_name)
WHERE h.hypertable_schema = current_schema() AND d.time_interval IS NOT NULL
ORDER BY 1;

-- :name open_chunks
-- Chunks of the last week, indexes included. A compressed one tells nothing of what is being written.
SELECT hypertable_name, chunk_schema, chunk_name, range_start, LEAST(range_end, %(now)s::timestamptz),
       pg_total_relation_size(format('%%I.%%I', chunk_schema, chunk_name)::regclass)
FROM timescaledb_information.chunks
WHERE hypertable_schema = current_schema() AND NOT is_compressed
  AND range_end > %(now)s::timestamptz - INTERVAL '7 days' AND range_start < %(now)s
ORDER BY 1, 3;

-- :name set
SELECT set_chunk_time_interval(%(table)s::regclass, %(every)s::interval);
