"""The dashboard's process is killed while people look at its pages: they say so, and go on by themselves."""

import http.client
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.clock import utc_now
from deploy.process import Process, Service, free_port, listens
from tests.support.screenshots import settle
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN, TOKEN, sign_in
from tests.support.store_data import Connection, add_crossings, add_device, add_line, add_store, add_uptime

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS: Final = ("/store/first", "/wall/first", "/", "/trust/first", "/devices")
USERS: Final = 20
_MONTH: Final = timedelta(days=31)
#: What a browser itself says of a server that is away.
REFUSED: Final = "Failed to load resource: net::ERR_"


class User(threading.Thread):
    """Somebody who is signed in and asks again and again; notes each answer's status, 0 where there was none."""

    def __init__(self, port: int, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._stopping = port, stopping
        self.answers: list[int] = []

    def run(self) -> None:
        while not self._stopping.wait(0.5):
            self.answers.append(self._ask())

    def _ask(self) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            try:
                connection.request("GET", "/_dash-layout", headers={"Cookie": f"footfall-session={TOKEN}"})
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0


@contextmanager
def users(port: int) -> Iterator[list[User]]:
    """Have them ask as long as it lasts."""
    stopping = threading.Event()
    asking = [User(port, stopping) for _ in range(USERS)]
    for one in asking:
        one.start()
    try:
        yield asking
    finally:
        stopping.set()
        for one in asking:
            one.join(timeout=60)


@pytest.fixture
def counted(cluster: Cluster) -> Iterator[tuple[str, Connection, int]]:
    """A database with two stores of today, its connection, and the first one's entrance."""
    url = cluster.create()
    now = utc_now()
    # It is about noon there, so that no day begins or ends meanwhile. The sign of these zones is turned round.
    zone = f"Etc/GMT{now.hour - 12:+d}"
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        lines = []
        for code in ("first", "second"):
            store = add_store(
                connection, code, name=code.title(), timezone=zone, hours=(0, 24 * 60), first=now.date() - _MONTH,
                last=now.date() + _MONTH,
            )  # fmt: skip
            lines.append(add_line(connection, store))
            add_uptime(connection, store, "door", now - timedelta(minutes=30), now)
            add_device(connection, store, at=now)
        sign_in(url, now)
        yield url, connection, lines[0]
    cluster.drop(url)


def test_open_pages_go_on_by_themselves_after_the_dashboard_was_killed(
    browser: Browser, counted: tuple[str, Connection, int], tmp_path: Path
) -> None:
    url, connection, line = counted
    port = free_port()
    process = Process(Service(
        name="dashboard", argv=[sys.executable, "-m", "deploy.cli.main", "dashboard", "serve", "--port", str(port)],
        ready=lambda: listens(port), log_file=tmp_path / "log", env={"FOOTFALL_DATABASE_URL": url},
    ))  # fmt: skip
    process.start()
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    errors: list[str] = []
    try:
        pages = [opened(context.new_page(), f"http://127.0.0.1:{port}{path}?lang=en", errors) for path in PATHS]
        shown = pages[0].locator("h1").inner_text()
        with users(port) as asking:
            process.kill()
            for page in pages:
                expect(page.locator("#lost")).to_be_visible(timeout=60_000)
            expect(pages[0].locator("h1")).to_have_text(shown)
            process.start()
            for page in pages:
                expect(page.locator("#lost")).to_be_hidden(timeout=60_000)
            add_crossings(connection, 1, line, [utc_now()])
            expect(pages[0].locator("h1")).to_have_text("1 visitor so far", timeout=60_000)
            expect(pages[1].locator("h1")).to_have_text("1 visitor so far", timeout=60_000)
    finally:
        context.close()
        process.stop()
    assert [path for path, page in zip(PATHS, pages, strict=True) if path not in page.url] == []
    assert [said for said in errors if not said.startswith(REFUSED)] == []
    assert all(set(one.answers) <= {0, 200} and one.answers[-1] == 200 for one in asking), "a session was lost"


def opened(page: Page, address: str, errors: list[str]) -> Page:
    """Open an address, and note what its console says."""
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(address)
    settle(page)
    return page
