"""Past days are counted once, and counted again when anything they were counted from has changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pandas as pd
import psycopg2
import pytest

from analytics import columns as c
from analytics.as_of import known_at
from analytics.days import calendar
from analytics.facts import slice_facts
from analytics.figure import MEASURED_FROM
from analytics.quality.anomalies import READ_DAYS, DoorDay, read_door_days
from tests.support.store_data import Connection, Shop, add_sale, add_shop, add_uptime, fill, one

NOW: Final = datetime(2026, 9, 20, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai: a day is under way
FIRST: Final = date(2026, 9, 10)
#: What may come late, be corrected or be set anew, about 15 September 2026, 12:00 in Shanghai.
CHANGES: Final = {
    "a late crossing": (
        "INSERT INTO crossing (at, store_id, line_id, inward) SELECT '2026-09-15 04:00+00', 1, line_id, true"
        " FROM line WHERE code = 'door'"
    ),
    "late passers-by": (
        "INSERT INTO crossing (at, store_id, line_id, inward) SELECT '2026-09-15 04:00+00', 1, line_id, true"
        " FROM line, generate_series(1, 5) WHERE code = 'street'"
    ),
    "an uptime that came late": (
        "INSERT INTO camera_uptime (at, store_id, camera_id, period_s, up_s)"
        " SELECT '2026-09-10 10:00+00', 1, camera_id, 900, 900 FROM camera"
    ),
    "a stated loss": (
        "INSERT INTO ledger_loss (at, until, store_id, epoch_id, reason, entries)"
        " VALUES ('2026-09-13 04:00+00', '2026-09-15 04:00+00', 1, 1, 'budget', 7)"
    ),
    "an order that came late": (
        "INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross,"
        " discount, tax, net, currency, units, channel) VALUES (1, 'late', '1', 1, 'sale', '2026-09-15',"
        " '2026-09-15 04:00+00', 9, 0, 1, 9, 'CNY', 1, 'in_store')"
    ),
    "an order corrected": "UPDATE pos_order SET net = net + 5 WHERE external_id = 'order-7'",
    "an order moved to another day": (
        "UPDATE pos_order SET closed_at = closed_at + INTERVAL '2 days' WHERE external_id = 'order-7'"
    ),
    "an order deleted": "DELETE FROM pos_order WHERE external_id = 'order-7'",
    "a camera taken out of service": "UPDATE camera SET counts_until = '2026-09-14' WHERE code = 'side'",
    "a line set aside": (
        "INSERT INTO line_set_aside SELECT a.line_id, 1, 'door', b.line_id, '2026-09-14', 'infinity'"
        " FROM line AS a, line AS b WHERE a.code = 'side' AND b.code = 'door'"
    ),
    "a line described otherwise": "UPDATE line SET role = 'internal' WHERE code = 'side'",
    "other hours": (
        "UPDATE store_calendar SET opens_at = opens_at + INTERVAL '3 hours' WHERE business_date = '2026-09-15'"
    ),
}


@pytest.fixture
def shop(connection: Connection) -> Shop:
    """A shop of ten days whose cameras missed an hour of one of them."""
    made = add_shop(connection, visitors_per_day=40.0)
    fill(connection, made, now=NOW, weeks=1)
    add_uptime(
        connection, made.store_id, "door", datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 9, 10, 9, tzinfo=UTC)
    )
    return made


def facts(connection: Connection) -> pd.DataFrame:
    """Return the facts of all days, the one under way up to now."""
    days = calendar(connection, [1], first=FIRST, last=date(2026, 9, 21))
    return slice_facts(connection, [days.up_to(day, NOW) for day in days.of(1).values() if day.opens_at < NOW], now=NOW)


def run(connection: Connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def keep(connection: Connection) -> None:
    run(connection, f"CALL keep_store_days('{NOW.isoformat()}')")


def kept(connection: Connection) -> set[date]:
    """Return the days of the shop that are kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT business_date FROM store_day_kept WHERE business_date >= %s", (FIRST,))
        return {day for (day,) in cursor.fetchall()}


@pytest.mark.usefixtures("shop")
def test_a_kept_day_says_what_its_rollups_say(connection: Connection) -> None:
    counted = facts(connection)
    assert not kept(connection)
    keep(connection)
    assert kept(connection) == {FIRST + timedelta(days=day) for day in range(10)}
    pd.testing.assert_frame_equal(facts(connection), counted, check_dtype=False)
    assert counted[c.NET_SALES].sum() > 0
    assert counted[c.DOORS_DOWN].any()


@pytest.mark.usefixtures("shop")
def test_kept_days_are_read_instead_of_counted(connection: Connection) -> None:
    keep(connection)
    run(connection, "UPDATE store_day SET ins = 123456 WHERE business_date = '2026-09-15'")
    assert (facts(connection)[c.INS] == 123456).sum() == 1


