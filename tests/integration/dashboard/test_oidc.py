"""Signing in with a real OpenID provider: who gets in as what, and what does not hold."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from analytics.database import Database
from dashboard.accounts.linking import ATTEMPTS_MAX, Linking, login_of
from dashboard.accounts.register import Scope, Wanted
from dashboard.accounts.sessions import Lasts, Sessions
from dashboard.app import create_app
from dashboard.errors import AccountError, OidcSetUpError
from dashboard.oidc.rules import read_rules
from dashboard.settings import DashboardSettings
from deploy.process import free_port
from tests.integration.dashboard.conftest import OURS, PASSWORD, House
from tests.integration.dashboard.test_set_up import values
from tests.support.npm import NpmUnavailableError
from tests.support.oidc import CLIENT_ID, SECRET, running_provider, through_the_provider

ACCOUNTS: Final[dict[str, dict[str, Any]]] = {
    "u-1": {"preferred_username": "Wang.Wei", "groups": ["north", "all-staff"]},
    "u-2": {"email": "li@example.com", "email_verified": True, "groups": ["shop-1", "shop-2"]},
    "u-3": {"preferred_username": "stranger", "groups": ["all-staff"]},
    "u-4": {"preferred_username": "mia", "groups": ["office"]},
    "u-5": {"preferred_username": "王伟", "email": "x@example.com", "email_verified": False, "groups": "office"},
}
RULES: Final = """
[[rule]]
group = "office"
role = "head_office"
[[rule]]
group = "north"
role = "region"
regions = ["North"]
[[rule]]
group = "shop-1"
role = "manager"
stores = ["north-one"]
[[rule]]
group = "shop-2"
role = "manager"
stores = ["south-one"]
"""
ORIGIN: Final = "http://localhost"
BACK: Final = ORIGIN + "/sign-in/oidc/back"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A provider that runs for all of these tests."""
    with tempfile.TemporaryDirectory(prefix="footfall-oidc-") as folder:
        port = free_port()
        try:
            with running_provider(Path(folder), port=port, origin=ORIGIN, accounts=ACCOUNTS):
                yield f"http://127.0.0.1:{port}"
        except NpmUnavailableError as error:
            pytest.skip(str(error))


@dataclass
class Door:
    """A dashboard with a provider; its clock goes with the provider's, whose tokens carry the time."""

    house: House
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        self.house.clock.now = datetime.now(UTC)
        self.house.app = create_app(DashboardSettings.model_validate(self.settings), clock=self.house.clock)

    def enter(self, subject: str, client: FlaskClient | None = None) -> tuple[FlaskClient, Any]:
        client = client or self.house.client()
        there = client.get("/sign-in/oidc?next=/store/north-one").headers["Location"]
        return client, client.get(through_the_provider(there, subject, until=BACK))

    def events(self, action: str) -> list[str]:
        found = self.house.register.events(limit=100, wanted=Wanted(actions=(action,)))
        return [event.detail or "" for event in found]

    def refused(self) -> str:
        return self.events("sign_in_refused")[0]


