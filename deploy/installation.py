"""A running installation as a context: locked home, signals, supervisor; everything is stopped when it ends."""

import logging
import logging.handlers
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from deploy.announce import Announcer, JsonAnnouncer, RichAnnouncer
from deploy.errors import StoppedError
from deploy.home import Home, default_folder
from deploy.one_machine import OneMachine
from deploy.supervisor import Supervisor

_LOG_BYTES = 4 * 1024 * 1024


@contextmanager
def running(*, json_: bool, dashboard_port: int, reach: Sequence[str] | None = None) -> Iterator[OneMachine]:
    """Yield the installation of FOOTFALL_HOME with nothing started yet; stop whatever was, however the block ends.

    `reach` is as in `OneMachine`.

    Where `dashboard_port` is taken by another program, the dashboard goes to a free one, and that is said.

    Raises:
        HomeInUseError: another one runs there.
    """
    home = Home(default_folder())
    announcer: Announcer = JsonAnnouncer(sys.stdout) if json_ else RichAnnouncer()
    with home.locked(), _stop_requests() as stopping, _log_to(home):
        supervisor = Supervisor(home, monotonic=time.monotonic, stopping=stopping)
        for name in supervisor.end_orphans():
            announcer.note(f"ended {name}, left behind by a Footfall that was killed")
        announcer.note(f"data and logs are in {home.folder}")
        machine = OneMachine(home, supervisor, announcer, dashboard_port=dashboard_port, reach=reach)
        supervisor.report = lambda child: announcer.service(child, machine.port_of(child))
        try:
            yield machine
        except StoppedError:
            announcer.note("stopped before everything had started")
        finally:
            machine.stop()
            announcer.close()


@contextmanager
def _stop_requests() -> Iterator[threading.Event]:
    """Turn SIGINT and SIGTERM into an event, so that a stop is never cut short by a second one."""
    stopping = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _log_to(home: Home) -> Iterator[None]:
    """Send this process's own records to a file: the terminal belongs to the announcer."""
    root = logging.getLogger()
    handler = logging.handlers.RotatingFileHandler(
        home.log / "footfall.log", maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8"
    )
    before = root.handlers[:]
    handler.setFormatter(before[0].formatter if before else None)
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = before
        handler.close()
