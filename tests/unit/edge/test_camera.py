"""One camera's bookkeeping, frame by frame, with a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from contract.entries import CameraUptime, Crossing, Entry, Flow, Heat, Occupancy, QueueSample, Register, ZoneVisit
from contract.messages import CameraHealth, Trouble
from edge.camera import CameraWorker
from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.counting.heat import Warmth
from edge.errors import ConfigError
from edge.events import Event, LineCrossed, Moved, ZoneLeft
from edge.frames import Frame
from edge.pipeline import CameraPipeline
from edge.recording import Recorder
from edge.sources.capture import Capture, Watched
from tests.support.clocks import ManualClock
from tests.support.memory_outbox import MemoryOutbox

if TYPE_CHECKING:
    from edge.picture.watch import PictureWatch

CAMERA = CameraConfig(
    name="door",
    source="clip.mp4",
    lines=(LineConfig(name="front-door", points=((0, 0), (0, 9))),),
    zones=(
        ZoneConfig(name="table", polygon=((0, 0), (5, 0), (5, 5))),
        ZoneConfig(name="till", polygon=((0, 0), (5, 0), (5, 5)), role="queue"),
    ),
)


@dataclass
class FakeCapture:
    clock: ManualClock
    up: bool = True
    ended: bool = False
    since_s: float = 0.0

    def watched(self) -> Watched:
        period_s, self.since_s = self.clock.elapsed_s - self.since_s, self.clock.elapsed_s
        return Watched(period_s=period_s, up_s=period_s if self.up else 0.0, frames=0, dropped=0)


@dataclass
class ScriptedPipeline:
    """Yields the events scripted for a frame's index."""

    script: dict[int, list[Event]] = field(default_factory=dict)
    fails_at: int | None = None
    zones: tuple[str, ...] = ("table", "till")
    left: list[Event] = field(default_factory=list)
    #: Warmth that the next taking finds.
    warmth: Warmth | None = None
    held: int = 0

    def process(self, frame: Frame) -> list[Event]:
        if frame.index == self.fails_at:
            raise RuntimeError("the model's library gave up")
        return self.script.get(frame.index, [])

    def people_in(self, zone: str) -> int:
        return {"table": 2, "till": 1}[zone]

    def waiting(self) -> dict[str, tuple[int, int]]:
        return {"front-door": (self.held, 0)}

    def take_heat(self, *, rest: bool = False) -> Warmth | None:
        del rest
        taken, self.warmth = self.warmth, None
        return taken

    def finish(self) -> list[Event]:
        left, self.left = self.left, []
        return left


@dataclass
class FakeWatch:
    trouble: Trouble | None = None
    unusable: bool = False
    doubted_s: float = 0.0

    def see(self, frame: Frame) -> None:
        pass


class Scene:
    """Second by second: one frame each."""

    def __init__(self) -> None:
        self.watch = FakeWatch()
        self.clock = ManualClock()
        self.outbox = MemoryOutbox(now=self.clock.now)
        self.capture = FakeCapture(self.clock)
        self.pipeline = ScriptedPipeline()
        self.built = 0
        self.refuse: Exception | None = None
        self.worker = CameraWorker(
            CAMERA,
            cast("Capture", self.capture),
            Recorder(self.outbox),
            build=self.build,
            clock=self.clock,
            watch=cast("PictureWatch", self.watch),
        )
        self.index = 0
        self.size = (10, 10)

    def build(self, camera: CameraConfig, frame_size: tuple[int, int]) -> CameraPipeline:
        assert camera is CAMERA
        assert frame_size == self.size
        self.built += 1
        if self.refuse:
            raise self.refuse
        return cast("CameraPipeline", self.pipeline)

    def run(self, seconds: int, *, frames: bool = True) -> None:
        for _ in range(seconds):
            self.clock.advance(1.0)
            frame = None
            if frames:
                self.index += 1
                image = np.zeros((self.size[1], self.size[0], 3), np.uint8)
                frame = Frame(image, self.index, float(self.index), self.clock.now())
            self.worker.step(frame)

    def entries(self, kind: type[Entry]) -> list[Entry]:
        run = self.outbox.pending(entries=10_000)
        return [entry for entry in run.entries if isinstance(entry, kind)] if run else []


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_minute_books_uptime_registers_and_samples(scene: Scene) -> None:
    scene.pipeline.script[5] = [LineCrossed("front-door", "in", 5, 4.5)]
    scene.run(60)
    assert scene.entries(CameraUptime) == [
        CameraUptime(at=scene.clock.now() - timedelta(minutes=1), camera="door", period_s=60.0, up_s=60.0)
    ]
    assert scene.entries(Register) == [Register(at=scene.clock.now(), line="front-door", in_total=1, out_total=0)]
    assert scene.entries(Occupancy) == [Occupancy(at=scene.clock.now(), zone="table", people=2)]
    assert [entry.at.second for entry in scene.entries(QueueSample)] == [15, 30, 45, 0]
    assert [entry.at for entry in scene.entries(Crossing)] == [scene.clock.now() - timedelta(seconds=55.5)]
    assert scene.worker.health().fps == 1.0


