"""The SQL of accounts, and the one place that writes the audit log."""

from datetime import datetime
from pathlib import Path
from typing import Final

from analytics.database import Cursor
from analytics.queries import read_blocks

SQL: Final = read_blocks(Path(__file__).with_name("accounts.sql"))
_DETAIL_MAX: Final = 200


def note(
    cursor: Cursor,
    at: datetime,
    action: str,
    *,
    account_id: int | None = None,
    subject: str | None = None,
    address: str | None = None,
    detail: str | None = None,
) -> None:
    """Write a line of the audit log: who (None: a command on the server) did what to whom, from where."""
    values = {"at": at, "action": action, "account_id": account_id, "subject": subject, "address": address}
    cursor.execute(SQL["event"], {**values, "detail": detail and detail[:_DETAIL_MAX]})
