"""The restatement log: what changed of a closed day, from what to what, why, and never twice."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest
from typer.testing import CliRunner

from analytics import columns as c
from analytics.as_of import known_at
from analytics.days import Slice, calendar
from analytics.facts import slice_facts
from analytics.quality.restatements import REASONS, ReasonName, Restatement, read_restatements, read_told_as_now
from contract.entries import CameraUptime, Crossing, Entry
from deploy.cli import main
from ingest import restating
from ingest.database import Database
from ingest.erasing import erase_orders
from ingest.errors import UnavailableError
from ingest.housekeeping import Housekeeping
from ingest.names import Names
from ingest.restating import EVER, Restated, restate
from ingest.writer import LedgerWriter
from tests.support.ledger import batch
from tests.support.store_data import Connection, add_audit, add_line, add_sale, add_shop, add_store, fill, one

OPENS, CLOSES = datetime(2025, 11, 20, 9, tzinfo=UTC), datetime(2025, 11, 20, 20, tzinfo=UTC)
DAY, NIGHT = date(2025, 11, 20), CLOSES + timedelta(hours=8)
EPOCH = uuid4()


@pytest.fixture
def store_id(connection: Connection) -> int:
    """A store of the name that batches have by default, open on two days, with its door."""
    found = add_store(
        connection, "riverside", timezone="Europe/Berlin", currency="EUR", hours=(600, 1260),
        first=date(2025, 11, 20), last=date(2025, 11, 21),
    )  # fmt: skip
    add_line(connection, found, "front-door", camera="door")
    return found


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    found = Database(database)
    yield found
    found.close()


def crossings(first_at: datetime, count: int) -> list[Entry]:
    return [
        Crossing(at=first_at + number * timedelta(minutes=1), line="front-door", direction="in")
        for number in range(count)
    ]


def watched(from_at: datetime, until: datetime) -> list[Entry]:
    minutes = int((until - from_at) / timedelta(minutes=1))
    return [
        CameraUptime(at=from_at + number * timedelta(minutes=1), camera="door", period_s=60, up_s=60)
        for number in range(minutes)
    ]


def counted(opened: Database, entries: list[Entry], first_seq: int) -> int:
    """Write entries as a box's ledger; return the next seq."""
    LedgerWriter(opened, Names()).write([batch(entries=entries, first_seq=first_seq, epoch=EPOCH)])
    return first_seq + len(entries)


def recorded(opened: Database, *, now: datetime, since: datetime = EVER) -> Restated:
    """Count past days and record what changed, as housekeeping does."""
    with opened.autocommit() as cursor:
        cursor.execute("CALL keep_store_days(%(now)s)", {"now": now})
    return restate(opened, now=now, since=since)


def log(connection: Connection, store_id: int) -> list[Restatement]:
    """Return the restatements, the first to come first."""
    found = read_restatements(
        connection, [store_id], since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC)
    )
    return list(reversed(found))


def told(restatement: Restatement) -> tuple[dict[ReasonName, int], dict[str, tuple[float | None, float | None]]]:
    reasons = {reason.name: reason.rows for reason in restatement.reasons}
    return reasons, {change.definition_id: (change.before, change.after) for change in restatement.changes}


def test_counts_that_come_after_a_day_was_closed_are_told_with_their_number(
    connection: Connection, opened: Database, store_id: int
) -> None:
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    assert recorded(opened, now=NIGHT).first == 1
    seq = counted(opened, crossings(OPENS + timedelta(hours=5), 12), seq)
    # Outside opening hours: no figure of the day counts them.
    counted(opened, crossings(OPENS - timedelta(hours=2), 5), seq)
    done = recorded(opened, now=NIGHT)
    assert (done.first, done.changed) == (0, 1)
    (found,) = log(connection, store_id)
    assert (found.business_date, found.first_at) == (DAY, NIGHT)
    assert found.at > found.first_at
    assert told(found) == ({"late_counts": 12}, {"footfall": (40, 52)})


def test_what_came_before_the_day_was_recorded_is_no_restatement(
    connection: Connection, opened: Database, store_id: int
) -> None:
    assert recorded(opened, now=CLOSES).first == 0
    counted(opened, crossings(OPENS, 40), 1)
    assert recorded(opened, now=NIGHT).first == 1
    again = recorded(opened, now=NIGHT)
    assert (again.first, again.changed) == (0, 0)
    assert log(connection, store_id) == []


