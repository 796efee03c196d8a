"""Capture: a thread that reads a source and keeps only its newest frame, reopening it whenever it breaks.

    source ──► [ one frame ] ──► pipeline        a slow pipeline misses frames, it never falls behind

A source that falls silent is given up and opened anew; its reader, which may hang for long in a library, is left
behind.

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

from edge.frames import Frame
from edge.sources.protocol import VideoSource
from edge.sources.reading import Reading

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """Timing of a capture, in seconds.

    Attributes:
        stale_s: a camera that gave no frame for longer is down, and opened anew.
        open_s: so long may pass until the first frame; cameras start with a whole picture, some send few of them.
        retry_s, retry_max_s: first and longest wait before reopening; doubled each time, and jittered, so that forty
            cameras behind one switch do not come back in step.
    """

    stale_s: float = 3.0
    open_s: float = 30.0
    retry_s: float = 0.5
    retry_max_s: float = 30.0


DEFAULT_RULES: Final = CaptureRules()
#: So many readers may hang at once; then the camera stays down until one of them returns.
HANGING_MAX: Final = 4
#: How often a silent source is looked after.
_LOOK_EVERY_S: Final = 0.1
#: A slow source is silent only after so many of its frames are missing.
_MISSING_FRAMES: Final = 3


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
        self._patience_s = rules.stale_s
        self._reading: Reading | None = None
        self._hanging: list[Reading] = []

    def start(self) -> None:
        """Begin to read."""
        self._marked_s = self._monotonic()
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop reading and wait for it; a stalled network camera may take its time-out."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._reading is not None:
            self._reading.join(timeout_s)

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
            self._hanging = [each for each in self._hanging if each.alive]
            if len(self._hanging) >= HANGING_MAX:
                self._down(f"{HANGING_MAX} attempts to read it hang", failures)
                continue
            fault, frames = self._read(started_s)
            if fault is None:
                self._finish()
                return
            failures = 0 if frames else failures + 1
            self._down(fault, failures)

    def _read(self, started_s: float) -> tuple[str | None, int]:
        """Have the source read until it ends (None), breaks or falls silent (why); and how many frames it gave."""
        now_s = self._monotonic()
        time_s = max(self._next_time_s, now_s - started_s if self._next_index else 0.0)
        reading = Reading(self.name, began_s=now_s, index=self._next_index, time_s=time_s)
        self._reading = reading
        reading.start(self._open_source, self._opened, self._take, self._wake)
        with self._changed:
            while not (reading.done or self._stopping):
                silent_s = self._silence(reading)
                if silent_s is not None:
                    reading.abandoned = True
                    self._hanging.append(reading)
                    return f"no frame for {silent_s:.0f} s", reading.frames
                self._changed.wait(_LOOK_EVERY_S)
        return reading.fault, reading.frames

    def _silence(self, reading: Reading) -> float | None:
        """Return for how long the source has been silent, if that is too long. Called with the lock held."""
        if self._lossless:
            return None
        limit_s = self._rules.open_s if reading.frame_at_s is None else self._patience_s
        since_s = reading.began_s if reading.frame_at_s is None else reading.frame_at_s
        silent_s = self._monotonic() - since_s
        return silent_s if silent_s > limit_s else None

    def _opened(self, reading: Reading, source: VideoSource) -> None:
        with self._changed:
            if not reading.abandoned:
                self._size = source.size
                self._patience_s = max(self._rules.stale_s, _MISSING_FRAMES / source.fps if source.fps else 0.0)

    def _take(self, reading: Reading, frame: Frame) -> bool:
        """Put `frame` in the slot, its number and time going on from the last reading's; return False when stopping."""
        with self._changed:
            if reading.abandoned:
                return False
            reading.frame_at_s = self._monotonic()
            cut = frame.discontinuity or (reading.frames == 0 and reading.index > 0)
            reading.frames += 1
            moved = replace(
                frame, index=reading.index + frame.index, time_s=reading.time_s + frame.time_s, discontinuity=cut
            )
            self._next_index, self._next_time_s = moved.index + 1, moved.time_s
            return self._offer(moved)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _offer(self, frame: Frame) -> bool:
        """Put `frame` in the slot; return False when stopping. Called with the lock held."""
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
