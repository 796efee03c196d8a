"""What the audit page answers: one request in, one response out. Knows no sockets."""

import hmac
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from contract.types import NAME_PATTERN
from edge.audit.access import LOGIN_S, Gate, Login
from edge.audit.audits import Audits
from edge.audit.errors import AuditRefusedError, EventConflictError, LockedOutError
from edge.audit.event import AuditEvent
from edge.audit.session import AuditSession
from edge.audit.verdict import ENOUGH, verdict
from edge.audit.words import LANGUAGES, best_language, words
from edge.clock import Clock

#: Largest request body; a batch of `BATCH_MAX` events is about half of it.
BODY_MAX: Final = 32 * 1024
BATCH_MAX: Final = 400
COOKIE: Final = "footfall-audit"

_FOLDER: Final = Path(__file__).with_name("page")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_STATUS: Final = {"wrong_pin": 403, "locked": 429, "unknown_line": 404, "no_session": 404}
#: A name that no public DNS server can point at this box: nothing else may stand in `Host` (DNS rebinding).
_PRIVATE_SUFFIXES: Final = (".local", ".lan", ".home", ".internal", ".home.arpa", ".localhost")

_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")
_LANG: Final = re.compile(r"[?&]lang=([a-z]{2})")


class PinGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a log-in."""

    pin: Annotated[str, Meta(min_length=1, max_length=64)]


class AuditWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Body that begins an audit."""

    line: Annotated[str, Meta(min_length=1, max_length=40)]
    auditor: Annotated[str, Meta(min_length=1, max_length=12, pattern=NAME_PATTERN)]
    minutes: Annotated[int, Meta(ge=1, le=60)]


class EventsGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """Body with what a person did; empty to say that the phone is still there."""

    session: Annotated[str, Meta(min_length=1, max_length=32)]
    first: Annotated[int, Meta(ge=0, le=100_000)]
    events: Annotated[list[AuditEvent], Meta(max_length=BATCH_MAX)]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty body: {}."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    address: str

    @property
    def token(self) -> str:
        """Return the log-in's cookie; empty without one."""
        parts = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return next((value for name, _, value in parts if name == COOKIE), "")


@dataclass(frozen=True, slots=True)
class Response:
    """One response, complete with the headers that every one carries."""

    status: int
    kind: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """Return every header to be sent."""
        return {**_HEADERS, "Content-Type": self.kind, "Content-Length": str(len(self.body)), **self.headers}


