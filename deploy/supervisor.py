"""The supervisor of one machine: starts services in order, restarts what ends, stops all in reverse order.

starting ──ready──► running ──ended──► waiting ──delay over──► starting
    └──────ended──────────────────────────┘ │
                                            └─ after five ends in a row: crashing (still tried, and said so)
a finite service that ends with code 0 is finished and stays so
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from analytics.clock import utc_now
from deploy.children import Child, birth_of, end_orphans, load, save
from deploy.errors import ServiceError, StoppedError
from deploy.home import Home
from deploy.logs import rotate
from deploy.process import Process, Service

_log = logging.getLogger(__name__)
_POLL_S = 0.1
State = Literal["starting", "running", "waiting", "crashing", "finished", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before a restart: doubling from `first_s` to `most_s`, ± `jitter`.

    A service that ran `calm_s` is forgiven its earlier ends; after `crashes` ends without that it is in a crash loop.
    """

    first_s: float = 0.5
    most_s: float = 30.0
    jitter: float = 0.2
    calm_s: float = 60.0
    crashes: int = 5
    ready_within_s: float = 60.0

    def delay(self, ends: int, chance: float) -> float:
        """Return the wait after the `ends`-th end in a row; `chance` is uniform in [0, 1)."""
        plain = min(self.most_s, self.first_s * 2.0 ** (ends - 1))
        return plain * (1 + self.jitter * (2 * chance - 1))


class _Watched:
    """One service, its process and where it stands."""

    def __init__(self, service: Service, now_s: float) -> None:
        self.service = service
        self.process = Process(service)
        self.state: State = "starting"
        self.since = utc_now()
        self.since_s = now_s
        self.ends = 0
        self.restarts = 0
        self.retry_at_s = 0.0
        self.birth: str | None = None

    def enter(self, state: State, now_s: float) -> None:
        self.state, self.since_s, self.since = state, now_s, utc_now()

    def spawn(self, now_s: float, changed: "Callable[[_Watched], None]") -> None:
        """Start it; it does nothing before `changed` has put it on record."""

        def known() -> None:
            self.birth = birth_of(self.process.pid) if self.process.pid else None
            self.enter("starting", now_s)
            changed(self)

        self.process.spawn(known)

    def child(self) -> Child:
        pid = self.process.pid
        return Child(
            name=self.service.name,
            state=self.state,
            pid=pid,
            birth=self.birth if pid else None,
            stop_signal=int(self.service.stop_signal),
            restarts=self.restarts,
            since=self.since.isoformat(timespec="seconds"),
            last_exit=self.process.returncode,
            last_words="".join(self.process.last_lines(1)) if self.state == "crashing" else None,
        )


class Supervisor:
    """Runs services as direct children; `report` hears of every change of state.

    One thread calls it; `stopping` may be set from a signal handler and ends every wait.
    """

    def __init__(
        self,
        home: Home,
        *,
        monotonic: Callable[[], float],
        stopping: threading.Event,
        backoff: Backoff | None = None,
        report: Callable[[Child], None] = lambda _child: None,
    ) -> None:
        self.stopping = stopping
        self._home = home
        self._monotonic = monotonic
        self._backoff = backoff or Backoff()
        self.report = report
        self._watched: list[_Watched] = []
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    @property
    def record(self) -> Path:
        """Where the children are kept on record."""
        return self._home.record

    def end_orphans(self) -> list[str]:
        """End what a killed supervisor left behind in this home; return the names."""
        return end_orphans(load(self.record))

    def start(self, *services: Service) -> None:
        """Start services side by side and wait until all are ready; from then on they are watched.

        Raises:
            ServiceError: one ended, or was not ready in time; carries the end of its log.
            StoppedError: `stopping` was set meanwhile.
        """
        fresh = []
        for service in services:
            named = replace(service, log_file=self._home.log / f"{service.name}.log")
            watched = _Watched(named, self._monotonic())
            self._watched.append(watched)
            watched.spawn(self._monotonic(), self._changed)
            fresh.append(watched)
        while any(watched.state == "starting" for watched in fresh):
            if self.stopping.wait(_POLL_S):
                raise StoppedError("stopped while starting")
            for watched in fresh:
                self._await_first(watched)

    def check(self) -> None:
        """Look at every service once: restart what ended and is due, keep the logs bounded."""
        now_s = self._monotonic()
        for watched in self._watched:
            rotate(watched.service.log_file)
            if watched.state in ("finished", "stopped"):
                continue
            if watched.state in ("waiting", "crashing"):
                if now_s >= watched.retry_at_s:
                    self._restart(watched, now_s)
            elif watched.process.returncode is not None:
                self._ended(watched, now_s)
            elif watched.state == "starting":
                self._starting(watched, now_s)

    def run(self, every_s: float = 0.5) -> None:
        """Watch until `stopping` is set."""
        while not self.stopping.wait(every_s):
            self.check()

    def health(self) -> list[Child]:
        """Return where every service stands, in starting order."""
        return [watched.child() for watched in self._watched]

    def stop(self) -> None:
        """Stop all services, last started first; safe to call twice."""
        for watched in reversed(self._watched):
            if watched.state == "stopped":
                continue
            watched.process.stop()
            watched.enter("stopped", self._monotonic())
            self._changed(watched)

    def _await_first(self, watched: _Watched) -> None:
        """Let a service become ready for the first time: then an end is an error to tell, not to retry."""
        if watched.state != "starting":
            return
        now_s, name = self._monotonic(), watched.service.name
        if watched.service.ready():
            self._enter(watched, "running", now_s)
        elif watched.process.returncode is not None:
            code = watched.process.returncode
            raise ServiceError(f"{name} ended with code {code} while starting{watched.process.tail()}")
        elif now_s - watched.since_s > self._backoff.ready_within_s:
            raise ServiceError(
                f"{name} was not ready after {self._backoff.ready_within_s:.0f} s{watched.process.tail()}"
            )

    def _starting(self, watched: _Watched, now_s: float) -> None:
        if watched.service.ready():
            self._enter(watched, "running", now_s)
        elif now_s - watched.since_s > self._backoff.ready_within_s:
            watched.process.stop()
            self._ended(watched, now_s)

    def _ended(self, watched: _Watched, now_s: float) -> None:
        code = watched.process.returncode
        if watched.service.finite and code == 0:
            self._enter(watched, "finished", now_s)
            return
        calm = watched.state == "running" and now_s - watched.since_s >= self._backoff.calm_s
        watched.ends = 1 if calm else watched.ends + 1
        delay_s = self._backoff.delay(watched.ends, self._chance())
        watched.retry_at_s = now_s + delay_s
        looping = watched.ends >= self._backoff.crashes
        _log.log(
            logging.ERROR if looping else logging.WARNING,
            "%s ended with code %s, %d times in a row; next try in %.1f s, see %s",
            watched.service.name, code, watched.ends, delay_s, watched.service.log_file,
            extra={"action": "crash_loop" if looping else "service_ended"},
        )  # fmt: skip
        self._enter(watched, "crashing" if looping else "waiting", now_s)

    def _restart(self, watched: _Watched, now_s: float) -> None:
        watched.restarts += 1
        watched.spawn(now_s, self._changed)

    def _enter(self, watched: _Watched, state: State, now_s: float) -> None:
        watched.enter(state, now_s)
        self._changed(watched)

    def _changed(self, watched: _Watched) -> None:
        save(self.record, self.health())
        self.report(watched.child())