def test_a_day_is_not_recorded_anew_before_it_is_counted_anew(
    connection: Connection, opened: Database, store_id: int
) -> None:
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    recorded(opened, now=NIGHT)
    counted(opened, crossings(OPENS, 3), seq)
    assert restate(opened, now=NIGHT).changed == 0
    assert recorded(opened, now=NIGHT).changed == 1
    assert [told(found)[0] for found in log(connection, store_id)] == [{"late_counts": 3}]


def test_a_gap_that_is_filled_later_is_told_apart_from_what_is_merely_late(
    connection: Connection, opened: Database, store_id: int
) -> None:
    lost = [*crossings(OPENS, 10), *watched(OPENS, OPENS + timedelta(hours=5))]
    counted(opened, watched(OPENS + timedelta(hours=5), CLOSES), 1 + len(lost))
    recorded(opened, now=NIGHT)
    counted(opened, lost, 1)
    recorded(opened, now=NIGHT)
    (found,) = log(connection, store_id)
    reasons, changes = told(found)
    assert reasons == {"gap_filled": 10, "late_uptime": 300}
    assert changes["footfall"] == (0, 10)
    assert found.at >= found.first_at


def test_a_restatement_is_written_once_however_often_it_is_looked_for(
    connection: Connection, opened: Database, store_id: int
) -> None:
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    recorded(opened, now=NIGHT)
    late = crossings(OPENS, 3)
    counted(opened, late, seq)
    counted(opened, late, seq)  # sent again: nothing of it is new
    for _ in range(3):
        recorded(opened, now=NIGHT)
    assert len(log(connection, store_id)) == 1
    assert one(connection, "SELECT count(*) FROM day_touched") == 0


