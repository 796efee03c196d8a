"""Dashboards that are made in the tests' own process, whose connections end with the test and not some time later."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from analytics.database import Database


@contextmanager
def closing_databases() -> Iterator[None]:
    """Close at the end what the dashboards that are made meanwhile opened.

    An app keeps its connections as long as it lives, which in a process of its own is right. Here it lies in a circle
    of references until Python happens to look for those, and a few tests' apps together take all that the server has.
    """
    opened: list[Database] = []

    def opening(*given: Any, **named: Any) -> Database:
        opened.append(Database(*given, **named))
        return opened[-1]

    with patch("dashboard.app.Database", opening):
        try:
            yield
        finally:
            for each in opened:
                each.close()