@pytest.mark.usefixtures("shop")
def test_days_are_counted_again_after_any_change(connection: Connection) -> None:
    keep(connection)
    known = kept(connection)
    for what, statement in CHANGES.items():
        before = facts(connection)
        run(connection, statement)
        at_once = facts(connection)
        assert not at_once.equals(before), f"{what} changed nothing: the case proves nothing"
        keep(connection)
        assert kept(connection) == known, what
        pd.testing.assert_frame_equal(facts(connection), at_once, check_dtype=False, obj=what)
        run(connection, "TRUNCATE store_day")
        pd.testing.assert_frame_equal(facts(connection), at_once, check_dtype=False, obj=what)
        keep(connection)


@pytest.mark.usefixtures("shop")
def test_only_the_days_that_changed_are_counted_again(connection: Connection) -> None:
    keep(connection)
    known = kept(connection)
    run(connection, CHANGES["a late crossing"])
    assert known - kept(connection) == {date(2026, 9, 15)}
    run(connection, "UPDATE store_day SET counted_at = '2000-01-01'")
    keep(connection)
    assert one(connection, "SELECT count(*) FROM store_day WHERE counted_at > '2000-01-01'") == 1
    assert one(connection, "SELECT count(*) FROM store_day_mark") == 0


@pytest.mark.usefixtures("shop")
def test_a_row_that_is_not_committed_while_days_are_counted_is_not_forgotten(
    database: str, connection: Connection
) -> None:
    writer = psycopg2.connect(database)
    try:
        run(writer, CHANGES["a late crossing"])
        keep(connection)
        counted = facts(connection)
        writer.commit()
    finally:
        writer.close()
    after = facts(connection)
    assert after[c.INS].sum() == counted[c.INS].sum() + 1
    keep(connection)
    assert facts(connection)[c.INS].sum() == after[c.INS].sum()


def test_a_till_is_known_once_an_older_order_has_come(connection: Connection, shop: Shop) -> None:
    run(connection, "DELETE FROM pos_order WHERE closed_at < '2026-09-18'")
    keep(connection)
    assert facts(connection)[c.NET_SALES].isna().sum() > 5
    add_sale(connection, shop.store_id, datetime(2026, 9, 1, tzinfo=UTC))
    assert facts(connection)[c.NET_SALES].notna().all()


@pytest.mark.usefixtures("shop")
def test_a_row_of_today_marks_nothing(connection: Connection) -> None:
    keep(connection)
    run(
        connection,
        "INSERT INTO crossing (at, store_id, line_id, inward) VALUES (now() - INTERVAL '1 hour', 1, 1, true)",
    )
    assert one(connection, "SELECT count(*) FROM store_day_mark") == 0


def test_the_database_calls_a_door_down_below_the_same_share(connection: Connection) -> None:
    source = one(connection, "SELECT pg_get_functiondef('count_store_days'::regproc)")
    assert f"w.expected_s * {MEASURED_FROM})" in source


#: Of the shop's two doors, on all days that are asked for.
_DOORS_A_DAY = "SELECT count(*) AS n FROM door_day_kept GROUP BY business_date"


def doors(connection: Connection) -> dict[str, list[DoorDay]]:
    return read_door_days(connection, 1, now=NOW)[1]


@pytest.mark.usefixtures("shop")
def test_kept_days_of_doors_are_read_instead_of_counted(connection: Connection) -> None:
    counted = doors(connection)
    assert [len(days) for days in counted.values()] == [7, 7], "others were not watched in full"
    keep(connection)
    assert one(connection, f"SELECT min(n) = 2 FROM ({_DOORS_A_DAY}) AS by_day")  # noqa: S608  # ours
    assert one(connection, "SELECT count(DISTINCT business_date) FROM door_day_kept") >= READ_DAYS
    assert doors(connection) == counted
    run(connection, "UPDATE door_day SET ins = 123456 WHERE business_date = '2026-09-15'")
    assert [day.ins for days in doors(connection).values() for day in days].count(123456) == 2
    with known_at(connection, datetime.now(UTC)):
        assert doors(connection) == counted, "of the past, rows are counted"


@pytest.mark.usefixtures("shop")
def test_days_of_doors_are_counted_again_after_any_change(connection: Connection) -> None:
    keep(connection)
    for what, statement in CHANGES.items():
        run(connection, statement)
        at_once = doors(connection)
        keep(connection)
        assert doors(connection) == at_once, what
        run(connection, "TRUNCATE door_day")
        assert doors(connection) == at_once, what
        keep(connection)


@pytest.mark.usefixtures("shop")
def test_only_the_doors_of_days_that_changed_are_counted_again_and_old_ones_go(connection: Connection) -> None:
    keep(connection)
    assert one(connection, f"SELECT count_door_days(1, '{NOW.isoformat()}')") == 0
    run(connection, CHANGES["a late crossing"])
    keep(connection)
    assert one(connection, "SELECT count(DISTINCT counted_at) FROM door_day") == 2
    newest = "SELECT count(*) FROM door_day WHERE counted_at = (SELECT max(counted_at) FROM door_day)"
    assert one(connection, newest) == 2
    one(connection, f"SELECT count_door_days(1, '{(NOW + timedelta(days=200)).isoformat()}')")
    assert one(connection, "SELECT count(*) FROM door_day") == 0
    assert timedelta(days=100) > timedelta(days=READ_DAYS)
