"""Starts: when this box's agent was started and how each run ended, in a small file beside the outbox.

A run that crashes, is killed, or whose power is cut leaves no word of its end, or its reason; one that was stopped says
so. From that the box tells by itself that it crashes again and again.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from contract.messages import Crashes
from edge.clock import Clock
from edge.errors import EdgeError

logger = logging.getLogger(__name__)

#: So many unclean ends are told: one is a power cut.
CRASHES_TOLD: Final = 3
_LATELY: Final = timedelta(minutes=10)
_DAY: Final = timedelta(days=1)
#: A box that crashes every 20 s for ten minutes fits; what was before does not matter.
_KEPT: Final = 100
_REASON_MAX: Final = 300
_STOPPED: Final = "stopped"
_NO_WORD: Final = "without a word: killed, or its power was cut"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the agent; `end` is how it ended, empty while it runs and where it left no word."""

    at: datetime
    end: str = ""

    @property
    def crashed(self) -> bool:
        """Whether it ended, if it ended, without having been stopped."""
        return self.end != _STOPPED


class Starts:
    """The runs of the agent whose outbox is at `outbox`. A file that cannot be written changes nothing about counting.

    A site file that cannot be read names no outbox: starts that fail on it are not here, only in the journal.
    """

    def __init__(self, outbox: Path | str, clock: Clock) -> None:
        outbox = Path(outbox)
        self.path = outbox.with_name(f"{outbox.name}.starts")
        self._clock = clock
        self._runs: list[Run] = _read(self.path)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep that the agent runs and, at the end, how it ended."""
        self.begin()
        try:
            yield
        except BaseException as error:
            # What a library says of its fault may hold anything: only our own words are kept.
            said = str(error) if isinstance(error, EdgeError) else type(error).__name__
            self._end(said[:_REASON_MAX] or type(error).__name__)
            raise
        self._end(_STOPPED)

    def begin(self) -> None:
        """Keep that the agent runs, and say so where it crashed often before."""
        self._runs = [*self._runs, Run(self._clock.now())][-_KEPT:]
        self._write()
        if (crashes := self.crashes()) is not None:
            logger.error(
                "this agent was started %d times within ten minutes and %d times within a day without having been "
                "stopped, the last time %s", crashes.ten_minutes, crashes.day, self.last_crash(),
                extra={"action": "crashes"},
            )  # fmt: skip

    def crashes(self) -> Crashes | None:
        """Return how many runs ended unclean lately; None for fewer than `CRASHES_TOLD`."""
        now = self._clock.now()
        # A clock that was set meanwhile, forwards or back, makes old news of it.
        ages = [abs(now - later.at) for run, later in zip(self._runs, self._runs[1:], strict=False) if run.crashed]
        day = sum(age <= _DAY for age in ages)
        return Crashes(ten_minutes=sum(age <= _LATELY for age in ages), day=day) if day >= CRASHES_TOLD else None

    def last_crash(self) -> str | None:
        """Return how the last run but the present one ended that was not stopped; None: none is known."""
        return next((run.end or _NO_WORD for run in reversed(self._runs[:-1]) if run.crashed), None)

    def _end(self, how: str) -> None:
        self._runs[-1] = Run(self._runs[-1].at, how)
        self._write()

    def _write(self) -> None:
        scratch = self.path.with_name(f".{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with scratch.open("w", encoding="utf-8") as file:
                json.dump([{"at": run.at.isoformat(), "end": run.end} for run in self._runs], file)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(self.path)
        except OSError as error:
            logger.warning("%s cannot be written: %s", self.path, error, extra={"action": "starts_not_kept"})


def _read(path: Path) -> list[Run]:
    """Return the runs in the file; none where there is none, or something else."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return [Run(datetime.fromisoformat(one["at"]), str(one["end"])) for one in kept][-_KEPT:]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s is of no use: %s", path, error, extra={"action": "starts_unreadable"})
        return []
