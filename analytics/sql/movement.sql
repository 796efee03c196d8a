-- Where people go and where they are: sums that devices write down by the quarter-hour, in parts that add up.

-- :name steps
-- NULL is outside. Zones that only staff enter are no places of visitors.
SELECT s.slice, a.code AS from_zone, b.code AS to_zone, sum(f.people)::bigint AS people
FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
JOIN flow AS f ON f.store_id = %(of_store)s
 AND f.at >= time_bucket('15 minutes', s.from_at) AND f.at < s.until
 -- From the first slice to the last, too: TimescaleDB reads no chunk outside, however it joins.
 AND f.at >= (SELECT time_bucket('15 minutes', min(b.at)) FROM unnest(%(from_at)s::timestamptz[]) AS b (at))
 AND f.at < (SELECT max(b.at) FROM unnest(%(until)s::timestamptz[]) AS b (at))
LEFT JOIN zone AS a ON a.zone_id = f.from_zone_id
LEFT JOIN zone AS b ON b.zone_id = f.to_zone_id
WHERE a.role IS DISTINCT FROM 'staff' AND b.role IS DISTINCT FROM 'staff'
GROUP BY 1, 2, 3
ORDER BY 1, people DESC, 2, 3;

-- :name stays_begun
-- Stays in zones, waits included: how many there were whose beginning a step could have told.
SELECT COALESCE(sum(v.visits), 0)::bigint + COALESCE(sum(q.exits), 0)::bigint AS stays
FROM unnest(%(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (from_at, until)
CROSS JOIN LATERAL (
    SELECT sum(v.visits) AS visits
    FROM zone_visit_15m AS v JOIN zone AS z ON z.zone_id = v.zone_id
    WHERE v.store_id = %(of_store)s AND z.role IN ('engagement', 'queue')
      AND v.bucket >= time_bucket('15 minutes', s.from_at) AND v.bucket < s.until
) AS v
CROSS JOIN LATERAL (
    SELECT sum(q.served + q.abandoned) AS exits
    FROM queue_exit_15m AS q
    WHERE q.store_id = %(of_store)s
      AND q.bucket >= time_bucket('15 minutes', s.from_at) AND q.bucket < s.until
) AS q;

-- :name warmth
-- A camera whose picture changed its shape meanwhile has two grids: the one that holds more.
WITH cells AS (
    SELECT h.camera_id, h.columns, h.rows, c.cell, sum(c.seconds)::bigint AS seconds
    FROM heat AS h
    CROSS JOIN LATERAL unnest(h.person_s) WITH ORDINALITY AS c (seconds, cell)
    WHERE h.store_id = %(store_id)s
      AND h.at >= time_bucket('15 minutes', %(from_at)s::timestamptz) AND h.at < %(until)s
    GROUP BY 1, 2, 3, 4
), grids AS (
    SELECT camera_id, columns, rows, array_agg(seconds ORDER BY cell) AS person_s, sum(seconds) AS total
    FROM cells
    GROUP BY 1, 2, 3
)
SELECT DISTINCT ON (k.code) k.code AS camera, g.columns, g.rows, g.person_s
FROM grids AS g
JOIN camera AS k ON k.camera_id = g.camera_id
WHERE g.total > 0
ORDER BY k.code, g.total DESC;

-- :name warmth_sums
-- The same summed over each camera's picture and those slices of one store in which enough stayed in its zones.
WITH days AS (
    SELECT s.slice, s.from_at, s.until
    FROM unnest(%(slice)s::int[], %(from_at)s::timestamptz[], %(until)s::timestamptz[]) AS s (slice, from_at, until)
), stays AS (
    SELECT d.slice, z.camera_id, v.visits AS stays
    FROM days AS d
    JOIN zone_visit_15m AS v ON v.store_id = %(of_store)s
     AND v.bucket >= time_bucket('15 minutes', d.from_at) AND v.bucket < d.until
    JOIN zone AS z ON z.zone_id = v.zone_id AND z.role = 'engagement'
    UNION ALL
    SELECT d.slice, z.camera_id, q.served + q.abandoned
    FROM days AS d
    JOIN queue_exit_15m AS q ON q.store_id = %(of_store)s
     AND q.bucket >= time_bucket('15 minutes', d.from_at) AND q.bucket < d.until
    JOIN zone AS z ON z.zone_id = q.zone_id
), many AS (
    SELECT slice, camera_id FROM stays GROUP BY 1, 2 HAVING sum(stays) >= %(k)s
)
SELECT k.code AS camera, sum(w.seconds)::float8 AS person_s
FROM days AS s
JOIN many AS m USING (slice)
JOIN heat AS h ON h.store_id = %(of_store)s AND h.camera_id = m.camera_id
 AND h.at >= time_bucket('15 minutes', s.from_at) AND h.at < s.until
 AND h.at >= (SELECT time_bucket('15 minutes', min(b.at)) FROM unnest(%(from_at)s::timestamptz[]) AS b (at))
 AND h.at < (SELECT max(b.at) FROM unnest(%(until)s::timestamptz[]) AS b (at))
CROSS JOIN LATERAL (SELECT sum(c.seconds) AS seconds FROM unnest(h.person_s) AS c (seconds)) AS w
JOIN camera AS k ON k.camera_id = h.camera_id
GROUP BY k.code
ORDER BY k.code;
