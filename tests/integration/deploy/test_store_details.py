"""A store's details: changed from today on, or for the past, too; and all stores as a list that comes back."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg2
import pytest

from deploy.errors import StoreError
from deploy.store_details import changes, details, export, revise, revise_all
from deploy.stores import Store, parse_hours, register, set_attributes, write_hours
from deploy.trust.opening import read_rows
from ingest.database import Database
from tests.support.clocks import wait_until
from tests.support.ledger import rows

TODAY = date(2026, 6, 10)  # a Wednesday
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    made = Database(database)
    hours = parse_hours("mon-sat 10:00-20:00")
    register(made, Store(code="hill", name="Hill", timezone="Europe/London", currency="GBP", hours=hours), today=TODAY)
    register(made, Store(code="kiosk", name="Kiosk", timezone="Europe/London", currency="GBP"), today=TODAY)
    yield made
    made.close()


def opens(url: str, day: date) -> list[str]:
    found = rows(
        url,
        "SELECT to_char(opens_at AT TIME ZONE 'Europe/London', 'HH24:MI')"
        " FROM store_calendar JOIN store USING (store_id)"
        " WHERE code = 'hill' AND business_date = %s",
        day,
    )
    return [at for (at,) in found]


def test_hours_are_written_as_they_are_read() -> None:
    for text in ("mon-fri 10:00-20:00, sat 10:00-18:00", "fri-sat 22:00-04:00", "mon 09:00-00:00, wed-thu 09:00-18:30"):
        assert write_hours(parse_hours(text)) == text
    assert write_hours(parse_hours("mon-sun 00:00-24:00")) == ""


def test_new_hours_hold_from_today_on_and_for_the_past_only_if_they_were_wrong(database: str, opened: Database) -> None:
    before, today, after = date(2026, 6, 9), TODAY, date(2026, 6, 11)
    wanted = replace(details(opened, "hill"), hours="mon-sun 09:00-21:00", name=" Hill Street ", staff_figures=True)
    revise(opened, "hill", wanted, today=TODAY, past=False)
    assert (opens(database, before), opens(database, today), opens(database, after)) == (
        ["10:00"],
        ["09:00"],
        ["09:00"],
    )
    assert opens(database, date(2026, 6, 7)) == [], "that Sunday was closed"
    found = details(opened, "hill")
    assert (found.name, found.hours, found.staff_figures) == ("Hill Street", "mon-sun 09:00-21:00", True)
    revise(opened, "hill", found, today=TODAY, past=True)
    assert opens(database, before) == ["09:00"]
    assert opens(database, date(2026, 6, 7)) == ["09:00"]


def test_a_new_zone_leaves_past_days_as_they_were(database: str, opened: Database) -> None:
    revise(opened, "hill", replace(details(opened, "hill"), timezone="Europe/Paris"), today=TODAY, past=False)
    assert (opens(database, date(2026, 6, 9)), opens(database, TODAY)) == (["10:00"], ["09:00"])


@pytest.mark.parametrize(
    ("change", "column"),
    [({"timezone": "Mars/Base"}, "timezone"), ({"hours": "always"}, "hours"), ({"name": " "}, "name")],
)
def test_what_a_store_cannot_be_is_refused_and_nothing_changes(
    opened: Database, change: dict[str, str], column: str
) -> None:
    was = details(opened, "hill")
    with pytest.raises(StoreError) as refused:
        revise(opened, "hill", replace(was, **change), today=TODAY, past=False)  # type: ignore[arg-type]
    assert refused.value.column == column
    assert details(opened, "hill") == was
    with pytest.raises(StoreError, match="nowhere"):
        details(opened, "nowhere")


def test_a_list_that_is_saved_says_nothing_new_and_one_that_was_edited_what(opened: Database) -> None:
    set_attributes(opened, "hill", city_tier=2, size_m2=120.0, opened_on=date(2020, 3, 1), format="outlet")
    listed = list(csv.DictReader(io.StringIO(export(opened))))
    assert [row["code"] for row in listed] == ["hill", "kiosk"]
    assert changes(opened, listed) == {"hill": (), "kiosk": ()}
    assert revise_all(opened, listed, now=NOW) == []
    listed[0] |= {
        "name": "Hill Street",
        "hours": "mon-sat 09:00-20:00",
        "city_tier": "",
        "region": "South",
        "size_m2": "90",
    }
    listed.append(listed[1] | {"code": "unknown"})
    assert changes(opened, listed) == {"hill": ("name", "region", "hours", "size_m2"), "kiosk": ()}
    assert revise_all(opened, listed, now=NOW) == ["hill"]
    found = details(opened, "hill")
    assert (found.name, found.region, found.hours) == ("Hill Street", "South", "mon-sat 09:00-20:00")
    assert changes(opened, listed)["hill"] == ()
    listed[1]["hours"] = ""
    assert revise_all(opened, listed, now=NOW) == [], "an empty field stays as it is"


def test_a_list_empties_what_a_store_may_be_without(opened: Database) -> None:
    set_attributes(opened, "hill", city_tier=2, size_m2=120.0, opened_on=date(2020, 3, 1), format="outlet")
    revise(opened, "hill", replace(details(opened, "hill"), region="South"), today=TODAY, past=False)
    text = export(opened)
    optional = ("region", "opened_on", "format", "city_tier", "size_m2")
    said = [row.said for row in read_rows(text, "list")]
    said[0] |= dict.fromkeys(optional[1:], "-")
    assert changes(opened, said) == {"hill": optional[1:], "kiosk": ()}, "one that is empty already says nothing new"
    assert revise_all(opened, said, now=NOW) == ["hill"]
    (hill, _) = csv.DictReader(io.StringIO(export(opened)))
    assert [hill[column] for column in optional] == ["South", "", "", "", ""]
    said[0]["region"] = "-"
    assert revise_all(opened, said, now=NOW) == ["hill"]
    assert (details(opened, "hill").region, changes(opened, said)["hill"]) == (None, ())


@pytest.mark.parametrize("column", ["name", "timezone", "currency", "hours"])
def test_what_no_store_is_without_cannot_be_emptied(opened: Database, column: str) -> None:
    text = export(opened).replace(next(csv.DictReader(io.StringIO(export(opened))))[column], "-")
    (row, *_) = read_rows(text, "list")
    assert row.error is not None
    assert row.error.column == column


def test_a_store_in_a_region_called_as_what_empties_it_keeps_its_region(opened: Database) -> None:
    revise(opened, "hill", replace(details(opened, "hill"), region="-"), today=TODAY, past=False)
    set_attributes(opened, "hill", format="-")
    found = read_rows(export(opened), "list")
    assert [row.error for row in found] == [None, None], "a list that was saved is taken back"
    said = [row.said for row in found]
    assert (said[0]["region"], said[0]["format"]) == ("", "")
    assert revise_all(opened, said, now=NOW) == []
    assert details(opened, "hill").region == "-"
    (row, _) = read_rows(export(opened).replace(",,", ",'-,", 1), "list")
    assert row.error is not None, "nobody empties a field by a dash that a spreadsheet wrote"


def test_a_list_with_one_wrong_store_changes_none(opened: Database) -> None:
    listed = list(csv.DictReader(io.StringIO(export(opened))))
    listed[0]["name"] = "Hill Street"
    listed[1]["currency"] = "EUR"
    with pytest.raises(StoreError, match="another currency"):
        revise_all(opened, listed, now=NOW)
    assert details(opened, "hill").name == "Hill"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "'=1", "''-1", "Hill's", '"a", b', "'"])
def test_a_list_that_is_saved_holds_no_formula_and_comes_back_as_it_was(opened: Database, name: str) -> None:
    wanted = replace(details(opened, "hill"), name=name, region=name)
    revise(opened, "hill", wanted, today=TODAY, past=False)
    set_attributes(opened, "hill", format=name)
    text = export(opened)
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    said = [row.said for row in read_rows(text, "list")]
    assert (said[0]["name"], said[0]["region"], said[0]["format"]) == (name, name, name)
    assert changes(opened, said) == {"hill": (), "kiosk": ()}
    assert revise_all(opened, said, now=NOW) == []


def test_hours_from_a_list_hold_from_each_stores_own_day(database: str, opened: Database) -> None:
    """At half past eight in the evening of the 10th by UTC it is the 11th in Auckland and the 10th in London."""
    register(opened, Store(code="pier", name="Pier", timezone="Pacific/Auckland", currency="GBP"), today=TODAY)
    late = datetime(2026, 6, 10, 20, 30, tzinfo=UTC)
    said = [
        {"code": code, "timezone": zone, "currency": "GBP", "hours": "mon-sun 09:00-21:00"}
        for code, zone in (("pier", "Pacific/Auckland"), ("hill", "Europe/London"))
    ]
    assert revise_all(opened, said, now=late) == ["pier", "hill"]
    first = rows(
        database,
        "SELECT code, min(business_date) FROM store_calendar JOIN store USING (store_id)"
        " WHERE to_char(opens_at AT TIME ZONE timezone, 'HH24:MI') = '09:00' GROUP BY code ORDER BY code",
    )
    assert first == [("hill", date(2026, 6, 10)), ("pier", date(2026, 6, 11))]


def test_looking_at_stores_waits_for_nobody_who_changes_one(database: str, opened: Database) -> None:
    changing = psycopg2.connect(database)
    try:
        with changing.cursor() as cursor, opened.transaction() as looking:
            cursor.execute("UPDATE store SET name = 'Being changed' WHERE code = 'hill'")
            looking.execute("SET lock_timeout = '100ms'")
        assert details(opened, "hill").name == "Hill"
        assert "hill," in export(opened)
    finally:
        changing.close()


def test_lists_take_their_stores_in_one_order_whatever_their_own_is(database: str, opened: Database) -> None:
    """Else two lists that are changed at once would each wait for what the other one has."""
    said = [{"code": code, "timezone": "Europe/London", "currency": "GBP", "name": "New"} for code in ("kiosk", "hill")]
    other = psycopg2.connect(database)
    waits = (
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'footfall'"
        " AND datname = current_database()"
    )
    with ThreadPoolExecutor(1) as beside:
        try:
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
                cursor.execute("SELECT FROM store WHERE code = 'hill' FOR NO KEY UPDATE")
                changed = beside.submit(revise_all, opened, said, now=NOW)
                wait_until(lambda: rows(database, waits) != [], what="the list that waits for hill")
                cursor.execute("SELECT FROM store WHERE code = 'kiosk' FOR NO KEY UPDATE")
        finally:
            other.close()
        assert changed.result() == ["kiosk", "hill"]
