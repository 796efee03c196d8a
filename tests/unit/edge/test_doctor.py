"""The doctor names each thing that is wrong with a box, and what to do."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from edge.config import CameraConfig, LineConfig, OutboxConfig
from edge.detections import Detections
from edge.doctor.cameras import camera_checks, see
from edge.doctor.checks import Check
from edge.doctor.machine import clock_check, disk_check, model_checks
from edge.doctor.throughput import throughput_checks
from edge.errors import DetectorError, SourceError
from edge.frames import Frame, Image, Picture
from models.registry import find_spec
from tests.support.clocks import ManualClock
from tests.support.scenes import frame

LINE = LineConfig(name="front-door", points=((40, 120), (280, 120)))
CAMERA = CameraConfig(name="door", source="rtsp://camera/stream", lines=(LINE,), fps=10.0)


class LiveSource:
    """A network camera that gives a frame every `period_s` of the test's clock."""

    size = (320, 240)
    fps: float | None = 25.0
    frame_count: int | None = None

    def __init__(self, clock: ManualClock, period_s: float, image: Image | None = None) -> None:
        self._clock, self._period_s, self._image = clock, period_s, image

    def __iter__(self) -> Iterator[Frame]:
        for number in range(10_000):
            self._clock.advance(self._period_s)
            yield frame(number, image=self._image)

    def close(self) -> None:
        pass


class TimedDetector:
    """Takes `look_s` of the test's clock for each picture."""

    name = "timed"
    confidence = 0.5

    def __init__(self, clock: ManualClock, look_s: float) -> None:
        self._clock, self._look_s = clock, look_s

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        self._clock.advance(self._look_s)
        return Detections.empty()

    def reset(self) -> None:
        pass


def examined(camera: CameraConfig, *, fps: float = 10.0, image: Image | None = None) -> dict[str, Check]:
    clock = ManualClock()
    sight = see(
        camera, seconds=2.0, monotonic=clock.monotonic, open_=lambda *_, **__: LiveSource(clock, 1 / fps, image)
    )
    return {check.about: check for check in camera_checks(camera, sight)}


def loads(*look_s: float, cores: int = 2) -> Sequence[Check]:
    clock = ManualClock()
    detectors = [TimedDetector(clock, each) for each in look_s]
    seen = [(CAMERA, frame(0), 10.0) for _ in look_s]
    return list(
        throughput_checks(seen, monotonic=clock.monotonic, cores=cores, open_=lambda *_, **__: detectors.pop(0))
    )


def test_a_good_camera_passes_with_its_measured_rate() -> None:
    found = examined(CAMERA)
    assert {check.grade for check in found.values()} == {"good"}
    assert found["frames"].message == "10.0 frames per second"


def test_a_camera_that_does_not_answer_is_an_error_with_what_to_do() -> None:
    (check,) = camera_checks(CAMERA, SourceError("rtsp://camera: timed out"))
    assert check.grade == "error"
    assert "powered" in check.advice


@pytest.mark.parametrize(("fps", "said"), [(5.0, "5.0 frames per second, `fps` asks for 10"), (2.0, "2.0 frames")])
def test_a_slow_camera_is_warned_about(fps: float, said: str) -> None:
    check = examined(CAMERA, fps=fps)["frames"]
    assert check.grade == "warning"
    assert said in check.message


def test_a_dark_and_a_white_picture_are_told() -> None:
    assert examined(CAMERA, image=np.zeros((240, 320, 3), np.uint8))["light"].grade == "error"
    assert examined(CAMERA, image=np.full((240, 320, 3), 255, np.uint8))["light"].grade == "warning"


def test_lines_that_cannot_count_are_told() -> None:
    outside = LineConfig(name="front-door", points=((40, 1_200), (280, 1_200)))
    bare = CameraConfig(name="door", source="rtsp://camera/stream")
    astray = CameraConfig(name="door", source="rtsp://camera/stream", lines=(outside,))
    assert examined(bare)["lines"].grade == "error"
    assert examined(astray)["lines"].grade == "error"


def test_a_full_disk_is_told_before_it_stops_the_box(tmp_path: Path) -> None:
    outbox = OutboxConfig(path=str(tmp_path / "not-there-yet" / "outbox.sqlite"), budget_mb=500)
    grades = [disk_check(outbox, free_mb * 1_000_000).grade for free_mb in (50, 300, 5_000)]
    assert grades == ["error", "warning", "good"]
    assert disk_check(outbox).name == str(tmp_path)


def test_a_wrong_clock_is_told() -> None:
    assert [clock_check(off_s, synchronised=None).grade for off_s in (0.4, -30.0, 3_600.0)] == [
        "good", "warning", "error",
    ]  # fmt: skip
    assert [clock_check(None, synchronised=said).grade for said in (True, False, None)] == [
        "good",
        "warning",
        "warning",
    ]


def test_a_box_that_is_too_slow_is_told_by_how_much() -> None:
    assert loads(0.03)[-1].grade == "good"
    assert "0.30 of 2 cores" in loads(0.03)[-1].message
    assert loads(0.15, 0.15)[-1].grade == "warning"
    assert loads(0.6)[-1].grade == "error"


def test_a_model_that_does_not_load_is_told() -> None:
    def refuse(*_: object, **__: object) -> TimedDetector:
        raise DetectorError("its graph is broken")

    (check,) = throughput_checks([(CAMERA, frame(0), 10.0)], monotonic=ManualClock().monotonic, cores=2, open_=refuse)
    assert (check.grade, check.message) == ("error", "its graph is broken")


def test_a_model_file_that_was_changed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = find_spec("yolox-nano")
    monkeypatch.setattr("models.registry.model_folders", lambda: iter([tmp_path]))
    (check,) = model_checks(["yolox-nano"])
    assert (check.grade, check.advice) == ("error", "Do `footfall models fetch yolox-nano`")
    for file in spec.files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(b"somebody else's weights")
    (check,) = model_checks(["yolox-nano"])
    assert check.grade == "error"
    assert "not the file that the registry pins" in check.message


def test_an_unknown_model_and_one_without_files() -> None:
    assert [check.grade for check in model_checks(["motion", "no-such-model"])] == ["good", "error"]


def test_the_command_ends_with_1_and_says_all_of_it_as_json(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "000.png"), np.full((240, 320, 3), 120, np.uint8))
    site = tmp_path / "site.toml"
    site.write_text(
        f"""
store = "riverside"
device = "door-box"
outbox.path = "{tmp_path}/outbox.sqlite"
broker.port = 1
[[cameras]]
name = "door"
source = "{tmp_path}"
model = "motion"
lines = [{{ name = "front-door", points = [[160, 40], [160, 200]] }}]
""",
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, ["doctor", "--site", str(site), "--json", "--timeout", "1"])
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    bad = {check["about"] for check in said["checks"] if check["grade"] == "error"}
    assert (said["works"], bad) == (False, {"broker"})
    shown = CliRunner().invoke(app, ["doctor", "--site", str(tmp_path / "absent.toml")])
    assert shown.exit_code == 1
    assert shown.stdout.startswith("✗ site file")


def test_watching_a_camera_that_gives_nothing_is_an_error() -> None:
    class Empty(LiveSource):
        def __iter__(self) -> Iterator[Frame]:
            yield from ()

    clock = ManualClock(elapsed_s=timedelta(seconds=1).total_seconds())
    with pytest.raises(SourceError, match="gives no frame"):
        see(CAMERA, seconds=1.0, monotonic=clock.monotonic, open_=lambda *_, **__: Empty(clock, 1.0))