def test_a_run_that_is_killed_loses_no_reason_and_repeats_none(
    connection: Connection, opened: Database, store_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    recorded(opened, now=NIGHT)
    counted(opened, crossings(OPENS, 3), seq)
    with monkeypatch.context() as patched:
        patched.setitem(restating._SQL, "taken", "SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(UnavailableError):
            recorded(opened, now=NIGHT)
    assert log(connection, store_id) == []
    recorded(opened, now=NIGHT)
    assert [told(found)[0] for found in log(connection, store_id)] == [{"late_counts": 3}]


def test_orders_that_come_late_are_edited_voided_or_refunded_are_told_apart(
    connection: Connection, opened: Database, store_id: int
) -> None:
    for number in range(4):
        add_sale(connection, store_id, OPENS + timedelta(hours=number), currency="EUR")
    recorded(opened, now=NIGHT)
    with connection.cursor() as cursor:
        for _ in range(2):
            add_sale(connection, store_id, OPENS + timedelta(hours=6), net=50, currency="EUR")
        add_sale(connection, store_id, OPENS + timedelta(hours=7), net=-20, units=-1, kind="refund", currency="EUR")
        add_sale(connection, store_id, OPENS + timedelta(hours=7), channel="online", currency="EUR")
        cursor.execute("UPDATE pos_order SET net = 80, version = 2 WHERE external_id = 'order-1'")
        cursor.execute("UPDATE pos_order SET kind = 'void', version = 2 WHERE external_id = 'order-2'")
        cursor.execute("UPDATE pos_order SET customer_ref = 'somebody', version = 2 WHERE external_id = 'order-3'")
    recorded(opened, now=NIGHT)
    (found,) = log(connection, store_id)
    reasons, changes = told(found)
    assert reasons == {"order_late": 2, "refund_late": 1, "order_edited": 1, "order_voided": 1}
    assert changes["net_sales"] == (400, 360)
    assert changes["transactions"] == (4, 5), "two came, one went"
    assert not found.withheld, "five orders"


def test_an_order_that_was_erased_is_not_told_by_what_was_known_before(
    connection: Connection, opened: Database, store_id: int
) -> None:
    for number in range(3):
        add_sale(connection, store_id, OPENS + timedelta(hours=number), currency="EUR")
    recorded(opened, now=NIGHT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pos_order SET net = 80, version = 2 WHERE external_id = 'order-1'")
    recorded(opened, now=NIGHT)
    assert erase_orders(opened, "test", ["order-1"]) == 1
    recorded(opened, now=NIGHT)
    assert [told(found) for found in log(connection, store_id)] == [
        ({"order_edited": 1}, {}),
        ({"order_erased": 1}, {}),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT transactions, net_sales, units FROM known_day WHERE store_id = %s", [store_id])
        assert cursor.fetchall() == [(2, 200.0, 4)]
    assert recorded(opened, now=NIGHT).changed == 0


@pytest.mark.parametrize(
    ("gone", "reason"),
    [("DELETE FROM pos_order", "unexplained"), ("UPDATE pos_order SET kind = 'void', version = 2", "order_voided")],
)
def test_the_log_tells_nothing_of_a_day_s_sales_once_few_orders_of_it_are_gone(
    connection: Connection, opened: Database, store_id: int, gone: str, reason: str
) -> None:
    for number in range(9):
        add_sale(connection, store_id, OPENS + timedelta(hours=number), net=100 + number, currency="EUR")
    recorded(opened, now=NIGHT)
    many = ", ".join(f"'order-{number}'" for number in range(2, 7))
    with connection.cursor() as cursor:
        cursor.execute(f"{gone} WHERE external_id IN ({many})")
    recorded(opened, now=NIGHT)
    (found,) = log(connection, store_id)
    assert not found.withheld
    assert told(found)[1]["transactions"] == (9, 4)
    with connection.cursor() as cursor:
        cursor.execute(f"{gone} WHERE external_id = 'order-1'")
    recorded(opened, now=NIGHT)
    first, second = log(connection, store_id)
    assert [(one.withheld, told(one)[1]) for one in (first, second)] == [(True, {})] * 2
    assert [one.name for one in second.reasons] == [reason]
    assert (first.before_at, second.before_at) == (first.first_at, first.at), "known as before until it changed"
    alone = read_restatements(connection, [store_id], since=EVER, until=second.at)
    assert [(one.at, one.changes) for one in alone] == [(first.at, ())], "nor does another time tell it"


def test_a_refund_on_the_next_day_restates_that_day_only(
    connection: Connection, opened: Database, store_id: int
) -> None:
    next_day = OPENS + timedelta(days=1)
    add_sale(connection, store_id, OPENS, currency="EUR")
    add_sale(connection, store_id, next_day, currency="EUR")
    recorded(opened, now=NIGHT + timedelta(days=1))
    add_sale(connection, store_id, next_day, net=-100, units=-2, kind="refund", currency="EUR")
    recorded(opened, now=NIGHT + timedelta(days=1))
    (found,) = log(connection, store_id)
    assert found.business_date == DAY + timedelta(days=1)
    assert told(found)[1]["net_sales"] == (100, 0)


def test_changed_hours_and_doors_are_told(connection: Connection, opened: Database, store_id: int) -> None:
    counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 90)], 1)
    recorded(opened, now=NIGHT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_hours SET opens_min = 660 WHERE store_id = %s", (store_id,))
        cursor.execute("SELECT fill_store_calendar(%s, %s, %s)", (store_id, DAY, DAY))
        recorded(opened, now=NIGHT)
        cursor.execute("UPDATE line SET role = 'internal' WHERE store_id = %s", (store_id,))
    recorded(opened, now=NIGHT)
    hours, doors = (told(found) for found in log(connection, store_id))
    assert (hours[0], hours[1]["footfall"]) == ({"hours_changed": 1}, (90, 30))
    assert (doors[0], doors[1]["footfall"]) == ({"doors_changed": 1}, (30, None))


def test_an_audit_is_told_though_no_value_changes(connection: Connection, opened: Database, store_id: int) -> None:
    counted(opened, crossings(OPENS, 9), 1)
    recorded(opened, now=NIGHT)
    line_id = one(connection, "SELECT line_id FROM line")
    add_audit(connection, store_id, line_id, OPENS + timedelta(hours=1))
    recorded(opened, now=NIGHT)
    recorded(opened, now=NIGHT)
    assert [told(found) for found in log(connection, store_id)] == [({"audit_entered": 1}, {})]


def test_a_change_that_nobody_noted_is_told_once_the_day_is_counted_anew(
    connection: Connection, opened: Database, store_id: int
) -> None:
    counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 20)], 1)
    recorded(opened, now=NIGHT)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM crossing WHERE at < %s", (OPENS + timedelta(minutes=5),))
        cursor.execute("INSERT INTO store_day_mark (store_id, utc_date) VALUES (%s, %s)", (store_id, DAY))
    recorded(opened, now=NIGHT)
    assert [told(found) for found in log(connection, store_id)] == [({"unexplained": 0}, {"footfall": (20, 15)})]


