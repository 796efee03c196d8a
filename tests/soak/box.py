"""The camera box of a soak: the product's agent as a process of its own, whose clock runs many times too fast.

What it counts with, keeps and sends is the product's. Ours are the clock and two cameras: one on a real clip, decoded
from its file again and again and lost at each end of it as a stream is, and one on a procession. Times that are about
the network stay what they are on a real clock.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from edge.agent import Agent
from edge.config import CameraConfig, load_site
from edge.errors import SourceError
from edge.frames import Frame
from edge.publishing.settings import PublisherSettings
from edge.service_manager import ServiceManager
from edge.sources.file import FileSource
from edge.sources.protocol import VideoSource
from tests.chaos.box import build, is_procession, put, state_of
from tests.support.procession import FRAMES_PER_PERSON, SECONDS_PER_PERSON, Procession

CLIP: Final = "clip://"
_STATE_EVERY_S: Final = 1.0
#: What a publisher does by the box's clock, a rate, and what the MQTT library counts itself; all else is slowed down.
_AS_THEY_ARE: Final = ("heartbeat_s", "drain_entries_s", "keepalive_s")


class FastClock:
    """A clock that began at `began` when it was made, and runs `speed` times as fast as time does."""

    def __init__(self, began: datetime, speed: float) -> None:
        self.speed = speed
        self._began = began
        self._made_s = time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._made_s) * self.speed


class ClipCamera:
    """A clip as a camera: its frames come when they are due by the fast clock; at its end the stream breaks."""

    frame_count = None

    def __init__(self, path: Path, clock: FastClock, fps: float | None) -> None:
        self._file = FileSource(path, started_at=clock.now(), fps=fps)
        self._clock = clock
        self.size, self.fps = self._file.size, self._file.fps

    def __iter__(self) -> Iterator[Frame]:
        began_s = self._clock.monotonic()
        for frame in self._file:
            ahead_s = began_s + frame.time_s - self._clock.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s / self._clock.speed)
            yield replace(frame, captured_at=self._clock.now())
        raise SourceError("the camera ended the stream")

    def close(self) -> None:
        self._file.close()


def settings_for(speed: float) -> PublisherSettings:
    """Return the product's pauses as a clock that is too fast counts them."""
    usual = PublisherSettings()
    times = [each.name for each in fields(usual) if each.name.endswith("_s") and each.name not in _AS_THEY_ARE]
    return replace(usual, **{name: getattr(usual, name) * speed for name in times})


def sources_for(clock: FastClock) -> Callable[..., VideoSource]:
    def sources(camera: CameraConfig, **_: Any) -> VideoSource:
        if not is_procession(camera):
            return ClipCamera(Path(camera.source.removeprefix(CLIP)), clock, camera.fps)
        frame_s = SECONDS_PER_PERSON / FRAMES_PER_PERSON / clock.speed
        return Procession(camera.name, first=1, last=lambda: None, clock=clock.now, frame_s=frame_s)

    return sources


def main(site_file: str, state: str, began: str, speed: str) -> None:
    """Run until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = FastClock(datetime.fromisoformat(began).astimezone(UTC), float(speed))
    agent = Agent(
        load_site(site_file), clock=clock, build=build, settings=settings_for(clock.speed),
        manager=ServiceManager(os.environ), sources=sources_for(clock), stuck_s=60 * clock.speed,
    )  # fmt: skip

    def tell() -> None:
        while not stop.wait(_STATE_EVERY_S):
            told = {
                "camera_hours": clock.monotonic() / 3_600,
                "kept": agent.outbox.last_seq - agent.outbox.pruned_to,
                **state_of(agent),
            }
            put(Path(state), json.dumps(told))

    threading.Thread(target=tell, daemon=True).start()
    agent.run(stop)


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    main(*sys.argv[1:])
