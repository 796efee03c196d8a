"""Metrics of the registry, asked in SQL."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from analytics.definition import Computed
from analytics.definitions import DEFINITIONS
from analytics.sources import statement
from tests.support.store_data import Connection

Asked = dict[str, Any]


def computed_of(name: str) -> Computed:
    """Return how a metric is computed."""
    return DEFINITIONS[name].computed


def asked(
    connection: Connection, *, first: date, last: date, now: datetime, stores: Sequence[str] | None = None
) -> Asked:
    """Return the parameters for some stores (all), each day compared with the one a week before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT store_id FROM store WHERE code = ANY(%s) OR %s ORDER BY 1", (list(stores or ()), stores is None)
        )
        store_ids = [store_id for (store_id,) in cursor.fetchall()]
    dates = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    compared = [day - timedelta(days=7) for day in dates]
    return {"store_ids": store_ids, "first": first, "last": last, "now": now, "dates": dates, "compared": compared}


def rows_of(connection: Connection, name: str, span: Asked) -> pd.DataFrame:
    """Return the rows of a metric's source."""
    source = computed_of(name).source
    with connection.cursor() as cursor:
        cursor.execute(statement(source, f"SELECT * FROM {source}"), span)  # noqa: S608  # our own names
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index([one.name for one in cursor.description or ()]))


def value_of(connection: Connection, name: str, span: Asked) -> float | None:
    """Return what a metric's SQL answers."""
    computed = computed_of(name)
    with connection.cursor() as cursor:
        cursor.execute(statement(computed.source, computed.sql), span)
        found = cursor.fetchall()
    assert len(found) <= 1
    return None if not found or found[0][0] is None else float(found[0][0])
