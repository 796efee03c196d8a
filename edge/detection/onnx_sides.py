"""Freeing the sides of an ONNX graph's input, in the bytes of its file.

An export states one input size even where nothing inside depends on it, and ONNX Runtime refuses any other then. What
is stated is dropped here: height and width of the input, the shape of the output and of everything between, which the
runtime works out by itself. The format is protobuf (onnx.proto3); only the few fields on the way are read, the rest is
passed on as it is, so that neither `onnx` nor `protobuf` is needed on a box.
"""

from collections.abc import Iterator
from typing import Final

_VARINT: Final = 0
_LENGTH: Final = 2
_WIDTH: Final = {1: 8, 5: 4}
_GRAPH, _INPUT, _OUTPUT, _VALUE_INFO = 7, 11, 12, 13
#: From a value to its dimensions: ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape.
_TO_SHAPE: Final = (2, 1, 2)
_DIMENSION, _NAME = 1, 2
#: Batch and channels stay; outputs keep the batch.
_KEPT_OF_INPUT: Final = 2
_KEPT_OF_OUTPUT: Final = 1


def with_free_sides(model: bytes) -> bytes:
    """Return `model` with height and width of its inputs free.

    Raises:
        ValueError: it is not such a file.
    """
    return b"".join(
        _written(number, _graph(content)) if number == _GRAPH else raw for number, content, raw in _fields(model)
    )


def _graph(graph: bytes) -> bytes:
    parts = []
    for number, content, raw in _fields(graph):
        if number in {_INPUT, _OUTPUT}:
            kept = _KEPT_OF_INPUT if number == _INPUT else _KEPT_OF_OUTPUT
            parts.append(_written(number, _value(content, _TO_SHAPE, kept)))
        elif number != _VALUE_INFO:
            parts.append(raw)
    return b"".join(parts)


def _value(content: bytes, way: tuple[int, ...], kept: int) -> bytes:
    """Return a message in which the dimensions at the end of `way`, but for the first `kept`, have a name instead."""
    if not way:
        sides = list(_fields(content))
        names = [_written(_NAME, f"side_{number}".encode()) for number in range(kept, len(sides))]
        return b"".join([raw for _, _, raw in sides[:kept]] + [_written(_DIMENSION, name) for name in names])
    return b"".join(
        _written(number, _value(inner, way[1:], kept)) if number == way[0] else raw
        for number, inner, raw in _fields(content)
    )


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each field: its number, content (of those that have a length), and all of its bytes."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        number, wire, content = key >> 3, key & 7, b""
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _LENGTH:
            length, at = _varint(message, at)
            content, at = message[at : at + length], at + length
        elif wire in _WIDTH:
            at += _WIDTH[wire]
        else:
            raise ValueError(f"expected an ONNX file, got a field of wire type {wire}")
        if at > len(message):
            raise ValueError("expected an ONNX file, got one that breaks off")
        yield number, content, message[start:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("expected an ONNX file, got one that breaks off")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint has no top bit
            return value, at


def _written(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _LENGTH) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
