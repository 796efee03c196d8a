"""The set-up picture as a small JPEG. The only place on the box where pixels become a file's bytes."""

from typing import Final

import cv2

from contract.picture import PICTURE_BYTES_MAX
from edge.errors import SetupPictureError
from edge.frames import Image

_QUALITIES: Final = (85, 75, 60, 40, 20)


def as_jpeg(image: Image, *, most_bytes: int = PICTURE_BYTES_MAX) -> bytes:
    """Return `image` (H, W, 3) BGR as a JPEG of at most so many bytes, as good as fits, in memory.

    Raises:
        SetupPictureError: it does not fit.
    """
    for quality in _QUALITIES:
        done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and len(encoded) <= most_bytes:
            return bytes(encoded)
    raise SetupPictureError(f"a picture of {image.shape[1]}×{image.shape[0]} does not fit into {most_bytes} bytes")
