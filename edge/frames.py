"""Frames: one picture with its place in the source and its two times.

A picture is kept as its source gave it. Most of what a camera sees is wanted small (the detector's input, the motion
gate's plane) or in part (a torso), and turning two million pixels into colours first would cost more than the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture: `left` ≤ x < `right`, `top` ≤ y < `bottom`, whole pixels, origin top left."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.right - self.left, self.bottom - self.top

    @classmethod
    def within(cls, xyxy: tuple[float, float, float, float], size: tuple[int, int]) -> "Region":
        """Return the smallest region of a picture of (width, height) around a box, at least one pixel in it."""
        width, height = size
        left, top = (min(max(int(np.floor(value)), 0), side - 1) for value, side in zip(xyxy[:2], size, strict=True))
        right, bottom = (int(np.ceil(value)) for value in xyxy[2:])
        return cls(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))


class Picture(Protocol):
    """What a camera saw, in whatever form it came. Nothing in it changes once it is made."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""

    @property
    def image(self) -> Image:
        """The whole picture, uint8 (H, W, 3) BGR. Made when it is first asked for."""

    def scaled(self, size: tuple[int, int], region: Region | None = None) -> Image:
        """Return `region` (default: all of it) at `size` (width, height), bilinear, as uint8 (h, w, 3) BGR."""

    def luma(self, size: tuple[int, int]) -> Image:
        """Return its brightness at `size` (width, height), each value the mean of what it covers, as uint8 (h, w)."""


@dataclass(frozen=True, slots=True)
class ArrayPicture:
    """A picture that is an array: from an image file, a USB camera, or a test."""

    image: Image

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.image.shape[:2]
        return int(width), int(height)

    def scaled(self, size: tuple[int, int], region: Region | None = None) -> Image:
        """Return `region` (default: all of it) at `size` (width, height), bilinear, as uint8 (h, w, 3) BGR."""
        image = self.image if region is None else self.image[region.top : region.bottom, region.left : region.right]
        return resized(image, size)

    def luma(self, size: tuple[int, int]) -> Image:
        """Return its brightness at `size` (width, height), each value the mean of what it covers, as uint8 (h, w)."""
        return np.asarray(cv2.cvtColor(averaged(self.image, size), cv2.COLOR_BGR2GRAY), np.uint8)


#: Up to so large a share of the whole picture, what is wanted is cheaper to convert alone.
_ALONE: Final = 0.25
#: Brightness in video runs from 16 to 235 (ITU-R BT.601), in pictures from 0 to 255.
_BLACK: Final = np.uint8(16)
_VIDEO_RANGE: Final = 219 / 255
_COLOUR_RANGE: Final = 224 / 255


