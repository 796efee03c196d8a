"""A store with the counters service's HTTP side and bridge on a real database, and a clock that stands after noon."""

from datetime import datetime, timedelta
from typing import Any

import psycopg2
from fastapi.testclient import TestClient

from ingest.counters.app import create_app
from ingest.counters.bridge import Bridge
from ingest.counters.register import Counter, Refusal, refusals
from ingest.counters.taking import Taker
from ingest.database import Database
from ingest.pool import Pool
from tests.support.counters import NOON
from tests.support.ledger import rows


class CounterHouse:
    """The service in this process; `now` may be set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = NOON + timedelta(hours=1)
        self.taker = Taker(now=self.clock)
        self.client = TestClient(create_app(Pool(url, size=2, name="test"), self.taker, now=self.clock))
        self.bridge = Bridge(url, now=self.clock)
        self.database = Database(url)

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self.client.close()
        self.bridge.close()
        self.database.close()

    def push(self, counter: tuple[Counter, str], body: bytes, code: int = 200) -> dict[str, Any]:
        who, password = counter
        answer = self.client.post(f"/v1/counters/{who.login}", content=body, auth=(who.login, password))
        assert answer.status_code == code, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def publish(self, counter: tuple[Counter, str], body: bytes, path: str) -> None:
        """Take a push as it comes over MQTT."""
        self.taker.take(self.database, counter[0], body, path=path)

    def carry(self) -> None:
        self.bridge.heartbeat()
        self.bridge.deliver()

    def traffic(self) -> list[tuple[str, datetime, int, int]]:
        """Deliver, and return per line and quarter-hour how many came in and went out."""
        self.carry()
        return rows(
            self.url,
            "SELECT l.code, t.bucket, t.ins::int, t.outs::int FROM line_traffic_15m AS t "
            "JOIN line AS l USING (line_id) ORDER BY t.bucket, l.code",
        )

    def sums(self) -> tuple[int, int]:
        """Deliver, and return how many came in and went out in all."""
        found = self.traffic()
        return sum(each[2] for each in found), sum(each[3] for each in found)

    def watched(self) -> list[tuple[datetime, float]]:
        """Return how many seconds of each quarter-hour were watched."""
        return rows(self.url, "SELECT bucket, sum(up_s) FROM camera_uptime_15m GROUP BY 1 ORDER BY 1")

    def refused(self) -> list[Refusal]:
        return refusals(self.database, None, 100)

    def everything(self) -> str:
        """Return all that stands in the database, as text."""
        names = rows(self.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                found = []
                for (name,) in names:
                    cursor.execute(f"SELECT t::text FROM {name} AS t")  # noqa: S608  # our own table names
                    found += [text for (text,) in cursor.fetchall()]
                return "\n".join(found)
        finally:
            connection.close()
