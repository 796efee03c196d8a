"""A plain JPEG and its set-up picture message, and what somebody might hide in them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cv2
import numpy as np
from msgspec.structs import replace

from contract.picture import SetupPicture

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HEADER = SetupPicture(
    store="riverside",
    device="door-box",
    camera="door",
    request=UUID("0198b2c4-6f1e-7a3d-9c55-000000000011"),
    taken_from=NOON,
    taken_until=NOON,
    samples=40,
    covered_share=0.125,
    width=320,
    height=180,
    source_width=1920,
    source_height=1080,
)


def header(**changed: Any) -> SetupPicture:
    return replace(HEADER, **changed)


def jpeg(width: int = 320, height: int = 180, *, quality: int = 80, seed: int = 4) -> bytes:
    """A JPEG as a box makes it."""
    random = np.random.default_rng(seed)
    tiles = random.integers(0, 255, (9, 16, 3)).astype(np.uint8)
    pixels = np.asarray(np.kron(tiles, np.ones((20, 20, 1), np.uint8)), np.uint8)
    done, encoded = cv2.imencode(".jpg", cv2.resize(pixels, (width, height)), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(encoded)


def with_segment(image: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with one more segment before its tables."""
    return image[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body + image[2:]


def segments(image: bytes) -> list[tuple[int, int, int]]:
    """(marker, start, end) of each segment up to the scan."""
    found, at = [], 2
    while image[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(image[at + 2 : at + 4])
        found.append((image[at + 1], at, end))
        at = end
    return found