@pytest.fixture
def settings(house: House, issuer: str, tmp_path: Path) -> dict[str, Any]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    return {"database_url": house.database, "oidc_issuer": issuer, "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SECRET, "oidc_name": "Example ID", "oidc_rules": rules}  # fmt: skip


@pytest.fixture
def door(house: House, settings: dict[str, Any]) -> Door:
    return Door(house, settings)


def test_whom_the_provider_vouches_for_gets_in_with_the_role_of_their_groups(door: Door) -> None:
    assert "Example ID" in door.house.client().get("/sign-in?lang=en").get_data(as_text=True)
    client, answer = door.enter("u-1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/store/north-one")
    assert client.get("/store/north-one").status_code == 200
    door.enter("u-2")
    door.enter("u-5")
    found = {one.login: one for one in door.house.register.listed(now=door.house.clock.now)}
    assert (found["wang.wei"].role, found["wang.wei"].regions) == ("region", ["North"])
    assert (found["li@example.com"].role, found["li@example.com"].stores) == ("manager", ["north-one", "south-one"])
    named = next(login for login in found if login.startswith("oidc-"))
    assert found[named].role == "head_office", "a name in Chinese and an unproven address make no user name"


def test_the_same_subject_is_the_same_account_with_the_groups_of_today(door: Door) -> None:
    door.enter("u-1")
    door.house.later(seconds=1)
    door.house.register.set_scope("wang.wei", Scope("head_office"), now=door.house.clock.now)
    door.house.later(seconds=1)
    door.enter("u-1")
    found = [one for one in door.house.register.listed(now=door.house.clock.now) if one.login == "wang.wei"]
    assert [(one.role, one.regions, one.sessions) for one in found] == [("region", ["North"], 2)]
    (told,) = door.house.register.events(limit=1, wanted=Wanted(actions=("role_set",)))
    assert told.detail == "OIDC: region, North"


def test_groups_that_say_the_same_in_another_order_change_no_role(
    house: House, settings: dict[str, Any], tmp_path: Path
) -> None:
    told = RULES.replace("north-one", "later").replace("south-one", "north-one").replace("later", "south-one")
    turned = tmp_path / "turned.toml"
    turned.write_text(told, encoding="utf-8")
    for path in (turned, settings["oidc_rules"], turned):
        Door(house, settings | {"oidc_rules": path}).enter("u-2")
    assert Door(house, settings).events("role_set") == []


def test_who_is_in_no_group_of_ours_stays_outside(door: Door) -> None:
    client, answer = door.enter("u-3")
    assert answer.headers["Location"] == "/sign-in?oidc=refused"
    assert "not let in here" in client.get("/sign-in?oidc=refused&lang=en").get_data(as_text=True)
    assert client.get("/").status_code == 302
    assert door.refused() == "OIDC: no rule fits the groups of u-3"


def test_a_name_that_somebody_has_here_is_not_taken_over_but_linked_by_hand(door: Door, issuer: str) -> None:
    _, answer = door.enter("u-4")
    assert answer.headers["Location"] == "/sign-in?oidc=refused"
    assert door.refused() == "OIDC: mia is there already: footfall user link mia u-4"
    assert [one.role for one in door.house.register.listed(now=door.house.clock.now) if one.login == "mia"] == [
        "manager"
    ]
    linking = linking_of(door)
    linking.link("mia", issuer, "u-4", now=door.house.clock.now)
    assert door.enter("u-4")[1].status_code == 303
    with pytest.raises(AccountError, match="another account"):
        linking.link("rob", issuer, "u-4", now=door.house.clock.now)
    client, _ = door.enter("u-4")
    linking.unlink("mia", issuer, now=door.house.clock.now)
    assert client.get("/").status_code == 302


def test_without_rules_only_linked_accounts_get_in_with_their_own_role(
    house: House, settings: dict[str, Any], issuer: str
) -> None:
    door = Door(house, settings | {"oidc_rules": None})
    assert door.enter("u-1")[1].headers["Location"] == "/sign-in?oidc=refused"
    linking_of(door).link("rob", issuer, "u-1", now=house.clock.now)
    client, answer = door.enter("u-1")
    assert answer.status_code == 303
    assert client.get("/").status_code == 200
    house.register.disable("rob", now=house.clock.now)
    assert door.enter("u-1")[1].headers["Location"] == "/sign-in?oidc=refused"


def test_a_one_time_password_that_waits_is_void_once_the_provider_vouches(door: Door, issuer: str) -> None:
    door.house.register.set_password("mia", "from the telephone", now=door.house.clock.now, one_time=True)
    linking_of(door).link("mia", issuer, "u-4", now=door.house.clock.now)
    client, _ = door.enter("u-4")
    assert client.get("/").status_code == 200, "no password is asked for"
    assert door.house.sign_in("mia", "from the telephone")[1].status_code == 401


def test_local_accounts_stay(door: Door) -> None:
    assert door.house.sign_in("olga", PASSWORD)[1].status_code == 303


def test_an_answer_counts_once_in_the_browser_that_asked_and_for_ten_minutes(door: Door) -> None:
    client = door.house.client()
    there = client.get("/sign-in/oidc").headers["Location"]
    back = through_the_provider(there, "u-1", until=BACK)
    assert door.house.client().get(back).headers["Location"] == "/sign-in?oidc=over", "another browser"
    first = client.get_cookie("footfall-oidc")
    assert first is not None
    assert client.get(back).status_code == 303
    client.set_cookie("footfall-oidc", first.value)
    assert client.get(back).headers["Location"] == "/sign-in?oidc=over", "a second time"
    there = client.get("/sign-in/oidc").headers["Location"]
    back = through_the_provider(there, "u-1", until=BACK)
    door.house.later(minutes=11)
    assert client.get(back).headers["Location"] == "/sign-in?oidc=over", "too late"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("nonce", "an ID token that does not hold"),
        ("verifier", ""),
        ("iss", ""),
        ("code", ""),
        ("expired", "an ID token that does not hold"),
    ],
)
def test_an_answer_that_does_not_hold_lets_nobody_in(door: Door, what: str, expected: str) -> None:
    client = door.house.client()
    there = client.get("/sign-in/oidc").headers["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert "nonce" in asked
    back = through_the_provider(there, "u-1", until=BACK)
    if what == "nonce":
        values(door.house.database, "UPDATE oidc_attempt SET nonce = 'of another attempt' RETURNING 1")
    elif what == "verifier":
        values(door.house.database, "UPDATE oidc_attempt SET verifier = repeat('x', 50) RETURNING 1")
    elif what == "expired":
        # The way back stays good, the token that is fetched now is long over.
        door.house.later(hours=3)
        values(door.house.database, "UPDATE oidc_attempt SET at = at + interval '3 hours' RETURNING 1")
    else:
        answer = {name: one[0] for name, one in parse_qs(urlsplit(back).query).items()}
        changed = {"iss": "https://elsewhere.example"} if what == "iss" else {"error": "access_denied"}
        answer.pop(what, None)
        back = BACK + "?" + urlencode(answer | changed)
    assert client.get(back).headers["Location"] == "/sign-in?oidc=refused"
    if expected:
        assert expected in door.refused()
    else:
        assert door.events("sign_in_refused") == [], "before a code was taken it is anybody's word: only logged"
    assert client.get("/").status_code == 302


def test_who_is_on_the_way_is_kept_of_each_address_in_part_and_of_no_length(door: Door) -> None:
    client = door.house.client()
    for address, asked in (("192.0.2.7", ATTEMPTS_MAX + 3), ("192.0.2.8", 1)):
        for _ in range(asked):
            client.get("/sign-in/oidc?next=/" + "x" * 5_000, environ_base={"REMOTE_ADDR": address})
    kept = dict(values(door.house.database, "SELECT address, count(*) FROM oidc_attempt GROUP BY 1"))
    assert kept == {"192.0.2.7": ATTEMPTS_MAX, "192.0.2.8": 1}
    assert values(door.house.database, "SELECT DISTINCT way_back FROM oidc_attempt") == [("/",)]


def test_an_id_token_for_another_client_lets_nobody_in(house: House, settings: dict[str, Any]) -> None:
    from dashboard.oidc.provider import Client, Provider  # noqa: PLC0415  # beside its only use

    door = Door(house, settings)
    client = house.client()
    there = client.get("/sign-in/oidc").headers["Location"]
    back = through_the_provider(there, "u-1", until=BACK)
    asked = {name: one[0] for name, one in parse_qs(urlsplit(back).query).items()}
    (nonce,) = parse_qs(urlsplit(there).query)["nonce"]
    verifier = dict(values(house.database, "SELECT nonce, verifier FROM oidc_attempt"))[nonce]
    real = Provider(Client(settings["oidc_issuer"], CLIENT_ID, SECRET, "openid"), now=house.clock)
    with real._session(BACK) as session:
        token = session.fetch_token(
            real._discovered()[0]["token_endpoint"], code=asked["code"], code_verifier=verifier
        )  # fmt: skip
    assert real._verified(token, nonce)["sub"] == "u-1"
    other = Provider(Client(settings["oidc_issuer"], "another", SECRET, "openid"), now=house.clock)
    with pytest.raises(Exception, match="does not hold"):
        other._verified(token, nonce)
    forged = {**token, "id_token": token["id_token"][:-8] + "AAAAAAAA"}
    with pytest.raises(Exception, match="does not hold"):
        real._verified(forged, nonce)
    assert door.enter("u-1")[1].status_code == 303


def test_signing_out_here_goes_on_to_sign_out_there(door: Door, issuer: str) -> None:
    client, _ = door.enter("u-1")
    answer = client.post("/sign-out", headers=OURS)
    there = re.search(r'href="([^"]+)"', answer.get_data(as_text=True))
    assert there
    assert there[1].startswith(f"{issuer}/session/end?client_id={CLIENT_ID}")
    assert client.get("/").status_code == 302
    client, _ = door.house.sign_in("olga", PASSWORD)
    assert client.post("/sign-out", headers=OURS).headers["Location"] == "/sign-in", "not with the provider"


def test_a_provider_that_is_away_is_said_and_passwords_go_on(house: House, settings: dict[str, Any]) -> None:
    door = Door(house, settings | {"oidc_issuer": f"http://127.0.0.1:{free_port()}"})
    client = house.client()
    answer = client.get("/sign-in/oidc")
    assert answer.headers["Location"] == "/sign-in?oidc=away"
    assert values(house.database, "SELECT count(*) FROM oidc_attempt") == [(0,)], "nobody is on the way"
    assert "does not answer" in client.get("/sign-in?oidc=away&lang=en").get_data(as_text=True)
    assert door.house.sign_in("olga", PASSWORD)[1].status_code == 303


def test_without_settings_there_is_no_such_door(house: House) -> None:
    assert "/sign-in/oidc" not in house.client().get("/sign-in").get_data(as_text=True)
    assert house.client().get("/sign-in/oidc/back").headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one"),
        ("rules = 1", "got rules"),
        ('[[rule]]\ngroup = "a"\nrole = "king"', "a role out of"),
        ('[[rule]]\ngroup = "a"\nrole = "manager"', "at least one --store"),
        ('[[rule]]\ngroup = "a"\nrole = "region"\nregions = "North"', "a list of texts"),
        ('[[rule]]\ngroup = "a"\nrole = "installer"\nstore = ["x"]', "got store"),
        ("[[rule]", "TOML"),
    ],
)
def test_rules_that_cannot_be_are_said_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OidcSetUpError, match=said):
        read_rules(path)


def test_a_user_name_is_made_of_what_is_proven() -> None:
    assert login_of({"sub": "1", "preferred_username": " Anna "}) == "anna"
    assert login_of({"sub": "1", "email": "a@b.example"}) == "a@b.example"
    assert login_of({"sub": "1", "email": "a@b.example", "email_verified": False}).startswith("oidc-")


def linking_of(door: Door) -> Linking:
    database = Database(door.house.database, clock=door.house.clock, connections=1, writes=True)
    return Linking(database, Sessions(database, Lasts(timedelta(hours=1), timedelta(days=1))))