def test_a_dark_camera_books_its_time_as_not_watched_and_says_nothing_about_people(scene: Scene) -> None:
    scene.run(60)
    scene.capture.up = False
    scene.run(60, frames=False)
    assert [entry.up_s for entry in cast("list[CameraUptime]", scene.entries(CameraUptime))] == [60.0, 0.0]
    assert len(scene.entries(Occupancy)) == 1
    assert len(scene.entries(QueueSample)) == 4
    assert len(scene.entries(Register)) == 2, "a register is known even while the camera is dark"
    assert (scene.worker.people(), scene.worker.health().state) == ({}, "down")


def test_registers_go_on_after_a_restart_within_the_epoch(scene: Scene) -> None:
    scene.pipeline.script[5] = [LineCrossed("front-door", "out", 5, 4.5)]
    scene.run(60)
    scene.worker = CameraWorker(
        CAMERA, cast("Capture", scene.capture), Recorder(scene.outbox), build=scene.build, clock=scene.clock
    )
    scene.pipeline.script[70] = [LineCrossed("front-door", "out", 70, 69.5)]
    scene.run(60)
    assert [entry.out_total for entry in cast("list[Register]", scene.entries(Register))] == [1, 2]


def test_a_line_out_of_the_frame_is_told_and_the_time_is_not_booked(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.refuse = ConfigError("camera door", "line front-door", expected="a point inside", got="(0, 99)")
    scene.run(60)
    assert "camera door is not counted: camera door: `line front-door`: expected a point inside" in caplog.text
    assert scene.built == 6, "tried again every 10 s"
    (uptime,) = cast("list[CameraUptime]", scene.entries(CameraUptime))
    assert uptime.up_s == pytest.approx(1.0), "only before the first frame"
    assert scene.entries(Occupancy) == []
    scene.refuse = None
    scene.run(60)
    assert scene.worker.health().state == "up"
    assert cast("list[CameraUptime]", scene.entries(CameraUptime))[-1].up_s == pytest.approx(59.0, abs=1.1)


def test_a_fault_closes_open_stays_and_the_camera_starts_anew(scene: Scene) -> None:
    scene.run(10)
    scene.pipeline.fails_at = 11
    scene.pipeline.left = [ZoneLeft("table", 2, 10, 8.0, 10.0, censored=True)]
    scene.run(5)
    assert scene.worker.health().state == "down"
    scene.run(10)
    assert [entry.censored for entry in cast("list[ZoneVisit]", scene.entries(ZoneVisit))] == [True]
    assert (scene.built, scene.worker.health().state) == (2, "up")


def test_a_new_frame_size_builds_a_new_pipeline(scene: Scene) -> None:
    scene.run(3)
    scene.size = (20, 10)
    scene.run(3)
    assert scene.built == 2


def test_stopping_closes_open_stays_as_censored_and_books_the_rest_of_the_minute(scene: Scene) -> None:
    scene.run(90)
    scene.pipeline.left = [ZoneLeft("table", 2, 10, 80.0, 90.0, censored=True)]
    scene.worker.finish()
    assert len(scene.entries(ZoneVisit)) == 1
    last = cast("CameraUptime", scene.entries(CameraUptime)[-1])
    assert (last.period_s, last.up_s) == (30.0, 30.0)


def test_a_wall_clock_that_is_set_back_does_not_stop_the_bookings(scene: Scene) -> None:
    scene.run(61)
    scene.clock.wall -= timedelta(hours=1)
    scene.run(120)
    assert len(scene.entries(CameraUptime)) >= 3


def test_sums_are_written_every_five_minutes_and_add_up_within_their_quarter_hour(scene: Scene) -> None:
    began = scene.clock.now()
    assert (began.minute % 15, began.second) == (0, 0)
    for second in (10, 20, 400):
        scene.pipeline.script[second] = [Moved("table", "till", second - 1.0)]
    scene.pipeline.warmth = Warmth(2, 1, (4, 0))
    scene.run(299)
    assert scene.entries(Flow) == scene.entries(Heat) == []
    scene.run(1)
    assert scene.entries(Flow) == [Flow(at=began, from_zone="table", to_zone="till", people=2)]
    assert scene.entries(Heat) == [Heat(at=began, camera="door", columns=2, rows=1, person_s=[4, 0])]
    scene.pipeline.warmth = Warmth(2, 1, (0, 7))
    scene.run(300)
    assert [(flow.at, flow.people) for flow in cast("list[Flow]", scene.entries(Flow))] == [(began, 2), (began, 1)]
    assert [heat.person_s for heat in cast("list[Heat]", scene.entries(Heat))] == [[4, 0], [0, 7]]
    scene.run(600)
    assert len(scene.entries(Flow)) == len(scene.entries(Heat)) == 2, "nothing is written where nothing added up"


def test_a_step_decided_after_the_quarter_hour_belongs_to_the_one_it_happened_in(scene: Scene) -> None:
    began = scene.clock.now()
    scene.run(899)
    scene.pipeline.warmth = Warmth(1, 1, (3,))
    scene.pipeline.script[901] = [Moved(None, "table", 899.5), Moved("table", None, 900.5)]
    scene.run(1)
    assert [heat.at for heat in scene.entries(Heat)] == [began], "what was seen before the full hour"
    scene.run(300)
    assert scene.entries(Flow) == [
        Flow(at=began, from_zone=None, to_zone="table", people=1),
        Flow(at=began + timedelta(minutes=15), from_zone="table", to_zone=None, people=1),
    ]


def test_stopping_writes_the_sums_so_far(scene: Scene) -> None:
    scene.pipeline.script[5] = [Moved(None, None, 4.5)]
    scene.run(10)
    scene.pipeline.warmth = Warmth(1, 1, (3,))
    scene.pipeline.left = [Moved("table", None, 9.5, staff=False), Moved("table", None, 9.6, staff=True)]
    scene.worker.finish()
    assert [(flow.from_zone, flow.people) for flow in cast("list[Flow]", scene.entries(Flow))] == [
        (None, 1),
        ("table", 1),
    ], "staff left out"
    assert len(scene.entries(Heat)) == 1


def test_crossings_that_wait_for_their_group_are_told_until_they_are_written_or_the_camera_is_dark() -> None:
    scene = Scene()
    scene.pipeline.held = 2
    scene.run(1)
    assert scene.worker.waiting() == {"front-door": (2, 0)}
    scene.worker.finish()
    assert scene.worker.waiting() == {}


def test_time_with_a_covered_camera_is_not_watched_and_the_box_says_why(scene: Scene) -> None:
    scene.run(60)
    scene.run(30)
    scene.watch.trouble, scene.watch.unusable, scene.watch.doubted_s = "covered", True, 20.0
    scene.run(60)
    assert scene.worker.health() == CameraHealth(camera="door", state="down", fps=1.0, trouble="covered")
    assert scene.worker.people() == {}
    scene.watch.trouble, scene.watch.unusable = None, False
    scene.run(90)
    booked = [entry.up_s for entry in cast("list[CameraUptime]", scene.entries(CameraUptime))]
    assert booked == [60.0, 11.0, 29.0, 60.0], "from when it was first seen, to when it was gone"
    assert scene.worker.health() == CameraHealth(camera="door", state="up", fps=1.0)
    assert scene.worker.people() == {"table": 2, "till": 1}


def test_a_blurred_camera_goes_on_counting_and_is_told(scene: Scene) -> None:
    scene.watch.trouble = "blurred"
    scene.run(60)
    assert scene.worker.health() == CameraHealth(camera="door", state="up", fps=1.0, trouble="blurred")
    assert [entry.up_s for entry in cast("list[CameraUptime]", scene.entries(CameraUptime))] == [60.0]


def test_a_camera_without_frames_is_down_whatever_its_last_picture_was(scene: Scene) -> None:
    scene.watch.trouble, scene.watch.unusable = "frozen", True
    scene.run(10)
    scene.capture.up = False
    assert scene.worker.health().trouble is None


def test_a_covered_camera_that_also_cannot_be_counted_is_blind_only_once(scene: Scene) -> None:
    scene.watch.unusable = True
    scene.pipeline.fails_at = 10
    scene.run(60)
    scene.watch.unusable = False
    scene.run(60)
    assert [entry.up_s for entry in cast("list[CameraUptime]", scene.entries(CameraUptime))] == [1.0, 59.0], (
        "the first second was before"
    )
