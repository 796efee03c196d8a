"""The set-up picture: the one picture that may leave a box. A topic of its own, outside the ledger's codec.

    FOOTFALL-PICTURE-1 newline | length of the header, 2 bytes | header, JSON | JPEG

It answers a request of head office, and only such a one: whoever receives it must know the request. Encoding validates
as decoding does, so that a box cannot send what a server would refuse.
"""

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from contract.errors import MalformedError, OversizeError, TopicError
from contract.jpeg import size_of
from contract.topics import Topic
from contract.types import SCHEMA_VERSION, Instant, Name

#: Neither side of the picture is longer, in pixels: enough to draw lines on, too few to know somebody far away by.
PICTURE_SIDE_MAX: Final = 640
PICTURE_BYTES_MAX: Final = 200_000
_MAGIC: Final = b"FOOTFALL-PICTURE-1\n"
_LENGTH_BYTES: Final = 2
_HEADER_BYTES_MAX: Final = 1_024
#: The largest message on the topic.
PICTURE_MESSAGE_BYTES_MAX: Final = len(_MAGIC) + _LENGTH_BYTES + _HEADER_BYTES_MAX + PICTURE_BYTES_MAX

_Side = Annotated[int, Meta(ge=16, le=PICTURE_SIDE_MAX)]
_SourceSide = Annotated[int, Meta(ge=16, le=16_384)]


class SetupPicture(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands before the JPEG.

    `request` is the id of the command that it answers. The picture is the median of `samples` pictures that were taken
    from `taken_from` until `taken_until`; `covered_share` of it, 0…1, is hatched because somebody was there for long.
    Lines are drawn in pixels of the camera's own picture, which is `source_width` × `source_height`.
    """

    v: Literal[1] = SCHEMA_VERSION
    store: Name
    device: Name
    camera: Name
    request: UUID
    taken_from: Instant
    taken_until: Instant
    samples: Annotated[int, Meta(ge=1, le=1_000)]
    covered_share: Annotated[float, Meta(ge=0, le=1)]
    width: _Side
    height: _Side
    source_width: _SourceSide
    source_height: _SourceSide


_DECODER: Final = msgspec.json.Decoder(SetupPicture)


def encode_picture(header: SetupPicture, image: bytes) -> bytes:
    """Return a set-up picture, a JPEG with its header, as it stands on the wire.

    Raises:
        MalformedError: a field or the image is outside the contract.
        OversizeError: the image is larger than `PICTURE_BYTES_MAX`.
    """
    try:
        written = msgspec.json.encode(header)
    except (TypeError, ValueError) as error:
        raise MalformedError(f"picture: the header cannot be encoded: {error}") from error
    payload = _MAGIC + len(written).to_bytes(_LENGTH_BYTES) + written + image
    if decode_picture(payload)[0] != header:
        raise MalformedError("picture: a field of the header holds a type that the contract does not list")
    return payload


def decode_picture(payload: bytes, topic: Topic | None = None) -> tuple[SetupPicture, bytes]:
    """Return a set-up picture's header and JPEG, checked against `topic` where one is given; no pixel is decoded.

    Raises:
        OversizeError: more bytes than it may have.
        MalformedError: something else, an unknown field, an image that is no plain JPEG of the size that is stated.
        TopicError: it speaks for another store or device than its topic does.
    """
    if len(payload) > PICTURE_MESSAGE_BYTES_MAX:
        raise OversizeError(f"picture: expected at most {PICTURE_MESSAGE_BYTES_MAX} bytes, got {len(payload)}")
    header, image = _parts(payload)
    if topic is not None and (header.store, header.device) != (topic.store, topic.device):
        raise TopicError(
            f"picture: the topic speaks for {topic.store}/{topic.device}, the header for {header.store}/{header.device}"
        )
    if len(image) > PICTURE_BYTES_MAX:
        raise OversizeError(f"picture: expected a JPEG of at most {PICTURE_BYTES_MAX} bytes, got {len(image)}")
    width, height = size_of(image)
    if (width, height) != (header.width, header.height):
        said = f"{header.width}×{header.height}"
        raise MalformedError(f"picture: the header says {said} pixels, the JPEG {width}×{height}")
    return header, image


def _parts(payload: bytes) -> tuple[SetupPicture, bytes]:
    start = len(_MAGIC) + _LENGTH_BYTES
    length = int.from_bytes(payload[len(_MAGIC) : start])
    if not payload.startswith(_MAGIC) or length > _HEADER_BYTES_MAX:
        raise MalformedError("picture: expected a set-up picture, got something else")
    try:
        return _DECODER.decode(payload[start : start + length]), payload[start + length :]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"picture: header: {error}") from error
