"""What every Detector promises (edge/detection/protocol.py), as checks of one that was reset."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.detection.protocol import Detector
from edge.detections import Detections

Image: TypeAlias = NDArray[np.uint8]
SIZES: Final = ((640, 480), (480, 640), (31, 97), (4, 4))


def noise(size: tuple[int, int], *, number: int = 2, seed: int = 7) -> list[Image]:
    """Frames of noise, in which a detector may see whatever it likes."""
    frames = np.random.default_rng(seed).integers(0, 256, (number, size[1], size[0], 3), np.uint8)
    return list(frames)


def moving(size: tuple[int, int] = (320, 240), number: int = 8) -> list[Image]:
    """A bright figure that walks through a grey room."""
    frames = []
    for step in range(number):
        image = np.full((size[1], size[0], 3), 90, np.uint8)
        image[60:200, 40 + 15 * step : 90 + 15 * step] = (200, 180, 160)
        frames.append(image)
    return frames


def same(one: Detections, other: Detections) -> bool:
    """Whether both say the same."""
    return np.array_equal(one.xyxy, other.xyxy) and np.array_equal(one.score, other.score)


def boxes_lie_within_the_picture(detector: Detector) -> None:
    """float32 (N, 4) and (N,), finite, clipped, with an area, scores in (0, 1], for any size of picture."""
    for size in SIZES:
        detector.reset()
        for image in noise(size):
            found = detector.detect(image)
            people = len(found.score)
            assert (found.xyxy.shape, found.score.shape) == ((people, 4), (people,))
            assert (str(found.xyxy.dtype), str(found.score.dtype)) == ("float32", "float32")
            assert np.isfinite(found.xyxy).all()
            assert (found.xyxy >= 0).all()
            assert (found.xyxy <= np.array([*size, *size])).all()
            assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
            assert ((found.score > 0) & (found.score <= 1)).all()


def nobody_is_in_an_empty_picture(detector: Detector) -> None:
    """Black, white and grey pictures show nobody, the first of them too."""
    for grey in (0, 128, 255):
        detector.reset()
        for _ in range(2):
            found = detector.detect(np.full((240, 320, 3), grey, np.uint8))
            assert not (found.score >= detector.confidence).any()


def the_picture_is_left_as_it_is(detector: Detector) -> None:
    """It is not drawn on; one that may not be written to, or that lies oddly in memory, is as good."""
    straight = []
    for image in moving():
        before = image.copy()
        image.flags.writeable = False
        straight.append(detector.detect(image))
        assert (image == before).all()
    detector.reset()
    odd = [detector.detect(np.asfortranarray(image)) for image in moving()]
    assert all(same(one, other) for one, other in zip(straight, odd, strict=True))


def what_was_found_stays(detector: Detector) -> None:
    """An answer is not changed by the next question."""
    answers, kept = [], []
    for image in [*moving(), *noise((320, 240))]:
        answers.append(detector.detect(image))
        kept.append((answers[-1].xyxy.tolist(), answers[-1].score.tolist()))
    assert [(found.xyxy.tolist(), found.score.tolist()) for found in answers] == kept


def a_reset_forgets(detector: Detector) -> None:
    """After a reset the same frames are answered as at first, whatever came between."""
    first = [detector.detect(image) for image in moving()]
    for image in noise((320, 240)):
        detector.detect(image)
    detector.reset()
    again = [detector.detect(image) for image in moving()]
    assert all(same(one, other) for one, other in zip(first, again, strict=True))


def it_says_what_it_is(detector: Detector) -> None:
    """It has a name, and a confidence that is a share."""
    assert detector.name
    assert 0 < detector.confidence < 1


CHECKS: Final[tuple[Callable[[Detector], None], ...]] = (
    boxes_lie_within_the_picture,
    nobody_is_in_an_empty_picture,
    the_picture_is_left_as_it_is,
    what_was_found_stays,
    a_reset_forgets,
    it_says_what_it_is,
)
