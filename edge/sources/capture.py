"""Capture: a thread that reads a source and keeps only its newest frame, reopening it whenever it breaks.

    source ──► [ one frame ] ──► pipeline        a slow pipeline misses frames, it never falls behind

What the thread sees of the camera's health is kept as time: so much of the last period it gave frames. Without that,
nobody in front of the camera and no camera would look the same.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Condition, Thread
from typing import Final

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.protocol import VideoSource

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """Timing of a capture, in seconds.

    Attributes:
        stale_s: a camera that gave no frame for longer is down.
        retry_s, retry_max_s: first and longest wait before reopening; doubled each time, and jittered, so that forty
            cameras behind one switch do not come back in step.
    """

    stale_s: float = 3.0
    retry_s: float = 0.5
    retry_max_s: float = 30.0


DEFAULT_RULES: Final = CaptureRules()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a capture saw of its camera over a period: seconds, seconds with frames, frames read, frames not taken."""

    period_s: float
    up_s: float
    frames: int
    dropped: int

    @property
    def fps(self) -> float:
        """Frames read per second of the period; 0 for an empty one."""
        return self.frames / self.period_s if self.period_s else 0.0


class Capture:
    """Reads one camera in a thread. `start`, then `latest` again and again, then `stop`."""

    def __init__(
        self,
        name: str,
        open_source: Callable[[], VideoSource],
        *,
        lossless: bool = False,
        rules: CaptureRules = DEFAULT_RULES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is opened yet. `lossless` waits for each frame to be taken: for a clip that must be read in full."""
        self.name = name
        self._open_source = open_source
        self._lossless = lossless
        self._rules = rules
        self._monotonic = monotonic
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._changed = Condition()
        self._thread = Thread(target=self._run, name=f"capture-{name}", daemon=True)
        self._slot: Frame | None = None
        self._size: tuple[int, int] | None = None
        self._stopping = self._ended = False
        self._fault: str | None = None
        self._marked_s = self._period_s = self._up_s = 0.0
        self._frame_at_s: float | None = None
        self._frames = self._dropped = 0
        self._next_index, self._next_time_s = 0, 0.0

    def start(self) -> None:
        """Begin to read."""
        self._marked_s = self._monotonic()
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop reading and wait for the thread; a stalled network camera may take its time-out."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height) of the frames; None until the source was opened once."""
        return self._size

    @property
    def up(self) -> bool:
        """Whether the camera gave a frame within the last `stale_s` seconds."""
        with self._changed:
            return self._fresh(self._monotonic())

    @property
    def ended(self) -> bool:
        """Whether the source came to its own end (a file that is not looped) and its last frame was taken."""
        with self._changed:
            return self._ended and self._slot is None

    @property
    def fault(self) -> str | None:
        """Why the camera is down, in words; None while it is not."""
        return self._fault

    def latest(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not taken yet, waiting up to `timeout_s` for one; None if none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot is not None or self._stopping or self._ended, timeout_s)
            frame, self._slot = self._slot, None
            self._changed.notify_all()
            return frame

    def watched(self) -> Watched:
        """Return what was seen since the last call (or the start), and begin a new period."""
        with self._changed:
            self._mark(self._monotonic())
            seen = Watched(self._period_s, min(self._up_s, self._period_s), self._frames, self._dropped)
            self._period_s = self._up_s = 0.0
            self._frames = self._dropped = 0
            return seen

    def _run(self) -> None:
        failures, started_s = 0, self._monotonic()
        while not self._stopping:
            read_before = self._next_index
            fault = self._read(self._monotonic() - started_s)
            if fault is None:
                self._finish()
                return
            failures = 0 if self._next_index > read_before else failures + 1
            self._down(fault, failures)

    def _read(self, elapsed_s: float) -> str | None:
        """Read the source until it ends (None) or breaks (why). Numbers and times go on where they were."""
        index, time_s = self._next_index, max(self._next_time_s, elapsed_s if self._next_index else 0.0)
        try:
            source = self._open_source()
            try:
                self._size = source.size
                for number, frame in enumerate(source):
                    cut = frame.discontinuity or (number == 0 and index > 0)
                    moved = replace(frame, index=index + frame.index, time_s=time_s + frame.time_s, discontinuity=cut)
                    self._next_index, self._next_time_s = moved.index + 1, moved.time_s
                    if not self._offer(moved):
                        break
            finally:
                source.close()
        except SourceError as error:
            return str(error)
        except Exception as error:
            # The root of a thread: nobody above would hear of it, and a camera must come back from any fault.
            _LOGGER.exception("capture failed", extra={"action": "capture_failed", "camera": self.name})
            return f"{type(error).__name__}: {error}"
        return None

    def _offer(self, frame: Frame) -> bool:
        """Put `frame` in the slot; return False when stopping."""
        with self._changed:
            now_s = self._monotonic()
            self._mark(now_s)
            self._frame_at_s = now_s
            if self._fault is not None:
                _LOGGER.info("camera %s is up again", self.name, extra={"action": "camera_up", "camera": self.name})
            self._fault = None
            self._frames += 1
            if self._lossless:
                self._changed.wait_for(lambda: self._slot is None or self._stopping)
            if self._slot is not None:
                self._dropped += 1
                # What comes after a cut still does, even if the first frame after it was never taken.
                frame = replace(frame, discontinuity=frame.discontinuity or self._slot.discontinuity)
            self._slot = frame
            self._changed.notify_all()
            return not self._stopping

    def _down(self, fault: str, failures: int) -> None:
        """Note why the camera is down, and wait before it is opened again."""
        if fault != self._fault:
            _LOGGER.warning(
                "camera %s down: %s", self.name, fault, extra={"action": "camera_down", "camera": self.name}
            )
        wait_s = min(self._rules.retry_s * 2 ** min(failures, 16), self._rules.retry_max_s) * self._jitter.uniform(
            0.5, 1
        )
        with self._changed:
            self._fault = fault
            self._changed.wait_for(lambda: self._stopping, wait_s)

    def _finish(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _mark(self, now_s: float) -> None:
        """Book the time since the last mark as up or not. Called with the lock held."""
        passed_s = max(0.0, now_s - self._marked_s)
        self._period_s += passed_s
        if self._fresh(now_s):
            self._up_s += passed_s
        self._marked_s = now_s

    def _fresh(self, now_s: float) -> bool:
        return self._frame_at_s is not None and now_s - self._frame_at_s <= self._rules.stale_s
