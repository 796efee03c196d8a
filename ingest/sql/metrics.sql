-- What the store says of itself to those who watch it: sums, and a bounded list of boxes.

-- :name boxes
-- Boxes by how they are; those of closed stores and those that were shut out need nobody.
SELECT CASE WHEN s.device_id IS NULL THEN 'never_heard'
            WHEN s.state <> 'online' THEN s.state
            WHEN GREATEST(s.received_at, v.received_at) < %(now)s - INTERVAL '5 minutes' THEN 'silent'
            ELSE 'online' END AS state, count(*)
FROM device AS d
JOIN store AS st USING (store_id)
LEFT JOIN device_status AS s USING (device_id)
LEFT JOIN device_live AS v USING (device_id)
WHERE st.closed_at IS NULL AND NOT EXISTS (SELECT FROM device_shut_out AS o WHERE o.device_id = d.device_id)
GROUP BY 1;

-- :name missing
SELECT store, device, sum(missing)::bigint AS missing
FROM ledger_missing
GROUP BY store, device
ORDER BY missing DESC, store, device;

-- :name kept
SELECT (SELECT count(*) FROM dead_letter), (SELECT count(*) FROM store WHERE closed_at IS NULL),
       (SELECT count(*) FROM job WHERE unwell_since IS NOT NULL);
