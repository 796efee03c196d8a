"""Stores in a real database, and reading their hours."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.errors import StoreError
from deploy.schema import migration_status, schema_of
from deploy.stores import ALWAYS, Store, listed, parse_hours, register, retire, set_attributes
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard, Presence
from tests.support.ledger import status

TODAY = date(2026, 11, 21)


def test_hours_are_read_by_weekday() -> None:
    assert parse_hours("mon-fri 10:00-20:00, sat 10:00-18:00") == {
        **dict.fromkeys(range(1, 6), (600, 1200)),
        6: (600, 1080),
    }


def test_hours_may_end_after_midnight_and_span_the_week_s_end() -> None:
    assert parse_hours("sat-mon 18:00-02:00") == dict.fromkeys((6, 7, 1), (1080, 1560))


@pytest.mark.parametrize("text", ["", "monday 10:00-20:00", "mon 10-20", "mon 25:00-26:00", "mon 10:75-11:00"])
def test_hours_that_cannot_be_read_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(StoreError, match="opening hours: expected"):
        parse_hours(text)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code", "Main Street", "lower-case slug"),
        ("currency", "euro", "ISO 4217"),
        ("timezone", "Berlin", "IANA name"),
    ],
)
def test_a_store_that_the_table_would_not_take_is_refused(field: str, value: str, message: str) -> None:
    fields: dict[str, Any] = {"code": "riverside", "name": "Riverside", field: value}
    with pytest.raises(StoreError, match=message):
        Store(**fields)


def test_a_registered_store_has_its_calendar_in_its_own_zone(database: str) -> None:
    opened = Database(database)
    hours = parse_hours("mon-sun 10:00-20:00")
    store = Store(code="riverside", name="Riverside", timezone="Asia/Kathmandu", currency="NPR", hours=hours)
    assert register(opened, store, today=TODAY) is True
    with opened.transaction() as cursor:
        cursor.execute(
            "SELECT opens_at AT TIME ZONE 'UTC' FROM store_calendar WHERE business_date = %(day)s", {"day": TODAY}
        )
        assert str(cursor.fetchall()[0][0]) == "2026-11-21 04:15:00"
    opened.close()


def test_registering_again_updates_and_keeps_the_currency(database: str) -> None:
    opened = Database(database)
    register(opened, Store(code="riverside", name="Riverside"), today=TODAY)
    assert register(opened, Store(code="riverside", name="By the river", region="North"), today=TODAY) is False
    (found,) = listed(opened)
    assert (found.name, found.region, found.currency) == ("By the river", "North", "EUR")
    with pytest.raises(StoreError, match="another currency"):
        register(opened, Store(code="riverside", name="Riverside", currency="USD"), today=TODAY)
    opened.close()


def test_what_stores_are_compared_by_is_set_and_stays_when_not_named(database: str) -> None:
    opened = Database(database)
    register(opened, Store(code="riverside", name="Riverside", format="kiosk"), today=TODAY)
    register(opened, Store(code="riverside", name="Riverside"), today=TODAY)
    runner = CliRunner(env={"FOOTFALL_DATABASE_URL": database})
    done = runner.invoke(
        app, ["store", "set", "riverside", "--city-tier", "2", "--size-m2", "85", "--opened-on", "2019-03-01"]
    )
    assert done.exit_code == 0, done.output
    (found,) = listed(opened)
    assert (found.format, found.city_tier, found.size_m2, found.opened_on) == ("kiosk", 2, 85.0, date(2019, 3, 1))
    shown = json.loads(runner.invoke(app, ["store", "list", "--json"]).output)
    assert shown[0]["opened_on"] == "2019-03-01"
    with pytest.raises(StoreError, match="no store has the code"):
        set_attributes(opened, "hill", format="kiosk")
    with pytest.raises(StoreError, match="city tier: expected 1"):
        set_attributes(opened, "riverside", city_tier=0)
    with pytest.raises(StoreError, match="size: expected square metres"):
        Store(code="x", name="X", size_m2=-1.0)
    opened.close()


def test_a_store_is_open_around_the_clock_until_said_otherwise() -> None:
    assert Store(code="x", name="X").hours == ALWAYS


def test_the_command_line_adds_and_lists_stores(database: str) -> None:
    run = CliRunner(env={"FOOTFALL_DATABASE_URL": database}).invoke
    assert "registered store riverside" in run(app, ["store", "add", "riverside", "--currency", "GBP"]).output
    (found,) = json.loads(run(app, ["store", "list", "--json"]).output)
    assert (found["code"], found["currency"], found["devices"]) == ("riverside", "GBP", 0)


def test_a_migrated_database_has_nothing_pending_and_dumps_the_same_twice(database: str) -> None:
    assert migration_status(database).pending == []
    assert schema_of(database) == schema_of(database)
    assert "CREATE TABLE public.crossing" in schema_of(database)


def test_an_empty_database_has_everything_pending(database: str) -> None:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE schema_migration")
    connection.close()
    status = migration_status(database)
    assert status.applied == []
    assert "0001_pre_dimensions.sql" in status.pending


def test_a_line_whose_box_is_gone_is_retired_and_one_in_use_is_not(database: str) -> None:
    opened = Database(database)
    register(opened, Store(code="riverside", name="Riverside"), today=TODAY)
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    presence = Presence(opened, Names())
    heard = now - timedelta(minutes=1)
    presence.store_status(status(at=heard), Heard(heard))
    with pytest.raises(StoreError, match="counted by door-box now"):
        retire(opened, "riverside", "front-door", now=now)
    retire(opened, "riverside", "front-door", now=now + timedelta(hours=1))
    with opened.transaction() as cursor:
        cursor.execute("SELECT until FROM line_service")
        assert cursor.fetchall() == [(now + timedelta(hours=1),)]
    with pytest.raises(StoreError, match="no line 'back-door'"):
        retire(opened, "riverside", "back-door", now=now)
    opened.close()
