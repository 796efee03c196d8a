"""Pictures: what is made of planes of brightness and colour is what converting all of it first would give."""

import av
import cv2
import numpy as np
import pytest

from edge.frames import ArrayPicture, Frame, Image, PartPicture, Picture, PlanarPicture, Region
from edge.sources.planar import picture_of
from tests.support.scenes import START


def painted(width: int, height: int) -> Image:
    """A picture with soft colours and a few edges, as cameras see them."""
    rows, columns = np.mgrid[0:height, 0:width]
    image = np.stack([columns * 200 / width, rows * 200 / height, 128 + 60 * np.sin(columns / 40)], axis=-1)
    image[height // 3 : height // 2, width // 4 : width // 2] = (40, 90, 200)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def decoded(width: int, height: int, *, form: str = "yuv420p") -> Picture:
    frame = av.VideoFrame.from_ndarray(painted(width, height), format="bgr24").reformat(format=form)
    return picture_of(frame)


@pytest.mark.parametrize("size", [(320, 180), (333, 187), (640, 360)])
@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p"])
def test_a_scaled_picture_is_the_converted_one_scaled(size: tuple[int, int], form: str) -> None:
    picture = decoded(1280, 720, form=form)
    assert isinstance(picture, PlanarPicture)
    small = picture.scaled(size).astype(int)
    assert small.shape == (size[1], size[0], 3)
    gap = np.abs(small - cv2.resize(painted(1280, 720), size))
    assert gap.mean() < 3
    assert np.quantile(gap, 0.95) < 10


@pytest.mark.parametrize("region", [Region(100, 60, 300, 260), Region(101, 61, 240, 200), Region(0, 0, 37, 53)])
def test_a_part_is_that_part_of_the_converted_picture(region: Region) -> None:
    picture = decoded(1280, 720)
    part = PartPicture(picture, region)
    assert part.size == region.size
    whole = painted(1280, 720)[region.top : region.bottom, region.left : region.right]
    assert np.abs(part.image.astype(int) - whole).mean() < 4
    half = (max(1, region.size[0] // 2), max(1, region.size[1] // 2))
    assert np.abs(part.scaled(half).astype(int) - cv2.resize(whole, half)).mean() < 5


def test_a_part_of_a_part_lies_where_it_should() -> None:
    image = painted(400, 300)
    part = PartPicture(ArrayPicture(image), Region(100, 50, 300, 250))
    assert (part.scaled((40, 30), Region(10, 20, 50, 50)) == image[70:100, 110:150]).all()


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p"])
def test_brightness_runs_from_black_to_white_whatever_the_range(form: str) -> None:
    image = np.zeros((180, 320, 3), np.uint8)
    image[:, 160:] = 255
    frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=form)
    luma = picture_of(frame).luma((16, 9))
    assert luma.shape == (9, 16)
    assert luma[:, :7].max() <= 2
    assert luma[:, 9:].min() >= 253


def test_a_picture_in_another_form_becomes_an_array() -> None:
    picture = decoded(64, 48, form="rgb24")
    assert isinstance(picture, ArrayPicture)
    assert picture.size == (64, 48)


def test_a_crop_is_clipped_to_the_frame() -> None:
    image = painted(200, 100)
    frame = Frame(image, 0, 0.0, START)
    assert (frame.crop((-20, 10.2, 30.5, 400)) == image[10:100, 0:31]).all()
    assert frame.crop((500, 500, 600, 600)).shape == (1, 1, 3)
