"""Four hundred stores: like for like, places and peers as the page and the KPI API say them, against plain loops."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.cache import Cache
from analytics.database import Database
from analytics.directory import Directory
from dashboard.components.stores_table import row_data
from dashboard.language import language
from dashboard.reading.chain import ChainReading, NetworkView
from dashboard.reading.facts import Facts
from dashboard.routes import route
from deploy.bench.many_stores import Chain, fill, keep_days
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.ledger import execute, rows
from tests.support.plain_comparing import Day, PlainStore, a_year_before, grown, peers_of, places_among
from tests.support.served import HeldClock
from tests.support.servers import Cluster

#: Filling in takes minutes beside others.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

NOW = datetime(2026, 11, 27, 13, 7, tzinfo=UTC)
STORES = 400
#: No holiday lies in it, nor in the same week a year before.
WEEK = [date(2026, 11, 16) + timedelta(days=ahead) for ahead in range(7)]
NEW, BLIND = "store-11", "store-17"


CAME = """
SELECT s.code, c.business_date, sum(t.ins) FROM line_traffic_15m AS t JOIN line AS l USING (line_id)
JOIN store AS s ON s.store_id = t.store_id
JOIN store_calendar AS c ON c.store_id = s.store_id AND t.bucket >= c.opens_at AND t.bucket < c.closes_at
WHERE l.role = 'entrance' AND c.business_date = ANY(%s) GROUP BY 1, 2
"""
SOLD = """
SELECT s.code, o.business_date, count(*) FILTER (WHERE o.kind = 'sale')
FROM pos_order AS o JOIN store AS s USING (store_id)
WHERE o.business_date = ANY(%s) GROUP BY 1, 2
"""
MONEY = """
SELECT s.code, o.business_date, sum(o.net) FROM pos_order AS o JOIN store AS s USING (store_id)
WHERE o.business_date = ANY(%s) GROUP BY 1, 2
"""
#: Of all cameras, those of the street, too: a store's first camera watches both.
WATCHED = """
SELECT s.code, c.business_date, sum(u.up_s) / sum(u.period_s)
FROM camera_uptime_15m AS u JOIN store AS s USING (store_id)
JOIN store_calendar AS c ON c.store_id = s.store_id AND u.bucket >= c.opens_at AND u.bucket < c.closes_at
WHERE c.business_date = ANY(%s) GROUP BY 1, 2
"""


class TwoWeeks(Chain):
    """A chain of which only what is compared was counted: the weeks before now, and those a year before."""

    def stretches(self, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield two weeks a year ago, and the last two."""
        for end in (self.now - timedelta(weeks=52), until):
            yield end - timedelta(days=15), end


@dataclass(frozen=True)
class Counted:
    """What the page reads, what the API answers, and the single sums they are made from."""

    view: NetworkView
    answer: Any
    plain: dict[str, PlainStore]


@pytest.fixture(scope="module")
def counted(cluster: Cluster) -> Iterator[Counted]:
    url = cluster.create()
    chain = TwoWeeks(stores=STORES, months=13, compared=0, now=NOW)
    fill(url, chain, kept=False)
    # Of the other days nothing was counted: as if every store had been closed.
    spans = [(end.date() - timedelta(days=14), end.date()) for end in (NOW - timedelta(weeks=52), NOW)]
    execute(
        url,
        "DELETE FROM store_calendar WHERE NOT (business_date BETWEEN %s AND %s OR business_date BETWEEN %s AND %s)",
        *(day for span in spans for day in span),
    )
    execute(url, "UPDATE store SET opened_on = '2019-03-01'")
    execute(url, "UPDATE store SET opened_on = '2026-03-01' WHERE code = %s", NEW)
    execute(url, "UPDATE store SET city_tier = NULL, size_m2 = NULL WHERE mod(store_id, 10) = 0")
    execute(url, "UPDATE store SET format = 'kiosk' WHERE code IN ('store-5', 'store-6')")
    execute(
        url,
        "UPDATE camera_uptime_15m_archive AS u SET up_s = 0 FROM store AS s WHERE s.store_id = u.store_id"
        " AND s.code = %s AND u.bucket BETWEEN '2025-11-18' AND '2025-11-19'",
        BLIND,
    )
    keep_days(url, chain)
    clock = HeldClock(NOW)
    database = Database(url, clock=clock, connections=2)
    directory = Directory(database, Cache(entries_max=100))
    reading = ChainReading(database, Cache(), directory, Facts(database), clock)
    view = reading.network(directory.stores(), "last_week")
    database.close()
    with kpi_api(url, clock) as client:
        answer = client.get("/v1/comparison?period=last_week&limit=1000", headers=bearer(reader_key(url)))
    assert answer.status_code == 200, answer.text
    yield Counted(view, answer.json(), plain_stores(url))
    cluster.drop(url)