class AuditPages:
    """The page, its style and script, and the questions that the script asks."""

    def __init__(self, audits: Audits, gate: Gate, clock: Clock) -> None:
        self._audits = audits
        self._gate = gate
        self._clock = clock
        page = (_FOLDER / "audit.html").read_text(encoding="utf-8")
        self._pages = {
            code: page.replace("%LANG%", "zh-Hans" if code == "zh" else "en")
            .replace("%TITLE%", words(code)["title"])
            .replace("%WORDS%", json.dumps(words(code), ensure_ascii=False).replace("<", "\\u003c"))
            .encode()
            for code in LANGUAGES
        }
        self._parts = {
            "/audit.css": ("text/css; charset=utf-8", (_FOLDER / "audit.css").read_bytes()),
            "/audit.js": ("text/javascript; charset=utf-8", (_FOLDER / "audit.js").read_bytes()),
        }
        self._posts: dict[str, Callable[[Request, Login], Response]] = {
            "/api/logout": self._logout,
            "/api/begin": self._begin,
            "/api/events": self._events,
        }

    def answer(self, request: Request) -> Response:
        """Return the answer to any request; never raises."""
        path = request.target.partition("?")[0]
        if not known_host(request.headers.get("host", "")):
            return _said(421, "host")
        return self._get(path, request) if request.method == "GET" else self._answered(path, request)

    def _answered(self, path: str, request: Request) -> Response:
        try:
            return self._post(path, request)
        except LockedOutError as error:
            return _json(429, {"error": error.code, "wait_s": round(error.wait_s)})
        except EventConflictError as error:
            return _json(409, {"error": error.code, "there": error.there, "now_ms": self._now_ms()})
        except AuditRefusedError as error:
            return _said(_STATUS.get(error.code, 409), error.code)
        except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _said(400, "malformed")

    def _get(self, path: str, request: Request) -> Response:
        if path == "/":
            wanted = _LANG.search(request.target)
            code = best_language(wanted[1] if wanted else "", request.headers.get("accept-language", ""))
            return Response(200, "text/html; charset=utf-8", self._pages[code])
        if path in self._parts:
            return Response(200, *self._parts[path])
        if path == "/api/state":
            return _json(200, self._state(self._gate.who(request.token)))
        # Browsers ask for an icon; there is none, and that is no error.
        return Response(204, "text/plain", b"") if path == "/favicon.ico" else _said(404, "not_found")

    def _post(self, path: str, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _said(415, "not_json")
        origin = request.headers.get("origin")
        if origin is not None and origin.lower() != f"http://{request.headers['host'].lower()}":
            return _said(403, "origin")
        if path == "/api/login":
            login = self._gate.login(msgspec.json.decode(request.body, type=PinGiven).pin, request.address)
            cookie = f"{COOKIE}={login.token}; Path=/; Max-Age={LOGIN_S:.0f}; HttpOnly; SameSite=Strict"
            return _json(200, self._state(login), {"Set-Cookie": cookie})
        who = self._gate.who(request.token)
        if who is None:
            return _said(401, "log_in")
        if not hmac.compare_digest(request.headers.get("x-csrf", "").encode(), who.csrf.encode()):
            return _said(403, "csrf")
        return self._posts[path](request, who) if path in self._posts else _said(404, "not_found")

    def _logout(self, request: Request, _who: Login) -> Response:
        msgspec.json.decode(request.body, type=Nothing)
        self._gate.logout(request.token)
        return _json(200, self._state(None), {"Set-Cookie": f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"})

    def _begin(self, request: Request, who: Login) -> Response:
        wanted = msgspec.json.decode(request.body, type=AuditWanted)
        if not self._gate.lasts(who):
            return _said(401, "log_in")
        self._audits.begin(who.name, wanted.line, wanted.auditor, wanted.minutes)
        return _json(200, self._state(who))

    def _events(self, request: Request, who: Login) -> Response:
        given = msgspec.json.decode(request.body, type=EventsGiven)
        session = self._audits.take(who.name, given.session, given.first, given.events)
        answer = {"session": _told(session), "now_ms": self._now_ms()}
        if len(session.events) > given.first + len(given.events):
            # What another tab sent, or what this one forgot.
            answer["there"] = session.events[given.first :]
        return _json(200, answer)

    def _state(self, who: Login | None) -> dict[str, Any]:
        if who is None:
            return {"csrf": None, "now_ms": self._now_ms()}
        session = self._audits.of(who.name)
        return {
            "csrf": who.csrf,
            "now_ms": self._now_ms(),
            "lines": [
                {"name": one.name, "role": one.role, "busy": self._audits.busy(one.name)} for one in self._audits.lines
            ],
            "session": None if session is None else _told(session),
        }

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


def known_host(host: str) -> bool:
    """Return whether `Host` is an address or a name of a private network, so that no public name leads here."""
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found[1] or found[2]).lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return found[2] is not None and ("." not in name or name.endswith(_PRIVATE_SUFFIXES))
    return True


def _told(session: AuditSession) -> dict[str, Any]:
    """Return what the phone may know of its audit: nothing of the device's counts before it is over."""
    told: dict[str, Any] = {
        "id": session.id, "line": session.line.name, "role": session.line.role, "minutes": session.minutes,
        "started_ms": round(session.started_at.timestamp() * 1000), "have": len(session.events), "result": None,
    }  # fmt: skip
    if session.outcome is not None:
        audit = session.outcome.audit
        told["result"] = {
            "complete": audit.complete, "dark": session.outcome.dark, "enough": ENOUGH,
            "in": msgspec.to_builtins(verdict(audit.ins)), "out": msgspec.to_builtins(verdict(audit.outs)),
        }  # fmt: skip
    return told


def _json(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, "application/json", msgspec.json.encode(body), headers or {})


def _said(status: int, code: str) -> Response:
    return _json(status, {"error": code})
