"""A real agent on real (small) clips that play like cameras, under head office's control, without a broker.

`python -m tests.support.controlled_agent FOLDER` runs one in a process of its own, to be killed.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from analytics.clock import utc_now
from contract.codec import decode, encode
from contract.control import Desired, Reported, body_of
from contract.entries import Crossing
from contract.topics import Leaf
from deploy.trust.authority import Authority
from edge.agent import Agent
from edge.config import CameraConfig, load_site
from edge.control.opening import Controlled
from edge.control.probation import Pace
from edge.control.trial import note_written, settle
from edge.counting.heat import Warmth
from edge.events import Event, LineCrossed
from edge.frames import Frame
from edge.pipeline import CameraPipeline
from edge.publishing.notices import Notice
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until

SIZE = (160, 120)
QUICK = Pace(watch_s=1.0, patience_s=3.0)

SITE = """\
store = "riverside"
device = "door-box"

[broker]
host = "127.0.0.1"
port = 1
tls_ca = "authority.pem"

[outbox]
path = "outbox.sqlite"

"""


def cameras(folder: Path, *, fps: float = 10, door: str = "clip.mp4", line: str = "[[80, 10], [80, 110]]") -> str:
    """Return head office's part of a site file: the cameras `door` and `side`."""
    return f"""\
[[cameras]]
name = "door"
source = "{folder / door}"
loop = true
fps = {fps:g}
model = "motion"

  [[cameras.lines]]
  name = "front-door"
  points = {line}

[[cameras]]
name = "side"
source = "{folder / "clip.mp4"}"
loop = true
fps = 10
model = "motion"

  [[cameras.lines]]
  name = "side-door"
  points = [[40, 10], [40, 110]]
"""


class Tallied:
    """A pipeline that decides a crossing at every second frame, and holds each fourth back until it is finished."""

    zones = ()

    def __init__(self, line: str, tally: Counter[str]) -> None:
        self._line = line
        self._tally = tally
        self._frames = 0
        self._held: list[Event] = []

    def process(self, frame: Frame) -> list[Event]:
        self._frames += 1
        if self._frames % 2:
            return []
        self._tally[self._line] += 1
        event = LineCrossed(self._line, "in", frame.index, frame.time_s)
        if self._frames % 4 == 0:
            self._held.append(event)
            return []
        return [event]

    def take_heat(self, *, rest: bool = False) -> Warmth | None:
        del rest
        return None

    def waiting(self) -> dict[str, tuple[int, int]]:
        return {self._line: (len(self._held), 0)}

    def finish(self) -> list[Event]:
        held, self._held = self._held, []
        return held


class ControlledAgent:
    """An agent in `folder` whose cameras decide crossings by themselves; `tally` is how many, by line."""

    def __init__(self, folder: Path, *, pace: Pace = QUICK, real: bool = False) -> None:
        self.folder = folder
        self.site_file = folder / "site.toml"
        self.authority = Authority(folder / "trust", now=utc_now, create=True)
        self.tally: Counter[str] = Counter()
        settle(self.site_file)
        self.agent = Agent(
            load_site(self.site_file), build=None if real else self._build, controlled=Controlled(self.site_file, pace)
        )
        assert self.agent.control is not None
        self.control = self.agent.control
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.agent.run, args=(self._stop,))

    def _build(self, camera: CameraConfig, _size: tuple[int, int]) -> CameraPipeline:
        return cast("CameraPipeline", Tallied(camera.lines[0].name, self.tally))

    @property
    def report(self) -> Reported:
        """What it reported last."""
        wait_until(lambda: "reported" in self._kept, what="a report")
        return decode(self._kept["reported"].payload, Reported)

    @property
    def decided(self) -> bool:
        """Whether nothing is under way."""
        return self.report.state != "pending"

    @property
    def _kept(self) -> dict[Leaf, Notice]:
        return self.agent.publisher._notices._kept

    def desire(self, version: int, **more: Any) -> None:
        desired = Desired(version=version, issued_at=datetime.now(UTC), **more)
        self.control.hand("config", encode(self.authority.sign("config", "riverside", "door-box", body_of(desired))))

    def until(self, state: str, version: int, *, within_s: float = 30) -> Reported:
        wait_until(
            lambda: (self.report.state, self.report.version) == (state, version),
            what=f"version {version} is {state}", within_s=within_s,
        )  # fmt: skip
        return self.report

    def counting(self) -> None:
        wait_until(lambda: self.agent.cameras.up == len(self.agent.cameras), what="all cameras are up")

    @contextmanager
    def running(self) -> Iterator["ControlledAgent"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join(30)
            assert not self._thread.is_alive()


def prepare(folder: Path) -> None:
    """Put clip, authority and an enrolled box's site file into `folder`."""
    film(folder)
    authority = Authority(folder / "trust", now=utc_now, create=True)
    (folder / "authority.pem").write_bytes(authority.pem)
    (folder / "site.toml").write_text(SITE + cameras(folder), encoding="utf-8")
    note_written(folder / "site.toml")


def film(folder: Path) -> None:
    """Put a clip of three seconds, in which somebody walks by, into `folder`."""
    writer = cv2.VideoWriter(str(folder / "clip.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 20, SIZE)
    ground = np.random.default_rng(7).integers(0, 200, (SIZE[1] // 8, SIZE[0] // 8, 3), np.uint8)
    ground = cv2.resize(ground, SIZE, interpolation=cv2.INTER_NEAREST)
    for number in range(60):
        picture = ground.copy()
        left = 4 + number * 2
        picture[30:100, left : left + 24] = 255
        writer.write(picture)
    writer.release()


def counted(folder: Path) -> Counter[str]:
    """Return the crossings in the outbox of an agent that has ended, by line; its seqs are without a gap."""
    outbox = SqliteOutbox(folder / "outbox.sqlite")
    found: Counter[str] = Counter()
    seq = 0
    while run := outbox.pending(after=seq):
        assert run.first_seq == seq + 1
        found.update(entry.line for entry in run.entries if isinstance(entry, Crossing))
        seq = run.last_seq
    assert seq == outbox.last_seq
    outbox.close()
    return found


def main() -> None:
    """Run an agent in the folder that is named, and desire what stands in its file `desired.toml` as version 2."""
    agent = ControlledAgent(Path(sys.argv[1]), pace=Pace(watch_s=float(sys.argv[2]), patience_s=3.0))
    with agent.running():
        agent.counting()
        desired = agent.folder / "desired.toml"
        if desired.exists():
            agent.desire(2, site=desired.read_text(encoding="utf-8"))
        print("desired", flush=True)  # noqa: T201  # what the test waits for
        threading.Event().wait()


if __name__ == "__main__":
    main()
