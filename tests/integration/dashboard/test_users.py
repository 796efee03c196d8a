"""Accounts and the log on the pages: what head office does there, and that nobody else does it by any way."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import dashboard
from dashboard.accounts.register import Wanted
from dashboard.components.event_words import ACTIONS, GROUPS
from tests.integration.dashboard.conftest import NOW, PASSWORD, House, callback
from tests.integration.dashboard.test_set_up import texts, values
from tests.integration.dashboard.test_viewing import outputs_of, shell

EN = {"lang": "en", "href": "/users?lang=en"}


def add(house: House, by: str, login: str, *scope: Any, password: str | None = None) -> list[str]:
    client, _ = house.sign_in(by)
    role, stores, regions = scope
    state = [("account-login.value", login), ("account-password.value", password), ("account-role.value", role),
             ("account-stores.value", stores), ("account-regions.value", regions),
             ("users-shown.data", EN)]  # fmt: skip
    answer = callback(client, outputs_of(house, "users-head.children"), [("account-add.n_clicks", 1)], state)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return texts(answer.get_json()["response"]["users-result"]["children"])


def act(house: House, by: str, login: str, button: str, *scope: Any, password: str | None = None) -> str:
    client, _ = house.sign_in(by)
    role, stores, regions = scope or ("manager", ["north-one"], [])
    buttons = ("save", "reset", "sign-out", "disable")
    inputs = [(f"user-{name}.n_clicks", 1 if name == button else None) for name in buttons]
    state = [("account-password.value", password), ("account-role.value", role), ("account-stores.value", stores),
             ("account-regions.value", regions), ("user-shown.data", {"login": login, "lang": "en"})]  # fmt: skip
    wanted = outputs_of(house, "user-result.children")
    body = callback(client, wanted, inputs, state, changed=f"user-{button}.n_clicks")
    assert body.status_code == 200, body.get_data(as_text=True)
    return " ".join(texts(body.get_json()["response"]["user-result"]["children"]))


def standing(house: House, login: str) -> Any:
    return next(one for one in house.register.listed(now=house.clock.now) if one.login == login)


def test_who_is_added_gets_in_with_the_link_and_sees_their_stores(house: House) -> None:
    said = " ".join(add(house, "olga", " Anna@Example.com ", "manager", ["south-one"], ["North"]))
    (once,) = re.findall(r"http\S+/sign-in\S+#login=anna%40example.com&once=([\w-]+)", said)
    assert said.count(once) == 2, "in the link, and to be read out"
    client, answer = house.sign_in("anna@example.com", once)
    assert answer.headers["Location"] == "/password"
    form = {"old": once, "new": "two slow trains", "again": "two slow trains"}
    client.post("/password", data=form, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
    one = standing(house, "anna@example.com")
    assert (one.role, one.stores, one.regions, one.one_time_until) == ("manager", ["south-one"], [], None)
    (done,) = house.register.events(limit=1, wanted=Wanted(who="anna", actions=("account_added",)))
    assert (done.login, done.subject, done.address) == ("olga", "anna@example.com", "127.0.0.1")


@pytest.mark.parametrize(
    ("login", "scope", "password", "expected"),
    [
        ("no spaces please", ("head_office", [], []), None, "User name: small letters"),
        ("mia", ("head_office", [], []), None, "somebody has it already"),
        ("new", ("manager", [], []), None, "at least one"),
        ("new", ("manager", ["nowhere"], []), None, "Stores:"),
        ("new", ("region", [], []), None, "Regions:"),
        ("new", ("installer", [], []), "short", "at least 10 characters"),
    ],
)
def test_what_cannot_be_is_said_by_its_field(
    house: House, login: str, scope: tuple[Any, ...], password: str | None, expected: str
) -> None:
    assert expected in " ".join(add(house, "olga", login, *scope, password=password))
    assert len(house.register.listed(now=house.clock.now)) == 4


def test_an_account_gets_another_role_password_and_its_end(house: House) -> None:
    browser, _ = house.sign_in("mia")
    assert "Saved" in act(house, "olga", "mia", "save", "region", ["north-one"], ["South"])
    assert (standing(house, "mia").role, standing(house, "mia").regions) == ("region", ["South"])
    assert browser.get("/").status_code == 200
    assert "Signed out in 1 browser" in act(house, "olga", "mia", "sign-out")
    assert browser.get("/").status_code == 302
    assert "has another password" in act(house, "olga", "mia", "reset", password="five green kites")
    assert house.sign_in("mia", "five green kites")[1].status_code == 303
    assert "shut out" in act(house, "olga", "mia", "disable")
    assert house.sign_in("mia", "five green kites")[1].status_code == 401
    assert "may sign in again" in act(house, "olga", "mia", "disable")
    assert house.sign_in("mia", "five green kites")[1].status_code == 303


@pytest.mark.parametrize("button", ["save", "disable"])
def test_nobody_takes_their_own_rights_away(house: House, button: str) -> None:
    assert "Not your own account" in act(house, "olga", "olga", button)
    assert (standing(house, "olga").role, standing(house, "olga").disabled_at) == ("head_office", None)


@pytest.mark.parametrize("login", ["mia", "rob", "ivan"])
def test_no_other_role_reaches_accounts_or_the_log_by_any_way(house: House, login: str) -> None:
    before = [(one.login, one.role, one.disabled_at) for one in house.register.listed(now=NOW)]
    for path in ("/users", "/users/olga", "/log"):
        text = shell(house, login, path)
        assert "Not for this account" in text
        assert "_dash_no_update" not in text, "no answer of a callback is part of a page"
        assert "head_office" not in text
        assert path == "/users/olga" or "olga" not in text, "only the address itself names her"
    assert "Not for this account" in " ".join(add(house, login, "evil", "head_office", [], []))
    for button in ("save", "reset", "sign-out", "disable"):
        assert "Not for this account" in act(house, login, "olga", button, "installer", [], [])
    client, _ = house.sign_in(login)
    asked = [("log-who.value", ""), ("log-kind.value", ""), ("log-from.value", None), ("log-to.value", None)]
    answer = callback(client, outputs_of(house, "log-table.children"), asked, [("log-lang.data", "en")])
    assert "Not for this account" in answer.get_data(as_text=True)
    answer = callback(
        client, outputs_of(house, "users-file.children"), [("users-search.value", "")], [("users-shown.data", EN)]
    )
    assert "olga" not in answer.get_data(as_text=True)
    saved = client.get("/files/log/log.csv")
    assert (saved.status_code, "olga" in saved.get_data(as_text=True)) == (403, False)
    assert [(one.login, one.role, one.disabled_at) for one in house.register.listed(now=NOW)] == before


def test_the_log_is_narrowed_down_by_name_kind_and_days_and_saved_as_it_is(house: House) -> None:
    house.clock.now = NOW - timedelta(days=3)
    house.sign_in("mia", "a wrong password")
    house.clock.now = NOW
    client, _ = house.sign_in("olga")
    house.sign_in("mia")
    house.later(seconds=1)
    text = client.get("/files/log/log.csv?find=mia&kind=door").get_data(as_text=True)
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["signed_in", "sign_in_refused"]
    day = f"{NOW:%Y-%m-%d}"
    text = client.get(f"/files/log/log.csv?find=mia&kind=door&from={day}&to={day}").get_data(as_text=True)
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["signed_in"]
    assert house.register.events(limit=1)[0].action == "log_saved"
    assert house.register.events(limit=9, wanted=Wanted(actions=("sign_in_refused",)))[0].subject == "mia"
    assert client.get("/files/log/log.csv?from=yesterday").status_code == 200, "a day that is none bounds nothing"


def test_no_spreadsheet_takes_a_line_of_the_log_for_a_formula(house: House) -> None:
    ((olga,),) = values(house.database, "SELECT account_id FROM account WHERE login = 'olga'")
    house.register.note("refused", now=NOW, account_id=olga, address="-1+1", subject="=HYPERLINK(1)")
    house.register.note("refused", now=NOW, account_id=olga, address="", subject="\n=1")
    client, _ = house.sign_in("olga")
    text = client.get("/files/log/log.csv?kind=refused").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in text
    assert "'-1+1" in text
    assert "'\n=1" in text


def test_every_action_that_is_written_down_has_words_and_a_kind() -> None:
    folder = Path(str(dashboard.__file__)).parent
    written = set()
    for path in folder.rglob("*.py"):
        written |= set(re.findall(r"\b_?note\(\s*(?:cursor, \w+, )?\"([a-z_]+)\"", path.read_text(encoding="utf-8")))
    assert written == set(ACTIONS)
    assert {action for _, actions in GROUPS.values() for action in actions} == set(ACTIONS)


def test_a_password_never_comes_back_to_a_page(house: House) -> None:
    said = " ".join(add(house, "olga", "anna", "installer", [], [], password="seven old bells"))
    assert "seven old bells" not in said
    assert house.sign_in("anna", "seven old bells")[1].status_code == 303
    assert house.sign_in("olga", PASSWORD)[1].status_code == 303
