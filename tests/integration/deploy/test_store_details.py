"""A store's details: changed from today on, or for the past, too; and all stores as a list that comes back."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from deploy.errors import StoreError
from deploy.store_details import changes, details, export, revise, revise_all
from deploy.stores import Store, parse_hours, register, set_attributes, write_hours
from ingest.database import Database
from tests.support.ledger import rows

TODAY = date(2026, 6, 10)  # a Wednesday


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
    assert revise_all(opened, listed, today=TODAY) == []
    listed[0] |= {
        "name": "Hill Street",
        "hours": "mon-sat 09:00-20:00",
        "city_tier": "",
        "region": "South",
        "size_m2": "90",
    }
    listed.append(listed[1] | {"code": "unknown"})
    assert changes(opened, listed) == {"hill": ("name", "region", "hours", "size_m2"), "kiosk": ()}
    assert revise_all(opened, listed, today=TODAY) == ["hill"]
    found = details(opened, "hill")
    assert (found.name, found.region, found.hours) == ("Hill Street", "South", "mon-sat 09:00-20:00")
    assert changes(opened, listed)["hill"] == ()
    listed[1]["hours"] = ""
    assert revise_all(opened, listed, today=TODAY) == [], "an empty field stays as it is"


def test_a_list_with_one_wrong_store_changes_none(opened: Database) -> None:
    listed = list(csv.DictReader(io.StringIO(export(opened))))
    listed[0]["name"] = "Hill Street"
    listed[1]["currency"] = "EUR"
    with pytest.raises(StoreError, match="another currency"):
        revise_all(opened, listed, today=TODAY)
    assert details(opened, "hill").name == "Hill"
