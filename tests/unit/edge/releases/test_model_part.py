"""A model on its way into a box: refused, taken over, proven, or taken back when cameras go blind or fall behind."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from contract.control import Desired, Reported
from contract.messages import CameraHealth
from contract.releases import Manifest, ModelRelease, ReleaseFile, ReleaseReport
from edge.config import CameraConfig
from edge.errors import FetchingError, ReleaseError
from edge.releases import model_part
from edge.releases.model_part import ModelPart
from edge.releases.rig import Rig
from edge.releases.shelf import Shelf
from tests.support.clocks import ManualClock, wait_until

if TYPE_CHECKING:
    from edge.cameras import Cameras
    from edge.detection.opening import Detectors
    from edge.releases.obtaining import Source

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SHA = {number: number[-1] * 64 for number in ("1.1", "1.2", "1.0")}


@dataclass
class FakeSource:
    """Has every release of SHA; `away` raises once as often."""

    version: str = "0.1.0"
    name: str = "yolox-nano"
    away: int = 0

    def manifest(self, sha256: str, kind: str) -> Manifest:
        assert kind == "model"
        if self.away:
            self.away -= 1
            raise FetchingError("the server is away")
        number = next(number for number, sha in SHA.items() if sha == sha256)
        file = ReleaseFile(name="shop.onnx", sha256="0" * 64, size=7)
        return Manifest(kind="model", name=self.name, version=number, created_at=NOW, files=[file], entry=file.name)

    def fetch(self, manifest: Manifest, folder: Path, stopping: threading.Event) -> None:
        del stopping
        folder.mkdir(parents=True, exist_ok=True)
        for file in manifest.files:
            (folder / file.name).write_bytes(b"weights")


@dataclass
class FakeWorker:
    camera: CameraConfig
    fps: float = 10.0
    failing: bool = False
    looks_with: list[str] = field(default_factory=list)

    def health(self) -> CameraHealth:
        return CameraHealth(camera=self.camera.name, state="down" if self.failing else "up", fps=self.fps)

    def look_with(self, detector: Any) -> None:
        self.looks_with.append(detector)


class FakeCameras(list[FakeWorker]):
    @property
    def configured(self) -> tuple[CameraConfig, ...]:
        return tuple(worker.camera for worker in self)

    def health(self) -> list[CameraHealth]:
        return [worker.health() for worker in self]


class FakeDetectors:
    def open(self, model: str, *, confidence: float | None = None, threads: int = 1) -> str:
        del confidence, threads
        return Path(model).parent.name or model


class Box:
    """A box with a door of yolox-nano and a ceiling of motion; the clock goes on by itself with each look."""

    def __init__(self, folder: Path, source: FakeSource | None = None) -> None:
        self.clock = ManualClock()
        self.door = FakeWorker(CameraConfig(name="door", source="usb:0", model="yolox-nano"))
        self.ceiling = FakeWorker(CameraConfig(name="ceiling", source="usb:1", model="motion"))
        self.shelf = Shelf(folder)
        self.rig = Rig(self.shelf, cast("Detectors", FakeDetectors()), lambda _: "", lambda: None)
        self.part = ModelPart(
            cast("Source", source or FakeSource()), self.rig,
            cast("Cameras", FakeCameras([self.door, self.ceiling])), clock=self.clock, look_s=0.01, probation_s=60,
        )  # fmt: skip
        self.part._follower._retry_s = 0.01

    def want(self, number: str | None, **more: Any) -> None:
        wish = ModelRelease(manifest=SHA[number] if number else None, **more)
        self.part.want(Desired(version=1, issued_at=NOW, model=wish))

    @property
    def told(self) -> ReleaseReport:
        report = Reported(store="riverside", device="door-box", at=NOW, state="current", site_sha256="0" * 64)
        model = self.part.tell(report).model
        assert model is not None
        return model

    def await_state(self, state: str) -> ReleaseReport:
        wait_until(lambda: self.told.state == state, what=state)
        return self.told


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_part, "try_model", lambda *_: None)


def test_a_model_takes_over_where_it_is_named_and_stays_once_it_has_counted_well(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.want("1.1")
    box.await_state("trial")
    assert box.door.looks_with == [SHA["1.1"][:12]]
    assert box.ceiling.looks_with == []
    box.clock.advance(61)
    told = box.await_state("applied")
    assert (told.name, told.version, told.manifest) == ("yolox-nano", "1.1", SHA["1.1"])
    assert not box.shelf.on_probation("yolox-nano")
    box.part.stop()


@pytest.mark.parametrize(
    ("trouble", "reason"), [({"failing": True}, "blind"), ({"fps": 6.0}, "fell from 10 to 6 frames per second")]
)
def test_a_model_with_which_a_camera_goes_blind_or_falls_behind_is_taken_back(
    tmp_path: Path, trouble: dict[str, Any], reason: str
) -> None:
    box = Box(tmp_path)
    box.want("1.1")
    box.await_state("trial")
    for name, value in trouble.items():
        setattr(box.door, name, value)
    assert reason in str(box.await_state("rolled_back").reason)
    assert box.door.looks_with == [SHA["1.1"][:12], "yolox-nano"]
    box.part.stop()
    again = Box(tmp_path)
    again.want("1.1")
    assert reason in str(again.await_state("rolled_back").reason), "and it is not tried again after a restart"
    assert again.door.looks_with == []
    again.part.stop()


def test_a_camera_that_is_down_for_another_reason_or_slow_for_a_moment_takes_nothing_back(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.door.fps = 0.0  # it was down before
    box.want("1.1")
    box.await_state("trial")
    box.door.fps = 2.0
    box.clock.advance(61)
    box.await_state("applied")
    box.part.stop()


def test_a_probation_goes_on_after_a_restart_without_the_server(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.want("1.1")
    box.await_state("trial")
    box.part.stop()
    again = Box(tmp_path, FakeSource(away=1000))
    again.want("1.1")
    again.await_state("trial")
    again.clock.advance(61)
    again.await_state("applied")
    again.part.stop()


def test_an_older_version_is_refused_unless_it_is_a_rollback(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.want("1.1")
    box.await_state("trial")
    box.clock.advance(61)
    box.await_state("applied")
    box.want("1.0")
    assert "is older than 1.1" in str(box.await_state("refused").reason)
    box.want("1.0", rollback=True)
    box.await_state("trial")
    assert box.door.looks_with[-1] == SHA["1.0"][:12]
    box.part.stop()


def test_a_model_that_nobody_here_uses_or_that_cannot_be_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(tmp_path, FakeSource(name="yolo26n"))
    box.want("1.1")
    assert "no camera of this box has" in str(box.await_state("refused").reason)
    box.part.stop()

    def crashed(*_: object) -> None:
        raise ReleaseError("the model cannot be run here (code -11): nothing was said")

    monkeypatch.setattr(model_part, "try_model", crashed)
    box = Box(tmp_path)
    box.want("1.1")
    assert "code -11" in str(box.await_state("refused").reason)
    assert box.door.looks_with == []
    box.part.stop()


def test_a_server_that_is_away_is_asked_again_and_the_newest_wish_counts(tmp_path: Path) -> None:
    source = FakeSource(away=3)
    box = Box(tmp_path, source)
    box.want("1.1")
    box.want("1.2")
    box.await_state("trial")
    assert box.told.version == "1.2"
    assert box.door.looks_with == [SHA["1.2"][:12]]
    box.part.stop()


def test_to_be_without_a_release_brings_the_model_of_the_site_file_back(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.want("1.1")
    box.await_state("trial")
    box.want(None)
    assert box.await_state("applied").manifest is None
    assert box.door.looks_with == [SHA["1.1"][:12], "yolox-nano"]
    box.part.stop()
