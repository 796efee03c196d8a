"""What spares work changes no count: the rewritten network, gate and region; on real clips, with real weights."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from edge.config import CameraConfig, LineConfig
from edge.detection.families import FAMILIES
from edge.detection.neural import NeuralDetector
from edge.detection.onnx_network import OnnxNetwork
from edge.detection.opening import Detectors, open_detector
from edge.detection.openvino_network import OpenVinoNetwork
from edge.frames import Frame
from edge.pipeline import build_pipeline
from edge.recount import recount
from edge.recount_setup import parse_line, parse_zone
from edge.sources.opening import open_source
from edge.tracking.association import iou
from tests.support.extras import need

pytestmark = pytest.mark.video

YOLO11N = "yolo11n_int8_openvino_model"
TABLE = "table=360,340,580,340,580,431,360,431"
#: Lines and zones of each clip; the second one-by-one counts the whole visit.
Visit = tuple[str, tuple[str, ...], tuple[str, ...]]
VISITS: tuple[Visit, ...] = (
    ("vtest.avi", ("road=340,180,340,370",), ()),
    ("one-by-one-person-detection.mp4", ("exit=600,0,600,431",), ()),
    ("one-by-one-person-detection.mp4", ("exit=600,0,600,431", "entry=0,250,560,250"), (TABLE,)),
    ("store-aisle-detection.gif", ("aisle=255,40,255,269",), ("right=255,40,470,40,470,269,255,269",)),
    ("people-detection.gif", ("middle=240,0,240,269",), ("room=40,40,440,40,440,230,40,230",)),
    ("classroom.gif", ("middle=240,0,240,269",), ("room=20,20,460,20,460,260,20,260",)),
)
CLIPS = {"vtest.avi": ("road=340,180,340,370",), "one-by-one-person-detection.mp4": ("exit=600,0,600,431",)}


def here(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"not here: {path}")
    return path


def frames(clip: Path, fps: float) -> Iterator[Frame]:
    source = open_source(CameraConfig(name="clip", source=str(here(clip)), fps=fps))
    yield from source
    source.close()


def sure(xyxy: NDArray[np.float32], score: NDArray[np.float32], least: float) -> NDArray[np.float64]:
    return xyxy[score >= least].astype(np.float64)


def square(weights: Path) -> NeuralDetector:
    """The export as it is."""
    if weights.suffix == ".onnx":
        return NeuralDetector(OnnxNetwork(weights, as_it_is=True), FAMILIES["yolox"], name="square", confidence=0.4)
    need("openvino", extra="edge-openvino")
    return NeuralDetector(OpenVinoNetwork(weights, as_it_is=True), FAMILIES["yolo"], name="square", confidence=0.4)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("weights", [f"{YOLO11N}/yolo11n.xml", "yolox_nano.onnx"])
def test_a_rectangle_shows_the_same_people_as_the_square_of_the_export(
    data_folder: Path, clip: str, weights: str
) -> None:
    path = here(data_folder / "models" / weights)
    theirs, ours = square(path), open_detector(str(path), confidence=0.4)
    assert isinstance(ours, NeuralDetector)
    assert ours.network.flexible
    asked = total = 0
    for frame in islice(frames(data_folder / "video" / clip, 0.5), 30):
        a, b = theirs.detect(frame.picture), ours.detect(frame.picture)
        expected = sure(a.xyxy, a.score, 0.5)
        found = sure(b.xyxy, b.score, 0.4)
        total += len(expected)
        if len(expected):
            likeness = iou(expected, found).max(axis=1, initial=0.0)
            asked += int(np.count_nonzero(likeness > 0.8))
    assert total > 10
    assert asked >= 0.98 * total


def test_cameras_that_ask_for_the_same_weights_share_one_network(data_folder: Path) -> None:
    weights = str(here(data_folder / "models" / "yolox_nano.onnx"))
    shared = Detectors(cameras=2)
    one, two = shared.open(weights), shared.open(weights, confidence=0.6)
    assert isinstance(one, NeuralDetector)
    assert isinstance(two, NeuralDetector)
    assert one.network is two.network
    assert (one.confidence, two.confidence) == (0.4, 0.6)
    assert shared.open("motion") is not shared.open("motion")


@pytest.mark.slow
@pytest.mark.parametrize("visit", VISITS, ids=["road", "exit", "visit", "aisle", "fisheye", "classroom"])
@pytest.mark.parametrize("weights", [YOLO11N, "yolox_nano.onnx"])
@pytest.mark.parametrize("fps", [None, 10, 5])
def test_gate_and_region_change_no_crossing_and_no_visit(
    data_folder: Path, visit: Visit, weights: str, fps: float | None
) -> None:
    clip, lines, zones = visit
    if weights == YOLO11N:
        need("openvino", extra="edge-openvino")
    plain = CameraConfig(
        name="clip",
        source=str(here(data_folder / "video" / clip)),
        model=str(here(data_folder / "models" / weights)),
        fps=fps,
        lines=tuple(anchored(parse_line(word)) for word in lines),
        zones=tuple(parse_zone(word) for word in zones),
        motion_gate=False,
        whole_picture=True,
    )
    one, other = told(plain), told(replace(plain, motion_gate=True, whole_picture=False))
    assert [each[:2] for each in one] == [each[:2] for each in other]
    # Moments of crossings, and lengths of stays, in seconds.
    assert np.allclose([each[2] for each in one], [each[2] for each in other], atol=0.3)


def told(camera: CameraConfig) -> list[tuple[str, str, float]]:
    """Every crossing and every stay: where, which way or how it ended, and its moment or its length."""
    source = open_source(camera)
    result = recount(source, build_pipeline(camera, frame_size=source.size), fps=camera.fps)
    source.close()
    return [
        *((crossing.line, crossing.direction, crossing.at_s) for crossing in result.crossings),
        *((visit.zone, "censored" if visit.censored else "seen", visit.dwell_s) for visit in result.visits),
    ]


def anchored(line: LineConfig) -> LineConfig:
    """The entry of one-by-one lies where feet are below the picture."""
    return replace(line, anchor="centre") if line.name == "entry" else line
