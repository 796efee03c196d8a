"""One camera at work: a thread that takes the newest frame, has it counted, and books what it saw and how long."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from contract.entries import Entry
from contract.messages import CameraHealth
from edge.clock import Clock
from edge.config import CameraConfig
from edge.detection.protocol import Detector
from edge.errors import EdgeError
from edge.events import Event
from edge.frames import Frame
from edge.picture.watch import PictureWatch
from edge.pipeline import CameraPipeline
from edge.recording import (
    PERIOD_S,
    QUEUE_PERIOD_S,
    Recorder,
    boundary_after,
    entries_of,
    registers,
    samples,
    uptimes,
)
from edge.sources.capture import Capture
from edge.sums import SUMS_PERIOD_S, StepSums, heat_of, quarter_of
from models.errors import ModelsError

logger = logging.getLogger(__name__)

PipelineFactory: TypeAlias = Callable[[CameraConfig, tuple[int, int]], CameraPipeline]
#: Hears of each frame that was counted, with the camera's name and what was counted; never waits.
Heed: TypeAlias = Callable[[str, Frame, Sequence[Event]], None]

_FRAME_WAIT_S: Final = 0.25
#: A pipeline that failed is built anew after this long.
_REBUILD_S: Final = 10.0


class CameraWorker:
    """Counts on one camera until stopped, or until its source ends by itself."""

    def __init__(
        self,
        camera: CameraConfig,
        capture: Capture,
        recorder: Recorder,
        *,
        build: PipelineFactory,
        clock: Clock,
        watch: PictureWatch | None = None,
        onlook: Callable[[Frame], None] | None = None,
        heed: Heed = lambda _camera, _frame, _events: None,
    ) -> None:
        """Take frames from `capture`. `watch` says whether they can be counted on; None: always, as with a clip.

        `onlook` is shown those that can; it must not wait.
        """
        self.camera = camera
        self._capture = capture
        self._recorder = recorder
        self._build = build
        self._clock = clock
        self._watch = watch
        self._onlook = onlook
        self._heed = heed
        self._detector: Detector | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera.name}", daemon=True)
        self._pipeline: CameraPipeline | None = None
        self._size: tuple[int, int] | None = None
        self._newest: Frame | None = None
        self._people: Mapping[str, int] = {}
        self._waiting: Mapping[str, tuple[int, int]] = {}
        self._steps = StepSums()
        self._round_at_s = clock.monotonic()
        self._failed_at: float | None = None
        self._fault: str | None = None
        self._unusable = False
        #: Seconds of the current period in which frames came but could not be counted, or not be counted on.
        self._blind_s = self._blind_since = 0.0
        self._booked_to = clock.now()
        self._sampled_to = self._summed_to = self._booked_to
        #: Frames that were counted since it began.
        self.counted = 0
        self._frames, self._rate_since, self._fps = 0, clock.monotonic(), 0.0

    @property
    def ended(self) -> bool:
        """Return whether the source came to its own end and everything in it is booked."""
        return not self._thread.is_alive() and self._capture.ended

    @property
    def silent_s(self) -> float:
        """For how many seconds the worker has not come round, though it should, with a frame or without; else 0."""
        started = self._thread.ident is not None and not self._stopping.is_set()
        return self._clock.monotonic() - self._round_at_s if started and not self.ended else 0.0

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """(width, height) of its pictures in pixels; None while none is counted."""
        return self._size

    @property
    def fault(self) -> str | None:
        """Why none come, or why they cannot be counted, in words; None while all is well."""
        return self._fault if self._failed_at is not None else self._capture.fault

    def people(self) -> Mapping[str, int]:
        """Return how many people are in each zone; nothing while the camera is not watched."""
        return self._people if self._watching else {}

    def waiting(self) -> Mapping[str, tuple[int, int]]:
        """Return how many crossings of each line, (in, out), are counted, but wait for their group."""
        return self._waiting

    def health(self) -> CameraHealth:
        """Return how the camera is doing; `fps` is of the frames that were counted."""
        trouble = self._watch.trouble if self._watch is not None and self._capture.up else None
        state: Literal["up", "down"] = "up" if self._watching else "down"
        return CameraHealth(camera=self.camera.name, state=state, fps=self._fps, trouble=trouble)

    @property
    def failing(self) -> bool:
        """Whether frames come, but the model cannot count them."""
        return self._failed_at is not None

    def look_with(self, detector: Detector) -> None:
        """Have people found by another detector from the next frame on. From any thread; no count is lost by it."""
        self._detector = detector

    def start(self) -> None:
        """Begin to read and count."""
        self._booked_to = self._sampled_to = self._summed_to = self._clock.now()
        self._round_at_s = self._clock.monotonic()
        self._capture.start()
        self._thread.start()

    def stop(self, wait_s: float | None = None) -> None:
        """Stop, close open stays as censored, and book the time up to now; wait for it no longer than `wait_s`."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(wait_s)
            self._capture.stop()

    def step(self, frame: Frame | None) -> None:
        """Count `frame` if there is one, and book what is due. A fault is logged and mended later."""
        try:
            if frame is not None:
                self._look(frame)
            self._book_due()
        except (EdgeError, ModelsError) as error:
            self._fail(str(error))
        except Exception as error:
            # The root of this thread: detector libraries raise what they like, and the other cameras must not notice.
            logger.exception("camera fault", extra={"action": "camera_fault", "camera": self.camera.name})
            self._fail(f"{type(error).__name__}: {error}")

    def finish(self) -> None:
        """Close open stays, and book all sums and the time since the last full minute."""
        self._close_stays()
        self._book_sums()
        now = self._clock.now()
        self._recorder.record([*self._uptime(now), *registers(self.camera, self._recorder.totals(), now)])

    @property
    def _watching(self) -> bool:
        counted = self._pipeline is not None and self._failed_at is None
        return self._capture.up and counted and not self._unusable

    def _run(self) -> None:
        while not (self._stopping.is_set() or self._capture.ended):
            self.step(self._capture.latest(_FRAME_WAIT_S))
            self._round_at_s = self._clock.monotonic()
        self.finish()

    def _look(self, frame: Frame) -> None:
        self._watch_picture(frame)
        if self._onlook is not None and not self._unusable:
            self._onlook(frame)
        if self._failed_at is not None and self._clock.monotonic() - self._failed_at < _REBUILD_S:
            return
        if self._failed_at is not None or self._size != frame.size:
            self._close_stays()
        pipeline = self._pipeline or self._build(self.camera, frame.size)
        self._count_blindness()
        if self._newest is not None and quarter_of(frame.captured_at) != quarter_of(self._newest.captured_at):
            self._book_sums()
        self._pipeline, self._size, self._newest, self._failed_at = pipeline, frame.size, frame, None
        detector, self._detector = self._detector, None
        if detector is not None:
            pipeline.look_with(detector)
        events = pipeline.process(frame)
        self._frames += 1
        self.counted += 1
        self._steps.add(events, frame)
        self._people = {zone: pipeline.people_in(zone) for zone in pipeline.zones}
        self._waiting = pipeline.waiting()
        self._recorder.record(entries_of(events, frame))
        # Last of all: a picture is converted by one thread at a time.
        self._heed(self.camera.name, frame, events)

    def _watch_picture(self, frame: Frame) -> None:
        """Note whether the picture can be counted on. What is seen is counted all the same: it may be some of it."""
        if self._watch is None:
            return
        self._watch.see(frame)
        if self._watch.unusable != self._unusable:
            self._count_blindness()
            if self._failed_at is None:
                self._blind_since = self._clock.monotonic()
            if self._watch.unusable:
                # It takes a while to be sure; that while was no better.
                self._blind_s += self._watch.doubted_s
            self._unusable = self._watch.unusable

    def _fail(self, reason: str) -> None:
        logger.error(
            "camera %s is not counted: %s. Next attempt in %.0f s",
            self.camera.name, reason, _REBUILD_S, extra={"action": "camera_not_counted", "camera": self.camera.name},
        )  # fmt: skip
        self._count_blindness()
        self._failed_at = self._blind_since = self._clock.monotonic()
        self._fault = reason

    def _count_blindness(self) -> None:
        """Add what passed since it began, or since it was last added, to the seconds that were not counted."""
        if self._failed_at is not None or self._unusable:
            now = self._clock.monotonic()
            self._blind_s += now - self._blind_since
            self._blind_since = now

    def _close_stays(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        self._people, self._waiting, self._size = {}, {}, None
        if pipeline is not None and self._newest is not None:
            events = pipeline.finish()
            self._steps.add(events, self._newest)
            warmth = heat_of(self.camera.name, pipeline.take_heat(rest=True), self._newest.captured_at)
            self._recorder.record([*entries_of(events, self._newest), *warmth])

    def _book_sums(self) -> None:
        """Write down what added up since the last time, in the quarter-hour of the newest frame."""
        entries = self._steps.take()
        if self._pipeline is not None and self._newest is not None:
            entries += heat_of(self.camera.name, self._pipeline.take_heat(), self._newest.captured_at)
        self._recorder.record(entries)

    def _book_due(self) -> None:
        now = self._clock.now()
        if now < self._booked_to:
            # The wall clock was set back: what is booked is booked, go on from here.
            self._booked_to = self._sampled_to = self._summed_to = now
        if now >= boundary_after(self._summed_to, SUMS_PERIOD_S):
            self._summed_to = now
            self._book_sums()
        if now >= boundary_after(self._sampled_to, QUEUE_PERIOD_S):
            self._sampled_to = now
            self._measure_rate()
            self._recorder.record(samples(self.camera, self.people(), now, queues=True))
        if now >= boundary_after(self._booked_to, PERIOD_S):
            minute = datetime.fromtimestamp(int(now.timestamp()) // PERIOD_S * PERIOD_S, now.tzinfo)
            entries = self._uptime(minute)
            entries += registers(self.camera, self._recorder.totals(), now)
            entries += samples(self.camera, self.people(), now, queues=False)
            self._recorder.record(entries)

    def _uptime(self, until: datetime) -> list[Entry]:
        self._count_blindness()
        up_s, self._blind_s = self._capture.watched().up_s - self._blind_s, 0.0
        start, self._booked_to = self._booked_to, until
        return uptimes(self.camera.name, start, until, up_s)

    def _measure_rate(self) -> None:
        now = self._clock.monotonic()
        if now > self._rate_since:
            self._fps = round(min(self._frames / (now - self._rate_since), 1_000.0), 2)
        self._frames, self._rate_since = 0, now
