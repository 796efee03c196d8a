"""A box takes a picture when head office asks for it, and at no other time: nothing else makes it look or speak."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest

from contract.control import COMMAND_LASTS_MAX, TakePicture
from contract.picture import decode_picture
from deploy.trust.authority import Authority
from edge.config import CameraConfig
from edge.frames import Frame
from edge.setup_picture.examining import Examiner, open_examiner
from edge.setup_picture.pictures import SetupPictures, open_pictures
from edge.setup_picture.rules import PictureRules
from tests.support.clocks import wait_until
from tests.support.controlling import DEVICE, NOON, STORE, ControlBench
from tests.support.standing_still import ToldDetector, with_people

if TYPE_CHECKING:
    from contract.topics import Leaf
    from edge.cameras import Cameras

RULES = PictureRules(samples=8, least_samples=8, every_s=5.0, give_up_s=60.0)


class FakeCameras:
    """Two cameras that show what the test shows."""

    def __init__(self) -> None:
        self.configured = (CameraConfig(name="door", source="usb:0"), CameraConfig(name="street", source="usb:1"))
        self.started = True
        self.onlookers: list[Callable[[str, Frame], None]] = []


class Bench:
    """A box's control and its set-up pictures; `film` plays a camera, media seconds as the clock's."""

    def __init__(self, folder: Path, *, examiner: Callable[[str], Examiner | None] | None = None) -> None:
        self.cameras = FakeCameras()
        self.sent: list[bytes] = []
        self.detector = ToldDetector()
        self.control = ControlBench(folder)
        self.pictures = SetupPictures(
            (STORE, DEVICE), cast("Cameras", self.cameras), send=self.sent.append, clock=self.control.clock,
            rules=RULES, examiner=examiner or (lambda _model: Examiner(self.detector)),
        )  # fmt: skip
        self.control.handlers = {TakePicture: self.pictures}
        self.control.restart()
        self.time_s = 0.0

    def asked(self, camera: str = "door", *, age: timedelta = timedelta(0), number: UUID | None = None) -> TakePicture:
        at = NOON - age
        return TakePicture(id=number or uuid4(), issued_at=at, expires_at=at + COMMAND_LASTS_MAX, camera=camera)

    def film(self, camera: str = "door", *, seconds: int = 60) -> None:
        """A second at a time, as fast as the box takes it."""
        for _ in range(seconds):
            self.time_s += 1.0
            wait_until(self._free, what="the box has looked")
            frame = Frame(with_people([], seed=int(self.time_s)), int(self.time_s), self.time_s, NOON)
            self.pictures.see(camera, frame)

    def _free(self) -> bool:
        active = self.pictures._active
        return active is None or active.seen.empty()

    def outcome(self, asked: TakePicture) -> tuple[str, str | None]:
        """What the box reports of a command once it is done with it."""

        def answered() -> tuple[str, str | None] | None:
            self.control.pump()
            answers = self.control.said[-1].answers if self.control.said else []
            return next(((a.outcome, a.reason) for a in answers if a.id == asked.id and a.outcome != "accepted"), None)

        wait_until(lambda: answered() is not None, what="the box's answer")
        found = answered()
        assert found is not None
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_asked_picture_is_sent_and_reported(bench: Bench) -> None:
    asked = bench.asked()
    bench.control.ask(asked)
    bench.film()
    assert bench.outcome(asked) == ("done", None)
    ((header, image),) = [decode_picture(payload) for payload in bench.sent]
    assert (header.request, header.camera, header.samples) == (asked.id, "door", 8)
    assert image


def test_a_box_that_nobody_asks_looks_at_nothing(bench: Bench) -> None:
    bench.film()
    assert bench.sent == []
    assert bench.detector.looks == 0


def test_only_the_camera_that_was_asked_for_is_looked_at(bench: Bench) -> None:
    bench.control.ask(bench.asked("door"))
    bench.film("street")
    assert bench.detector.looks == 0
    bench.cameras.started = False


def test_samples_are_seconds_apart(bench: Bench) -> None:
    bench.control.ask(bench.asked())
    bench.film(seconds=20)
    wait_until(lambda: bench.detector.looks >= 4 * 5, what="four samples, five looks each")
    assert bench.detector.looks == 4 * 5
    bench.cameras.started = False


def test_a_request_that_is_not_head_office_s_lets_nothing_out(bench: Bench, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger", now=bench.control.clock.now, create=True)
    control = bench.control
    control.control.handle("command", control.signed(bench.asked(), "command", by=stranger))
    control.control.handle("command", control.signed(bench.asked(), "command", device="side-box"))
    control.control.handle("command", control.signed(bench.asked(), "config"))
    control.control.handle("command", b'{"v":1}')
    bench.film()
    assert bench.detector.looks == 0
    assert bench.sent == []


def test_an_expired_request_lets_nothing_out(bench: Bench) -> None:
    bench.control.ask(bench.asked(age=COMMAND_LASTS_MAX))
    bench.film()
    assert bench.detector.looks == 0
    assert bench.sent == []
    assert bench.control.said[-1].rejected == "expired"


def test_a_replayed_request_lets_nothing_out_even_after_a_power_cut(bench: Bench) -> None:
    asked = bench.asked()
    bench.control.ask(asked)
    bench.film()
    bench.outcome(asked)
    looks = bench.detector.looks
    bench.control.ask(asked)
    bench.control.restart()
    bench.control.ask(asked)
    bench.film()
    assert len(bench.sent) == 1
    assert bench.detector.looks == looks


def test_one_picture_at_a_time(bench: Bench) -> None:
    first, second = bench.asked("door"), bench.asked("street")
    bench.control.ask(first)
    bench.control.ask(second)
    outcome, reason = bench.outcome(second)
    assert outcome == "refused"
    assert reason is not None
    assert "another picture is being taken" in reason
    bench.film()
    assert bench.outcome(first) == ("done", None)
    third = bench.asked("street")
    bench.control.ask(third)
    bench.film("street")
    assert bench.outcome(third) == ("done", None)


def test_a_camera_that_is_not_there_is_refused(bench: Bench) -> None:
    asked = bench.asked("cellar")
    bench.control.ask(asked)
    assert bench.outcome(asked) == ("refused", "this box has no camera cellar")


def test_a_camera_that_shows_nothing_is_given_up(bench: Bench) -> None:
    asked = bench.asked()
    bench.control.ask(asked)
    bench.control.clock.advance(RULES.give_up_s + 1)
    outcome, reason = bench.outcome(asked)
    assert outcome == "refused"
    assert reason is not None
    assert "gave 0 good pictures in time" in reason
    assert bench.sent == []


def test_a_box_without_a_model_that_knows_people_sends_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, examiner=lambda _model: None)
    asked = bench.asked()
    bench.control.ask(asked)
    outcome, reason = bench.outcome(asked)
    assert (outcome, bench.sent) == ("refused", [])
    assert reason is not None
    assert "footfall models fetch yolox-nano" in reason


def test_a_release_that_counts_in_the_place_of_a_model_looks_for_people(bench: Bench) -> None:
    opened: list[str] = []
    bench.pictures._instead = {"yolox-nano": "releases/better.onnx"}.get
    bench.pictures._open = opened.append
    asked = bench.asked()
    bench.control.ask(asked)
    bench.outcome(asked)
    assert opened == ["releases/better.onnx"]


def test_a_detector_that_fails_sends_nothing_and_the_next_request_is_taken(bench: Bench) -> None:
    def fails(_image: object) -> list[tuple[int, int, int, int]]:
        raise RuntimeError("out of memory")

    bench.detector.finds = fails
    asked = bench.asked()
    bench.control.ask(asked)
    bench.film(seconds=1)
    assert bench.outcome(asked) == ("refused", "RuntimeError on the box")
    bench.detector = ToldDetector()
    again = bench.asked()
    bench.control.ask(again)
    bench.film()
    assert bench.outcome(again) == ("done", None)


def test_a_camera_begun_anew_is_looked_at_further(bench: Bench) -> None:
    asked = bench.asked()
    bench.control.ask(asked)
    bench.film(seconds=20)
    bench.time_s = 0.0
    bench.film(seconds=25)
    assert bench.outcome(asked) == ("done", None)


def test_nothing_of_a_picture_is_written_to_the_box_s_disk(bench: Bench, tmp_path: Path) -> None:
    asked = bench.asked()
    bench.control.ask(asked)
    bench.film()
    bench.outcome(asked)
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert "control.json" in written
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"\xff\xd8\xff" not in path.read_bytes(), path
            assert path.stat().st_size < 10_000, path


def test_the_picture_leaves_on_its_own_topic_and_is_not_retained(tmp_path: Path) -> None:
    said: list[tuple[Leaf, bytes, bool]] = []
    cameras = FakeCameras()
    control = ControlBench(tmp_path)
    handler = open_pictures(
        (STORE, DEVICE), cast("Cameras", cameras), say=lambda *words: said.append(words), clock=control.clock
    )
    assert len(cameras.onlookers) == 1
    assert isinstance(handler, SetupPictures)
    handler._send(b"a picture")
    assert said == [("picture", b"a picture", False)]


def test_a_motion_detector_alone_does_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes whoever sits still for furniture."""
    monkeypatch.setattr("edge.setup_picture.examining.STAND_IN", "motion")
    assert open_examiner("motion") is None
