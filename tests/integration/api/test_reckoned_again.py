"""The KPI API and `footfall kpis` against figures reckoned once more in plain Python from the simulator's single rows.

A store open round the clock in Berlin over the night of 25 hours, one in Kathmandu (UTC+5:45) that closes at 2 a.m.,
and one with two doors whose cameras go dark. Boxes send twice, in disorder, and some of it after the days were kept.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid5
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from analytics.cache import Cache
from analytics.database import Database as ReadDatabase
from analytics.directory import Directory
from analytics.visits.queue_hours import read_queue_days
from contract.entries import Crossing, QueueExit
from contract.messages import LedgerBatch
from deploy.cli.main import app
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, StoreProfile, week
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.store import SimulatedStore
from deploy.simulation.till import as_json
from deploy.stores import Store, register
from ingest.database import Database
from ingest.names import Names
from ingest.orders.bodies import OrderIn
from ingest.orders.book import Terms, upsert
from ingest.orders.keys import EVERY_STORE
from ingest.presence import Heard as HeardAt
from ingest.presence import Presence
from ingest.writer import LedgerWriter
from tests.support.entries import EPOCH
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.ledger import status
from tests.support.metrics_asked import asked, value_of
from tests.support.plain_floor import Shift, inside, sold_by_category, staffed, waits
from tests.support.plain_reckoning import Heard, by_hour, opening, reckoned, within
from tests.support.served import HeldClock
from tests.support.servers import Cluster
from tests.support.simulation import profile

FIRST: Final = date(2025, 10, 24)
LAST: Final = date(2025, 10, 26)
DAYS: Final = tuple(FIRST + timedelta(days=ahead) for ahead in range(3))
NOW: Final = datetime(2025, 10, 29, 12, 0, tzinfo=UTC)
ENGAGED_AFTER_S: Final = 10.0
STORES: Final = (
    replace(profile("kurfuerstendamm", visitors=150.0), hours=((0, 1440),) * 7, code="around-the-clock"),
    replace(profile("thamel", visitors=150.0), hours=week("10:00", "02:00")),
    profile("nanjing-road", visitors=200.0),
)
#: Every camera goes dark once a day.
DARK: Final = replace(DEFAULT_MODEL, outage_share=1.0, void_share=0.05, test_share=1.0, refund_share=0.1, members=40)
#: One category lies in two zones, and one zone holds two.
LYING: Final = {"dresses": ENGAGEMENT_ZONES[:1], "tops": ENGAGEMENT_ZONES[:2], "bags": ENGAGEMENT_ZONES[1:]}
COUNTED: Final = (
    "footfall", "staff", "buying_units", "passers_by", "transactions", "net_sales", "capture_rate", "conversion",
    "buying_unit_conversion", "atv", "upt", "aur", "spv",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What was written down, and the API over what the database made of it."""

    url: str
    client: TestClient
    key: dict[str, str]
    heard: dict[str, Heard]

    def asked(self, path: str, **query: str) -> dict[str, Any]:
        window = {"period": "custom", "first": str(FIRST), "last": str(LAST), **query}
        answer = self.client.get(path, params=window, headers=self.key)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Told]:
    """Three stores' days through ingest's own writer."""
    url = cluster.create()
    database = Database(url)
    heard = {store.code: _deliver(url, database, store) for store in STORES}
    database.close()
    with kpi_api(url, HeldClock(NOW)) as client:
        yield Told(url, client, bearer(reader_key(url)), heard)
    cluster.drop(url)


def shifts_of(code: str, day: date) -> list[Shift]:
    """Return who worked: one opens, one closes and stays on for an hour, and takes a break of 30 minutes."""
    store = next(one for one in STORES if one.code == code)
    opens, closes = opening(store, day) or (NOW, NOW)
    middle = opens + (closes - opens) / 2
    return [
        (opens - timedelta(minutes=40), middle, 0),
        (middle - timedelta(minutes=50), closes + timedelta(hours=1), 30),
    ]