def plain_stores(url: str) -> dict[str, PlainStore]:
    """Add up quarter-hours and orders, day by day, by the hours that each store was open."""
    wanted = [day for pair in a_year_before(WEEK) for day in pair]
    sums: dict[tuple[str, date], list[float]] = {}
    for place, query in enumerate((CAME, SOLD, MONEY, WATCHED)):
        for code, day, value in rows(url, query, wanted):
            sums.setdefault((code, day), [0.0] * 4)[place] = float(value)
    return {
        code: PlainStore(
            code, since, {day: Day(*sums[code, day]) for day in wanted if (code, day) in sums}, kind, tier, size_m2
        )
        for code, since, kind, tier, size_m2 in rows(
            url, "SELECT code, opened_on, format, city_tier, size_m2::float8 FROM store"
        )
    }


def test_like_for_like_of_the_chain_is_what_plain_loops_say(counted: Counted) -> None:
    taking, visitors, net = grown(list(counted.plain.values()), a_year_before(WEEK))
    like, told = counted.view.like, counted.answer["like_for_like"]
    assert like is not None
    assert sorted(store.code for store in like.stores) == taking
    assert STORES - 20 < len(taking) < STORES
    assert not {NEW, BLIND} & set(taking)
    assert (like.visitors_change, like.why["EUR"].share) == pytest.approx((visitors, net))
    assert (told["visitors"]["value"], told["sales"][0]["share"]) == pytest.approx((visitors, net))
    assert (told["stores"], told["of"]) == (len(taking), STORES)


def test_places_and_peers_of_the_chain_are_what_plain_loops_say(counted: Counted) -> None:
    shown = {record["code"]: record for record in row_data(counted.view.rows, route("/", ""), language("en"))}
    answered = {one["store"]: one for one in counted.answer["stores"]}
    assert set(shown) == set(answered) == set(counted.plain)
    intervals = {code: (one["conversion_low"], one["conversion_high"]) for code, one in shown.items()}
    for code, own in counted.plain.items():
        week = [own.days[day] for day in WEEK]
        assert shown[code]["conversion"] == pytest.approx(sum(d.sales for d in week) / sum(d.visitors for d in week))
        best, worst, of = places_among(code, intervals)
        assert shown[code]["place_text"] == (str(best) if best == worst else f"{best}–{worst}")
        told = answered[code]["place"]
        assert (told["place"]["low"], told["place"]["high"], told["of"]) == (best, worst, of)
        peers = peers_of(own, list(counted.plain.values()))
        assert answered[code]["peers"] == peers
        among = {name: intervals[name] for name in (code, *peers)}
        best, worst, of = places_among(code, among)
        said = f"Among {of} stores like it: {best if best == worst else f'{best}–{worst}'}."
        assert (said in shown[code]["place_hint"]) == bool(peers)
    with_peers = sum(bool(one["peers"]) for one in answered.values())
    assert with_peers == STORES - 2, "two kiosks are no group"
