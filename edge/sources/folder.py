"""Folders of still images as a clip: in the order of their names, at a stated rate."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import SourceError
from edge.frames import Frame

_SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})
_DEFAULT_FPS: Final = 10.0


class FolderSource:
    """The images of one folder. `image9.png` comes before `image10.png`."""

    def __init__(self, folder: Path, *, started_at: datetime, fps: float | None = None) -> None:
        """List `folder`; its images are taken to be 1/`fps` seconds apart (default: a tenth).

        Raises:
            SourceError: no images in it.
        """
        images = (path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        self._paths = sorted(
            images, key=lambda path: [int(x) if x.isdigit() else x for x in re.split(r"(\d+)", path.name)]
        )
        if not self._paths:
            raise SourceError(f"{folder}: expected images ({', '.join(sorted(_SUFFIXES))}), found none")
        self._started_at = started_at
        self._fps = fps or _DEFAULT_FPS
        height, width = _read(self._paths[0]).shape[:2]
        self._size = (int(width), int(height))

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the first image; the others must have it too."""
        return self._size

    @property
    def fps(self) -> float | None:
        """The stated rate."""
        return self._fps

    @property
    def frame_count(self) -> int | None:
        """How many images there are."""
        return len(self._paths)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the images.

        Raises:
            SourceError: one cannot be read, or has another size.
        """
        for number, path in enumerate(self._paths):
            image = _read(path)
            frame = Frame(image, number, number / self._fps, self._started_at + timedelta(seconds=number / self._fps))
            if frame.size != self._size:
                raise SourceError(f"{path}: expected {self._size} pixels like the first image, got {frame.size}")
            yield frame

    def close(self) -> None:
        """Nothing is held open."""


def _read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"{path}: cannot be read as an image")
    return np.asarray(image, np.uint8)
