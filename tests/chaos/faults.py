"""What can go wrong in a shop and in a server room, one class each: `begin`, then after a while `heal`.

Each draws its particulars from the run's dice when it begins, and says in words what it does.
"""

import random
import signal
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from tests.chaos.box import put
from tests.chaos.stage import Stage
from tests.support.disks import fill

if TYPE_CHECKING:
    from pathlib import Path


class Fault(Protocol):
    """One thing that goes wrong."""

    #: In words, once it has begun.
    what: str
    #: Seconds that it lasts at least and at most.
    lasts_s: tuple[float, float]

    def begin(self) -> None: ...

    def heal(self) -> None: ...


class Killed:
    """kill -9, and a start afterwards."""

    lasts_s = (0.0, 1.5)

    def __init__(self, stage: Stage, _dice: random.Random, *, name: str) -> None:
        self._stage = stage
        self._name = name
        self.what = f"kill {name}"

    def begin(self) -> None:
        self._stage.keep_down.add(self._name)
        self._stage.processes[self._name].kill()

    def heal(self) -> None:
        self._stage.keep_down.discard(self._name)
        process = self._stage.processes[self._name]
        if self._name in ("broker", "database"):
            process.start()
        else:
            process.spawn()


class StreamStalled:
    """The camera falls silent, its connection stays."""

    #: Longer than a camera may be silent without being down.
    lasts_s = (3.5, 6.0)
    what = "stall stream"

    def __init__(self, stage: Stage, _dice: random.Random) -> None:
        self._stage = stage
        self._since = datetime.now(UTC)

    def begin(self) -> None:
        self._since = datetime.now(UTC)
        self._stage.camera.signal(signal.SIGSTOP)

    def heal(self) -> None:
        self._stage.camera.signal(signal.SIGCONT)
        right = timedelta(seconds=self._stage.clock_s)
        self._stage.stalls.append((self._since + right, datetime.now(UTC) + right))


class NetworkCut:
    """A connection ends, or is not there, or swallows all that is said."""

    lasts_s = (0.1, 6.0)

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._name = dice.choice(sorted(stage.links))
        self._link = stage.links[self._name]
        self._way = dice.choice(("cut", "silent", "silent, then cut", "reset"))
        self.what = f"network {self._name} {self._way}"

    def begin(self) -> None:
        if self._way == "reset":
            self._link.drop()
        else:
            self._link.set("cut" if self._way == "cut" else "silent")

    def heal(self) -> None:
        if self._way == "silent, then cut":
            self._link.set("cut")
        self._link.set("open")


class DiskFull:
    """Something else has taken all room on the disk of the outbox."""

    lasts_s = (0.5, 3.0)
    what = "disk full"

    def __init__(self, stage: Stage, _dice: random.Random) -> None:
        assert stage.disk is not None
        self._disk = stage.disk
        self._filler: Path | None = None

    def begin(self) -> None:
        self._filler = fill(self._disk)

    def heal(self) -> None:
        if self._filler is not None:
            self._filler.unlink()


class ClockJumped:
    """The box's clock is wrong, until NTP sets it: an hour behind or before, or in 1970."""

    lasts_s = (0.3, 2.5)

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._file = stage.beside / "clock"
        self._right_s = stage.clock_s
        self._name, self._offset_s = dice.choice(
            (("an hour back", -3_600.0), ("an hour ahead", 3_600.0), ("to 1970", -time.time()))
        )
        self.what = f"clock {self._name}"

    def begin(self) -> None:
        put(self._file, str(self._right_s + self._offset_s))

    def heal(self) -> None:
        put(self._file, str(self._right_s))


def _killed(name: str) -> Callable[[Stage, random.Random], Fault]:
    return lambda stage, dice: Killed(stage, dice, name=name)


#: What can be asked for with --only.
KINDS: Final[Mapping[str, Callable[[Stage, random.Random], Fault]]] = {
    "kill-box": _killed("box"),
    "kill-broker": _killed("broker"),
    "kill-ingest": _killed("ingest"),
    "kill-database": _killed("database"),
    "stall": StreamStalled,
    "network": NetworkCut,
    "disk": DiskFull,
    "clock": ClockJumped,
}
