"""Looking for pixels in bytes: as they lie, in base64 or hexadecimal, as numbers, compressed, or as an image file."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frames import Image

#: So many bytes of a row are recognised, wherever they stand; so many different values tell them from filling.
_CHUNK = 16
_VALUES_MIN = 6
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MAGICS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"BM")
_SQUEEZED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b\x08")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{64,}={0,2}")
_HEX = re.compile(rb"[0-9a-fA-F]{64,}")
_BYTES_AS_NUMBERS = re.compile(rb"\d{1,3}(?:\s*,\s*\d{1,3}){31,}")
_EMBEDDING = re.compile(rb"-?\d\.\d+(?:e-?\d+)?(?:\s*,\s*-?\d\.\d+(?:e-?\d+)?){31,}")


@dataclass(frozen=True)
class Leak:
    """Something that should not be there: what, in what form, and of which frame if that is known."""

    what: str
    form: str
    frame: int | None = None


class Leaks:
    """Knows the pixels of `frames`, (H, W, 3) BGR: rows of every colour order, of brightness, and of half the size."""

    def __init__(self, frames: Sequence[Image]) -> None:
        keys, owners = [], []
        for number, frame in enumerate(frames):
            for form in _forms(frame):
                words = _aligned(form)
                keys.append(_mixed(words[:, 0], words[:, 1]))
                owners.append(np.full(len(words), number, np.int32))
        order = np.argsort(np.concatenate(keys))
        self._keys = np.concatenate(keys)[order]
        self._owners = np.concatenate(owners)[order]

    def find(self, data: bytes) -> set[Leak]:
        """Return what of the frames, or like a picture, is in `data`."""
        found: set[Leak] = set()
        for form, unpacked in _unpacked(data):
            found |= {Leak("pixels", form, frame) for frame in self._frames_in(unpacked)}
            found |= {Leak("image", form) for _ in range(_holds_image(unpacked))}
            if _EMBEDDING.search(unpacked):
                found.add(Leak("embedding", form))
        return found

    def _frames_in(self, data: bytes) -> set[int]:
        if len(data) < _CHUNK:
            return set()
        windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), 8)
        words = np.ascontiguousarray(windows).view(np.uint64).ravel()
        keys = _mixed(words[:-8], words[8:])
        first, last = (np.searchsorted(self._keys, keys, side) for side in ("left", "right"))
        hits = [at for at in np.nonzero(last > first)[0] if len(set(data[at : at + _CHUNK])) >= _VALUES_MIN]
        return {int(owner) for at in hits for owner in self._owners[first[at] : last[at]]}


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _forms(frame: Image) -> Iterator[Image]:
    half = cv2.resize(frame, (frame.shape[1] // 2, frame.shape[0] // 2), interpolation=cv2.INTER_AREA)
    for image in (frame, np.asarray(half, np.uint8)):
        yield image
        yield np.ascontiguousarray(image[:, :, ::-1])
        yield np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        yield from (np.ascontiguousarray(image[:, :, channel]) for channel in range(3))


def _aligned(image: Image) -> NDArray[np.uint64]:
    rows = image.reshape(image.shape[0], -1)
    whole = np.ascontiguousarray(rows[:, : rows.shape[1] // _CHUNK * _CHUNK])
    return whole.reshape(-1, _CHUNK).view(np.uint64)


def _mixed(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        return np.asarray(first * _MIX ^ second, np.uint64)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", data
    for match in _BASE64.finditer(data):
        text = match.group().rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for shift in range(4):
            part = text[shift : shift + (len(text) - shift) // 4 * 4]
            with suppress(binascii.Error):
                yield "base64", base64.b64decode(part)
    for match in _HEX.finditer(data):
        with suppress(ValueError):
            yield "hexadecimal", bytes.fromhex(match.group()[: len(match.group()) // 2 * 2].decode())
    for match in _BYTES_AS_NUMBERS.finditer(data):
        yield "numbers", bytes(value for text in match.group().split(b",") if (value := int(text)) < 256)
    for start in _places(data, _SQUEEZED):
        with suppress(zlib.error):
            unpacked = zlib.decompressobj(47).decompress(data[start:], 4_000_000)
            if len(unpacked) >= _CHUNK:
                yield "compressed", unpacked


def _holds_image(data: bytes) -> bool:
    for start in _places(data, _MAGICS):
        if cv2.imdecode(np.frombuffer(data[start:], np.uint8), cv2.IMREAD_COLOR) is not None:
            return True
    return False


def _places(data: bytes, magics: Sequence[bytes]) -> Iterator[int]:
    for magic in magics:
        start = data.find(magic)
        while start >= 0:
            yield start
            start = data.find(magic, start + 1)
