"""Set-up pictures of real clips with real weights: an independent model looks for people in what would leave the box.

One model makes the picture, another one judges it. The judge finds them all in the plain median: it can.
"""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contract.picture import PICTURE_BYTES_MAX, SetupPicture, decode_picture
from edge.config import CameraConfig
from edge.frames import ArrayPicture, Frame, Image
from edge.setup_picture.examining import Examiner, open_examiner
from edge.setup_picture.rules import PictureRules
from edge.setup_picture.taking import Request, Taking
from edge.sources.opening import open_source
from tests.support.extras import model_path

pytestmark = pytest.mark.video

YOLOX, YOLO26 = "yolox_nano.onnx", "yolo26n_int8_openvino_model"
#: The two long ones take a while to decode.
CLIPS = (
    "classroom.gif", "store-aisle-detection.gif",
    *(pytest.param(clip, marks=pytest.mark.slow) for clip in ("one-by-one-person-detection.mp4", "vtest.avi")),
)  # fmt: skip
REQUEST = Request(UUID("00000000-0000-4000-8000-000000000001"), "riverside", "door-box", "door")
RULES = PictureRules(samples=20, least_samples=20)
#: Stands on vtest's lawn, and one of the judges takes it for somebody.
TRIPOD = (400, 270, 440, 340)
#: A judge's score from which somebody is there.
SURE = 0.4


def frames_of(data_folder: Path, clip: str, most: int) -> list[Frame]:
    """So many frames of a clip, spread over all of it."""
    path = data_folder / "video" / clip
    if not path.exists():
        pytest.skip(f"no such clip here: {path}")
    camera = CameraConfig(name="clip", source=str(path))
    frames = list(open_source(camera, clock=lambda: datetime(2026, 11, 29, tzinfo=UTC)))
    return [frames[int(index)] for index in np.linspace(0, len(frames) - 1, min(most, len(frames)))]


def picture_of(frames: list[Frame], model: str) -> tuple[SetupPicture, bytes]:
    examiner = open_examiner(model)
    assert examiner is not None
    taking = Taking(REQUEST, examiner, RULES)
    for frame in frames:
        taking.look(frame.image, frame.captured_at)
    return decode_picture(taking.answer())


def pixels(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def is_within(box: NDArray[np.float32], place: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = place
    return bool(left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom)


def judge_of(data_folder: Path, maker: str) -> Examiner:
    judge = open_examiner(model_path(data_folder, YOLO26 if maker == YOLOX else YOLOX))
    assert judge is not None
    return judge


@pytest.mark.parametrize("maker", [YOLOX, pytest.param(YOLO26, marks=pytest.mark.slow)])
@pytest.mark.parametrize("clip", CLIPS)
def test_nobody_is_in_the_picture(data_folder: Path, clip: str, maker: str) -> None:
    frames = frames_of(data_folder, clip, 20)
    header, jpeg = picture_of(frames, model_path(data_folder, maker))
    image = pixels(jpeg)
    found = judge_of(data_folder, maker).look(ArrayPicture(image), least_score=SURE)
    people = [box for box in found if not (clip == "vtest.avi" and is_within(box, TRIPOD))]
    assert people == []
    assert len(jpeg) <= PICTURE_BYTES_MAX
    assert max(header.width, header.height) <= 640
    assert header.covered_share < 0.5, "half of it shows the place"


@pytest.mark.parametrize("judge", [YOLOX, YOLO26])
def test_the_judge_finds_who_sits_in_the_plain_median(data_folder: Path, judge: str) -> None:
    frames = frames_of(data_folder, "classroom.gif", 20)
    median = np.median(np.stack([frame.image for frame in frames]), axis=0).astype(np.uint8)
    examiner = open_examiner(model_path(data_folder, judge))
    assert examiner is not None
    assert len(examiner.look(ArrayPicture(median), least_score=SURE)) >= 4


def test_who_sits_in_the_classroom_is_covered_where_they_sit(data_folder: Path) -> None:
    frames = frames_of(data_folder, "classroom.gif", 20)
    header, jpeg = picture_of(frames, model_path(data_folder, YOLOX))
    image = pixels(jpeg).astype(np.int16)
    people = judge_of(data_folder, YOLOX).look(ArrayPicture(frames[10].image), least_score=SURE)
    assert len(people) >= 4
    for left, top, right, bottom in people.astype(int):
        inside = image[top:bottom, left:right]
        coloured = (inside.max(axis=2) - inside.min(axis=2)) > 30
        assert coloured.mean() < 0.05, "a cover is grey"
    assert header.covered_share < 0.35


def test_a_camera_that_counts_what_moves_is_looked_at_by_a_model_that_knows_people(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_path(data_folder, YOLOX)
    monkeypatch.setenv("FOOTFALL_DATA", str(data_folder))
    frames = frames_of(data_folder, "classroom.gif", 20)
    header, jpeg = picture_of(frames, "motion")
    found = judge_of(data_folder, YOLOX).look(ArrayPicture(pixels(jpeg)), least_score=SURE)
    assert len(found) == 0
    assert header.covered_share > 0.1
