"""Builder of a database's contents: two stores in two time zones with every kind of row, the same each time.

Plain SQL that both flavours run, so that what they answer can be compared row by row. Durations are multiples of a
quarter, which a binary float adds up exactly in any order.
"""

from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

_DIMENSIONS = """
INSERT INTO store (code, name, timezone, currency)
VALUES ('berlin', 'Berlin', 'Europe/Berlin', 'EUR'), ('kathmandu', 'Kathmandu', 'Asia/Kathmandu', 'NPR');
INSERT INTO store_hours
SELECT store_id, day, 540, CASE store_id WHEN 1 THEN 1200 ELSE 1560 END
FROM store, generate_series(1, 6) AS day;
INSERT INTO camera (store_id, code) SELECT store_id, 'door' FROM store ORDER BY 1;
INSERT INTO line (store_id, code, role, camera_id)
SELECT store_id, role, role, camera_id
FROM camera, unnest(ARRAY['entrance', 'pass_by']) AS role
ORDER BY 1, 2;
INSERT INTO zone (store_id, code, role)
SELECT store_id, role, role FROM store, unnest(ARRAY['engagement', 'queue']) AS role ORDER BY 1, 2;
INSERT INTO device (store_id, code) SELECT store_id, 'box' FROM store ORDER BY 1;
INSERT INTO ledger_epoch (device_id, epoch, received, last_seq, updated_at)
SELECT device_id, '5d7a1c0e-9a44-4c3b-8f2e-0b6f5f3f9d10', '{[1,40),[50,101)}', 120, '2026-11-01 09:00+00' FROM device;
"""

#: One row each `step` from `from_at` to `until`, alternating between the stores.
_SERIES = """
FROM generate_series(0, floor(EXTRACT(epoch FROM %(until)s - %(from_at)s) / {step})::integer) AS g
CROSS JOIN LATERAL (SELECT %(from_at)s + g * INTERVAL '{step} seconds' AS at, 1 + g %% 2 AS store_id) AS s
"""

#: Seconds between two rows, and what writes them.
_FACTS = (
    (
        127,
        f"""
INSERT INTO crossing (at, store_id, line_id, inward, staff, group_size)
SELECT at, store_id, 2 * store_id - 1 + (g / 2) %% 2, g %% 3 > 0, (ARRAY[NULL, false, true])[1 + g %% 5 / 2],
       NULLIF(g %% 4, 0)
{_SERIES}""",
    ),
    (
        307,
        f"""
INSERT INTO zone_visit (at, store_id, zone_id, dwell_s, censored, staff)
SELECT at, store_id, 2 * store_id - 1, g %% 400 / 4.0, g %% 11 = 0, (ARRAY[NULL, false, true])[1 + g %% 7 / 3]
{_SERIES}""",
    ),
    (
        293,
        f"""
INSERT INTO queue_sample (at, store_id, zone_id, length)
SELECT at, store_id, 2 * store_id, g %% 9
{_SERIES}""",
    ),
    (
        401,
        f"""
INSERT INTO queue_exit (at, store_id, zone_id, wait_s, served)
SELECT at, store_id, 2 * store_id, g %% 900 / 4.0, g %% 6 > 0
{_SERIES}""",
    ),
    (
        300,
        f"""
INSERT INTO occupancy_sample (at, store_id, zone_id, people)
SELECT at, store_id, 2 * store_id - 1, g %% 13
{_SERIES}""",
    ),
    (
        150,
        f"""
INSERT INTO camera_uptime (at, store_id, camera_id, period_s, up_s)
SELECT at, store_id, store_id, 300, 300 - g %% 5 * 0.25
{_SERIES}""",
    ),
    (
        900,
        f"""
INSERT INTO heat (at, store_id, camera_id, columns, rows, person_s)
SELECT at, store_id, store_id, 2, 1, ARRAY[g %% 7, g %% 3]
{_SERIES}""",
    ),
    (
        900,
        f"""
INSERT INTO flow (at, store_id, from_zone_id, to_zone_id, people)
SELECT at, store_id, 2 * store_id - 1, 2 * store_id, g %% 5
{_SERIES}""",
    ),
    (
        600,
        f"""
INSERT INTO line_register (at, store_id, line_id, epoch_id, in_total, out_total)
SELECT at, store_id, 2 * store_id - 1, store_id, g, g / 2
{_SERIES}""",
    ),
)

_ORDERS = f"""
INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax,
                       net, currency, units, channel, is_test)
SELECT store_id, 'till', %(batch)s || g, 1, (ARRAY['sale', 'sale', 'sale', 'refund', 'exchange', 'void'])[1 + g %% 6],
       (at AT TIME ZONE 'UTC')::date, at, 10 + g %% 90, g %% 3, 1.9, 10 + g %% 90 - g %% 3, 'EUR', 1 + g %% 4,
       (ARRAY['in_store', 'in_store', 'pickup', 'online'])[1 + g %% 4], g %% 17 = 0
{_SERIES.format(step=601)}"""


def fill_dimensions(cursor: Cursor, *, from_at: datetime, until: datetime) -> None:
    """Write stores, lines, zones, cameras, an incomplete ledger and the calendar of the time between."""
    cursor.execute(_DIMENSIONS)
    cursor.execute(
        "SELECT fill_store_calendar(store_id, %(from_date)s, %(to_date)s) FROM store",
        {"from_date": from_at.date(), "to_date": until.date() + timedelta(days=1)},
    )


def fill_facts(cursor: Cursor, *, from_at: datetime, until: datetime, batch: str = "a", thin: int = 1) -> None:
    """Write rows of every kind between two moments, both included; `thin` takes every so manyth.

    `batch` sets the orders of one call apart from those of another.
    """
    values = {"from_at": from_at, "until": until, "batch": f"{batch}-"}
    for step, statement in _FACTS:
        cursor.execute(statement.format(step=step * thin), values)
    cursor.execute(_ORDERS, values)


#: As an installation of any age writes them: what came to these tables later has a default.
_SHIFTS = f"""
INSERT INTO staff_shift (store_id, source, external_id, version, starts_at, ends_at, break_min)
SELECT store_id, 'roster', %(batch)s || g, 1, at, NULLIF(at + g %% 5 * INTERVAL '2 hours', at), 0
{_SERIES.format(step=14_400)}"""
_LINES = """
INSERT INTO pos_order_line (order_id, line_no, product, category, units, net)
SELECT order_id, n, 'product', (ARRAY['tops', 'bags', NULL])[1 + order_id %% 3], n, 10
FROM pos_order, generate_series(1, 2) AS n
WHERE external_id LIKE %(batch)s || '%%'
"""


def fill_floor(cursor: Cursor, *, from_at: datetime, until: datetime, batch: str = "a") -> None:
    """Write shifts between two moments, and the lines of the orders that `fill_facts` wrote under the same `batch`."""
    values = {"from_at": from_at, "until": until, "batch": f"{batch}-"}
    for statement in (_SHIFTS, _LINES):
        cursor.execute(statement, values)
