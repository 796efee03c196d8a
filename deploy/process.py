"""One child process: how it is started, when it is ready, how it is stopped.

Always a direct child, always reaped: a killed postmaster that nobody reaps blocks its own restart.
"""

import logging
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.errors import ServiceError

_log = logging.getLogger(__name__)
_POLL_S = 0.05
#: Waits for a line, then becomes the service: the same process, without the pipe.
_GATE = 'read -r _ && exec "$@" < /dev/null'


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system user a service runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What it takes to run one service.

    `ready` is asked until it returns true; `stop_signal` is what ends the service in good order. A `finite` one may end
    by itself with code 0 and has then finished.
    """

    name: str
    argv: Sequence[str]
    ready: Callable[[], bool]
    log_file: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    finite: bool = False


class Process:
    """A running service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._popen.pid if self._popen and self._popen.poll() is None else None

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs or before it started."""
        return self._popen.poll() if self._popen else None

    def start(self, timeout_s: float = 60.0) -> None:
        """Start the service and wait until it is ready.

        Raises:
            ServiceError: it ended or was not ready after `timeout_s`; carries the end of its log.
        """
        self.spawn()
        deadline = time.monotonic() + timeout_s
        while not self.service.ready():
            if self.returncode is not None:
                raise ServiceError(f"{self.service.name} ended with code {self.returncode} while starting{self.tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServiceError(f"{self.service.name} was not ready after {timeout_s:.0f} s{self.tail()}")
            time.sleep(_POLL_S)

    def spawn(self, known: Callable[[], None] = lambda: None) -> None:
        """Start the service without waiting for it.

        It begins once `known` has returned; where we are killed before, it never does, and nobody has to end it.
        """
        service = self.service
        service.log_file.parent.mkdir(parents=True, exist_ok=True)
        with service.log_file.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603  # the argument list is ours, no shell
                ["/bin/sh", "-c", _GATE, service.name, *service.argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **service.env},
                user=service.account.uid if service.account else None,
                group=service.account.gid if service.account else None,
                extra_groups=[] if service.account else None,
                # A terminal's Ctrl-C reaches the parent alone, which then stops its children in order.
                start_new_session=True,
            )
        known()
        if self._popen.stdin:
            with suppress(BrokenPipeError), self._popen.stdin as gate:  # ended meanwhile: its exit code will be seen
                gate.write(b"\n")
        _log.info("%s started as %d", service.name, self._popen.pid, extra={"action": "service_started"})

    def stop(self, timeout_s: float = 20.0) -> None:
        """End the service in good order, by force after `timeout_s`; safe to call twice."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.send_signal(self.service.stop_signal)
            try:
                self._popen.wait(timeout_s)
            except subprocess.TimeoutExpired:
                _log.warning("%s had to be killed", self.service.name, extra={"action": "service_killed"})
                self.kill()
        self._popen.wait()

    def kill(self) -> None:
        """End the service at once, as a power cut would, and reap it."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def last_lines(self, lines: int) -> list[str]:
        """Return the end of the service's log, empty where there is none."""
        try:
            text = self.service.log_file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-lines:]

    def tail(self) -> str:
        """Return the end of the service's log as the second half of an error message."""
        return "".join(["; its log ends with:", *(f"\n{line}" for line in self.last_lines(8))])


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether something accepts TCP connections on `port`."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def unprivileged(*names: str) -> Account | None:
    """Return the first existing account of `names` when we are root, else None (stay who we are)."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return None
