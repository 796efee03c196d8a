"""A provider that hangs, fails or talks nonsense: it costs one thread a moment, and is not asked again at once."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytest.importorskip("authlib")

from dashboard.errors import OidcAnswerError, OidcUnavailableError
from dashboard.oidc import provider as provider_module
from dashboard.oidc.provider import Client, Provider
from tests.support.clocks import wait_until


class Fake(ThreadingHTTPServer):
    """Describes itself as a provider, hangs while `held` is set, and answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []
        self.held = threading.Event()
        self.held.set()
        self.status = 200
        self.keys: Any = {"keys": [{"kty": "oct", "k": "b25seS1mb3ItdGVzdHM"}]}
        self.issuer = f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Fake

    def do_GET(self) -> None:
        fake = self.server
        fake.asked.append(self.path)
        fake.held.wait(30)
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        said = {"issuer": fake.issuer, **{name: f"{fake.issuer}/{name}" for name in names}}
        body = json.dumps(fake.keys if self.path == "/jwks_uri" else said).encode()
        self.send_response(fake.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = b'{"error": "invalid_grant"}'
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Now:
    """A clock that the test holds."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.held.set()
        server.shutdown()


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def provider(fake: Fake, now: Now) -> Provider:
    return Provider(Client(fake.issuer, "footfall", None, "openid"), now=now)


def way_in(provider: Provider) -> str:
    return provider.way_in(state="s", nonce="n", verifier="v" * 50, back="http://localhost/back")


def test_a_provider_that_failed_is_not_asked_again_at_once(fake: Fake, provider: Provider, now: Now) -> None:
    fake.status = 500
    for _ in range(3):
        with pytest.raises(OidcUnavailableError, match="does not answer"):
            way_in(provider)
    assert len(fake.asked) == 1
    fake.status = 200
    now.at += timedelta(seconds=16)
    assert way_in(provider).startswith(f"{fake.issuer}/authorization_endpoint?")


def test_while_one_thread_hangs_with_the_provider_no_other_one_does(
    fake: Fake, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "_TIMEOUT_S", 60.0)
    monkeypatch.setattr(provider_module, "_BESIDE_S", 0.01)
    fake.held.clear()
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(way_in, provider)
        wait_until(lambda: len(fake.asked) == 1, what="it asks")
        for _ in range(3):
            with pytest.raises(OidcUnavailableError, match="still being asked"):
                way_in(provider)
        assert not hanging.done()
        fake.held.set()
        assert hanging.result().startswith(fake.issuer)
    assert fake.asked == ["/.well-known/openid-configuration", "/jwks_uri"]


def test_what_was_known_is_used_while_the_provider_cannot_be_asked_anew(
    fake: Fake, provider: Provider, now: Now
) -> None:
    before = way_in(provider).partition("?")[0]
    now.at += timedelta(hours=2)
    fake.status = 503
    assert [way_in(provider).partition("?")[0] for _ in range(2)] == [before, before]
    assert len(fake.asked) == 3, "asked once more, and then not again at once"


@pytest.mark.parametrize("keys", [[], {"keys": [{"kty": "nonsense"}]}])
def test_a_provider_that_talks_nonsense_is_away(fake: Fake, provider: Provider, keys: Any) -> None:
    fake.keys = keys
    with pytest.raises(OidcUnavailableError, match="describe itself"):
        way_in(provider)


def test_a_code_that_the_provider_does_not_take_is_the_browsers_word_alone(provider: Provider) -> None:
    for answer in ({"code": "made up"}, {"error": "x"}, {"iss": "https://elsewhere.example", "code": "c"}):
        with pytest.raises(OidcAnswerError):
            provider.claims(answer, nonce="n", verifier="v" * 50, back="http://localhost/back")
