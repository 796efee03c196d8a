"""Hours that staff worked: posted, imported, read from a till; kept once, and under nobody's name."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from deploy.cli import main, staff
from ingest.database import Database
from ingest.orders.keys import create_key
from ingest.orders.staff_csv import FIELDS
from ingest.orders.staff_hours import EXAMPLES
from ingest.tills.protocol import Shift
from ingest.tills.register import TillRegister
from tests.support.ledger import add_store, one, rows
from tests.support.tills import new_key, order, orders_api, served_orders_api

PATH = "/v1/staff-hours"


def shift(**changes: Any) -> dict[str, Any]:
    return {
        "store": "riverside",
        "source": "roster",
        "external_id": "shift-1",
        "version": 1,
        "staff_ref": "17",
        "starts_at": "2026-11-21T09:45:00+01:00",
        "ends_at": "2026-11-21T18:15:00+01:00",
        "break_min": 30,
        **changes,
    }


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["outcome"] + (" differs" if each["differs"] else "") for each in answer.json()["staff_hours"]]


def test_the_same_shift_is_kept_once_and_the_highest_version_of_it(api: TestClient, store: str) -> None:
    assert outcomes(api.post(PATH, json=shift(ends_at=None))) == ["created"]
    assert outcomes(api.post(PATH, json=shift(ends_at=None))) == ["ignored"]
    assert outcomes(api.post(PATH, json=shift(break_min=45))) == ["ignored differs"]
    assert outcomes(api.post(PATH, json=[shift(version=3), shift(version=2, break_min=5)])) == [
        "updated", "ignored differs",
    ]  # fmt: skip
    assert rows(store, "SELECT version, ends_at IS NULL, break_min FROM staff_shift") == [(3, False, 30)]


def test_a_shift_without_a_number_is_told_apart_by_who_and_when(api: TestClient, store: str) -> None:
    nameless = shift(external_id=None)
    again = shift(external_id=None, starts_at="2026-11-21T08:45:00+00:00", ends_at=None, version=2)
    assert outcomes(api.post(PATH, json=nameless)) == ["created"]
    assert outcomes(api.post(PATH, json=again)) == ["updated"]
    assert outcomes(api.post(PATH, json=shift(external_id=None, staff_ref="18"))) == ["created"]
    assert one(store, "SELECT count(*) FROM staff_shift WHERE external_id ~ '^auto-[0-9a-f]{32}$'") == (2,)


def test_nobodys_reference_is_kept_and_the_alias_is_that_of_his_orders(api: TestClient, store: str) -> None:
    add_store(store, "harbour")
    api.post(PATH, json=[shift(staff_ref="Anna Schmidt"), shift(external_id="2", staff_ref=None)])
    api.post(PATH, json=shift(external_id="3", store="harbour", staff_ref="Anna Schmidt"))
    assert api.post("/v1/orders", json=order(staff_ref="Anna Schmidt")).status_code == 200
    aliases = dict(rows(store, "SELECT external_id, staff_alias FROM staff_shift"))
    assert re.fullmatch("[0-9a-f]{6}", aliases["shift-1"])
    assert aliases["2"] is None
    assert aliases["3"] != aliases["shift-1"], "in another store she has another one"
    assert one(store, "SELECT staff_alias(store_id, staff_ref) FROM pos_order") == (aliases["shift-1"],)
    assert "Anna" not in str(rows(store, "SELECT s::text FROM staff_shift AS s"))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"store": "nowhere"}, "store", "footfall store add"),
        ({"ends_at": "2026-11-21T09:00:00+01:00"}, "ends_at", "at most 24 h after starts_at"),
        ({"ends_at": "2026-11-23T09:00:00+01:00"}, "ends_at", "at most 24 h after starts_at"),
        ({"break_min": 511}, "break_min", "at most the 8:30:00"),
        ({"starts_at": "2031-11-21T09:45:00+01:00", "ends_at": None}, "starts_at", "leave planned ones out"),
        ({"starts_at": "2026-11-21T09:45:00"}, "starts_at", "offset"),
        ({"external_id": None, "staff_ref": None}, "external_id", "could not be told apart"),
        ({"face": "x"}, "face", "not a field of a shift"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    api: TestClient, store: str, changes: dict[str, Any], field: str, words: str
) -> None:
    answer = api.post(PATH, json=[shift(), shift(**{"external_id": "shift-2", **changes})])
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:footfall:problem:invalid-staff-hours"
    (error,) = answer.json()["errors"]
    assert (error["index"], error["field"]) == (1, field)
    assert words in error["message"]
    assert rows(store, "SELECT * FROM staff_shift") == []


def test_a_key_is_for_its_own_store_and_stands_in_no_other_stores_way(api: TestClient, store: str) -> None:
    add_store(store, "harbour")
    with orders_api(store, key=new_key(store, store="harbour")) as harbour:
        assert harbour.post(PATH, json=shift()).status_code == 403
        assert outcomes(harbour.post(PATH, json=shift(store="harbour", version=9))) == ["created"]
    assert outcomes(api.post(PATH, json=shift())) == ["created"]
    both = [shift(version=2), shift(store="harbour", version=2)]
    assert outcomes(api.post(PATH, json=both)) == ["updated", "ignored"]
    assert rows(store, "SELECT s.code, version FROM staff_shift JOIN store AS s USING (store_id) ORDER BY 1") == [
        ("harbour", 9), ("riverside", 2),
    ]  # fmt: skip


def test_a_shift_that_a_till_moves_to_another_store_is_in_that_one_alone(store: str) -> None:
    add_store(store, "harbour")
    database = Database(store)
    register = TillRegister(database, "square", "square")
    starts = datetime(2026, 11, 21, 8, tzinfo=UTC)
    told = [("riverside", 1), ("harbour", 3), ("riverside", 2), ("harbour", 4)]
    for place, version in told:
        register.keep_shifts([Shift(store=place, external_id="s-1", version=version, starts_at=starts, ends_at=None)])
        expected = (place, version) if version != 2 else ("harbour", 3)
        assert rows(store, "SELECT s.code, version FROM staff_shift JOIN store AS s USING (store_id)") == [expected]
    database.close()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_are_taken_as_they_stand(api: TestClient, example: dict[str, Any]) -> None:
    assert outcomes(api.post(PATH, json=example["value"])) == ["created"]


def test_a_roster_is_imported_again_without_change_and_its_bad_rows_are_set_aside(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(store)
    monkeypatch.setenv("FOOTFALL_ORDERS_KEY", create_key(database, "roster", store="riverside"))
    database.close()
    file = tmp_path / "roster.csv"
    file.write_text(
        "Employee;In;Out;Break\n17;21.11.2026 09:45;21.11.2026 18:15;30\n18;21.11.2026 12:00;;\n19;soon;;\n",
        encoding="utf-8",
    )
    with served_orders_api(store) as url:
        command = [
            "staff", "import", str(file), "--store", "riverside", "--map", "staff_ref=Employee", "--map",
            "starts_at=In", "--map", "ends_at=Out", "--map", "break_min=Break", "--timezone", "Europe/Berlin",
            "--date-format", "%d.%m.%Y %H:%M", "--url", url,
        ]  # fmt: skip
        shown = CliRunner().invoke(main.app, [*command, "--dry-run"]).output
        first = CliRunner().invoke(main.app, command)
        again = CliRunner().invoke(main.app, command)
    assert "staff 17\n  from 2026-11-21T09:45:00+01:00 to 2026-11-21T18:15:00+01:00, breaks 30 min" in shown
    assert "3 rows: 2 created, 0 updated, 0 ignored, 1 rejected" in first.output
    assert "3 rows: 0 created, 0 updated, 2 ignored, 1 rejected" in again.output
    assert "starts_at: expected %d.%m.%Y %H:%M, got 'soon'" in file.with_name("roster.csv.rejected.csv").read_text()
    assert one(store, "SELECT sum(ends_at - starts_at)::text FROM staff_shift") == ("08:30:00",)


def test_the_help_of_map_names_every_field_of_the_roster() -> None:
    assert ", ".join(FIELDS) in staff._MAP
