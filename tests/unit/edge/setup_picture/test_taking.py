"""A set-up picture shows nobody: not who walks, not who stays, not whom the detector sees once, or never."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.picture import SetupPicture, decode_picture
from edge.errors import SetupPictureError
from edge.frames import Image
from edge.setup_picture.examining import Examiner, parts
from edge.setup_picture.rules import PictureRules
from edge.setup_picture.taking import Request, Taking, small_size
from tests.support.standing_still import SIZE, Box, ToldDetector, coats_in, shop, with_people

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
REQUEST = Request(UUID("00000000-0000-4000-8000-000000000001"), "riverside", "door-box", "door")
RULES = PictureRules(samples=40, least_samples=30)
#: Somebody at the till, all day.
SEATED: Box = (100, 60, 140, 130)


def walking(number: int) -> list[Box]:
    """Somebody who crosses the shop, here in a few of the pictures."""
    return [(8 * number, 20, 8 * number + 24, 80)] if number < 30 else []


def taken(
    images: Iterable[Image], detector: ToldDetector | None = None, rules: PictureRules = RULES
) -> tuple[SetupPicture, Image]:
    """Return the header and the pixels of the picture that these samples give."""
    taking = Taking(REQUEST, Examiner(detector or ToldDetector()), rules)
    for number, image in enumerate(images):
        taking.look(image, NOON + timedelta(seconds=8 * number))
    header, jpeg = decode_picture(taking.answer())
    return header, np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def pictures(people: Callable[[int], Sequence[Box]], count: int = 40) -> list[Image]:
    return [with_people(people(number), seed=number) for number in range(count)]


def close_to(image: Image, expected: Image) -> bool:
    return float(np.abs(image.astype(np.int16) - expected).mean()) < 6


def once(number: int) -> Callable[[Image], Sequence[Box]]:
    """Sees the seated person in one look only."""
    looks = iter(range(1_000_000))
    return lambda _image: [SEATED] if next(looks) == number else []


def test_who_walks_through_leaves_nothing_and_covers_nothing() -> None:
    header, image = taken(pictures(walking))
    assert header.covered_share == 0
    assert close_to(image, shop())


def test_who_stays_all_the_time_is_covered() -> None:
    header, image = taken(pictures(lambda _: [SEATED]))
    assert coats_in(image) == 0
    assert 0.04 < header.covered_share < 0.15, "and not much more than the person is"
    assert close_to(image[:, 200:], shop()[:, 200:]), "the rest of the shop is to be seen"


def test_who_stays_is_covered_though_the_detector_saw_them_once() -> None:
    blind, _ = taken(pictures(lambda _: [SEATED]), ToldDetector(finds=lambda _: []))
    header, image = taken(pictures(lambda _: [SEATED]), ToldDetector(finds=once(0)))
    assert coats_in(image) == 0
    assert header.covered_share > blind.covered_share


def test_who_sways_is_covered_though_no_detector_knows_them() -> None:
    def swaying(number: int) -> list[Box]:
        left = 100 + 8 * (number * 7 % 5)
        return [(left, 60, left + 36, 130)]

    header, image = taken(pictures(swaying), ToldDetector(finds=lambda _: []))
    assert coats_in(image) == 0
    assert header.covered_share > 0.05


def test_who_is_there_for_half_the_time_is_covered() -> None:
    _, image = taken(pictures(lambda number: [SEATED] if number % 2 else [], 40))
    assert coats_in(image) == 0


def test_a_picture_in_which_somebody_is_still_found_is_refused() -> None:
    hidden = ToldDetector(finds=lambda image: [(0, 0, image.shape[1], image.shape[0])] if image.mean() < 1000 else [])
    narrow = PictureRules(samples=40, least_samples=30, covered_share=1.0)
    with pytest.raises(SetupPictureError, match="somebody may still be seen"):
        taken(pictures(walking), hidden, narrow)


def test_a_picture_that_would_be_mostly_covered_is_refused() -> None:
    crowd = [(0, 0, 320, 150)]
    with pytest.raises(SetupPictureError, match="would be covered, 60% may be"):
        taken(pictures(lambda _: crowd))


@pytest.mark.parametrize("count", [0, 1, 29])
def test_too_few_pictures_are_refused(count: int) -> None:
    with pytest.raises(SetupPictureError, match=f"gave {count} good pictures in time, 30 are needed"):
        taken(pictures(walking, count))


def test_dark_and_white_pictures_are_no_samples() -> None:
    black, white = np.zeros_like(shop()), np.full_like(shop(), 255)
    with pytest.raises(SetupPictureError, match="gave 0 good pictures"):
        taken([black, white] * 20)


def test_another_resolution_begins_anew() -> None:
    small = pictures(lambda _: [SEATED], 39)
    large = [np.kron(image, np.ones((2, 2, 1), np.uint8)) for image in pictures(walking, 30)]
    header, image = taken(small + large)
    assert (header.samples, header.source_width, header.width) == (30, 640, 640)
    assert header.taken_from == NOON + timedelta(seconds=8 * 39)
    assert coats_in(image) == 0


def test_no_more_samples_are_kept_than_asked_for() -> None:
    taking = Taking(REQUEST, Examiner(ToldDetector()), RULES)
    for number in range(40):
        assert not taking.enough
        taking.look(with_people([], seed=number), NOON)
    assert taking.enough
    taking.look(with_people([]), NOON)
    assert decode_picture(taking.answer())[0].samples == 40


def test_the_header_says_what_the_picture_is() -> None:
    header, image = taken(pictures(walking))
    assert (header.store, header.device, header.camera, header.request) == (
        "riverside", "door-box", "door", REQUEST.id,
    )  # fmt: skip
    assert (header.width, header.height) == (image.shape[1], image.shape[0]) == SIZE
    assert header.taken_until - header.taken_from == timedelta(seconds=8 * 39)


@given(width=st.integers(16, 8_000), height=st.integers(16, 8_000), count=st.integers(1, 4))
@settings(max_examples=60)
def test_the_parts_are_all_of_the_picture(width: int, height: int, count: int) -> None:
    found = parts((width, height), count)
    assert len(found) == count * count
    for start, end, side in (("left", "right", width), ("top", "bottom", height)):
        stretches = sorted({(getattr(part, start), getattr(part, end)) for part in found})
        assert stretches[0][0] == 0
        assert stretches[-1][1] == side
        assert all(after[0] <= before[1] for before, after in itertools.pairwise(stretches))


@pytest.mark.parametrize(
    ("source", "small"), [((1920, 1080), (640, 360)), ((480, 270), (480, 270)), ((1080, 1920), (360, 640))]
)
def test_a_picture_is_made_small_and_never_larger(source: tuple[int, int], small: tuple[int, int]) -> None:
    assert small_size(source, 640) == small
