"""The dashboard served over a database, on a free port, with a clock that the test holds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import waitress.server

from dashboard.app import create_app
from dashboard.set_up.office import StoreOffice
from dashboard.settings import DashboardSettings
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
def served(database: str, now: datetime, office: StoreOffice | None = None) -> Iterator[Served]:
    """Serve the dashboard over `database` with its clock held at `now`; `SIGNED_IN` browsers are head office's."""
    clock = HeldClock(now)
    sign_in(database, now)
    settings = DashboardSettings.model_validate({"database_url": database, "dashboard_threads": 4})
    app = create_app(settings, clock=clock, office=office)
    server = waitress.server.create_server(app.server, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="dashboard", daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", database, clock)
    finally:
        server.close()
        thread.join(timeout=5)
