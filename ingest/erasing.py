"""Erasing of orders, customers and hours: with what they said before, which is kept for answers as of a moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ingest.database import Database
from ingest.orders.book import hash_of_customer
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("erasing")
#: So long after an order or a shift was deleted it is told as of moments before: longer than raw rows are kept.
GONE_KEPT: Final = timedelta(days=100)


def erase_orders(database: Database, source: str, numbers: Sequence[str]) -> int:
    """Delete a till system's orders of these numbers, and every version of them; return how many there were.

    Their refunds stay, and name them no more.

    Raises:
        DatabaseError: nothing was erased.
    """
    asked = {"source": source, "numbers": list(numbers)}
    with database.transaction() as cursor:
        cursor.execute(_SQL["erase_orders"], asked)
        erased = cursor.fetchall()
        cursor.execute(_SQL["erase_order_versions"], asked)
        erased += cursor.fetchall()
        orders, stores, closed = ([one[place] for one in erased] for place in range(3))
        cursor.execute(_SQL["erase_line_versions"], {"orders": orders})
        cursor.execute(_SQL["note_erased"], {"orders": orders, "stores": stores, "closed": closed})
        cursor.execute(_SQL["erase_original"], asked)
        cursor.execute(_SQL["erase_original_versions"], asked)
    return len(set(orders))


def erase_customers(database: Database, source: str, references: Sequence[str], *, hash_secret: bytes) -> int:
    """Have a till system's orders, and every version of them, name these customers no more; return how many did.

    Raises:
        DatabaseError: nothing was erased.
    """
    asked = {"customers": [hash_of_customer(source, reference, hash_secret) for reference in references]}
    with database.transaction() as cursor:
        cursor.execute(_SQL["erase_customer"], asked)
        named: int = cursor.rowcount
        cursor.execute(_SQL["erase_customer_versions"], asked)
    return named


def erase_shifts(database: Database, source: str, numbers: Sequence[str]) -> int:
    """Delete a roster's hours of these numbers in every store, and every version of them; return how many there were.

    Raises:
        DatabaseError: nothing was erased.
    """
    asked = {"source": source, "numbers": list(numbers)}
    with database.transaction() as cursor:
        cursor.execute(_SQL["erase_shifts"], asked)
        shifts: int = cursor.rowcount
        cursor.execute(_SQL["erase_shift_versions"], asked)
    return shifts


def forget_gone(database: Database, now: datetime) -> int:
    """Delete the versions of orders and shifts that were deleted more than `GONE_KEPT` ago; return how many.

    Raises:
        DatabaseError: nothing was deleted.
    """
    with database.transaction() as cursor:
        forgotten = 0
        for what in ("forget_gone_orders", "forget_gone_lines", "forget_gone_shifts"):
            cursor.execute(_SQL[what], {"before": now - GONE_KEPT})
            forgotten += cursor.rowcount
    return forgotten
