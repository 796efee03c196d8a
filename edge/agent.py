"""The camera agent: every camera of one box, its outbox and its publisher, from start to a clean stop.

source ► capture ► pipeline ► recorder ► outbox ► publisher ► broker        one thread per capture, camera, publisher
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias

from contract.messages import CameraHealth, LineInfo, ZoneInfo
from contract.types import LineRole
from edge.audit.heard import CrossingsHeard
from edge.audit.service import AuditService, open_audit
from edge.camera import CameraWorker, PipelineFactory
from edge.cameras import Cameras
from edge.clock import Clock, SystemClock
from edge.config import AuditConfig, CameraConfig, SiteConfig
from edge.control.control import Control
from edge.control.opening import Controlled, listeners_of, open_control
from edge.detection.opening import Detectors
from edge.errors import StuckError
from edge.linting.site import lint_camera, lint_site
from edge.metrics.exposition import BoxState
from edge.metrics.service import open_metrics
from edge.picture.watch import PictureWatch
from edge.pipeline import CameraPipeline, build_pipeline
from edge.publishing.connection import ConnectionFactory, PahoConnection
from edge.publishing.outbox import LineTotal
from edge.publishing.presence import Readings, machine_readings
from edge.publishing.publisher import Publisher
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox
from edge.recording import Recorder
from edge.releases.opening import FOLDER
from edge.releases.rig import Rig
from edge.releases.shelf import Shelf
from edge.service_manager import TELL_EVERY_S, ServiceManager
from edge.sources.capture import DEFAULT_RULES, Capture, CaptureRules
from edge.sources.opening import open_paced
from edge.sources.protocol import VideoSource
from edge.starts import Starts

logger = logging.getLogger(__name__)

_POLL_S: Final = 0.2
#: Once all clips are at their end: how long to wait for the last receipt.
_DELIVER_S: Final = 30.0
#: A camera's thread that has not come round for so long hangs: loading a model on a slow box takes less.
STUCK_S: Final = 120.0
#: What does not hang may take so long to end once something else does.
_LEAVE_S: Final = 5.0


#: Opens a camera's source, as `open_source` does.
SourceOpener: TypeAlias = Callable[..., VideoSource]
#: Opens the outbox, as `SqliteOutbox` does.
OutboxOpener: TypeAlias = Callable[..., SqliteOutbox]


class AgentDevice:
    """What the publisher says about this box."""

    def __init__(self, site: SiteConfig, cameras: Cameras, starts: Starts | None = None) -> None:
        self.store = site.store
        self.device = site.device
        self._folder = Path(site.outbox.path).absolute().parent
        self._cameras = cameras
        self._starts = starts

    @property
    def lines(self) -> Sequence[LineInfo]:
        """Return the lines that are counted now."""
        return self._cameras.lines

    @property
    def zones(self) -> Sequence[ZoneInfo]:
        """Return the zones that are watched now."""
        return self._cameras.zones

    @property
    def model(self) -> str | None:
        """Return the first camera's detector."""
        return model_slug(self._cameras.configured[0].model)

    def cameras(self) -> Sequence[CameraHealth]:
        """Return how each camera is doing."""
        return self._cameras.health()

    def people(self) -> Mapping[str, int]:
        """Return how many people are in each watched zone."""
        return self._cameras.people()

    def waiting(self) -> Mapping[str, LineTotal]:
        """Return the crossings of each line that wait for their group before they are written."""
        return self._cameras.waiting()

    def readings(self) -> Readings:
        """Return the machine's gauges."""
        crashes = self._starts.crashes() if self._starts is not None else None
        return replace(machine_readings(self._folder), crashes=crashes)


