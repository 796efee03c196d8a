"""A model in the shadow of the one that counts: it sees the same frames, and what it counts is compared and forgotten.

camera's thread: look, count ──► frame, events ──► a short queue ──► this thread, last in line for the processor

It watches one camera at a time, a window in four. A window in which it does not keep up says nothing about the model
and is thrown away; the camera's thread never waits.
"""

import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from contract.releases import ShadowLine
from edge.config import CameraConfig
from edge.counting.passers import WAIT_S
from edge.detection.protocol import Detector
from edge.errors import EdgeError
from edge.events import Event
from edge.frames import Frame
from edge.pipeline import build_pipeline
from edge.shadow.comparing import Comparison
from models.errors import ModelsError

_LAST_NICE: Final = 19
_LEAVE_S: Final = 10.0
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the time is watched, in seconds of film.

    Attributes:
        window_s: what is compared at once.
        warm_s: before it: whom the old model follows already, the new one has to find first.
        settle_s: after it: what was decided late, such as a group that had to be whole, is heard.
        share: of the time that is watched.
        silent_s: so long may a camera give nothing before another has its turn.
        frames: most frames that wait.
    """

    window_s: float = 60.0
    warm_s: float = 5.0
    settle_s: float = 5.0
    share: float = 0.25
    silent_s: float = 10.0
    frames: int = 24


@dataclass(slots=True)
class _Window:
    """What a camera's thread hands over while it is watched."""

    camera: str
    seen: queue.Queue[tuple[Frame, Sequence[Event]]]
    overrun: bool = field(default=False)


class Shadow:
    """Compares the model that `open_` opens with what the cameras of `configured` count with."""

    def __init__(
        self,
        configured: Sequence[CameraConfig],
        open_: Callable[[CameraConfig], Detector],
        *,
        pace: Pace | None = None,
    ) -> None:
        self._configured = tuple(configured)
        self._open = open_
        self._pace = pace or Pace()
        self._comparison = Comparison(tuple(line.name for camera in configured for line in camera.lines))
        self._lock = threading.Lock()
        self._window: _Window | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        #: Windows that were thrown away, because it did not keep up.
        self.overruns = 0
        #: Why the model cannot be used; None: it can.
        self.fault: str | None = None

    def start(self) -> None:
        """Begin to compare."""
        self._thread.start()

    def stop(self) -> None:
        """End it; a model that hangs is left behind."""
        self._stopping.set()
        self._thread.join(_LEAVE_S)

    def offer(self, camera: str, frame: Frame, events: Sequence[Event]) -> None:
        """Take a frame that was looked at, with what was counted at it. From a camera's thread; never waits."""
        window = self._window
        if window is None or window.camera != camera or window.overrun:
            return
        try:
            window.seen.put_nowait((frame, events))
        except queue.Full:
            window.overrun = True

    @property
    def watched_s(self) -> float:
        """Seconds of film that were compared."""
        return self._comparison.watched_s

    @property
    def crossings(self) -> int:
        """Crossings that the old model counted meanwhile."""
        with self._lock:
            return self._comparison.crossings

    @property
    def difference(self) -> float:
        """By how much the counts differ, as a share of the old ones."""
        with self._lock:
            return self._comparison.difference

    def report(self) -> list[ShadowLine]:
        """Return what was counted so far, by line."""
        with self._lock:
            return self._comparison.report()

    def _run(self) -> None:
        if sys.platform == "linux":
            # Of this thread alone, and of those that the model's library starts from it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST_NICE)
        try:
            for camera in itertools.cycle(self._configured):
                self._watch(camera, self._open(camera))
                pause_s = self._pace.window_s * (1 / self._pace.share - 1)
                if self._stopping.wait(pause_s):
                    return
        except (EdgeError, ModelsError) as error:
            self.fault = str(error)
        except Exception as error:  # noqa: BLE001
            # The root of this thread: a detector's library raises what it likes, and the counting must not notice.
            self.fault = f"{type(error).__name__}: {error}"

    def _watch(self, camera: CameraConfig, detector: Detector) -> None:
        window = _Window(camera.name, queue.Queue(self._pace.frames))
        self._window = window
        try:
            self._compare(camera, detector, window)
        finally:
            self._window = None
        self.overruns += window.overrun

    def _compare(self, camera: CameraConfig, detector: Detector, window: _Window) -> None:
        """Have both models count until the window is over; if something came between, nothing is compared."""
        old: list[Event] = []
        new: list[Event] = []
        first: Frame | None = None
        pipeline, heard_s = None, time.monotonic()
        while not (self._stopping.is_set() or window.overrun):
            try:
                frame, events = window.seen.get(timeout=_LOOK_S)
            except queue.Empty:
                if time.monotonic() - heard_s > self._pace.silent_s:
                    return
                continue
            heard_s = time.monotonic()
            if pipeline is None or first is None:
                pipeline, first = build_pipeline(camera, frame_size=frame.size, detector=detector), frame
            elif frame.discontinuity or frame.size != first.size:
                return
            old += events
            new += pipeline.process(frame)
            begin_s = first.time_s + self._pace.warm_s
            end_s = begin_s + self._pace.window_s
            if frame.time_s >= end_s + self._settle_s(camera):
                with self._lock:
                    self._comparison.add(old, new, begin_s, end_s)
                return

    def _settle_s(self, camera: CameraConfig) -> float:
        """Return how long after a crossing it may be told at the latest: passers-by wait for whether they come in."""
        roles = {line.role for line in camera.lines}
        return self._pace.settle_s + (WAIT_S if {"pass_by", "entrance"} <= roles else 0.0)


class Shadowing:
    """Where cameras' threads hand their frames to whichever shadow there is."""

    def __init__(self) -> None:
        self.shadow: Shadow | None = None

    def heed(self, camera: str, frame: Frame, events: Sequence[Event]) -> None:
        """Hand a frame that was counted on; never waits."""
        shadow = self.shadow
        if shadow is not None:
            shadow.offer(camera, frame, events)
