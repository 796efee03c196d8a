"""Rows that came when a test says so."""

from datetime import datetime

from tests.support.store_data import Connection

_FACTS = (
    "crossing", "camera_uptime", "zone_visit", "queue_exit", "queue_sample", "occupancy_sample", "heat", "flow",
    "line_register", "line_audit",
)  # fmt: skip


def as_if_known_in_time(connection: Connection) -> None:
    """Say of everything that is here that it was received when it happened, and of the set-up that it was always so."""
    with connection.cursor() as cursor:
        for table in _FACTS:
            cursor.execute(f"UPDATE {table} SET received_at = at")  # noqa: S608  # our own names
        cursor.execute("ALTER TABLE pos_order DISABLE TRIGGER USER")
        cursor.execute("UPDATE pos_order SET received_at = closed_at, updated_at = closed_at")
        cursor.execute("ALTER TABLE pos_order ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE staff_shift DISABLE TRIGGER USER")
        cursor.execute("UPDATE staff_shift SET received_at = COALESCE(ends_at, starts_at)")
        cursor.execute("ALTER TABLE staff_shift ENABLE TRIGGER USER")
        cursor.execute("UPDATE pos_order_line SET received_at = NULL")
        cursor.execute("DELETE FROM superseded")
        cursor.execute("DELETE FROM day_touched")


def received(connection: Connection, table: str, at: datetime) -> None:
    """Say that those rows of a table which came just now (after anything that a test dates) were received at `at`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET received_at = %(at)s WHERE received_at > now() - INTERVAL '1 hour'",  # noqa: S608  # as above
            {"at": at},
        )
