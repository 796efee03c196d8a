"""The audit page's door: one PIN, few tries, and nothing said to who has none."""

from typing import Any

import msgspec
import pytest

from edge.audit.access import ALL_WINDOW_S, LOGIN_S, LOGINS_MAX, TRIES, TRIES_ALL, WAIT_S, Gate, new_pin
from edge.audit.answers import AuditPages, Request, Response, known_host
from edge.audit.audits import Audits
from edge.audit.errors import AuditRefusedError, AuditServerError, LockedOutError
from edge.audit.service import configured_pin
from edge.config import AuditConfig
from tests.support.auditing import LINES, ScriptedBox
from tests.support.clocks import ManualClock

PIN = "42424242"
HOST = "10.0.0.7:8090"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def gate(clock: ManualClock) -> Gate:
    return Gate(PIN, clock)


@pytest.fixture
def pages(clock: ManualClock, gate: Gate) -> AuditPages:
    box = ScriptedBox(clock)
    audits = Audits(LINES, box.heard, record=box.record, watching=lambda _line: True, clock=clock)
    return AuditPages(audits, gate, clock)


def wrong(gate: Gate, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AuditRefusedError, match="wrong_pin"):
            gate.login("00000000", address)


def test_a_pin_may_be_typed_with_spaces(gate: Gate) -> None:
    assert gate.who(gate.login("4242 4242", "a").token)


def test_too_many_wrong_pins_lock_the_address_out_even_for_the_right_one(gate: Gate, clock: ManualClock) -> None:
    wrong(gate, "a", TRIES)
    with pytest.raises(LockedOutError):
        gate.login(PIN, "a")
    assert gate.login(PIN, "b"), "another phone is not locked out"
    clock.advance(WAIT_S + 1)
    wrong(gate, "a", 1)
    clock.advance(WAIT_S + 1)
    with pytest.raises(LockedOutError):
        gate.login(PIN, "a")
    clock.advance(WAIT_S)
    assert gate.login(PIN, "a")


def test_many_addresses_do_not_get_more_tries_than_one(gate: Gate, clock: ManualClock) -> None:
    for number in range(TRIES_ALL):
        wrong(gate, f"10.0.0.{number}", 1)
    with pytest.raises(LockedOutError):
        gate.login(PIN, "10.0.1.1")
    clock.advance(ALL_WINDOW_S + 1)
    assert gate.login(PIN, "10.0.1.1")


def test_a_log_in_ends_and_their_number_is_bounded(gate: Gate, clock: ManualClock) -> None:
    first = gate.login(PIN, "a")
    for _ in range(LOGINS_MAX):
        last = gate.login(PIN, "a")
    assert gate.who(first.token) is None
    assert gate.who(last.token)
    clock.advance(LOGIN_S + 1)
    assert gate.who(last.token) is None


def test_the_pin_is_not_kept(gate: Gate) -> None:
    assert not any(PIN in repr(value) for value in vars(gate).values())


def test_a_random_pin_has_eight_digits() -> None:
    assert len(new_pin()) == 8
    assert len({new_pin() for _ in range(20)}) > 1