class Agent:
    """Counts on all cameras of `site`.

    Raises:
        OutboxError: the outbox cannot be opened.
    """

    def __init__(
        self,
        site: SiteConfig,
        *,
        clock: Clock | None = None,
        connect: ConnectionFactory | None = None,
        build: PipelineFactory | None = None,
        settings: PublisherSettings | None = None,
        manager: ServiceManager | None = None,
        starts: Starts | None = None,
        sources: SourceOpener = open_paced,
        outbox: OutboxOpener = SqliteOutbox,
        stuck_s: float = STUCK_S,
        controlled: Controlled | None = None,
    ) -> None:
        """Open the outbox. `manager` hears how it goes; a part that makes no progress for `stuck_s` ends the agent.

        `starts` knows how it was started before; None: nothing is told of that. `controlled` says where
        `site` stands: head office may change it on a box that was enrolled.
        """
        self._manager = manager or ServiceManager({})
        self._stuck_s = stuck_s
        self._site = site
        self._clock = clock or SystemClock()
        pace = settings or PublisherSettings()
        self._sources = sources
        self.outbox = outbox(
            site.outbox.path, now=self._clock.now, monotonic=self._clock.monotonic,
            retention=timedelta(days=site.outbox.keep_days), budget_bytes=site.outbox.budget_mb * 1_000_000,
        )  # fmt: skip
        # Bound late: the publisher speaks for the workers, and they need the recorder first.
        self._heard = CrossingsHeard()
        self._recorder = Recorder(
            self.outbox,
            lambda: self.publisher.notify(),  # noqa: PLW0108
            listen=self._heard.hear,
            clock=self._clock,
        )
        shelf = Shelf((controlled.site_file if controlled else Path(site.outbox.path)).with_name(FOLDER))
        self._rig = Rig(shelf, Detectors(len(site.cameras)), self._lacks, self._restart)
        self.cameras = Cameras(site.cameras, lambda camera: self._worker(camera, build or _pipelines(self._rig)))
        #: What takes head office's words; None on a box that was not enrolled.
        self.control = self._controlled(controlled)
        self._device = AgentDevice(site, self.cameras, starts)
        self.publisher = Publisher(
            self._device, self.outbox, connect or paho_connections(site, pace),
            clock=self._clock, settings=pace, listeners=listeners_of(self.control),
        )  # fmt: skip
        #: The page for audits; None where it is not enabled.
        self.audit = self._audit()
        #: The page for Prometheus; None where it is not wanted.
        self.metrics = open_metrics(site.metrics, self._state)
        self._told_s = float("-inf")
        #: Entries without a receipt when the agent stopped, and whether it is to be started anew, as another version.
        self.waiting, self.restarting = 0, False

    def run(self, stop: threading.Event) -> None:
        """Count until `stop` is set or every source has come to its own end, then stop cleanly.

        Raises:
            StuckError: a part makes no progress. The process should end, and be started afresh.
        """
        logger.info(
            "%s/%s counts on %d cameras, epoch %s from seq %d",
            self._site.store, self._site.device, len(self.cameras), self.outbox.epoch, self.outbox.last_seq + 1,
            extra={"action": "agent_started"},
        )  # fmt: skip
        for problem in lint_site(self._site):
            logger.warning("%s", problem, extra={"action": "linted", "rule": problem.code})
        try:
            self.publisher.start()
            self.cameras.start()
            if self.audit is not None:
                self.audit.start()
            if self.metrics is not None:
                self.metrics.start()
            if self.control is not None:
                self.control.start()
            self._manager.tell("READY=1")
            while not stop.wait(_POLL_S):
                self._check_progress()
                if self.cameras.ended:
                    self._deliver(stop)
                    break
                if self.restarting:
                    break
        finally:
            self._stop()

    def _controlled(self, controlled: Controlled | None) -> Control | None:
        return open_control(
            controlled, self._site, cameras=self.cameras, outbox=self.outbox, clock=self._clock, changed=self._changed,
            say=lambda *notice: self.publisher.say(*notice),  # noqa: PLW0108  # bound late: it is made next
            again=lambda: self.publisher.again(),  # noqa: PLW0108  # as above
            rig=self._rig,
        )  # fmt: skip

    def _changed(self, site: SiteConfig) -> None:
        """Go on with a new set-up: its cameras have it, the audit page gets it where it shows any of it."""
        before, self._site = self._site, site
        if _audited(before) != _audited(site):
            if self.audit is not None:
                self.audit.stop()
            self.audit = self._audit()
            if self.audit is not None:
                self.audit.start()

    def _audit(self) -> AuditService | None:
        return open_audit(
            self._site, self._heard, record=self._recorder.record, camera_up=self.cameras.is_up, clock=self._clock
        )

    def _state(self) -> BoxState:
        """Return what the metrics say."""
        cameras = [(worker.health(), worker.counted) for worker in self.cameras]
        return BoxState(cameras, self.outbox.queue_depth, self.publisher.connected, self._device.readings())

    def _restart(self) -> None:
        self.restarting = True

    def _lacks(self, cameras: Sequence[str]) -> str:
        """Return what keeps the box from being well with `cameras` up; empty: nothing."""
        down = [each.camera for each in self.cameras.health() if each.camera in cameras and each.state != "up"]
        if down:
            return f"camera {', '.join(down)} is not up"
        if not self.publisher.connected:
            return "the broker has not let this box in"
        return "" if self.publisher.receipted else "no receipt has come yet"

    def _worker(self, camera: CameraConfig, build: PipelineFactory) -> CameraWorker:
        capture = Capture(
            camera.name,
            lambda: self._sources(camera, clock=self._clock.now),
            lossless=_is_clip(camera),
            rules=_rules(camera),
            monotonic=self._clock.monotonic,
        )
        watch = None if _is_clip(camera) else PictureWatch(camera.name)
        return CameraWorker(
            camera, capture, self._recorder, build=build, clock=self._clock, watch=watch,
            onlook=lambda frame: self.cameras.show(camera.name, frame), heed=self._rig.shadowing.heed,
        )  # fmt: skip

    def _check_progress(self) -> None:
        """Tell the service manager that all parts go on; raise if one does not."""
        for worker in self.cameras:
            if worker.silent_s > self._stuck_s:
                raise StuckError(
                    f"camera {worker.camera.name}: its thread has not come round for {worker.silent_s:.0f} s; the "
                    f"model `{worker.camera.model}` or its library hangs. This program ends, to be started afresh"
                )
        if not self.publisher.alive:
            raise StuckError("the publisher's thread has ended. This program ends, to be started afresh")
        now_s = self._clock.monotonic()
        if now_s - self._told_s >= TELL_EVERY_S:
            self._told_s = now_s
            status = f"{self.cameras.up} of {len(self.cameras)} cameras up, {self.outbox.queue_depth} entries to send"
            self._manager.tell("WATCHDOG=1", f"STATUS={status}")

    def _deliver(self, stop: threading.Event) -> None:
        deadline = self._clock.monotonic() + _DELIVER_S
        while self.outbox.queue_depth and self._clock.monotonic() < deadline and not stop.wait(_POLL_S):
            pass

    def _stop(self) -> None:
        self._manager.tell("STOPPING=1")
        if self.control is not None:
            self.control.stop()
        stuck = any(worker.silent_s > self._stuck_s for worker in self.cameras)
        self.cameras.stop(_LEAVE_S if stuck else None)
        if self.audit is not None:
            self.audit.stop()
        if self.metrics is not None:
            self.metrics.stop()
        self.publisher.stop()
        self.waiting = self.outbox.queue_depth
        logger.info(
            "stopped at seq %d, %d entries wait for a receipt",
            self.outbox.last_seq, self.waiting, extra={"action": "agent_stopped"},
        )  # fmt: skip
        self.outbox.close()