def _tell_of_the_floor(url: str, code: str) -> None:
    opened = psycopg2.connect(url)
    opened.autocommit = True
    with opened.cursor() as cursor:
        cursor.execute("SELECT store_id FROM store WHERE code = %s", (code,))
        (store_id,) = cursor.fetchone() or (0,)
        for day in DAYS:
            for number, (begin, end, break_min) in enumerate(shifts_of(code, day)):
                cursor.execute(
                    "INSERT INTO staff_shift (source, version, store_id, external_id, starts_at, ends_at, break_min, "
                    "on_floor, cancelled) VALUES ('roster', 1, %s, %s, %s, %s, %s, true, false)",
                    (store_id, f"{code} {day} {number}", begin, end, break_min),
                )
        for category, zones in LYING.items():
            for zone in zones:
                cursor.execute("INSERT INTO zone_category (store_id, zone, category) VALUES (%s, %s, %s)",
                               (store_id, zone, category))  # fmt: skip
    opened.close()


def _deliver(url: str, database: Database, store: StoreProfile) -> Heard:
    model = DARK if store.side_door else replace(DARK, outage_share=0.0)
    simulated = SimulatedStore(store, model, 7)
    hours = {number: span for number, span in enumerate(store.hours, start=1) if span}
    register(
        database,
        Store(code=store.code, name=store.name, timezone=store.timezone, currency=store.currency, hours=hours),
        today=FIRST,
    )
    names, late = Names(), []
    writer, presence = LedgerWriter(database, names), Presence(database, names)
    entries = []
    for box in store.boxes:
        said = status(at=NOW, store=store.code, device=box.device, lines=box.lines, zones=box.zones)
        written = [one for day in DAYS for one in simulated.ledger(day, box, live=False, totals={}).entries]
        entries += written
        batches = [
            LedgerBatch(
                store=store.code, device=box.device, epoch=uuid5(EPOCH, store.code + box.device),
                first_seq=begin + 1, last_seq=min(begin + 200, len(written)), sent_at=NOW,
                entries=written[begin : begin + 200],
            )
            for begin in range(0, len(written), 200)
        ]  # fmt: skip
        presence.store_status(said, HeardAt(NOW))
        random.Random(5).shuffle(batches)  # noqa: S311  # disorder, the same every time
        late.append(batches[: len(batches) // 4])
        for some in (batches[len(batches) // 4 :], batches[-3:]):
            writer.write(some)
    orders = [order for day in DAYS for order in simulated.orders(day)]
    terms = Terms(hash_secret=b"0" * 48, now=NOW, ahead=timedelta(hours=1))
    documents = [OrderIn.model_validate(as_json(order)) for order in orders]
    upsert(database, documents[: len(documents) // 2], EVERY_STORE, terms)
    opened = psycopg2.connect(url)
    opened.autocommit = True
    with opened.cursor() as cursor:
        cursor.execute("CALL keep_store_days(%(now)s)", {"now": NOW})
    opened.close()
    # The rest comes after the days were kept, some of it for the second time.
    for some in late:
        writer.write(some)
        writer.write(some[:2])
    upsert(database, documents[len(documents) // 3 :], EVERY_STORE, terms)
    _tell_of_the_floor(url, store.code)
    return Heard(store, entries, orders, ENGAGED_AFTER_S)


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_every_figure_of_every_day_is_what_the_rows_say(told: Told, code: str) -> None:
    rows = told.asked(f"/v1/stores/{code}/kpis", grain="day")["rows"]
    assert [row["first"] for row in rows] == [str(day) for day in DAYS]
    for row, day in zip(rows, DAYS, strict=True):
        plain = reckoned(told.heard[code], [day])
        shown = {name: row["figures"][name]["value"] for name in COUNTED}
        assert shown == pytest.approx({name: plain[name] for name in COUNTED}, rel=1e-9), (code, day)
        assert row["figures"]["footfall"]["completeness"] == pytest.approx(plain["completeness"], rel=1e-6)
    (whole,) = told.asked(f"/v1/stores/{code}/kpis")["rows"]
    plain = reckoned(told.heard[code], DAYS)
    assert {name: whole["figures"][name]["value"] for name in COUNTED} == pytest.approx(
        {name: plain[name] for name in COUNTED}, rel=1e-9
    )


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_the_funnel_is_what_the_rows_say(told: Told, code: str) -> None:
    plain = reckoned(told.heard[code], DAYS)
    stages = told.asked(f"/v1/stores/{code}/funnel")["stages"]
    counts = {stage["count"]["definition"]: stage["count"]["value"] for stage in stages}
    names = ("passers_by", "footfall", "engaged", "queue_joins", "transactions", "repeat_sales")
    assert counts == {name: plain[name] for name in names}


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_hours_of_the_wall_clock_are_what_the_rows_say(told: Told, code: str) -> None:
    for day in DAYS:
        window = {"first": str(day), "last": str(day)}
        cells = told.asked(f"/v1/stores/{code}/traffic", grain="hour", **window)["rows"]
        plain = by_hour(told.heard[code], day)
        assert len(cells) == len(plain)
        shown = [cell["visitors"]["value"] for cell in cells]
        assert [one for one in shown if one is not None] == [
            count for count, one in zip(plain, shown, strict=True) if one is not None
        ]
        assert all(one is not None or count < 50 for one, count in zip(shown, plain, strict=True))
    nights = {"around-the-clock": [24, 24, 25], "thamel": [16] * 3, "nanjing-road": [12] * 3}
    assert [len(by_hour(told.heard[code], day)) for day in DAYS] == nights[code]


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_queues_stand_at_the_hours_of_the_wall_clock_after_midnight_too(told: Told, code: str) -> None:
    heard = told.heard[code]
    zone = ZoneInfo(heard.store.timezone)
    plain: Counter[tuple[date, int]] = Counter()
    for day in DAYS:
        begin, end = opening(heard.store, day) or (NOW, NOW)
        for entry in heard.entries:
            if isinstance(entry, QueueExit) and within(entry.at, begin, end):
                local = entry.at.astimezone(zone)
                plain[day, local.hour + 24 * (local.date() - day).days] += 1
    database = ReadDatabase(told.url, clock=HeldClock(NOW), connections=1)
    directory = Directory(database, Cache(entries_max=10))
    (store,) = (shop for shop in directory.stores() if shop.code == code)
    calendar = directory.calendar([store], 10, NOW)
    slices = [calendar.whole(day) for day in calendar.of(store.store_id).values() if day.business_date in DAYS]
    found: Counter[tuple[date, int]] = Counter()
    with database.connection() as connection:
        for one, cells in zip(slices, read_queue_days(connection, store, slices), strict=True):
            found.update({(one.business_date, cell.hour): len(cell.exits) for cell in cells})
    database.close()
    assert +found == plain
    assert (max(hour for _, hour in plain) >= 24) == (code == "thamel")


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_the_command_prints_the_same(told: Told, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", told.url)
    asked = ["kpis", code, "--from", str(FIRST), "--to", str(LAST), "--json"]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    figures = json.loads(answer.stdout)["figures"]
    plain = reckoned(told.heard[code], DAYS)
    assert {name: figures[name]["value"] for name in COUNTED} == pytest.approx(
        {name: plain[name] for name in COUNTED}, rel=1e-9
    )
    for one in figures.values():
        assert {"value", "low", "high", "quality", "completeness", "definition_id", "as_of"} <= set(one)


@pytest.mark.parametrize("code", [store.code for store in STORES])
def test_the_registry_answers_what_the_rows_say_of_the_floor(told: Told, code: str) -> None:
    heard = told.heard[code]
    plain = (
        inside(heard, DAYS, frozenset({CHECKOUT}))
        | sold_by_category(heard, DAYS, LYING)
        | staffed(heard, DAYS, [one for day in DAYS for one in shifts_of(code, day)])
    )
    connection = psycopg2.connect(told.url)
    span = asked(connection, first=FIRST, last=LAST, now=NOW, stores=[code])
    # Lengths of time are kept as 32 bits.
    assert {name: value_of(connection, name, span) for name in plain} == pytest.approx(plain, rel=2e-7)
    # While the last day is going on.
    during = datetime(2025, 10, 26, 11, 50, tzinfo=UTC)
    span = asked(connection, first=LAST, last=LAST, now=during, stores=[code])
    for name, wait in waits(heard, during).items():
        assert value_of(connection, name, span) == (wait if wait is None else pytest.approx(wait, rel=2e-7))
    connection.close()
    assert None not in plain.values()
    assert (plain["dwell_p90"] or 0) > (plain["dwell_p50"] or 0) > 0
    assert plain["abandonment"]


def test_the_rows_hold_what_the_figures_must_survive(told: Told) -> None:
    """Without refunds, voids, dark cameras and staff the figures above would prove little."""
    orders = [order for heard in told.heard.values() for order in heard.orders]
    assert {order.kind for order in orders} == {"sale", "refund", "void"}
    assert any(order.is_test for order in orders)
    assert any(order.channel == "online" for order in orders)
    assert any(isinstance(one, Crossing) and one.staff for one in told.heard["thamel"].entries)
    partial = reckoned(told.heard["nanjing-road"], DAYS)["completeness"]
    assert partial is not None
    assert 0.3 < partial < 0.979
