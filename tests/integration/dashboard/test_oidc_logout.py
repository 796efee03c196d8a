"""A real provider that signs somebody out ends the sessions here, and nobody else can."""

import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("authlib")

import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from analytics.database import Database
from dashboard.app import create_app
from dashboard.errors import OidcAnswerError
from dashboard.oidc.provider import Client, Provider
from dashboard.settings import DashboardSettings
from deploy.process import free_port
from tests.integration.dashboard.conftest import House
from tests.integration.dashboard.test_oidc import ACCOUNTS, BACK, ORIGIN, RULES
from tests.support.clocks import wait_until
from tests.support.npm import NpmUnavailableError
from tests.support.oidc import CLIENT_ID, SECRET, running_provider, signed_out_there, through_the_provider

EVENT: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
AT = int(NOW.timestamp())


class Told:
    """A dashboard that the provider reaches, and browsers that are signed in with it."""

    def __init__(self, house: House, issuer: str, port: int, rules: Path) -> None:
        self.house, self.issuer = house, issuer
        house.clock.now = datetime.now(UTC)
        settings = {
            "database_url": house.database, "oidc_issuer": issuer, "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SECRET, "oidc_rules": rules,
        }  # fmt: skip
        house.app = create_app(DashboardSettings.model_validate(settings), clock=house.clock)
        self.server = make_server("127.0.0.1", port, house.app.server, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def enter(self, subject: str) -> tuple[FlaskClient, requests.Session]:
        client, browser = self.house.client(), requests.Session()
        there = client.get("/sign-in/oidc").headers["Location"]
        client.get(through_the_provider(there, subject, until=BACK, browser=browser))
        assert client.get("/store/north-one").status_code == 200
        return client, browser


@pytest.fixture
def told(house: House, tmp_path: Path) -> Iterator[Told]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    port, there = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="footfall-oidc-") as folder:
        try:
            with running_provider(
                Path(folder), port=there, origin=ORIGIN, accounts=ACCOUNTS,
                told_at=f"http://127.0.0.1:{port}/sign-in/oidc/logout",
            ):  # fmt: skip
                made = Told(house, f"http://127.0.0.1:{there}", port, rules)
                yield made
                made.server.shutdown()
        except NpmUnavailableError as error:
            pytest.skip(str(error))


def test_who_is_signed_out_at_the_provider_is_signed_out_here_in_that_browser_alone(told: Told) -> None:
    client, browser = told.enter("u-1")
    elsewhere, _ = told.enter("u-1")
    somebody, _ = told.enter("u-2")
    local, _ = told.house.sign_in("mia")
    signed_out_there(told.issuer, browser)
    wait_until(lambda: client.get("/store/north-one").status_code == 302, what="the session ends")
    for other in (elsewhere, somebody, local):
        assert other.get("/store/north-one").status_code == 200


@pytest.mark.parametrize("form", [{}, {"logout_token": "a.b.c"}, {"logout_token": "x" * 20_000}])
def test_nobody_else_signs_anybody_out(house: House, form: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Provider, "_discovered", lambda _self, **_: ({}, KeySet([RSAKey.generate_key(2048)])))
    settings = {"database_url": house.database, "oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT_ID}
    house.app = create_app(DashboardSettings.model_validate(settings), clock=house.clock)
    answer = house.app.server.test_client().post("/sign-in/oidc/logout", data=form)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


def provider_of(key: RSAKey, monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider(Client("https://id.example", CLIENT_ID, None, "openid"), now=lambda: NOW)
    monkeypatch.setattr(made, "_known", (NOW, {}, KeySet([key])))
    return made


def token(key: RSAKey, **changes: Any) -> str:
    claims = {"iss": "https://id.example", "aud": CLIENT_ID, "iat": AT, "exp": AT + 120, "jti": "1", "sub": "u-1",
              "sid": "s-1", "events": EVENT} | changes  # fmt: skip
    return jwt.encode(
        {"alg": "RS256", "kid": key.kid}, {name: one for name, one in claims.items() if one is not None}, key
    )


def test_a_logout_token_says_whose_session_ended_when(key: RSAKey, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = provider_of(key, monkeypatch)
    ended = provider.ended(token(key))
    assert (ended.subject, ended.sid, ended.at) == ("u-1", "s-1", NOW)
    assert provider.ended(token(key, sid=None, aud=["other", CLIENT_ID])).sid is None
    assert provider.ended(token(key, iat=AT + 0.25)).at == NOW + timedelta(seconds=0.25)


def test_a_logout_token_ends_sessions_once_whichever_process_gets_it(
    house: House, key: RSAKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Provider, "_discovered", lambda _self, **_: ({}, KeySet([key])))
    issuer = "https://id.example"
    settings = DashboardSettings.model_validate(
        {"database_url": house.database, "oidc_issuer": issuer, "oidc_client_id": CLIENT_ID}
    )
    at = int(house.clock().timestamp())
    said = token(key, iat=at, exp=at + 120)
    one, two = (create_app(settings, clock=house.clock).server.test_client() for _ in range(2))
    for process, form, status in ((one, said, 200), (one, said, 400), (two, said, 400)):
        assert process.post("/sign-in/oidc/logout", data={"logout_token": form}).status_code == status
    house.later(minutes=4)
    later = token(key, iat=at, exp=at + 400)
    assert two.post("/sign-in/oidc/logout", data={"logout_token": later}).status_code == 400, "the same jti"
    assert (
        two.post("/sign-in/oidc/logout", data={"logout_token": token(key, iat=at, jti="2", exp=at + 400)}).status_code
        == 200
    )
    house.later(minutes=7)
    at = int(house.clock().timestamp())
    with Database(house.database, clock=house.clock, connections=1).transaction() as cursor:
        cursor.execute("SELECT count(*) FROM oidc_logout")
        assert cursor.fetchone() == (2,)
    assert (
        one.post("/sign-in/oidc/logout", data={"logout_token": token(key, iat=at, exp=at, jti="3")}).status_code == 200
    )
    with Database(house.database, clock=house.clock, connections=1).transaction() as cursor:
        cursor.execute("SELECT count(*) FROM oidc_logout")
        assert cursor.fetchone() == (1,), "nothing is kept for longer than it is good"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"}, {"aud": "other"}, {"events": {}}, {"events": None}, {"nonce": "n"},
        {"sub": None, "sid": None}, {"sub": 7}, {"iat": AT - 301}, {"iat": AT + 61}, {"iat": None}, {"exp": AT - 61},
        {"iat": True}, {"iat": str(AT)}, {"exp": True}, {"jti": None}, {"jti": ""}, {"jti": 7},
    ],
)  # fmt: skip
def test_a_token_that_is_no_logout_token_for_us_ends_nothing(
    key: RSAKey, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OidcAnswerError):
        provider_of(key, monkeypatch).ended(token(key, **changes))


def test_a_token_of_another_key_ends_nothing_and_has_nobody_asked(key: RSAKey, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = provider_of(key, monkeypatch)
    monkeypatch.setattr(requests, "get", pytest.fail)
    with pytest.raises(OidcAnswerError):
        provider.ended(token(RSAKey.generate_key(2048, {"kid": "two"})))
