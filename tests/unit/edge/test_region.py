"""The region: what lines need of a picture, and the lookout that looks there."""

import numpy as np
import pytest

from edge.detection.families import FAMILIES
from edge.detection.neural import NeuralDetector
from edge.detections import Detections
from edge.frames import ArrayPicture, Image, Region
from edge.geometry import Place, Segment
from edge.lookout import Lookout, in_cells
from edge.region import RegionFinder
from tests.support.flexible import SquareNetwork
from tests.support.scenes import detections, frame

LINE = Segment((640, 200), (640, 500))
SIZE = (1280, 720)


def taught(feet: list[Place], *, height: float = 80, segment: Segment = LINE) -> RegionFinder:
    """A finder that saw one person at each of `feet`, a second apart."""
    finder = RegionFinder([(segment, "foot")], SIZE)
    for second, foot in enumerate(feet):
        finder.learn(detections([foot], height=height), 0.4, float(second))
    return finder


def test_nothing_is_left_out_before_heights_are_known() -> None:
    assert taught([(640, 350)] * 9).found is None
    assert taught([(640, 350)] * 10).found is not None


def test_people_far_from_the_line_teach_nothing() -> None:
    assert taught([(100, 350)] * 30).found is None


@pytest.mark.parametrize("away", [(-110, 0), (110, 0), (0, -60), (0, 60)])
@pytest.mark.parametrize("end", [LINE.a, LINE.b])
def test_whoever_comes_near_is_wholly_within(away: Place, end: Place) -> None:
    region = taught([(640, 350)] * 12).found
    assert region is not None
    x, y = end[0] + away[0], end[1] + away[1]
    assert region.left <= x - 32
    assert x + 32 <= region.right
    assert region.top <= y - 80
    assert y <= region.bottom


def test_someone_taller_makes_it_grow() -> None:
    finder = taught([(640, 350)] * 12)
    before = finder.found
    finder.learn(detections([(640, 350)], height=110), 0.4, 20.0)
    assert before is not None
    assert finder.found is not None
    assert finder.found.size > before.size


def test_a_region_that_is_most_of_the_picture_is_none() -> None:
    assert taught([(640, 350)] * 12, height=400).found is None


@pytest.mark.parametrize("cell", [32.0, 38.4, 96.0])
def test_cells_hold_the_region_and_stay_in_the_picture(cell: float) -> None:
    for wanted in (Region(0, 0, 100, 90), Region(700, 301, 1280, 720), Region(3, 5, 1270, 700)):
        region = in_cells(wanted, SIZE, cell)
        assert 0 <= region.left <= wanted.left + 1
        assert 0 <= region.top <= wanted.top + 1
        assert wanted.right - 2 <= region.right <= SIZE[0]
        assert wanted.bottom - 2 <= region.bottom <= SIZE[1]


def scene(*people: Place) -> Image:
    image = np.full((SIZE[1], SIZE[0], 3), 20, np.uint8)
    for x, y in people:
        # Wider than a cell of the network: it knows no side before the middle of the cell that answers.
        image[int(y) - 80 : int(y), int(x) - 34 : int(x) + 34] = 250
    return image


def watching() -> Lookout:
    """A lookout with a region around the line."""
    detector = NeuralDetector(SquareNetwork(), FAMILIES["yolo_heads"], name="squares", confidence=0.4)
    lookout = Lookout(detector, None, taught([(640, 350)] * 12))
    lookout.people(frame(0, image=scene((640, 350))), attending=True)
    assert lookout.region is not None
    return lookout


def seen_by(lookout: Lookout, image: Image) -> Detections:
    """What `lookout` sees when it must look."""
    seen = lookout.people(frame(1, image=image), attending=True)
    assert seen is not None
    return seen


def test_boxes_of_a_region_are_where_they_are_in_the_whole_picture() -> None:
    for foot in ((640, 350), (560, 300), (700, 420)):
        image = scene(foot)
        whole = Lookout(NeuralDetector(SquareNetwork(), FAMILIES["yolo_heads"], name="a", confidence=0.4))
        assert seen_by(watching(), image).xyxy == pytest.approx(seen_by(whole, image).xyxy, abs=2.5)


def test_who_is_cut_off_far_from_the_line_is_left_out() -> None:
    lookout = watching()
    region = lookout.region
    assert region is not None
    assert len(seen_by(lookout, scene((region.left + 5, 350)))) == 0


def test_outside_of_the_region_nobody_is_seen() -> None:
    assert len(seen_by(watching(), scene((100, 350)))) == 0


def test_a_detector_that_costs_the_same_anyhow_sees_all() -> None:
    class Fixed:
        name, confidence = "fixed", 0.4

        def detect(self, seen: object) -> Detections:
            assert isinstance(seen, ArrayPicture)
            assert seen.size == SIZE
            return detections([(640, 350)], height=80)

        def reset(self) -> None: ...

    lookout = Lookout(Fixed(), None, taught([(640, 350)] * 12))
    lookout.people(frame(0, image=scene()), attending=True)
    assert lookout.region is None
