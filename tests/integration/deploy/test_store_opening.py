"""Opening stores on the command line: one, a list, with a template; closing one; what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analytics.clock import utc_now
from contract.enrolment import EnrolmentCode
from deploy.cli.main import app
from deploy.errors import StoreError
from deploy.trust.authority import Authority
from deploy.trust.broker_files import rules_of
from deploy.trust.enrolments import Enrolments
from edge.identity import new_key, request_of
from ingest.database import Database
from tests.support.ledger import one, rows

TEMPLATE = '[[cameras]]\nname = "door"\nsource = "rtsp://10.0.0.20/1"\n'


class Shell:
    """`footfall …` on a database and a home of its own."""

    def __init__(self, database: str, home: Path) -> None:
        self.run = CliRunner(env={"FOOTFALL_DATABASE_URL": database, "FOOTFALL_HOME": str(home)}).invoke

    def __call__(self, *arguments: str) -> str:
        done = self.run(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def lines(self, *arguments: str) -> list[Any]:
        return [json.loads(line) for line in self(*arguments, "--json").splitlines()]


@pytest.fixture
def footfall(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.delenv("FOOTFALL_BROKER_URL", raising=False)
    shell = Shell(database, tmp_path / "home")
    shell("trust", "init")
    return shell


def test_a_store_opens_with_a_code_for_each_box(footfall: Shell) -> None:
    issued = footfall.lines("store", "open", "riverside", "--zone", "Europe/Berlin", "--hours", "mon-sat 10:00-20:00",
                            "--device", "door-box", "--device", "till-box")  # fmt: skip
    assert [(each["store"], each["device"]) for each in issued] == [
        ("riverside", "door-box"),
        ("riverside", "till-box"),
    ]
    for each in issued:
        assert str(EnrolmentCode.parse(each["code"])) == each["code"]
        assert each["code"] in each["command"]
    (devices,) = footfall.lines("device", "list")
    assert [(each["device"], each["standing"]) for each in devices] == [
        ("door-box", "code waiting"),
        ("till-box", "code waiting"),
    ]


def test_the_code_is_kept_as_a_hash_only_and_drawn_for_a_camera(footfall: Shell, database: str) -> None:
    told = footfall("store", "open", "riverside")
    code = EnrolmentCode.parse(next(word for word in told.split() if word.count("-") == 7))
    assert "█" in told
    assert bytes(one(database, "SELECT code_sha256 FROM enrolment_code")[0]) == code.secret_sha256
    assert one(database, "SELECT count(*) FROM trust_event WHERE detail LIKE %s", f"%{code.secret}%") == (0,)


@pytest.mark.parametrize("stores", [20, pytest.param(400, marks=pytest.mark.slow)])
def test_hundreds_of_stores_open_from_one_list(footfall: Shell, database: str, tmp_path: Path, stores: int) -> None:
    rows = [
        f"shop-{number:03},Europe/Berlin,EUR,Shop {number},mon-sat 09:00-20:00,door-box" for number in range(stores)
    ]
    path = tmp_path / "stores.csv"
    path.write_text("\n".join(["code,timezone,currency,name,hours,devices", *rows]), encoding="utf-8")
    issued = footfall.lines("store", "open", "--csv", str(path))
    assert len({each["code"] for each in issued}) == stores
    assert one(database, "SELECT count(*) FROM store") == (stores,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("code,zone\nriverside,UTC\n", "expected the columns"),
        ("code,timezone,currency\nriverside,Berlin,EUR\n", r"stores\.csv:2: time zone"),
        ("code,timezone,currency,devices\nriverside,UTC,EUR,Door Box\n", r"stores\.csv:2: device"),
    ],
)
def test_a_list_that_cannot_be_read_opens_nothing(
    footfall: Shell, database: str, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "stores.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=message):
        footfall("store", "open", "--csv", str(path))
    assert one(database, "SELECT count(*) FROM store") == (0,)


def test_a_template_goes_with_the_code_and_may_not_say_who_the_box_is(
    footfall: Shell, database: str, tmp_path: Path
) -> None:
    path = tmp_path / "template.toml"
    path.write_text(TEMPLATE, encoding="utf-8")
    footfall("store", "open", "riverside", "--template", str(path))
    assert one(database, "SELECT site FROM enrolment_code") == (TEMPLATE,)
    path.write_text(f'store = "other"\n{TEMPLATE}', encoding="utf-8")
    with pytest.raises(StoreError, match="none of store, device, broker"):
        footfall("store", "open", "hilltop", "--template", str(path))


def test_a_closed_store_has_no_days_ahead_and_no_good_code(footfall: Shell, database: str) -> None:
    footfall("store", "open", "riverside")
    footfall("store", "close", "riverside")
    assert one(database, "SELECT count(*) FROM store_calendar WHERE opens_at > now()") == (0,)
    assert one(database, "SELECT count(*) FROM store_calendar WHERE opens_at < now()")[0] > 300
    (devices,) = footfall.lines("device", "list")
    assert [each["standing"] for each in devices] == ["store closed"]
    with pytest.raises(StoreError, match="closed"):
        footfall("device", "code", "riverside", "door-box")
    (log,) = footfall.lines("trust", "log")
    assert [each["action"] for each in log] == ["store_closed", "code_issued", "store_opened"]
    footfall("store", "open", "riverside")
    assert one(database, "SELECT closed_at FROM store") == (None,)


def test_a_broker_elsewhere_gets_its_files(footfall: Shell, tmp_path: Path) -> None:
    footfall("store", "open", "riverside")
    footfall("trust", "export", str(tmp_path / "broker"), "--reach", "mqtt.example.com")
    names = {path.name for path in (tmp_path / "broker").iterdir()}
    assert {"root.pem", "server.pem", "server.key", "revoked.pem", "enrolled.acl", "acl"} <= names
    assert "root.key" not in names
    assert "nothing to change" in footfall("trust", "export", str(tmp_path / "broker"), "--reach", "mqtt.example.com")


def test_what_emqx_asks_is_what_mosquitto_is_told(footfall: Shell, database: str, tmp_path: Path) -> None:
    footfall("store", "open", "riverside")
    authority = Authority(tmp_path / "trust", now=utc_now, create=True)
    enrolments = Enrolments(Database(database), authority)
    code = enrolments.issue_code("riverside", "door-box", now=utc_now())
    enrolments.redeem(code, request_of(new_key(tmp_path / "key")).encode(), now=utc_now())
    told = {
        (action, topic)
        for line in rules_of(enrolments.allowed()).splitlines()
        if line.startswith("topic")
        for _, action, topic in [line.split(" ")]
    }
    document = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    query = document.split("```sql\n")[1].split("```")[0].replace("${username}", "%s")
    asked = {({"publish": "write", "subscribe": "read"}[action], topic)
             for _, action, topic in rows(database, query, "riverside.door-box.1")}  # fmt: skip
    assert asked == told
    enrolments.revoke("riverside", "door-box", now=utc_now())
    assert rows(database, query, "riverside.door-box.1") == []
