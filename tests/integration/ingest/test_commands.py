"""The commands of ingest, orders and verify, run as a person runs them."""

import csv
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contract.codec import encode
from contract.entries import Register
from deploy.cli import main
from deploy.cli.reference import DOCUMENT
from deploy.errors import ServiceError
from ingest.database import Database
from ingest.deliveries import Waiting
from ingest.errors import SettingsError
from ingest.intake import Intake
from ingest.orders.keys import create_key
from ingest.orders.till_csv import FIELDS
from tests.support.entries import NOON, crossing
from tests.support.ledger import add_store, batch, count, delivery, one, rows, waiting
from tests.support.tills import HASH_SECRET, served_orders_api


@pytest.fixture
def store(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    add_store(database)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    return database


@pytest.fixture
def intake(store: str) -> Iterator[Intake]:
    opened = Intake(store, dead_letters_max=100)
    yield opened
    opened.close()


def footfall(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main.app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_a_box_is_asked_for_what_is_missing_of_it(intake: Intake, store: str) -> None:
    nobody = CliRunner().invoke(main.app, ["ingest", "gaps", "ask", "riverside", "nobody"])
    assert "no device" in str(nobody.exception)
    intake.store(waiting(batch(count=5)))
    assert (
        "nothing is missing of riverside/door-box" in footfall("ingest", "gaps", "ask", "riverside", "door-box").output
    )
    intake.store(waiting(batch(first_seq=8, count=2, last_seq=12)))
    asked = footfall("ingest", "gaps", "ask", "riverside", "door-box", "--by", "anna").output
    assert "riverside/door-box is asked for 5 entries" in asked
    ((kind, body, by),) = rows(store, "SELECT kind, body, by_whom FROM device_command")
    assert (kind, body["ranges"], by) == ("resend", [[6, 7], [10, 12]], "anna")


def test_verify_says_complete_and_then_what_is_missing(intake: Intake) -> None:
    intake.store(waiting(batch(count=5)))
    assert "complete: nothing is missing of 5 entries of 1 device in 1 epoch" in footfall("verify").output
    intake.store(waiting(batch(first_seq=8, count=2, last_seq=12)))
    output = footfall("verify", code=1).output
    assert "missing: riverside/door-box" in output
    assert "5 of 12: 6-7, 10-12" in output
    found = json.loads(footfall("verify", "--json", code=1).output)
    assert found["complete"] is False
    assert found["missing"][0]["ranges"] == [[6, 7], [10, 12]]


def test_verify_holds_registers_against_crossings(intake: Intake) -> None:
    def register(after_s: float, ins: int) -> Register:
        return Register(at=NOON + timedelta(seconds=after_s), line="front-door", in_total=ins, out_total=0)

    counted = [crossing(after_s=60 + 30 * number) for number in range(4)]
    intake.store(waiting(batch(entries=[register(0, 10), *counted, register(300, 14)])))
    footfall("verify")
    intake.store(waiting(batch(first_seq=7, entries=[register(360, 19)])))
    output = footfall("verify", code=1).output
    assert "register: riverside line front-door" in output
    assert "in 9 (crossings 4 to 4)" in output


def test_verify_finds_crossings_of_a_box_whose_clock_was_an_hour_behind_for_a_moment(intake: Intake) -> None:
    def register(after_s: float, ins: int) -> Register:
        return Register(at=NOON + timedelta(seconds=after_s), line="front-door", in_total=ins, out_total=0)

    counted = [crossing(after_s=after_s) for after_s in (60, -3_500, -3_499, 3_700, 70)]
    intake.store(waiting(batch(entries=[register(0, 0), *counted, register(120, 5)])))
    footfall("verify")
    intake.store(waiting(batch(first_seq=8, entries=[register(180, 6)])))
    assert "in 6 (crossings 2 to 5)" in footfall("verify", code=1).output


def test_dead_letters_are_listed_shown_and_replayed(store: str, intake: Intake) -> None:
    refused = batch(store="hilltop", count=4)
    intake.store(Waiting(ledger=[delivery(refused)]))
    (letter,) = json.loads(footfall("ingest", "dead-letters", "list", "--json").output)
    assert letter["topic"] == "footfall/v1/hilltop/door-box/ledger"
    assert "footfall store add hilltop" in letter["reason"]
    number = str(letter["number"])
    assert footfall("ingest", "dead-letters", "show", number).output.strip() == encode(refused).decode()
    assert f"{number}: footfall/v1/hilltop/door-box/ledger" in footfall("ingest", "dead-letters", "list").output
    assert "refused again" in footfall("ingest", "dead-letters", "replay", number, code=1).output
    assert rows(store, "SELECT times FROM dead_letter") == [(2,)]
    add_store(store, "hilltop")
    assert "4 entries stored" in footfall("ingest", "dead-letters", "replay", "--all").output
    assert (count(store, "dead_letter"), count(store, "crossing")) == (0, 4)
    assert "no dead letters" in footfall("ingest", "dead-letters", "list").output


def test_keys_are_made_listed_and_revoked(store: str) -> None:
    made = json.loads(footfall("keys", "create", "--name", "till 1", "--store", "riverside", "--json").output)
    assert made["key"].startswith("ffk_")
    (listed,) = json.loads(footfall("keys", "list", "--json").output)
    assert (listed["name"], listed["store"], listed["revoked_at"]) == ("till 1", "riverside", None)
    assert made["key"] not in footfall("keys", "list").output
    assert "revoked the key of till 1" in footfall("keys", "revoke", listed["prefix"]).output
    assert one(store, "SELECT revoked_at IS NOT NULL FROM api_key") == (True,)


EXPORT = """Receipt;Date;Total;Items;Member
1001;21.11.2026 10:15;59,90;3;card-1
1002;21.11.2026 10:20;abc;1;
1003;21.11.2026 10:31;-20,00;1;card-1
1003;21.11.2026 10:31;-20,00;1;card-1
1004;21.11.2026 10:40;12,345;1;
"""
MAPPED = (
    "--store", "riverside", "--map", "external_id=Receipt", "--map", "closed_at=Date", "--map", "net=Total",
    "--map", "units=Items", "--map", "customer_ref=Member", "--timezone", "Europe/Berlin",
    "--date-format", "%d.%m.%Y %H:%M", "--decimal-comma",
)  # fmt: skip


def test_a_dry_run_shows_what_is_understood_and_posts_nothing(store: str, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(EXPORT, encoding="utf-8")
    output = footfall("orders", "import", str(file), *MAPPED, "--dry-run").output
    assert "closed_at = Date" in output
    assert "line 2: sale 1001\n  closed at 2026-11-21T10:15:00+01:00, units 3, EUR\n" in output
    assert "net 59.90 (from '59,90')" in output
    assert "line 3: not understood\n  net: expected an amount" in output
    assert "5 rows, 1 not understood; nothing was posted" in output
    assert max(map(len, output.splitlines())) <= 80
    assert count(store, "pos_order") == 0


def test_a_dry_run_fails_where_no_row_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(EXPORT.splitlines()[0] + "\n1002;21.11.2026 10:20;abc;1;\n", encoding="utf-8")
    assert "1 row, 1 not understood" in footfall("orders", "import", str(file), *MAPPED, "--dry-run", code=1).output


def test_the_help_lists_the_fields_that_a_column_may_be_mapped_to() -> None:
    described = DOCUMENT.read_text(encoding="utf-8")
    assert f"OURS is one of {', '.join(FIELDS)}." in described


def test_a_store_code_is_never_cut(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "causeway-bay-shopping-centre-level-two"
    add_store(store, code)
    monkeypatch.setenv("COLUMNS", "80")
    assert code in footfall("store", "list").output


@pytest.mark.usefixtures("store")
def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_HASH_SECRET", HASH_SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main.app, ["orders", "serve", "--port", port])
    assert isinstance(result.exception, ServiceError)
    assert f"port {port} of 127.0.0.1 is taken" in str(result.exception)


def test_without_a_database_it_is_said_where_one_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTFALL_DATABASE_URL", raising=False)
    monkeypatch.setenv("FOOTFALL_HOME", str(tmp_path))
    result = CliRunner().invoke(main.app, ["verify"])
    assert isinstance(result.exception, SettingsError)
    assert "no `footfall up` runs here" in str(result.exception)
    assert f"FOOTFALL_HOME={tmp_path}" in str(result.exception)


def test_an_export_is_imported_and_its_bad_rows_set_aside(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(EXPORT, encoding="utf-8")
    database = Database(store)
    monkeypatch.setenv("FOOTFALL_ORDERS_KEY", create_key(database, "import", store="riverside"))
    database.close()
    with served_orders_api(store) as url:
        output = footfall("orders", "import", str(file), *MAPPED, "--url", url, code=1).output
        assert "5 rows: 2 created, 0 updated, 1 ignored, 2 rejected" in output
        again = footfall("orders", "import", str(file), *MAPPED, "--url", url, code=1).output
        assert "0 created, 0 updated, 3 ignored, 2 rejected" in again
    assert rows(store, "SELECT external_id, kind, net::text, units FROM pos_order ORDER BY 1") == [
        ("1001", "sale", "59.90", 3),
        ("1003", "refund", "-20.00", -1),
    ]
    with (tmp_path / "export.csv.rejected.csv").open(encoding="utf-8", newline="") as text:
        rejected = list(csv.reader(text))
    assert rejected[0] == ["line", "reason", "Receipt", "Date", "Total", "Items", "Member"]
    assert [(row[0], row[2]) for row in rejected[1:]] == [("3", "1002"), ("6", "1004")]
    assert "expected an amount" in rejected[1][1]
    assert "2 decimal places" in rejected[2][1]


def test_a_corrected_export_is_reported_and_replaces_what_is_kept_when_told_to(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "export.csv"
    database = Database(store)
    monkeypatch.setenv("FOOTFALL_ORDERS_KEY", create_key(database, "import", store="riverside"))
    database.close()
    head, first, *_ = EXPORT.splitlines()
    corrected = first.replace("59,90", "64,90")
    with served_orders_api(store) as url:
        command = ("orders", "import", str(file), *MAPPED, "--url", url)
        file.write_text(f"{head}\n{first}\n{corrected}\n", encoding="utf-8")
        output = footfall(*command, code=1).output
        assert "2 rows: 1 created, 0 updated, 0 ignored, 0 rejected, 1 differing" in output
        assert "1 row, line 3." in output
        file.write_text(f"{head}\n{corrected}\n", encoding="utf-8")
        output = footfall(*command, code=1).output
        assert "1 row: 0 created, 0 updated, 0 ignored, 0 rejected, 1 differing" in output
        assert (
            "1 row, line 2. Map their version with --map version=COLUMN, or let the file win with --replace" in output
        )
        assert "says something else" in (tmp_path / "export.csv.rejected.csv").read_text(encoding="utf-8")
        assert "1 updated" in footfall(*command, "--replace").output
        assert "1 ignored" in footfall(*command).output
        file.write_text(f"{head}\n{first}\n", encoding="utf-8")
        assert "1 differing" in footfall(*command, code=1).output
    assert rows(store, "SELECT net::text FROM pos_order") == [("64.90",)]


def test_an_import_without_an_api_says_how_to_start_it(tmp_path: Path, store: str) -> None:
    file = tmp_path / "export.csv"
    file.write_text(EXPORT, encoding="utf-8")
    command = ["orders", "import", str(file), *MAPPED, "--url", "http://127.0.0.1:9", "--key", "ffk_x"]
    result = CliRunner().invoke(main.app, command)
    assert result.exit_code != 0
    assert "start it with footfall orders serve" in str(result.exception)
    assert count(store, "pos_order") == 0
