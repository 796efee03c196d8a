"""Opening stores from the dashboard: who may, what is refused, and that a box gets in with the code."""

import base64
import json
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from contract.enrolment import EnrolmentCode
from deploy.trust.enrolments import Enrolments
from edge.identity import new_key, request_of
from ingest.database import Database
from tests.integration.dashboard.conftest import House, callback, outputs_with

DAYS = range(7)


def values(database: str, query: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    connection.close()
    return found


def texts(part: Any) -> list[str]:
    """Return every string that a component shows."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, list):
        return [text for each in part for text in texts(each)]
    return texts(part.get("props", {}).get("children")) if isinstance(part, dict) else []


def open_store(house: House, login: str, **changes: Any) -> Any:
    client, _ = house.sign_in(login)
    filled = {"name": "Hill Street", "code": "hill", "zone": "Europe/London", "currency": "GBP", "region": "South",
              "boxes": 2, "always": False, "opens": "09:00", "closes": "18:00", "template": None} | changes  # fmt: skip
    wild = '{{"day":{day},"hours":"{which}"}}.value'
    client_state: list[Any] = [
        ("setup-name.value", filled["name"]), ("setup-code.value", filled["code"]),
        ("setup-zone.value", filled["zone"]), ("setup-currency.value", filled["currency"]),
        ("setup-region.value", filled["region"]), ("setup-boxes.value", filled["boxes"]),
        ("setup-always.checked", filled["always"]),
        [(wild.format(day=day, which="opens"), filled["opens"]) for day in DAYS],
        [(wild.format(day=day, which="closes"), filled["closes"]) for day in DAYS],
        ("setup-template.contents", filled["template"]), ("setup-lang.data", "en"),
    ]  # fmt: skip
    answer = callback(client, ["setup-result.children"], [("setup-open.n_clicks", 1)], client_state)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["response"]["setup-result"]["children"]


def upload(text: str, encoding: str = "utf-8") -> str:
    return "data:text/csv;base64," + base64.b64encode(text.encode(encoding)).decode()


def test_a_store_opens_and_each_box_gets_in_with_its_code(house: House, tmp_path: Path) -> None:
    code = "hill-olga"
    said = texts(open_store(house, "olga", code=code))
    codes = [text for text in said if text.count("-") == 7 and " " not in text]
    assert len(codes) == 2
    assert any(f"footfall edge enroll {codes[0]} --server https://here:8443" in text for text in said)
    database = Database(house.database)
    key = new_key(tmp_path / "pending.key")
    identity = Enrolments(database, house.authority).redeem(
        EnrolmentCode.parse(codes[1]), request_of(key).encode(), now=house.clock.now
    )
    database.close()
    assert (identity.store, identity.device) == (code, "door-box-2")
    hours = values(
        house.database,
        "SELECT code, count(*), min(opens_min), max(closes_min) FROM store_hours JOIN store USING (store_id)"
        " GROUP BY code",
    )
    assert (code, 7, 540, 1080) in hours
    done = [(event.login, event.subject) for event in house.register.events(limit=9) if event.action == "store_opened"]
    assert done == [("olga", code)]


@pytest.mark.parametrize("login", ["mia", "rob", "ivan"])
def test_nobody_but_head_office_opens_a_store_by_calling_the_callback(house: House, login: str) -> None:
    assert "Not for this account" in texts(open_store(house, login, code="smuggled"))
    client, _ = house.sign_in(login)
    line = "code,name,timezone,currency\nsmuggled,Smuggled,Europe/Berlin,EUR\n"
    assert "Not for this account" in texts(open_list(house, client, upload(line)))
    assert values(house.database, "SELECT count(*) FROM store WHERE code = 'smuggled'") == [(0,)]
    refused = [(event.login, event.subject) for event in house.register.events(limit=9) if event.action == "refused"]
    assert (login, "chain") in refused


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"code": "Hill Street"}, "code"),
        ({"code": "north-one"}, "known"),
        ({"zone": None}, "timezone"),
        ({"currency": "pounds"}, "currency"),
        ({"opens": ""}, "hours"),
        ({"template": upload('store = "x"\n[[cameras]]\nname = "door"\n')}, "template"),
        ({"template": "data:;base64,%%%"}, "columns"),
    ],
)
def test_what_cannot_be_so_is_said_by_its_field(house: House, changes: dict[str, Any], wrong: str) -> None:
    before = values(house.database, "SELECT count(*) FROM store")
    said = open_store(house, "olga", **{"code": "wrong-one", **changes})
    assert said["props"]["data-wrong"] == wrong
    assert values(house.database, "SELECT count(*) FROM store") == before


def preview(house: House, text: str, encoding: str = "utf-8") -> tuple[str, bool]:
    client, _ = house.sign_in("olga")
    answer = callback(
        client, ["setup-preview.children", "setup-list-open.disabled", "setup-list-change.disabled"],
        [("setup-list.contents", upload(text, encoding))], [("setup-lang.data", "en")],
    )  # fmt: skip
    response = answer.get_json()["response"]
    return json.dumps(response["setup-preview"], ensure_ascii=False), response["setup-list-open"]["disabled"]


def test_a_list_is_shown_as_understood_with_each_lines_errors_and_nothing_is_done(house: House) -> None:
    before = values(house.database, "SELECT count(*) FROM store")
    shown, closed = preview(
        house,
        "code,name,timezone,currency,hours\n"
        "list-one,One,Europe/Berlin,EUR,mon-sat 10:00-20:00\n"
        "list-two,Two,Europe/Nowhere,EUR,\n"
        "List Three,Three,Europe/Berlin,EUR,\n"
        "list-one,Again,Europe/Berlin,EUR,\n"
        "list-four,Four,Europe/Berlin,EUR,sometimes\n"
        "list-five,Five,Europe/Berlin,EUR,,too many\n"
        "north-one,Known,UTC,EUR,\n",
    )
    assert closed, "nothing can be opened while a line is wrong"
    assert "2 stores understood · 5 lines are wrong" in shown
    for line, wrong in ((3, "timezone"), (4, "code"), (5, "twice"), (6, "hours"), (7, "fields")):
        told = (f'"data-line": "{line}"', f'"data-wrong": "{wrong}"')
        assert ", ".join(told) in shown or ", ".join(reversed(told)) in shown, "Dash writes properties in any order"
    assert "known; changes: " in shown
    assert values(house.database, "SELECT count(*) FROM store") == before


def test_a_list_of_something_else_is_said_to_be_one(house: House) -> None:
    shown, closed = preview(house, "shop;town\na;b\n")
    assert closed
    assert '"data-wrong": "columns"' in shown


def test_a_list_as_excel_in_china_writes_it_opens_its_stores(house: House) -> None:
    text = "code,name,timezone,currency,devices\nlist-zh,南京路店,Asia/Shanghai,CNY,door-box till-box\n"
    shown, closed = preview(house, text, "gb18030")
    assert not closed
    assert "南京路店" in shown
    client, _ = house.sign_in("olga")
    answer = open_list(house, client, upload(text, "gb18030"))
    assert "南京路店" in texts(answer)
    assert values(house.database, "SELECT name FROM store WHERE code = 'list-zh'") == [("南京路店",)]
    assert len([text for text in texts(answer) if text.count("-") == 7 and " " not in text]) == 2


def open_list(house: House, client: Any, contents: str) -> Any:
    answer = callback(
        client, outputs_with(house, "setup-list-open"), [("setup-list-open.n_clicks", 1)],
        [("setup-list.contents", contents), ("setup-template.contents", None), ("setup-lang.data", "en")],
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return next(iter(answer.get_json()["response"].values()))["children"]


def act(house: House, login: str, do: str, store: str, box: str) -> str:
    client, _ = house.sign_in(login)
    name = json.dumps({"box": box, "do": do}, separators=(",", ":"))
    answer = callback(
        client, ["box-result.children", "box-list.children"], [[(f"{name}.n_clicks", 1)]],
        [("box-new.value", None), ("box-store.data", {"store": store, "lang": "en"})],
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def close(house: House, login: str, store: str, typed: str) -> str:
    client, _ = house.sign_in(login)
    answer = callback(
        client, outputs_with(house, "box-close"), [("box-close.n_clicks", 1)],
        [("box-close-name.value", typed), ("box-store.data", {"store": store, "lang": "en"})],
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_an_installer_gives_a_code_and_shuts_a_box_out_and_head_office_closes_the_store(house: House) -> None:
    open_store(house, "olga", code="lives", name="Short Life", boxes=1)
    assert "footfall edge enroll" in act(house, "ivan", "code", "lives", "door-box")
    standing = "SELECT count(*) FILTER (WHERE withdrawn_at IS NULL), count(*) FROM enrolment_code JOIN device USING (device_id) JOIN store USING (store_id) WHERE store.code = 'lives'"  # noqa: E501
    assert values(house.database, standing) == [(1, 2)], "the code before is void"
    assert "is shut out" in act(house, "ivan", "revoke", "lives", "door-box")
    assert values(house.database, standing) == [(0, 2)]
    assert "Not for this account" in close(house, "ivan", "lives", "Short Life")
    assert '"data-wrong":"confirm"' in close(house, "olga", "lives", "short life").replace(" ", "")
    assert values(house.database, "SELECT closed_at FROM store WHERE code = 'lives'") == [(None,)]
    assert "is closed" in close(house, "olga", "lives", "Short Life")
    assert values(house.database, "SELECT closed_at IS NOT NULL FROM store WHERE code = 'lives'") == [(True,)]
    told = {(event.login, event.action) for event in house.register.events(limit=20)}
    assert told >= {("ivan", "code_issued"), ("ivan", "device_revoked"), ("olga", "store_closed")}


def test_a_manager_shuts_nothing_out_and_closes_nothing(house: House) -> None:
    assert "Not for this account" in act(house, "mia", "revoke", "north-one", "door-box")
    assert "Not for this account" in act(house, "mia", "code", "north-one", "door-box")
    assert "Not for this account" in close(house, "mia", "north-one", "North-One")
    assert values(house.database, "SELECT closed_at FROM store WHERE code = 'north-one'") == [(None,)]


def describe(house: House, login: str, code: str, *values_: Any) -> str:
    client, _ = house.sign_in(login)
    names = ("format", "tier", "size", "opened")
    state = [(f"peer-{name}.value", value) for name, value in zip(names, values_, strict=True)]
    shown = ("box-store.data", {"store": code, "lang": "en"})
    answer = callback(client, ["peer-result.children"], [("peer-save.n_clicks", 1)], [*state, shown])
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return " ".join(texts(answer.get_json()["response"]["peer-result"]["children"]))


def test_what_a_store_is_compared_by_is_set_on_its_page_and_written_down(house: House) -> None:
    assert "Saved" in describe(house, "olga", "south-one", " flagship ", "2", 420, "2019-03-01")
    kept = "SELECT format, city_tier, size_m2::float, opened_on::text FROM store WHERE code = 'south-one'"
    assert values(house.database, kept) == [("flagship", 2, 420.0, "2019-03-01")]
    assert "Saved" in describe(house, "olga", "south-one", "", None, "", None)
    assert values(house.database, kept) == [(None, None, None, None)], "what is emptied is empty"
    assert "Saved" in describe(house, "olga", "south-one", "kiosk", None, 40, None)
    assert values(house.database, kept) == [("kiosk", None, 40.0, None)]
    assert "Class of its city" in describe(house, "olga", "south-one", "", "12", "", None)
    assert "Sales floor" in describe(house, "olga", "south-one", "", None, -3, None)
    done = [event.login for event in house.register.events(limit=20) if event.action == "store_described"]
    assert done == ["olga"] * 3


@pytest.mark.parametrize("login", ["mia", "rob", "ivan"])
def test_nobody_but_head_office_describes_a_store(house: House, login: str) -> None:
    assert "Not for this account" in describe(house, login, "north-one", "smuggled", "1", 10, None)
    assert values(house.database, "SELECT count(*) FROM store WHERE format = 'smuggled'") == [(0,)]
