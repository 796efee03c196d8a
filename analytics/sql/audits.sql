-- How well the lines count, as people found who tapped everybody in and out.

-- :name audits
SELECT a.store_id, l.code AS line, l.role, a.at, a.auditor,
       a.in_truth, a.in_counted, a.in_matched, a.out_truth, a.out_counted, a.out_matched
FROM line_audit AS a
JOIN line AS l ON l.line_id = a.line_id
WHERE a.store_id = ANY(%(store_ids)s) AND a.complete AND a.at >= %(since)s AND a.at < %(until)s
ORDER BY a.store_id, l.code, a.at;

-- :name line_traffic
-- What each line counted, staff included as an audit includes them. A line that counted nothing has no row.
SELECT t.store_id, l.code AS line, l.role, t.ins, t.outs
FROM (
    SELECT store_id, line_id, sum(ins + staff_ins)::bigint AS ins, sum(outs + staff_outs)::bigint AS outs
    FROM line_traffic_15m
    WHERE store_id = ANY(%(store_ids)s)
      AND bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND bucket < %(until)s
    GROUP BY store_id, line_id
) AS t
JOIN line AS l USING (line_id)
WHERE l.role IN ('entrance', 'pass_by')
ORDER BY t.store_id, l.role, l.code;

-- :name lines
-- And whose counter counts it now, where it is not a camera of ours.
SELECT l.code AS line, l.role, k.vendor AS maker, k.staff
FROM line AS l
LEFT JOIN (
    SELECT DISTINCT d.store_id, n.line, k.vendor, k.staff
    FROM counter_line AS n
    JOIN counter AS k USING (counter_id)
    JOIN device AS d USING (device_id)
    WHERE k.removed_at IS NULL
) AS k ON k.store_id = l.store_id AND k.line = l.code
WHERE l.store_id = %(store_id)s AND l.role IN ('entrance', 'pass_by')
ORDER BY l.role, l.code;

-- :name entrance_uptime
-- Per camera with an entrance line: seconds expected and counted within the range.
SELECT EXTRACT(epoch FROM %(until)s::timestamptz - %(from_at)s::timestamptz)::float8 AS expected_s,
       COALESCE(sum(least(u.up_s, EXTRACT(epoch FROM least(u.bucket + INTERVAL '15 minutes', %(until)s::timestamptz)
                                                     - greatest(u.bucket, %(from_at)s::timestamptz))))
                    FILTER (WHERE u.bucket IS NOT NULL), 0)::float8 AS up_s
FROM camera AS c
LEFT JOIN (
    SELECT camera_id, bucket, sum(up_s) AS up_s
    FROM camera_uptime_15m
    WHERE store_id = %(store_id)s
      AND bucket >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND bucket < %(until)s
    GROUP BY camera_id, bucket
) AS u ON u.camera_id = c.camera_id
WHERE c.store_id = %(store_id)s AND c.counts_from < %(until)s::timestamptz
  AND COALESCE(c.counts_until > %(from_at)s::timestamptz, true)
  AND EXISTS (SELECT FROM line AS l WHERE l.camera_id = c.camera_id AND l.role = 'entrance')
GROUP BY c.camera_id;
