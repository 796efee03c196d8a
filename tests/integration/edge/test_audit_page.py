"""The audit page over real sockets: what a stranger in the shop's network may try."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import edge.bounded_server as bounds
from edge.audit.access import TRIES
from edge.audit.answers import BODY_MAX
from edge.audit.errors import AuditServerError
from edge.audit.heard import CrossingsHeard
from edge.audit.service import AuditService
from edge.clock import SystemClock
from edge.config import AuditConfig
from tests.support.auditing import LINES, ScriptedBox, running_box
from tests.support.clocks import wait_until


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    with running_box() as running:
        yield running


def port_of(box: ScriptedBox) -> int:
    return int(box.service.url.rpartition(":")[2])


def ask(box: ScriptedBox, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(box), timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, {"Content-Type": "application/json", **named})
        response = connection.getresponse()
        raw = response.read()
        cookie = response.getheader("Set-Cookie") or ""
        kind = response.getheader("Content-Type") or ""
        return response.status, json.loads(raw) if "json" in kind else raw, cookie.partition(";")[0]
    finally:
        connection.close()


def pin(text: str) -> bytes:
    return json.dumps({"pin": text}).encode()


def test_wrong_pins_lead_to_a_lock_out_that_says_how_long(box: ScriptedBox) -> None:
    guess = "1" * 8 if box.service.pin != "1" * 8 else "2" * 8
    for _ in range(TRIES):
        assert ask(box, "POST", "/api/login", pin(guess))[:2] == (403, {"error": "wrong_pin"})
    status, said, _ = ask(box, "POST", "/api/login", pin(box.service.pin))
    assert (status, said["error"]) == (429, "locked")
    assert 0 < said["wait_s"] <= 60


def test_a_whole_audit_goes_over_the_wire(box: ScriptedBox) -> None:
    status, state, cookie = ask(box, "POST", "/api/login", pin(box.service.pin))
    assert status == 200
    login = {"Cookie": cookie, "X_CSRF": state["csrf"]}
    wanted = b'{"line":"front-door","auditor":"jd","minutes":15}'
    _, state, _ = ask(box, "POST", "/api/begin", wanted, **login)
    session = state["session"]["id"]
    box.cross("in")
    events = [{"kind": "in", "at_ms": state["now_ms"]}, {"kind": "end", "at_ms": state["now_ms"] + 100}]
    body = json.dumps({"session": session, "first": 0, "events": events}).encode()
    assert ask(box, "POST", "/api/events", body, **login)[1]["session"]["have"] == 2
    box.service.stop()
    assert [audit.auditor for audit in box.audits] == ["jd"]


def test_a_body_that_is_too_large_or_has_no_length_is_not_read(box: ScriptedBox) -> None:
    assert ask(box, "POST", "/api/login", b" " * (BODY_MAX + 1))[0] == 413
    assert ask(box, "POST", "/api/login", Content_Length="99999999999999999999")[0] == 413
    assert ask(box, "POST", "/api/login", Content_Length="-1")[0] == 411
    assert ask(box, "POST", "/api/login", Transfer_Encoding="chunked", Content_Length="x")[0] == 411


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_other_methods_are_not_known(box: ScriptedBox, method: str) -> None:
    assert ask(box, method, "/")[0] == 501


def test_nothing_says_what_runs_here(box: ScriptedBox) -> None:
    with socket.create_connection(("127.0.0.1", port_of(box)), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        head = raw.recv(4096)
    assert b"Python" not in head
    assert b"Server: footfall" in head


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: [\r\n\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{",
    ],
)
def test_garbage_does_not_stop_the_page(box: ScriptedBox, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port_of(box)), timeout=5) as raw:
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        raw.recv(4096)
    assert ask(box, "GET", "/api/state")[0] == 200


def test_idle_connections_take_no_more_than_their_slots_and_are_cut_off(
    box: ScriptedBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REQUEST_S", 1.0)
    before = threading.active_count()
    crowd = [socket.create_connection(("127.0.0.1", port_of(box)), timeout=5) for _ in range(40)]
    try:
        for one in crowd:
            one.sendall(b"GET / HTTP/1.0\r\nX: ")
        assert threading.active_count() <= before + bounds.THREADS_MAX + 1

        def answers() -> bool:
            try:
                return ask(box, "GET", "/api/state")[0] == 200
            except (OSError, http.client.HTTPException):
                return False

        started = time.monotonic()
        wait_until(answers, what="an answer although 40 connections hang", within_s=10)
        assert time.monotonic() - started < 8
    finally:
        for one in crowd:
            one.close()


def test_many_connections_of_one_address_shut_out_no_other(box: ScriptedBox) -> None:
    crowd = [socket.create_connection(("127.0.0.1", port_of(box)), timeout=5) for _ in range(60)]
    try:
        for one in crowd:
            with contextlib.suppress(OSError):
                one.sendall(b"GET / HTTP/1.0\r\nX: ")
        for _ in range(5):
            other = http.client.HTTPConnection("127.0.0.1", port_of(box), timeout=5, source_address=("127.0.0.2", 0))
            other.request("GET", "/api/state")
            assert other.getresponse().status == 200
            other.close()
    finally:
        for one in crowd:
            one.close()


def test_a_port_that_is_taken_is_said_plainly(box: ScriptedBox) -> None:
    config = AuditConfig(enabled=True, listen=f"127.0.0.1:{port_of(box)}")
    with pytest.raises(AuditServerError, match="cannot listen on"):
        AuditService(
            config, LINES, CrossingsHeard(), record=box.record, watching=lambda _line: True, clock=SystemClock()
        )
