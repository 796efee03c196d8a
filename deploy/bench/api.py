"""How fast the KPI API answers about a whole chain: the real application in a process of its own, asked over a socket.

Each question is asked twice: cold, of a store or days that nobody has asked about before, and with the ETag of its
answer, which comes back as 304. What is timed is from the request to the last byte of the answer.
"""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from deploy.bench.machine import machine
from deploy.bench.many_stores import Chain, Heard, fill
from deploy.bench.served import served
from deploy.errors import BenchError
from ingest.database import Database
from ingest.orders.keys import create_key

#: So many different questions are asked of each endpoint.
QUESTIONS_MAX: Final = 200
#: Stores are asked about far apart, so that no question finds warm what the one before has read.
_STRIDE: Final = 37
_NAMED: Final = ("yesterday", "today", "this_week", "last_week", "four_weeks")
#: By endpoint what is asked besides the period.
_GRAINS: Final = {
    "kpis": ({}, {"grain": "day"}, {"compare": "previous"}, {"grain": "week"}),
    "funnel": ({},),
    "traffic": ({"grain": "hour"}, {"grain": "day"}, {"grain": "15min"}),
    "quality": ({},),
    "queue": ({}, {"grain": "day"}, {"grain": "hour"}),
    "occupancy": ({},),
}
#: The longest stretches that an endpoint answers, in days.
_STRETCHES: Final = {"traffic": (14, 91), "queue": (14, 91), "occupancy": (14, 34)}


def run(
    url: str, chain: Chain, heard: Heard = lambda _what, _share: None, *, questions: int = QUESTIONS_MAX
) -> dict[str, Any]:
    """Fill an empty, migrated database and ask; return the figures, times in milliseconds.

    Raises:
        BenchError: an answer was not what it should be.
        ServiceError: the KPI API did not start.
        psycopg2.Error: the database did not do what was asked.
    """
    fill(url, chain, lambda what, share: heard(f"filling: {what}", 0.8 * share))
    with closing(Database(url)) as database:
        key = create_key(database, "bench", scopes=["kpis"])
    endpoints = {}
    with (
        served("api", url, {"FOOTFALL_API_RATE_PER_S": "100000"}) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        asked = _Asked(connection, {"Authorization": f"Bearer {key}"})
        for number, (name, paths) in enumerate(_questions(chain, questions).items()):
            heard(f"asking: {name}", 0.8 + 0.2 * number / 8)
            endpoints[name] = asked.endpoint(paths)
    return {"machine": machine(), "stores": chain.stores, "months": chain.months, "endpoints": endpoints}


class _Asked:
    """One program that asks over one connection, one question after the other."""

    def __init__(self, connection: http.client.HTTPConnection, headers: dict[str, str]) -> None:
        self._connection = connection
        self._headers = headers

    def endpoint(self, paths: list[str]) -> dict[str, Any]:
        """Return how long the questions took; the very first of an endpoint is not among them."""
        cold, again, sizes = [], [], []
        for path in paths:
            took, etag, size = self._ask(path, 200)
            cold.append(took)
            sizes.append(size)
            again.append(self._ask(path, 304, etag)[0])
        return {
            "questions": len(paths) - 1,
            "bytes_median": int(np.median(sizes)),
            **_quantiles("cold", cold[1:]),
            **_quantiles("revalidated", again[1:]),
        }

    def _ask(self, path: str, expected: int, etag: str | None = None) -> tuple[float, str, int]:
        """Return the seconds, the answer's ETag and its length."""
        headers = self._headers if etag is None else {**self._headers, "If-None-Match": etag}
        started = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - started
        if answer.status != expected:
            raise BenchError(f"GET {path}: expected {expected}, got {answer.status}: {body[:200].decode()}")
        return took, answer.headers["ETag"], len(body)


def _questions(chain: Chain, most: int) -> dict[str, list[str]]:
    """Return different questions by endpoint: all periods by name, and stretches of up to the whole time."""
    found = {}
    for name, grains in _GRAINS.items():
        kinds = [{**period, **grain} for period in _periods(chain, name) for grain in grains]
        found[name] = [
            f"/v1/stores/store-{1 + number * _STRIDE % chain.stores}/{name}?{urlencode(kinds[number % len(kinds)])}"
            for number in range(min(most, chain.stores * len(kinds)) + 1)
        ]
    lists = range(1, most + 2)
    # With another limit each time, as an answer is kept for a while. Of metrics there is one answer only.
    return {
        **found,
        "stores": [f"/v1/stores?limit={limit}" for limit in lists],
        "metrics": ["/v1/metrics"] * (most + 1),
    }


def _periods(chain: Chain, endpoint: str) -> Iterator[dict[str, str]]:
    yield from ({"period": name} for name in _NAMED)
    last = chain.now.date() - timedelta(days=2)
    whole = (last - chain.first.date()).days
    for days in _STRETCHES.get(endpoint, (14, 91, min(whole, 395))):
        first: date = max(last - timedelta(days=days), chain.first.date() + timedelta(days=1))
        yield {"period": "custom", "first": first.isoformat(), "last": last.isoformat()}


def _quantiles(name: str, seconds: list[float]) -> dict[str, float]:
    p50, p95 = (round(1000 * float(np.quantile(seconds, share)), 2) for share in (0.5, 0.95))
    return {f"{name}_p50_ms": p50, f"{name}_p95_ms": p95}
