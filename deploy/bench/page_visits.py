"""Visits to the dashboard's pages as a browser makes them: heard once in Chromium, made again by as many as one likes.

What Dash asks the server is in no contract of ours; it is written down while a real browser opens each page, and sent
again word for word, about other stores and with the browser's own memory of what it was told.
"""

import copy
import http.client
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from dashboard.guard import CALLBACKS
from deploy.errors import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Request, StorageState

#: The store whose pages are heard; any other's code takes its place.
HEARD_STORE: Final = "store-1"
_STORE: Final = re.compile(rf"{HEARD_STORE}(?![0-9])")
#: What the page says once its numbers are there: words, no grey bars, and the first row of its table.
SHOWN: Final = """() => {
  const shell = document.getElementById("shell");
  const grid = document.querySelector("#shell .ag-root");
  const cell = document.querySelector("#shell .ag-center-cols-container .ag-cell");
  return Boolean(shell && shell.innerText.trim().length > 40 && !document.querySelector(".skeleton") && (!grid || cell))
    && performance.now();
}"""
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its address; those `ticking` ask again every so many seconds."""

    path: str
    every_s: float | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser asks to show a page, in order, and what it goes on asking."""

    path: str
    asked: tuple[dict[str, Any], ...]
    ticking: dict[str, Any] | None

    def of(self, store: str) -> "Visit":
        """Return the same visit to another store's page."""
        there: list[Any] = json.loads(_STORE.sub(store, json.dumps([self.path, self.asked, self.ticking])))
        path, asked, ticking = there
        return Visit(path, tuple(asked), ticking)


def context_of(browser: "Browser", cookie: str) -> "BrowserContext":
    """Return a browser with an empty cache that is signed in by a cookie `name=value`."""
    name, _, value = cookie.partition("=")
    state: StorageState = {
        "cookies": [
            {
                "name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": True,
                "secure": False, "sameSite": "Lax",
            }
        ],
        "origins": [],
    }  # fmt: skip
    return browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})


def heard(context: "BrowserContext", url: str, page: Page) -> Visit:
    """Open a page in the browser and write down what it asks."""
    tab = context.new_page()
    asked: list[dict[str, Any]] = []

    def hear(request: "Request") -> None:
        if urlsplit(request.url).path == CALLBACKS and request.post_data:
            asked.append(json.loads(request.post_data))

    tab.on("request", hear)
    try:
        tab.goto(url + page.path)
        tab.wait_for_function(SHOWN, timeout=_PATIENCE_S * 1000)
        until = time.monotonic() + _PATIENCE_S
        while page.every_s is not None and not any(_ticks(body) for body in asked):
            if time.monotonic() > until:
                raise BenchError(f"{page.path} does not ask again by itself")
            tab.wait_for_timeout(100)
    finally:
        tab.close()
    once = tuple(body for body in asked if not _ticks(body))
    return Visit(page.path, once, next((body for body in asked if _ticks(body)), None))


@dataclass(slots=True)
class Caller:
    """One signed-in browser on one connection, without the browser; `seconds` are those of each answer."""

    port: int
    cookie: str
    seconds: list[float] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    def show(self, visit: Visit) -> None:
        """Ask what it takes to show a page."""
        self._ask("GET", visit.path, None)
        for body in visit.asked:
            self.call(body)

    def ticks(self, visit: Visit) -> Iterator[None]:
        """Ask again what the page asks by itself, as long as somebody wants it, remembering what it was told."""
        if visit.ticking is None:
            raise BenchError(f"{visit.path} does not ask again by itself")
        body = copy.deepcopy(visit.ticking)
        while True:
            told = self.call(body)
            for one in (*body["inputs"], *body.get("state", [])):
                if one["property"] == "n_intervals":
                    one["value"] = (one.get("value") or 0) + 1
                elif isinstance(one["id"], str):
                    one["value"] = told.get(one["id"], {}).get(one["property"], one.get("value"))
            yield

    def call(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make one callback; return what it changes, by component and property."""
        text = self._ask("POST", CALLBACKS, json.dumps(body))
        told: dict[str, Any] = json.loads(text)["response"] if text else {}
        return told

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> bytes:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
        started = time.perf_counter()
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self.seconds.append(time.perf_counter() - started)
        if answer.status not in (http.client.OK, http.client.NO_CONTENT):
            raise BenchError(f"{method} {path}: expected 200, got {answer.status}: {text[:200]!r}")
        return text


def _ticks(body: dict[str, Any]) -> bool:
    """Return whether a callback was made because a page's clock ticked."""
    return any(str(one).endswith("-tick.n_intervals") for one in body.get("changedPropIds", []))
