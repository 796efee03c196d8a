"""The watch over pictures: each mishap is told once it lasted, and a shop's ordinary life makes no alarm."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from contract.messages import Trouble
from edge.config import CameraConfig
from edge.frames import Frame, Image
from edge.picture.watch import CLEARED_AFTER_S, RAISED_AFTER_S, WORDS, PictureWatch
from edge.sources.opening import open_source
from tests.support.views import Mishap, View, blurred, standing, taped

CLIPS = (
    "classroom.gif", "one-by-one-person-detection.mp4", "people-detection.gif", "store-aisle-detection.gif",
    "vtest.avi",
)  # fmt: skip


def black(image: Image, _second: int) -> Image:
    return image // 30


def white(image: Image, _second: int) -> Image:
    """The sun on two thirds of the picture."""
    image = image.copy()
    image[:, image.shape[1] // 3 :] = 254
    return image


def still() -> Mishap:
    first: list[Image] = []

    def repeat(image: Image, _second: int) -> Image:
        first.append(image)
        return first[0]

    return repeat


def encoded_anew() -> Mishap:
    """The same picture, a few values rounded differently each time."""
    random, repeat = np.random.default_rng(3), still()

    def encode(image: Image, second: int) -> Image:
        image = repeat(image, second).copy()
        rows, columns = random.integers(0, image.shape[0], 40), random.integers(0, image.shape[1], 40)
        image[rows, columns] ^= 1
        return image

    return encode


def troubles(watch: PictureWatch, frames: Iterable[Frame]) -> set[Trouble | None]:
    said: set[Trouble | None] = set()
    for frame in frames:
        watch.see(frame)
        said.add(watch.trouble)
    return said


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def watch(view: View) -> PictureWatch:
    """A watch that knows its camera: two good minutes."""
    watch = PictureWatch("door")
    assert troubles(watch, view.look(120)) == {None}
    return watch


@pytest.mark.parametrize(
    ("trouble", "mishap", "unusable"),
    [
        ("dark", black, True),
        ("covered", taped, True),
        ("frozen", still(), True),
        ("frozen", encoded_anew(), True),
        ("overexposed", white, False),
        ("blurred", blurred, False),
    ],
)
def test_a_mishap_is_told_once_it_lasted_and_goes_when_it_is_over(
    view: View, watch: PictureWatch, trouble: Trouble, mishap: Mishap, *, unusable: bool
) -> None:
    wait_s = int(RAISED_AFTER_S[trouble])
    assert troubles(watch, view.look(wait_s - 1, mishap)) == {None}
    assert troubles(watch, view.look(10, mishap)) >= {trouble}
    assert (watch.trouble, watch.unusable) == (trouble, unusable)
    assert watch.doubted_s >= wait_s
    troubles(watch, view.look(int(CLEARED_AFTER_S) + 5))
    assert (watch.trouble, watch.unusable, watch.doubted_s) == (None, False, 0)


@pytest.mark.parametrize("aim", [(40, 0), (-90, -30), (300, 160)])
def test_a_moved_camera_is_told_and_stays_so_until_it_is_turned_back(
    view: View, watch: PictureWatch, aim: tuple[int, int]
) -> None:
    view.aim = aim
    troubles(watch, view.look(200))
    assert (watch.trouble, watch.unusable) == ("moved", True)
    assert troubles(watch, view.look(700)) == {"moved"}, "it does not get used to the wrong view"
    view.aim = (0, 0)
    troubles(watch, view.look(200))
    assert watch.trouble is None


def test_a_camera_on_a_shaking_wall_is_not_moved(view: View, watch: PictureWatch) -> None:
    for second in range(300):
        view.aim = (second % 3 - 1, second % 2)
        assert troubles(watch, view.look(1)) == {None}


def test_a_crowd_that_stands_for_ten_minutes_covers_and_moves_nothing(view: View, watch: PictureWatch) -> None:
    assert troubles(watch, view.look(600, standing(11))) == {None}
    assert troubles(watch, view.look(120)) == {None}


def test_light_switched_off_and_on_is_no_trouble_while_something_can_be_seen(view: View, watch: PictureWatch) -> None:
    for light in (0.3, 1.0, 0.45, 1.25, 1.0):
        view.light = light
        assert troubles(watch, view.look(150)) == {None}


def test_a_short_mishap_is_nobodys_business(view: View, watch: PictureWatch) -> None:
    for mishap in (black, taped, blurred, white, standing(14)):
        assert troubles(watch, view.look(15, mishap)) == {None}
        assert troubles(watch, view.look(30)) == {None}


def test_an_empty_shop_at_night_with_a_sensors_noise_does_not_stand_still(view: View, watch: PictureWatch) -> None:
    view.people, view.light = 0, 0.4
    assert troubles(watch, view.look(600)) == {None}


def test_groups_of_repeated_pictures_as_encoders_send_them_do_not_stand_still(view: View, watch: PictureWatch) -> None:
    view.people = 0
    for _ in range(10):
        assert troubles(watch, view.look(60, still())) == {None}


def test_a_lens_that_is_covered_from_the_start_is_told(view: View) -> None:
    watch = PictureWatch("door")
    paper = np.full((360, 640, 3), 140, np.uint8)
    troubles(watch, view.look(60, lambda _image, second: paper + np.uint8(second % 3)))
    assert watch.trouble == "covered"


def test_the_log_says_what_is_wrong_and_what_to_do(
    view: View, watch: PictureWatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "edge"):
        troubles(watch, view.look(60, taped))
        troubles(watch, view.look(20))
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("WARNING", f"camera door: {WORDS['covered']}"),
        ("INFO", "camera door: its picture is good again"),
    ]


@pytest.mark.parametrize("clip", CLIPS)
def test_real_clips_shown_for_minutes_make_no_alarm(data_folder: Path, clip: str) -> None:
    watch, shown_s = PictureWatch(clip), 0.0
    camera = CameraConfig(name="c", source=str(data_folder / "video" / clip), fps=1.0)
    frames = list(open_source(camera, clock=lambda: datetime.now(UTC)))
    while shown_s < 240:
        moved = [replace(frame, time_s=frame.time_s + shown_s) for frame in frames]
        assert troubles(watch, moved) <= {None}
        shown_s = moved[-1].time_s + 1


@pytest.mark.parametrize("clip", ["vtest.avi", "one-by-one-person-detection.mp4"])
def test_mishaps_in_a_real_scene_are_told(data_folder: Path, clip: str) -> None:
    camera = CameraConfig(name="c", source=str(data_folder / "video" / clip), fps=1.0)
    frames = [frame.picture.scaled((320, 180)) for frame in open_source(camera, clock=lambda: datetime.now(UTC))]
    expected: list[tuple[Trouble, Mishap]] = [
        ("covered", lambda image, _: np.full_like(image, 90) + image // 60),
        ("moved", lambda image, _: np.roll(image, image.shape[1] // 12, axis=1)),
        ("blurred", blurred),
        ("dark", black),
    ]
    for trouble, mishap in expected:
        watch = PictureWatch(clip)
        for second in range(330):
            image = frames[second % len(frames)]
            shown = image if second < 120 else mishap(image, second)
            watch.see(Frame(shown, second, float(second), datetime.now(UTC)))
            assert second >= 120 or watch.trouble is None
        assert watch.trouble == trouble
