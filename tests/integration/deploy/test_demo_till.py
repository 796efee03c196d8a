"""The demo's till over a real database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2

from deploy.demo.site import STORE
from deploy.demo.till import DemoTill, sale
from deploy.stores import Store, register
from ingest.database import Database
from ingest.errors import OrdersApiError
from ingest.orders.bodies import OrderIn
from ingest.orders.client import Answer
from tests.support.clocks import ManualClock


class Client:
    """Remembers what was posted; refuses while `down`."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.down = False

    def post(self, orders: list[dict[str, Any]]) -> Answer:
        if self.down:
            raise OrdersApiError("no answer")
        self.posted += orders
        return Answer(outcomes=["created"] * len(orders))


def stay(database: str, at: datetime, dwell_s: float) -> None:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO zone_visit (at, store_id, zone_id, dwell_s, censored) "
            "SELECT %(at)s, store_id, 1, %(dwell_s)s, false FROM store WHERE code = %(store)s",
            {"at": at, "dwell_s": dwell_s, "store": STORE},
        )
    connection.close()


def test_only_a_long_stay_buys_and_only_once(database: str) -> None:
    opened = Database(database)
    register(opened, Store(code=STORE, name="Corner Shop"), today=date(2026, 11, 21))
    clock, client = ManualClock(), Client()
    till = DemoTill(opened, client, now=clock.now, monotonic=clock.monotonic)  # type: ignore[arg-type]  # a stand-in
    stay(database, clock.now(), 40.0)
    stay(database, clock.now(), 4.0)
    till.ring()
    assert client.posted == []
    clock.advance(10)
    client.down = True
    till.ring()
    client.down = False
    clock.advance(10)
    till.ring()
    clock.advance(10)
    till.ring()
    assert [order["net"] for order in client.posted] == ["40"]
    opened.close()


def test_its_orders_are_what_the_api_takes_and_the_same_each_time() -> None:
    at = datetime(2026, 11, 21, 23, 59, 58, 250_000, tzinfo=UTC)
    order = OrderIn.model_validate(sale(at, 19.37))
    assert order.external_id == sale(at.astimezone(UTC), 19.37)["external_id"]
    assert order.business_date == date(2026, 11, 22)
    assert sale(at + timedelta(microseconds=1), 19.37)["external_id"] != order.external_id
