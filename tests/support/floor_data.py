"""What happens on a floor beside the crossings: shifts, who served, lines of orders and where categories lie."""

from datetime import datetime

from tests.support.store_data import Connection, copy


def add_shifts(connection: Connection, store_id: int, *, until: datetime) -> None:
    """Let the two who served every order (`add_sales`) work all opening hours up to `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO staff_shift (store_id, source, external_id, version, staff_alias, starts_at, ends_at) "
            "SELECT store_id, 'roster', store_id || '-' || business_date || '-' || n, 1, "
            "staff_alias(store_id, 'staff-' || n), opens_at, least(closes_at, %(until)s) "
            "FROM store_calendar CROSS JOIN generate_series(1, 2) AS n "
            "WHERE store_id = %(store_id)s AND opens_at < %(until)s AND opens_at > %(until)s - INTERVAL '70 days'",
            {"store_id": store_id, "until": until},
        )
        cursor.execute("UPDATE store SET staff_figures = true WHERE store_id = %(store_id)s", {"store_id": store_id})


def add_categories(connection: Connection, store_id: int) -> None:
    """Give each order a line of `dresses`, and every other one a second of `bags`; both lie in one of two zones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pos_order_line (order_id, line_no, product, category, units, net) "
            "SELECT order_id, n, c, c, 1, net / (1 + order_id %% 2) FROM pos_order "
            "CROSS JOIN (VALUES (1, 'dresses'), (2, 'bags')) AS l (n, c) "
            "WHERE store_id = %(store_id)s AND n <= 1 + order_id %% 2",
            {"store_id": store_id},
        )
    lies = [(store_id, "new-in", "dresses"), (store_id, "fitting", "bags")]
    copy(connection, "zone_category (store_id, zone, category)", lies)
