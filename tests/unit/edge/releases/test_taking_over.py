"""Another model from one frame to the next: whoever walks meanwhile is counted once."""

import numpy as np
import pytest

from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.detections import Detections
from edge.events import LineCrossed, ZoneLeft
from edge.frames import Image, Picture
from edge.pipeline import build_pipeline
from tests.support.scenes import detections, frame

WALK = np.linspace(40, 280, 40)
CAMERA = CameraConfig(
    name="door", source="usb:0", motion_gate=False,
    lines=(LineConfig(name="front-door", points=((160, 0), (160, 240))),),
    zones=(ZoneConfig(name="mat", polygon=((60, 150), (260, 150), (260, 239), (60, 239))),),
)  # fmt: skip


class Film:
    """Where somebody is at each frame, as two models see it: one finds the feet a little further down."""

    def __init__(self) -> None:
        self.number = self.resets = 0

    def model(self, shift: float, confidence: float) -> "Model":
        return Model(self, shift, confidence)


class Model:
    def __init__(self, film: Film, shift: float, confidence: float) -> None:
        self._film, self._shift, self.confidence = film, shift, confidence
        self.name = f"model {confidence}"

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        x = WALK[min(self._film.number, len(WALK) - 1)]
        return detections([(float(x) + self._shift, 200.0 + self._shift)], score=0.9)

    def reset(self) -> None:
        self._film.resets += 1


@pytest.mark.parametrize("at", range(1, 40, 3))
def test_whoever_is_in_the_picture_when_a_model_takes_over_is_counted_once_and_stays_one_stay(at: int) -> None:
    film = Film()
    pipeline = build_pipeline(CAMERA, frame_size=(320, 240), detector=film.model(0.0, 0.4))
    events = []
    for number in range(len(WALK) + 5):
        film.number = number
        if number == at:
            pipeline.look_with(film.model(3.0, 0.6))
        events += pipeline.process(frame(number))
    assert film.resets == 0, "nothing is forgotten"
    events += pipeline.finish()
    assert len([event for event in events if isinstance(event, LineCrossed)]) == 1
    assert len([event for event in events if isinstance(event, ZoneLeft)]) == 1
    assert pipeline.model == "model 0.6"
