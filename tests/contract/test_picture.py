"""The set-up picture's message: one plain JPEG of a stated small size behind a closed header, and nothing else."""

import base64
import io
import json
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contract.codec import MESSAGE_OF_LEAF
from contract.errors import ContractError, MalformedError, OversizeError, TopicError
from contract.jpeg import size_of
from contract.picture import PICTURE_BYTES_MAX, PICTURE_MESSAGE_BYTES_MAX, decode_picture, encode_picture
from contract.topics import Topic
from tests.support.plain_jpeg import HEADER, header, jpeg, segments, with_segment

IMAGE = jpeg()
MESSAGE = encode_picture(HEADER, IMAGE)
BLOB = base64.b64encode(bytes(range(64))).decode()


def message(head: dict[str, Any] | bytes, image: bytes = IMAGE) -> bytes:
    written = head if isinstance(head, bytes) else json.dumps(head).encode()
    return b"FOOTFALL-PICTURE-1\n" + len(written).to_bytes(2) + written + image


def fields() -> dict[str, Any]:
    start = len(b"FOOTFALL-PICTURE-1\n") + 2
    found: dict[str, Any] = json.loads(MESSAGE[start : MESSAGE.index(b"}", start) + 1])
    return found


def other_format(kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (320, 180), "grey").save(written, kind, **options)
    return written.getvalue()


def test_a_picture_comes_back_as_it_was_sent() -> None:
    assert decode_picture(MESSAGE, Topic("riverside", "door-box", "picture")) == (HEADER, IMAGE)


def test_the_picture_is_outside_the_ledger_s_codec() -> None:
    assert "picture" not in MESSAGE_OF_LEAF


def test_a_picture_that_speaks_for_another_device_is_refused() -> None:
    with pytest.raises(TopicError, match="the topic speaks for riverside/side-box"):
        decode_picture(MESSAGE, Topic("riverside", "side-box", "picture"))


@pytest.mark.parametrize("extra", [{"track_id": 7}, {"embedding": [0.5] * 8}, {"frame": BLOB}])
def test_an_unknown_field_of_the_header_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(MalformedError, match="unknown field"):
        decode_picture(message(fields() | extra))


@pytest.mark.parametrize("name", sorted(fields()))
@pytest.mark.parametrize("value", [BLOB, [0.5] * 64, {"image": BLOB}, None])
def test_nothing_else_fits_into_a_field_of_the_header(name: str, value: object) -> None:
    with pytest.raises(MalformedError, match=rf"\$\.{name}"):
        decode_picture(message(fields() | {name: value}))


@pytest.mark.parametrize(
    "changed", [{"width": 641}, {"height": 641}, {"width": 8}, {"covered_share": 1.5}, {"samples": 0}, {"v": 2}]
)
def test_a_header_out_of_bounds_cannot_be_sent(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        encode_picture(header(**changed), IMAGE)


def test_bytes_in_the_header_cannot_be_sent() -> None:
    with pytest.raises(MalformedError):
        encode_picture(header(camera=b"door"), IMAGE)


def test_an_image_of_another_size_than_is_stated_is_refused() -> None:
    with pytest.raises(MalformedError, match="the header says 320×180 pixels, the JPEG 640×360"):
        encode_picture(HEADER, jpeg(640, 360))


def test_a_full_frame_cannot_be_sent() -> None:
    with pytest.raises(MalformedError):
        encode_picture(header(width=1920, height=1080), jpeg(1920, 1080))


def test_an_image_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(OversizeError, match=f"at most {PICTURE_BYTES_MAX} bytes"):
        decode_picture(message(fields(), bytes(PICTURE_BYTES_MAX + 1)))
    with pytest.raises(OversizeError, match=f"at most {PICTURE_MESSAGE_BYTES_MAX} bytes"):
        decode_picture(bytes(PICTURE_MESSAGE_BYTES_MAX + 1))


def broken() -> list[tuple[str, bytes]]:
    tables = segments(IMAGE)
    frame = next((start, end) for marker, start, end in tables if marker == 0xC0)
    progressive = Image.open(io.BytesIO(IMAGE))
    written = io.BytesIO()
    progressive.save(written, "JPEG", progressive=True)
    grey = io.BytesIO()
    progressive.convert("L").save(grey, "JPEG")
    return [
        ("nothing", b""),
        ("a PNG", other_format("PNG")),
        ("a GIF", other_format("GIF")),
        ("a WebP", other_format("WEBP")),
        ("an uncompressed bitmap", other_format("BMP")),
        ("raw pixels", bytes(range(256)) * 100),
        ("compressed pixels", zlib.compress(bytes(100_000))),
        ("something behind the end", IMAGE + b"\x00"),
        ("a second picture behind the end", IMAGE + IMAGE),
        ("no end", IMAGE[:-2]),
        ("half of it", IMAGE[: len(IMAGE) // 2]),
        ("EXIF", with_segment(IMAGE, 0xE1, b"Exif\x00\x00" + BLOB.encode())),
        ("a comment", with_segment(IMAGE, 0xFE, b"hello")),
        ("a colour profile", with_segment(IMAGE, 0xE2, b"ICC_PROFILE\x00" + bytes(100))),
        ("a preview in JFIF", with_segment(IMAGE, 0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x02" + bytes(12))),
        ("an extension of JFIF", with_segment(IMAGE, 0xE0, b"JFXX\x00\x10" + bytes(8))),
        ("two frame headers", IMAGE[: frame[1]] + IMAGE[frame[0] :]),
        ("no frame header", IMAGE[: frame[0]] + IMAGE[frame[1] :]),
        ("progressive", written.getvalue()),
        ("grey", grey.getvalue()),
        ("a length beyond the end", IMAGE[:2] + b"\xff\xdb\xff\xff" + IMAGE[2:]),
        ("a length of nothing", IMAGE[:2] + b"\xff\xdb\x00\x00" + IMAGE[2:]),
        ("another scan", IMAGE[:-2] + IMAGE[IMAGE.index(b"\xff\xda") :]),
        ("a table within the scan", IMAGE[:-2] + b"\xff\xdb" + struct.pack(">H", 67) + bytes(65) + b"\xff\xd9"),
    ]


@pytest.mark.parametrize(("what", "image"), broken(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_not_one_plain_jpeg_is_refused(what: str, image: bytes) -> None:
    with pytest.raises(MalformedError, match="picture"):
        decode_picture(message(fields(), image))
    assert what


@pytest.mark.parametrize("payload", [b"", b"{}", IMAGE, b"FOOTFALL-PICTURE-1\n", b"FOOTFALL-PICTURE-1\n\xff\xff"])
def test_what_is_no_set_up_picture_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_picture(payload)


@pytest.mark.parametrize("head", [b"[" * 1_000, b'{"v":' * 200, b"\xff" * 100, b'{"v":1e999}', b'{"store":"\\ud800"}'])
def test_a_hostile_header_is_malformed(head: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_picture(message(head))


@given(cuts=st.lists(st.tuples(st.integers(0, len(MESSAGE)), st.integers(0, 8), st.binary(max_size=6)), max_size=4))
def test_a_damaged_message_is_refused_in_our_own_words_or_still_plain(cuts: list[tuple[int, int, bytes]]) -> None:
    payload = bytearray(MESSAGE)
    for at, length, fragment in cuts:
        payload[at : at + length] = fragment
    with suppress(ContractError):
        found, image = decode_picture(bytes(payload))
        assert size_of(image) == (found.width, found.height)