def _audited(site: SiteConfig) -> tuple[AuditConfig, list[tuple[str, str, LineRole]]]:
    """Return what the audit page is made of: its settings, and each line with its camera and role."""
    lines = [(camera.name, line.name, line.role) for camera in site.cameras for line in camera.lines]
    return site.audit, lines


def paho_connections(site: SiteConfig, settings: PublisherSettings) -> ConnectionFactory:
    """Return a factory of real connections to the site's broker."""
    return lambda session, report: PahoConnection(
        site.broker,
        session,
        report,
        connect_timeout_s=settings.connect_timeout_s,
        keepalive_s=settings.keepalive_s,
    )


def model_slug(model: str) -> str | None:
    """Return a detector's name or path as the slug that a status may carry; None if nothing is left of it."""
    stem = model if "/" not in model and "\\" not in model else Path(model).stem
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower())[:40].strip("-_") or None


def _is_clip(camera: CameraConfig) -> bool:
    """Return whether the source is a finite file or folder, which is read in full rather than newest frame first."""
    return not camera.loop and "://" not in camera.source and not camera.source.startswith("usb:")


def _rules(camera: CameraConfig) -> CaptureRules:
    """Return the timing of a camera's capture: one that is looked at seldom is not silent in between."""
    return replace(DEFAULT_RULES, stale_s=max(DEFAULT_RULES.stale_s, 3 / camera.fps)) if camera.fps else DEFAULT_RULES


def _pipelines(rig: Rig) -> PipelineFactory:
    """Return what builds each camera's pipeline; those that ask for the same weights share one loaded network."""

    def build(camera: CameraConfig, frame_size: tuple[int, int]) -> CameraPipeline:
        for problem in lint_camera(camera, frame_size):
            logger.warning(
                "camera %s, %s",
                camera.name,
                problem,
                extra={"action": "linted", "camera": camera.name, "rule": problem.code},
            )
        return build_pipeline(camera, frame_size=frame_size, detector=rig.open(camera))

    return build
