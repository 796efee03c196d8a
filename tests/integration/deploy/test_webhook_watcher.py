"""What the watcher finds to tell: boxes, stores, gaps, findings, closed days; each beginning and end once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg2
import pytest

from analytics.quality.findings import Finding
from analytics.queries import Connection
from analytics.stores import Store
from deploy.webhooks import register, watching
from deploy.webhooks.events import TYPES, FindingRaised, schema
from deploy.webhooks.watching import Watcher
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard, Presence
from ingest.restating import EVER, restate
from tests.support.clocks import ManualClock
from tests.support.ledger import execute, rows, status
from tests.support.store_data import add_crossings, add_line, add_sale, add_store, add_uptime

if TYPE_CHECKING:
    from contract.messages import Status

MORNING = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)  # nine in Shanghai, where the shop opens now and closes at 21:00
CLOSED = MORNING + timedelta(hours=12)


class Watched:
    """A shop in Shanghai whose box speaks, an endpoint that is told of everything, and a watcher."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = ManualClock(MORNING + timedelta(hours=2))
        self.database = Database(url)
        self.presence = Presence(self.database, Names())
        connection = psycopg2.connect(url)
        with connection:
            self.store_id = add_store(connection)
            self.line_id = add_line(connection, self.store_id)
            add_uptime(connection, self.store_id, "door", MORNING, CLOSED)
        connection.close()
        self.seen: set[str] = set()
        self.watcher = Watcher(Database(url), now=self.clock.now)

    def listen(self, *events: str, stores: list[str] | None = None) -> str:
        return register.add(
            self.database, "http://127.0.0.1:9/", events=events or TYPES, stores=stores, allow_private=True, by="anna",
            at=self.clock.now(),
        )  # fmt: skip

    def say(self, device: str = "door-box", **more: Any) -> None:
        said: Status = status(store="nanjing-road", device=device, at=self.clock.now(), lines=(), zones=(), **more)
        self.presence.store_status(said, Heard(self.clock.now()))

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Look; return what was told since the last call."""
        self.watcher.once()
        written = rows(self.url, "SELECT event_id, body FROM webhook_event ORDER BY type, at")
        found = [json.loads(body) for event_id, body in written if event_id not in self.seen]
        self.seen |= {event_id for event_id, _ in written}
        validator = jsonschema.Draft202012Validator(schema())
        for each in found:
            validator.validate(each)
        return [(each["type"], each["data"]) for each in found]

    def sell(self, at: datetime, times: int) -> None:
        connection = psycopg2.connect(self.url)
        with connection:
            for _ in range(times):
                add_sale(connection, self.store_id, at, net=80.0)
        connection.close()

    def record(self, now: datetime) -> None:
        """Do what housekeeping does each night: count past days, and record what changed."""
        with self.database.autocommit() as cursor:
            cursor.execute("CALL keep_store_days(%(now)s)", {"now": now})
        restate(self.database, now=now, since=EVER)

    def pass_(self, **time: float) -> None:
        self.clock.advance(timedelta(**time).total_seconds())


@pytest.fixture
def watched(database: str) -> Iterator[Watched]:
    made = Watched(database)
    yield made
    made.database.close()
    made.watcher._database.close()


def test_a_box_that_goes_and_comes_is_told_once_each(watched: Watched) -> None:
    watched.listen("device.down", "device.up", "store.down", "store.up")
    watched.say("door-box")
    watched.say("yard-box")
    assert watched.told() == []
    watched.say("door-box", state="offline")
    heard = watched.clock.now()
    ((type_, data),) = watched.told()
    assert (type_, data["device"], data["state"], data["until"]) == ("device.down", "door-box", "offline", None)
    assert datetime.fromisoformat(data["since"]) == heard
    assert watched.told() == [], "told again"
    watched.pass_(minutes=6)
    down = watched.told()
    assert [type_ for type_, _ in down] == ["device.down", "store.down"]
    assert (down[0][1]["device"], down[0][1]["state"], down[1][1]["devices"]) == ("yard-box", "silent", 2)
    watched.say("door-box")
    up = watched.told()
    assert [(type_, data.get("device")) for type_, data in up] == [("device.up", "door-box"), ("store.up", None)]
    assert datetime.fromisoformat(up[0][1]["until"]) == watched.clock.now()


def test_a_box_that_may_not_speak_any_more_is_nobody_s_business(watched: Watched) -> None:
    watched.listen("device.down")
    watched.say(state="offline")
    execute(watched.url, "UPDATE store SET closed_at = now()")
    assert watched.told() == []


def test_nothing_is_told_that_nobody_wants(watched: Watched) -> None:
    watched.say(state="offline")
    assert watched.told() == []
    watched.listen("ledger.gap")
    assert watched.told() == []
    watched.listen("device.down")
    assert [type_ for type_, _ in watched.told()] == ["device.down"]


def alarms(watched: Watched) -> list[tuple[str, str, bool]]:
    watched.watcher.once()
    found = rows(watched.url, "SELECT code, place, ended_at IS NULL FROM alarm ORDER BY code, place, alarm_id")
    return [(code, place, lasts) for code, place, lasts in found]


def test_what_needs_a_person_is_on_record_whether_or_not_somebody_is_told(watched: Watched) -> None:
    watched.say(last_seq=40)
    execute(watched.url, "UPDATE ledger_epoch SET received = '{[1,31)}', updated_at = %s", watched.clock.now())
    execute(watched.url, "UPDATE line SET role = NULL")
    heard = watched.clock.now()
    assert alarms(watched) == [("no_entrance", "", True), ("unassigned_line", "door", True)]
    watched.pass_(minutes=6)
    silent = [("device_offline", "door-box", True), ("ledger_gap", "door-box", True)]
    assert alarms(watched) == [*silent, ("no_entrance", "", True), ("unassigned_line", "door", True)]
    ((since, began),) = rows(watched.url, "SELECT since, began_at FROM alarm WHERE code = 'device_offline'")
    assert (since, began) == (heard, watched.clock.now())
    execute(watched.url, "UPDATE ledger_epoch SET received = '{[1,36)}'")
    assert alarms(watched)[1] == ("ledger_gap", "door-box", True)
    assert rows(watched.url, "SELECT number FROM alarm WHERE code = 'ledger_gap'") == [(5.0,)], "as it stands now"
    execute(watched.url, "UPDATE ledger_epoch SET received = '{[1,41)}'")
    execute(watched.url, "UPDATE line SET role = 'entrance'")
    watched.pass_(minutes=5)
    watched.say()
    assert {lasts for *_, lasts in alarms(watched)} == {False}
    watched.pass_(minutes=6)
    assert [lasts for code, _, lasts in alarms(watched) if code == "device_offline"] == [False, True], "a second time"
    assert rows(watched.url, "SELECT * FROM webhook_event") == []
    execute(watched.url, "UPDATE store SET closed_at = now()")
    watched.pass_(minutes=2)
    assert {lasts for *_, lasts in alarms(watched)} == {False}
    watched.pass_(days=91)
    assert alarms(watched) == []


def test_a_gap_in_the_ledger_is_told_when_it_lasts_and_when_it_is_filled(watched: Watched) -> None:
    watched.listen("ledger.gap", "ledger.gap_closed")
    watched.say(last_seq=40)
    execute(watched.url, "UPDATE ledger_epoch SET received = '{[1,31)}', updated_at = %s", watched.clock.now())
    assert watched.told() == []
    watched.pass_(minutes=6)
    ((type_, data),) = watched.told()
    assert (type_, data["device"], data["missing"]) == ("ledger.gap", "door-box", 10)
    execute(watched.url, "UPDATE ledger_epoch SET received = '{[1,41)}'")
    assert [type_ for type_, _ in watched.told()] == ["ledger.gap_closed"]


def test_a_finding_is_told_when_it_appears_and_when_it_is_gone(watched: Watched) -> None:
    watched.listen("finding.raised", "finding.cleared")
    watched.say()
    assert watched.told() == []
    execute(watched.url, "UPDATE line SET role = NULL")
    assert watched.told() == [], "within five minutes"
    watched.pass_(minutes=5)
    watched.say()
    raised = {data["code"]: (type_, data["severity"]) for type_, data in watched.told()}
    assert raised == {
        "no_entrance": ("finding.raised", "act"),
        "unassigned_line": ("finding.raised", "watch"),
    }
    execute(watched.url, "UPDATE line SET role = 'entrance'")
    watched.pass_(minutes=5)
    watched.say()
    cleared = watched.told()
    assert {(type_, data["code"]) for type_, data in cleared} == {
        ("finding.cleared", "no_entrance"),
        ("finding.cleared", "unassigned_line"),
    }


def test_a_day_is_told_an_hour_after_the_door_with_the_figures_of_the_pages(watched: Watched) -> None:
    watched.listen("store_day.closed")
    at = MORNING + timedelta(hours=5)
    connection = psycopg2.connect(watched.url)
    with connection:
        add_crossings(connection, watched.store_id, watched.line_id, [at + timedelta(minutes=n) for n in range(20)])
    connection.close()
    watched.sell(at, 5)
    watched.clock.wall = CLOSED + timedelta(minutes=64)
    assert watched.told() == [], "the till is still at work"
    watched.pass_(minutes=2)
    ((type_, data),) = watched.told()
    assert type_ == "store_day.closed"
    assert (data["store"], data["business_date"], data["currency"]) == ("nanjing-road", "2026-06-10", "CNY")
    figures = data["figures"]
    assert (figures["footfall"]["value"], figures["footfall"]["quality"]) == (20, "measured")
    assert (figures["transactions"]["value"], figures["net_sales"]["value"], figures["conversion"]["value"]) == (
        5,
        400,
        0.25,
    )
    assert figures["passers_by"]["value"] is None, "nobody looked"
    watched.pass_(minutes=2)
    assert watched.told() == [], "told again"


def test_a_closed_day_that_changes_is_told_with_what_changed_and_why(watched: Watched) -> None:
    watched.listen("store_day.restated")
    watched.sell(MORNING + timedelta(hours=5), 5)
    watched.record(CLOSED + timedelta(hours=8))
    assert watched.told() == []
    watched.sell(MORNING + timedelta(hours=6), 1)
    watched.clock.wall = datetime.now(UTC) + timedelta(minutes=1)  # when rows came is the database's own word
    watched.record(watched.clock.now())
    ((type_, data),) = watched.told()
    assert (type_, data["store"], data["business_date"]) == ("store_day.restated", "nanjing-road", "2026-06-10")
    assert data["reasons"] == [{"reason": "order_late", "rows": 1}]
    changes = {each["definition"]: (each["before"], each["after"]) for each in data["changes"]}
    assert (changes["transactions"], changes["net_sales"]) == ((5, 6), (400, 480))
    watched.pass_(minutes=2)
    assert watched.told() == [], "told again"


def test_days_before_anybody_listened_are_not_told(watched: Watched) -> None:
    watched.clock.wall = CLOSED + timedelta(hours=3)
    watched.listen("store_day.closed")
    assert watched.told() == []


def test_two_watchers_tell_it_once(watched: Watched) -> None:
    watched.listen("device.down")
    watched.say(state="offline")
    other = Watcher(Database(watched.url), now=watched.clock.now)
    with watched.database.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7066657)")
        other.once()
        assert rows(watched.url, "SELECT * FROM webhook_event") == [], "somebody else is at it"
    other.once()
    watched.watcher.once()
    assert len(rows(watched.url, "SELECT * FROM webhook_event")) == 1
    other._database.close()


def test_what_cannot_be_written_was_not_told(watched: Watched) -> None:
    watched.listen("device.down")
    watched.say(state="offline")
    execute(watched.url, "ALTER TABLE webhook_delivery ADD CONSTRAINT nothing CHECK (false)")
    with pytest.raises(Exception, match="nothing"):
        watched.watcher.once()
    assert rows(watched.url, "SELECT * FROM webhook_condition") == []
    execute(watched.url, "ALTER TABLE webhook_delivery DROP CONSTRAINT nothing")
    assert [type_ for type_, _ in watched.told()] == ["device.down"]


@pytest.mark.parametrize("fault", ["looking", "telling", "writing"])
def test_a_fault_with_one_store_leaves_the_alarms_of_the_others(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    connection = psycopg2.connect(watched.url)
    with connection:
        broken = add_store(connection, code="aaa-broken")
    connection.close()
    if fault == "writing":
        execute(watched.url, "ALTER TABLE alarm ADD CHECK (store_id <> %s)", broken)
    watched.listen("finding.raised", "finding.cleared")
    execute(watched.url, "UPDATE line SET role = NULL")
    looked_for, told_of = watching._findings, watching._finding

    def look(connection: Connection, store: Store, *rest: Any) -> list[Finding]:
        if store.code != "aaa-broken":
            return looked_for(connection, store, *rest)
        if fault == "looking":
            raise ZeroDivisionError
        return [Finding("no_entrance", "door")]

    def tell(store: Store, one: Finding) -> FindingRaised:
        if store.code == "aaa-broken" and fault == "telling":
            raise ZeroDivisionError
        return told_of(store, one)

    monkeypatch.setattr(watching, "_findings", look)
    monkeypatch.setattr(watching, "_finding", tell)
    monkeypatch.setattr(watching, "_AT_ONCE", 2)
    assert {(data["store"], data["code"]) for _, data in watched.told()} >= {("nanjing-road", "no_entrance")}
    assert "aaa-broken" in caplog.text
    assert rows(watched.url, "SELECT * FROM alarm WHERE store_id = %s", broken) == [], "half recorded"
    assert watched.watcher._findings_at == watched.clock.now()
