"""A plain JPEG: what a file must consist of to be a picture and nothing else. Reads markers, decodes nothing.

SOI, then tables, one frame header (baseline, three components), one scan, EOI, and not a byte more: no EXIF, no
comment, no preview, no second picture, nothing behind the end.
"""

from typing import Final

from contract.errors import MalformedError

_SOI, _EOI, _SOS, _SOF0, _APP0 = b"\xff\xd8", b"\xff\xd9", b"\xff\xda", b"\xff\xc0", b"\xff\xe0"
#: Quantisation and Huffman tables, and how often the scan begins anew.
_TABLES: Final = (b"\xff\xdb", b"\xff\xc4", b"\xff\xdd")
#: After these a marker is a marker no more, but part of the scan: a stuffed byte, or a restart.
_WITHIN_SCAN: Final = frozenset({0x00, *range(0xD0, 0xD8)})
#: JFIF's own segment, without the preview that it may carry.
_JFIF_BYTES: Final = 14
_FRAME_BYTES: Final = 15
_SCAN_BYTES: Final = 10
_COMPONENTS: Final = 3
_BITS: Final = 8


def size_of(image: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels of a plain JPEG.

    Raises:
        MalformedError: it is none; says what stands where.
    """
    if image[:2] != _SOI:
        raise MalformedError(f"picture: expected a JPEG, got bytes that begin with {image[:2].hex() or 'nothing'}")
    at, size = 2, None
    while image[at : at + 2] != _SOS:
        marker, body = _segment(image, at)
        if marker == _SOF0 and size is None:
            size = _frame(body)
        elif not (marker in _TABLES or (marker == _APP0 and _is_plain_jfif(body))):
            raise MalformedError(f"picture: expected nothing but tables and one picture, got segment {marker.hex()}")
        at += 4 + len(body)
    _, body = _segment(image, at)
    if size is None or len(body) != _SCAN_BYTES:
        raise MalformedError("picture: expected one scan of a picture whose size stands before it")
    _check_scan(image, at + 4 + len(body))
    return size


def _segment(image: bytes, at: int) -> tuple[bytes, bytes]:
    length = int.from_bytes(image[at + 2 : at + 4])
    body = image[at + 4 : at + 2 + length]
    if image[at : at + 1] != b"\xff" or length < 2 or len(body) != length - 2:  # noqa: PLR2004  # its own two bytes
        raise MalformedError(f"picture: the JPEG is broken at byte {at}")
    return image[at : at + 2], body


def _frame(body: bytes) -> tuple[int, int]:
    if len(body) != _FRAME_BYTES or body[0] != _BITS or body[5] != _COMPONENTS:
        raise MalformedError("picture: expected a baseline JPEG of three components with 8 bits")
    return int.from_bytes(body[3:5]), int.from_bytes(body[1:3])


def _is_plain_jfif(body: bytes) -> bool:
    return len(body) == _JFIF_BYTES and body.startswith(b"JFIF\x00") and body.endswith(b"\x00\x00")


def _check_scan(image: bytes, start: int) -> None:
    at = image.find(b"\xff", start)
    while 0 <= at < len(image) - 1 and image[at + 1] in _WITHIN_SCAN:
        at = image.find(b"\xff", at + 2)
    if image[at : at + 2] != _EOI or at + 2 != len(image):
        raise MalformedError("picture: expected the JPEG to end after its one scan, got more, or no end")