def test_a_recorded_day_says_what_analytics_says(connection: Connection, opened: Database) -> None:
    now = datetime(2025, 11, 21, 18, tzinfo=UTC)
    shop = add_shop(connection, first=date(2025, 11, 1), last=date(2025, 11, 30))
    fill(connection, shop, now=now, weeks=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM camera_uptime WHERE camera_id = 1 AND at > %s", (now - timedelta(days=3),))
    recorded(opened, now=now)
    days = calendar(connection, [shop.store_id], first=date(2025, 11, 14), last=date(2025, 11, 21))
    slices = [days.whole(day) for day in days.of(shop.store_id).values()]
    facts = slice_facts(connection, slices, now=now).set_index(c.BUSINESS_DATE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT business_date, {', '.join(c.ADDITIVE)} FROM known_day WHERE ins > 0")  # noqa: S608
        known = {day: values for day, *values in cursor.fetchall()}
    assert len(known) >= 6
    assert {row[c.DOORS_DOWN] for _, row in facts.iterrows()} == {0.0, 1.0}
    for day, values in known.items():
        assert values == pytest.approx(facts.loc[day, list(c.ADDITIVE)].tolist(), abs=0.001), day


def test_a_day_whose_rows_are_gone_is_told_as_it_was_recorded(
    connection: Connection, opened: Database, store_id: int
) -> None:
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    recorded(opened, now=NIGHT)
    counted(opened, crossings(OPENS, 2), seq)
    recorded(opened, now=NIGHT)
    day = calendar(connection, [store_id], first=DAY, last=DAY).of(store_id)[DAY]
    whole = Slice(store_id, DAY, day.opens_at, day.closes_at, day.closes_at)
    assert read_told_as_now(connection, store_id, [whole], at=NIGHT) == set(), "the rows are there to tell"
    with connection.cursor() as cursor:
        cursor.execute("CALL maintain(%s)", (NIGHT + timedelta(days=120),))
        cursor.execute("DELETE FROM superseded")  # the store was set up long before
    assert one(connection, "SELECT count(*) FROM crossing") == 0
    seen, as_now = [], []
    changed_at = log(connection, store_id)[0].at
    for at in (NIGHT - timedelta(hours=1), NIGHT, changed_at):
        with known_at(connection, at):
            days = calendar(connection, [store_id], first=DAY, last=DAY)
            seen.append(slice_facts(connection, [days.whole(days.of(store_id)[DAY])], now=at)[c.INS].iloc[0])
            as_now.append(read_told_as_now(connection, store_id, [whole], at=at))
    assert seen[1:] == [40, 42]
    assert as_now == [{DAY}, {DAY}, set()], "its quarter-hours say what is known now: only the last version is that"
    assert seen[0] != seen[0], "not known before it was recorded: NaN"


def test_housekeeping_records_and_only_one_process_at_a_time(database: str, opened: Database, store_id: int) -> None:
    counted(opened, crossings(OPENS, 4), 1)
    keeping = Housekeeping(database, now=lambda: NIGHT, rng=random.Random(1))  # noqa: S311  # pauses, no secret
    busy = psycopg2.connect(database)
    with busy, busy.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7066656)")
    assert keeping.restate() is None
    busy.close()
    assert keeping.keep_days()
    done = keeping.restate()
    assert done is not None
    assert done.first == 1
    assert store_id


def test_every_reason_that_the_database_gives_has_a_name(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname LIKE 'touch_by_%'")
        text = " ".join(source for (source,) in cursor.fetchall())
    given = {name for name in REASONS if f"'{name}'" in text}
    assert set(REASONS) - given == {"late_counts", "gap_filled", "late_uptime", "order_erased", "unexplained"}


@pytest.mark.usefixtures("store_id")
def test_the_commands_tell_what_was_known_and_why_it_changed(
    database: str, connection: Connection, opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    seq = counted(opened, [*watched(OPENS, CLOSES), *crossings(OPENS, 40)], 1)
    recorded(opened, now=NIGHT)
    before = one(connection, "SELECT clock_timestamp()").isoformat()
    counted(opened, crossings(OPENS, 2), seq)
    recorded(opened, now=NIGHT)

    def footfall(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main.app, list(arguments))
        assert result.exit_code == code, result.output
        return result.output

    day = ("kpis", "riverside", "--from", "2025-11-20")
    known = [json.loads(footfall(*day, *more, "--json")) for more in ((), ("--as-of", before))]
    assert [one["figures"]["footfall"]["value"] for one in known] == [42, 40]
    assert "1 business day, as known at" in footfall(*day)
    (told_,) = json.loads(footfall("restatements", "list", "--store", "riverside", "--json"))
    assert told_["store"] == "riverside"
    assert told_["reasons"] == [{"name": "late_counts", "rows": 2}]
    assert told_["changes"] == [{"definition_id": "footfall", "before": 40, "after": 42}]
    assert "riverside  2025-11-20" in footfall("restatements", "list")
    assert "nothing changed" in footfall("restatements", "list", "--since", "2100-01-01")
    assert "expected a day or moment" in footfall(*day, "--as-of", "noon", code=2)
    assert "expected a day from" in footfall(*day, "--to", "2025-11-19", code=2)
