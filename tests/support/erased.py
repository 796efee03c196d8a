"""The story of an order, a customer and a shift that are erased, and of ones that were deleted long ago."""

from datetime import UTC, datetime, timedelta

import psycopg2

from ingest.database import Database
from ingest.erasing import GONE_KEPT, erase_customers, erase_orders, erase_shifts, forget_gone
from ingest.orders.book import hash_of_customer
from tests.support.store_data import add_store

SECRET = b"an-owl-hoots-1234567890-in-the-barn"
_TOLD = """
INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax,
                       net, currency, units, channel, customer_ref)
SELECT %(store)s, 'till', n, 1, 'sale', '2026-11-21', '2026-11-21 12:00Z', 9, 0, 1, 9, 'EUR', 1, 'in_store', %(card)s
FROM unnest(ARRAY['A-1', 'A-2', 'A-3']) AS n;
UPDATE pos_order SET original_external_id = 'A-1' WHERE external_id = 'A-3';
DELETE FROM pos_order_past;
INSERT INTO pos_order_line (order_id, line_no, product, category, units, net)
SELECT order_id, 1, 'cap-' || external_id, 'hats', 1, 9 FROM pos_order;
UPDATE pos_order SET net = 8, version = 2;
DELETE FROM pos_order_line;
INSERT INTO staff_shift (store_id, source, external_id, version, starts_at, ends_at)
SELECT %(store)s, 'roster', n, 1, '2026-11-21 08:00Z', '2026-11-21 17:00Z' FROM unnest(ARRAY['S-1', 'S-2', 'S-3']) AS n;
UPDATE staff_shift SET break_min = 30, version = 2;
"""
_LEFT = """
SELECT external_id, 'order' FROM pos_order UNION ALL SELECT external_id, 'order before' FROM pos_order_past
UNION ALL SELECT substr(product, 5), 'line before' FROM pos_order_line_past
UNION ALL SELECT external_id, 'shift' FROM staff_shift
UNION ALL SELECT external_id, 'shift before' FROM staff_shift_past
"""


def check_erasing(url: str) -> None:
    """Tell the story in a fresh database and look what is left at each step."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    card = {"card": hash_of_customer("till", "card-7", SECRET)}
    store = add_store(connection, "riverside")
    cursor = connection.cursor()

    def left() -> set[tuple[str, str]]:
        cursor.execute(_LEFT)
        return set(cursor.fetchall())

    def named() -> int:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pos_order WHERE customer_ref = %(card)s)"
            " + (SELECT count(*) FROM pos_order_past WHERE customer_ref = %(card)s)", card,
        )  # fmt: skip
        ((found,),) = cursor.fetchall()
        return int(found)

    cursor.execute(_TOLD, {"store": store, **card})
    orders, shifts = ("order", "order before", "line before"), ("shift", "shift before")
    told = {(f"A-{n}", what) for n in (1, 2, 3) for what in orders} | {
        (f"S-{n}", what) for n in (1, 2, 3) for what in shifts
    }
    assert left() == told
    assert named() == 6
    database = Database(url)
    try:
        assert erase_orders(database, "roster", ["A-1"]) == 0, "another system's number"
        assert erase_orders(database, "till", ["A-1", "A-9"]) == 1
        assert erase_shifts(database, "roster", ["S-1"]) == 1
        kept = {each for each in told if each[0] not in ("A-1", "S-1")}
        assert left() == kept
        cursor.execute(
            "SELECT FROM pos_order WHERE original_external_id IS NOT NULL"
            " UNION ALL SELECT FROM pos_order_past WHERE original_external_id IS NOT NULL"
        )
        assert cursor.rowcount == 0, "what was paid back for it names it no more"
        assert erase_customers(database, "till", ["card-7"], hash_secret=SECRET) == 2
        assert named() == 0
        cursor.execute(
            "DELETE FROM pos_order WHERE external_id = 'A-2'; DELETE FROM staff_shift WHERE external_id = 'S-2'"
        )
        gone = datetime.now(UTC)
        cursor.execute(
            "UPDATE pos_order_past SET known_until = known_until - INTERVAL '90 days';"
            "UPDATE staff_shift_past SET known_until = known_until - INTERVAL '90 days' WHERE break_min = 0"
        )
        assert forget_gone(database, gone + GONE_KEPT - timedelta(hours=1)) == 0, "as of a moment they are still told"
        assert left() == kept - {("A-2", "order"), ("S-2", "shift")}
        assert forget_gone(database, gone + GONE_KEPT + timedelta(hours=1)) > 0
        assert left() == {each for each in told if each[0] in ("A-3", "S-3")}, "what is there keeps its past"
    finally:
        database.close()
        connection.close()
