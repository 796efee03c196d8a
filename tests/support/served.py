"""The dashboard served over a database, on a free port, with a clock that the test holds."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import waitress.server
from waitress import wasyncore

from analytics.clock import utc_now
from dashboard.app import create_app
from dashboard.set_up.office import StoreOffice
from dashboard.settings import DashboardSettings
from tests.support.made_apps import closing_databases
from tests.support.signed_in import sign_in


class HeldClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Served:
    """A running dashboard."""

    url: str
    database: str
    clock: HeldClock


@contextmanager
def served(
    database: str,
    now: datetime,
    office: StoreOffice | None = None,
    *,
    ticking: bool = False,
    port: int = 0,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Served]:
    """Serve the dashboard over `database` with its clock held at `now`; `SIGNED_IN` browsers are head office's.

    With `ticking` its clock is the real one. `port` is that of one that ran before, when it is to come back.
    """
    clock = HeldClock(now)
    sign_in(database, now)
    given = {"database_url": database, "dashboard_threads": 4, **(settings or {})}
    with closing_databases():
        app = create_app(DashboardSettings.model_validate(given), clock=utc_now if ticking else clock, office=office)
        sockets: dict[int, Any] = {}
        server = waitress.server.create_server(app.server, map=sockets, host="127.0.0.1", port=port, threads=4)
        stopping = threading.Event()

        def run() -> None:
            # Waitress ends at SystemExit in its own thread alone: closed from another, its loop trips over sockets that
            # are closed.
            while not stopping.is_set():
                wasyncore.loop(timeout=0.2, map=sockets, count=1)
            server.task_dispatcher.shutdown()
            for channel in list(server.active_channels.values()):
                channel.handle_close()
            server.close()

        thread = threading.Thread(target=run, name="dashboard", daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{server.effective_port}", database, clock)
        finally:
            stopping.set()
            thread.join(timeout=20)
            assert not thread.is_alive()
