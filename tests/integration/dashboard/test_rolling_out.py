"""Beginning and widening a roll-out from the dashboard: head office alone, with a reason, as the commands would."""

import json
from collections.abc import Iterator
from typing import Any, Final

import psycopg2
import pytest

from deploy.control.desires import Decision
from deploy.control.rollouts import change, latest
from deploy.control.standards import define
from tests.integration.dashboard.conftest import House, callback, outputs_with
from tests.support.fleet import Fleet
from tests.support.store_data import add_store

NEXT: Final = '[cameras."*"]\nfps = 6\n'


@pytest.fixture
def three_stores(database: str) -> str:
    """The stores of the house's accounts, in a database of their own."""
    connection = psycopg2.connect(database)
    connection.autocommit = True
    for code, region in (("north-one", "North"), ("north-two", "North"), ("south-one", "South")):
        add_store(connection, code, name=code.title(), region=region)
    connection.close()
    return database


@pytest.fixture
def fleet(three_stores: str) -> Iterator[Fleet]:
    """Forty stores with a box each."""
    made = Fleet(three_stores, stores=37)
    define(made.database, "autumn", '[cameras."*"]\nfps = 8\n', decided(made))
    yield made
    made.database.close()


def decided(fleet: Fleet) -> Decision:
    return Decision(by="anna", why="queues", at=fleet.now)


def field(name: str, deed: str, value: Any) -> list[Any]:
    id_ = json.dumps({name: deed}, separators=(",", ":"))
    return [[(f"{id_}.value", value)], [(f"{id_}.id", {name: deed})]]


def do(house: House, login: str, deed: str, *, rollout: int = 0, share: Any = "1.0", why: str = "all is well",
       standard: str = "autumn:1") -> str:  # fmt: skip
    """Press a button as the page's script does; return what it says."""
    client, _ = house.sign_in(login)
    button = json.dumps({"rollout": rollout, "rollout-do": deed}, separators=(",", ":"))
    state = [
        *field("rollout-why", deed, why), *field("rollout-share", deed, share),
        *field("rollout-standard", deed, standard), ("rollouts-shown.data", {"lang": "en"}),
    ]  # fmt: skip
    answer = callback(client, outputs_with(house, '"rollout-do"'), [[(f"{button}.n_clicks", 1)]], state)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text: str = json.dumps(answer.get_json()["response"]["rollouts-result"]["children"])
    return text


def stands(fleet: Fleet) -> tuple[str, float, int]:
    found = latest(fleet.database)
    assert found is not None
    return found.words, found.share, found.boxes


def test_head_office_begins_and_widens_with_a_reason_and_both_are_written_down(house: House, fleet: Fleet) -> None:
    assert "rollout_why" in do(house, "olga", "start", why=" ")
    assert latest(fleet.database) is None
    assert "Done" in do(house, "olga", "start", share="0.1")
    assert stands(fleet) == ("autumn 1", 0.1, 4)
    first = latest(fleet.database)
    assert first is not None
    for share in ("0.01", "-1", "2", "nan", "many", ""):
        assert "rollout_share" in do(house, "olga", "widen", rollout=first.rollout_id, share=share), share
    assert '"rollout"' in do(house, "olga", "widen", rollout=first.rollout_id + 1)
    assert stands(fleet) == ("autumn 1", 0.1, 4)
    assert "Done" in do(house, "olga", "widen", rollout=first.rollout_id, share="0.5")
    assert stands(fleet) == ("autumn 1", 0.5, 20)
    define(fleet.database, "autumn", NEXT, decided(fleet))
    assert "Done" in do(house, "olga", "start", standard="autumn:2", share="0.01")
    assert stands(fleet) == ("autumn 2", 0.01, 1)
    told = [(one.action, one.login) for one in house.register.events(limit=20) if one.action.startswith("rollout")]
    assert told == [("rollout_start", "olga"), ("rollout_widen", "olga"), ("rollout_start", "olga")]


def test_what_the_command_refuses_the_page_refuses(house: House, fleet: Fleet) -> None:
    for standard in ("", "autumn", "autumn:9", "autumn:x", "winter:1"):
        share = "0" if standard == "autumn" else "0.1"
        assert "data-wrong" in do(house, "olga", "start", standard=standard, share=share), standard
    assert latest(fleet.database) is None
    define(fleet.database, "winter", NEXT, decided(fleet))
    assert "Done" in do(house, "olga", "start", share="0.1")
    assert '"rollout"' in do(house, "olga", "start", standard="winter:1"), "another one is on its way"
    change(fleet.database, "end", decided(fleet))
    with fleet.database.transaction() as cursor:
        cursor.execute("UPDATE enrolment SET ended_at = now(), ended_by = 'revoked'")
    assert "rollout_boxes" in do(house, "olga", "start", standard="winter:1")


@pytest.mark.parametrize("login", ["mia", "rob", "ivan"])
def test_nobody_but_head_office_begins_or_widens_by_calling_the_callback(
    house: House, fleet: Fleet, login: str
) -> None:
    assert "Not for this account" in do(house, login, "start")
    assert latest(fleet.database) is None
    assert "Done" in do(house, "olga", "start", share="0.1")
    found = latest(fleet.database)
    assert found is not None
    assert "Not for this account" in do(house, login, "widen", rollout=found.rollout_id)
    assert stands(fleet) == ("autumn 1", 0.1, 4)


def test_another_site_has_nothing_rolled_out_in_head_office_s_name(house: House, fleet: Fleet) -> None:
    olga, _ = house.sign_in("olga")
    button = '{"rollout":0,"rollout-do":"start"}'
    body = {"output": "", "outputs": [], "inputs": [], "state": [], "changedPropIds": [f"{button}.n_clicks"]}
    for headers in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ):
        assert olga.post("/_dash-update-component", json=body, headers=headers).status_code == 403
    assert latest(fleet.database) is None
