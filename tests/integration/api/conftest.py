"""Two stores with weeks behind them, and the KPI API over them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from fastapi.testclient import TestClient

from tests.support.floor_data import add_categories, add_shifts
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.served import HeldClock
from tests.support.servers import Cluster
from tests.support.store_data import add_audit, add_shop, fill

NOW = datetime(2026, 11, 21, 6, 7, 3, tzinfo=UTC)  # Saturday, 14:07 in Shanghai


@dataclass(frozen=True, slots=True)
class Kept:
    """A running API and what it stands on."""

    url: str
    clock: HeldClock
    client: TestClient
    head_office: dict[str, str]
    riverside: dict[str, str]
    partner: dict[str, str]


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> Iterator[Kept]:
    """An API over `nanjing-road` and `riverside`, a module's own; what it changes of them it changes before it asks."""
    url = cluster.create()
    opened = psycopg2.connect(url)
    opened.autocommit = True
    for code, visitors in (("nanjing-road", 420.0), ("riverside", 90.0)):
        shop = add_shop(opened, code, visitors_per_day=visitors, name=f"={code}")
        fill(opened, shop, now=NOW, weeks=5)
        add_shifts(opened, shop.store_id, until=NOW)
        add_categories(opened, shop.store_id)
        add_audit(opened, shop.store_id, shop.lines["door"], datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
        add_audit(opened, shop.store_id, shop.lines["side"], datetime(2026, 11, 2, 4, 0, tzinfo=UTC))
    opened.close()
    clock = HeldClock(NOW)
    with kpi_api(url, clock) as client:
        keys = reader_key(url), reader_key(url, store="riverside"), reader_key(url, outside=True)
        yield Kept(url, clock, client, *(bearer(key) for key in keys))
    cluster.drop(url)


def get(kept: Kept, path: str, key: dict[str, str] | None = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return kept.client.get(path, headers={**(key or kept.head_office), **named})


def body(kept: Kept, path: str, key: dict[str, str] | None = None) -> Any:
    answer = get(kept, path, key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def problem(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["type"][:21]) == (status, "urn:footfall:problem:")
    return said