def test_a_configured_pin_is_read_and_must_be_long_enough(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pin"
    path.write_text("7777 1234\n", encoding="utf-8")
    assert configured_pin(AuditConfig(pin_file=str(path))) == "77771234"
    monkeypatch.setenv("FOOTFALL_AUDIT_PIN", "123")
    with pytest.raises(AuditServerError, match="at least 6 characters"):
        configured_pin(AuditConfig(pin_env="FOOTFALL_AUDIT_PIN"))
    with pytest.raises(AuditServerError, match="cannot be read"):
        configured_pin(AuditConfig(pin_file=str(tmp_path / "nowhere")))
    assert configured_pin(AuditConfig()) is None


def ask(pages: AuditPages, target: str, body: object = None, **headers: str) -> Response:
    sent = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is None:
        return pages.answer(Request("GET", target, sent, b"", "10.0.0.9"))
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return pages.answer(Request("POST", target, {"content-type": "application/json", **sent}, raw, "10.0.0.9"))


def log_in(pages: AuditPages) -> dict[str, str]:
    answer = ask(pages, "/api/login", {"pin": PIN})
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    return {"cookie": cookie.partition(";")[0], "x_csrf": msgspec.json.decode(answer.body)["csrf"]}


def begin(pages: AuditPages, headers: dict[str, str]) -> Any:
    answer = ask(pages, "/api/begin", {"line": "front-door", "auditor": "jd", "minutes": 15}, **headers)
    assert answer.status == 200
    return msgspec.json.decode(answer.body)["session"]


def test_without_a_pin_nothing_is_said_but_the_page(pages: AuditPages) -> None:
    assert msgspec.json.decode(ask(pages, "/api/state").body).keys() == {"csrf", "now_ms"}
    assert b"front-door" not in ask(pages, "/").body
    for path in ("/api/begin", "/api/events", "/api/logout"):
        assert ask(pages, path, {}).status == 401


def test_a_request_without_the_pages_own_token_is_refused(pages: AuditPages) -> None:
    headers = log_in(pages)
    body = {"line": "front-door", "auditor": "jd", "minutes": 15}
    assert ask(pages, "/api/begin", body, cookie=headers["cookie"]).status == 403
    assert ask(pages, "/api/begin", body, cookie=headers["cookie"], x_csrf="guess").status == 403
    assert ask(pages, "/api/begin", body, **headers, origin="http://evil.example").status == 403
    assert ask(pages, "/api/begin", body, **headers, origin=f"http://{HOST}").status == 200


def test_a_form_of_another_site_is_no_json(pages: AuditPages) -> None:
    assert ask(pages, "/api/login", b"pin=42424242", content_type="application/x-www-form-urlencoded").status == 415


def test_another_log_ins_cookie_does_not_reach_an_audit(pages: AuditPages) -> None:
    session = begin(pages, log_in(pages))
    other = log_in(pages)
    events = {"session": session["id"], "first": 0, "events": [{"kind": "in", "at_ms": 1}]}
    assert ask(pages, "/api/events", events, **other).status == 404
    assert msgspec.json.decode(ask(pages, "/api/state", cookie=other["cookie"]).body)["session"] is None


def test_the_devices_counts_stay_hidden_while_a_person_taps(pages: AuditPages) -> None:
    session = begin(pages, log_in(pages))
    assert session.keys() == {"id", "line", "role", "minutes", "started_ms", "have", "result"}
    assert session["result"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"[" * 20_000, b'{"pin":"\xff"}', b'{"pin":""}', b'{"pin":1}',
        b'{"pin":"1","more":1}', b'{"pin":"' + b"1" * 65 + b'"}',
    ],
)  # fmt: skip
def test_a_malformed_log_in_is_refused_calmly(pages: AuditPages, body: bytes) -> None:
    assert ask(pages, "/api/login", body).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"auditor": "Jo Do"}, {"auditor": "a" * 13}, {"auditor": "姓名"}, {"minutes": 61}, {"minutes": 0},
        {"more": 1}, {"line": ""},
    ],
)  # fmt: skip
def test_an_audit_begins_only_within_bounds(pages: AuditPages, change: dict[str, Any]) -> None:
    body = {"line": "front-door", "auditor": "jd", "minutes": 15} | change
    assert ask(pages, "/api/begin", body, **log_in(pages)).status == 400


def test_a_batch_of_10_000_taps_is_refused(pages: AuditPages) -> None:
    headers = log_in(pages)
    session = begin(pages, headers)
    taps = {"session": session["id"], "first": 0, "events": [{"kind": "in", "at_ms": 1}] * 10_000}
    assert ask(pages, "/api/events", taps, **headers).status == 400


@pytest.mark.parametrize("target", ["/../../etc/passwd", "/audit.py", "//etc/passwd", "/%2e%2e/x", "/words.zh.json"])
def test_no_file_is_served_by_its_path(pages: AuditPages, target: str) -> None:
    assert ask(pages, target).status == 404


def test_every_answer_forbids_what_the_page_does_not_need(pages: AuditPages) -> None:
    for target in ("/", "/audit.js", "/audit.css", "/api/state", "/nowhere"):
        headers = ask(pages, target).all_headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    page = ask(pages, "/").body.decode()
    assert "<img" not in page
    assert "onclick" not in page


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("10.0.0.7:8090", True), ("[fe80::1]:8090", True), ("localhost", True), ("door-box.local:8090", True),
        ("door-box", True), ("evil.example", False), ("10.0.0.7.evil.example", False), ("", False),
        ("a b", False), ("[evil.example]", False), ("door-box/../", False),
    ],
)  # fmt: skip
def test_a_public_name_that_leads_here_is_refused(pages: AuditPages, host: str, known: bool) -> None:
    assert known_host(host) is known
    assert ask(pages, "/", host=host).status == (200 if known else 421)


@pytest.mark.parametrize(
    ("target", "accepted", "tag"),
    [
        ("/?lang=zh", "en", "zh-Hans"),
        ("/", "zh-CN,en;q=0.5", "zh-Hans"),
        ("/", "de", "en"),
        ("/?lang=xx", "zh", "zh-Hans"),
    ],
)
def test_the_page_speaks_the_phones_language(pages: AuditPages, target: str, accepted: str, tag: str) -> None:
    page = ask(pages, target, accept_language=accepted).body.decode()
    assert f'<html lang="{tag}">' in page