@dataclass(slots=True)
class PlanarPicture:
    """A decoded picture as three planes of brightness and colour, as video is stored: converted only where wanted.

    Attributes:
        luma_plane: uint8 (H, W).
        chroma_planes: blueness and redness, uint8 (⌈H/2⌉, ⌈W/2⌉) each.
        convert: returns the whole picture as uint8 (H, W, 3) BGR.
        full_range: brightness runs from 0 to 255, not from 16 to 235.
    """

    luma_plane: Image
    chroma_planes: tuple[Image, Image]
    convert: Callable[[], Image]
    full_range: bool = False
    _image: Image | None = field(default=None, init=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.luma_plane.shape
        return int(width), int(height)

    @property
    def image(self) -> Image:
        """The whole picture, uint8 (H, W, 3) BGR. Made when it is first asked for."""
        if self._image is None:
            self._image = self.convert()
        return self._image

    def scaled(self, size: tuple[int, int], region: Region | None = None) -> Image:
        """Return `region` (default: all of it) at `size` (width, height), bilinear, as uint8 (h, w, 3) BGR."""
        if self._image is not None or size[0] * size[1] > _ALONE * self.luma_plane.size:
            return ArrayPicture(self.image).scaled(size, region)
        region = region or Region(0, 0, *self.size)
        # The colour planes have half the sides: an odd one is filled up to an even one, and cut again at the end.
        width, height = size[0] + size[0] % 2, size[1] + size[1] % 2
        luma = resized(self.luma_plane[region.top : region.bottom, region.left : region.right], size)
        planes = [_filled(self._in_video_range(luma, _VIDEO_RANGE, float(_BLACK)), (width, height)).reshape(-1)]
        for plane in self.chroma_planes:
            part = plane[region.top // 2 : (region.bottom + 1) // 2, region.left // 2 : (region.right + 1) // 2]
            colour = resized(part, (width // 2, height // 2))
            planes.append(self._in_video_range(colour, _COLOUR_RANGE, 128 * (1 - _COLOUR_RANGE)).reshape(-1))
        packed = np.concatenate(planes).reshape(height * 3 // 2, width)
        return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)[: size[1], : size[0]]

    def luma(self, size: tuple[int, int]) -> Image:
        """Return its brightness at `size` (width, height), each value the mean of what it covers, as uint8 (h, w)."""
        small = averaged(self.luma_plane, size)
        if self.full_range:
            return small
        return np.asarray(cv2.convertScaleAbs(np.maximum(small, _BLACK) - _BLACK, alpha=1 / _VIDEO_RANGE), np.uint8)

    def _in_video_range(self, plane: Image, share: float, least: float) -> Image:
        return np.asarray(cv2.convertScaleAbs(plane, alpha=share, beta=least), np.uint8) if self.full_range else plane


@dataclass(frozen=True, slots=True)
class PartPicture:
    """A part of a picture, as a picture of its own: its pixel (0, 0) is the region's left top."""

    whole: Picture
    region: Region

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.region.size

    @property
    def image(self) -> Image:
        """The part, uint8 (H, W, 3) BGR."""
        return self.scaled(self.size)

    def scaled(self, size: tuple[int, int], region: Region | None = None) -> Image:
        """Return `region` of the part (default: all of it) at `size` (width, height), as uint8 (h, w, 3) BGR."""
        left, top = self.region.left, self.region.top
        if region is not None:
            region = Region(left + region.left, top + region.top, left + region.right, top + region.bottom)
        return self.whole.scaled(size, region or self.region)

    def luma(self, size: tuple[int, int]) -> Image:
        """Return its brightness at `size` (width, height), as uint8 (h, w)."""
        return ArrayPicture(self.image).luma(size)


def resized(image: Image, size: tuple[int, int]) -> Image:
    """Return `image` (H, W) or (H, W, 3) at `size` (width, height), bilinear; itself where it has that size."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def averaged(image: Image, size: tuple[int, int]) -> Image:
    """Return `image` (H, W) or (H, W, 3) at a smaller `size` (width, height), each value the mean of what it covers."""
    # Halving is a matter of a few instructions per 16 values, other ratios are not: this takes a quarter of the time.
    while all(side % 2 == 0 and side >= 4 * wanted for side, wanted in zip(image.shape[1::-1], size, strict=True)):
        image = _area(image, (image.shape[1] // 2, image.shape[0] // 2))
    return _area(image, size)


def _area(image: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _filled(plane: Image, size: tuple[int, int]) -> Image:
    """Return `plane` (H, W) with its last row and column repeated up to `size` (width, height)."""
    below, right = size[1] - plane.shape[0], size[0] - plane.shape[1]
    return np.pad(plane, ((0, below), (0, right)), mode="edge") if below or right else plane


def as_picture(seen: Picture | Image) -> Picture:
    """Return `seen` as a picture: itself, or the picture that an array (H, W, 3) BGR is."""
    return ArrayPicture(seen) if isinstance(seen, np.ndarray) else seen


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of one camera.

    Attributes:
        seen: the picture, or an array (H, W, 3) BGR that is one.
        index: 0-based number in the source; it keeps growing over loops and reconnects.
        time_s: media time in seconds from the source's start, never falling.
        captured_at: wall clock of the frame, UTC.
        discontinuity: the first frame after a loop or a reconnect. Tracks must not span it.
    """

    seen: Picture | Image
    index: int
    time_s: float
    captured_at: datetime
    discontinuity: bool = False

    @property
    def picture(self) -> Picture:
        """The picture, in the form it came."""
        return as_picture(self.seen)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.picture.size

    @property
    def image(self) -> Image:
        """The whole picture, uint8 (H, W, 3) BGR, origin top left, x to the right, y down. Not cheap: see `crop`."""
        return self.picture.image

    def crop(self, xyxy: tuple[float, float, float, float]) -> Image:
        """Return what lies in a box of the picture's pixels, clipped to it, as uint8 (h, w, 3) BGR."""
        region = Region.within(xyxy, self.size)
        return self.picture.scaled(region.size, region)
