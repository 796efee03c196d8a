"""The codec: messages to bytes and back, refusing at both ends what the contract does not list.

JSON, UTF-8. Encoding validates too: a frozen struct can be built with any value, and what leaves a device must be
what a receiver accepts.
"""

from typing import Any, TypeVar

import msgspec

from contract.control import Reported, Signed
from contract.entries import Entry
from contract.entry_names import check_names
from contract.errors import MalformedError, OversizeError, TopicError
from contract.messages import MESSAGE_BYTES_MAX, LedgerBatch, Live, Message, Receipt, Status
from contract.topics import Leaf, Topic

_M = TypeVar("_M", LedgerBatch, Receipt, Live, Status, Signed, Reported)

MESSAGE_OF_LEAF: dict[Leaf, type[Message]] = {
    "ledger": LedgerBatch,
    "receipt": Receipt,
    "live": Live,
    "status": Status,
    "config": Signed,
    "command": Signed,
    "reported": Reported,
}
_DECODERS: dict[type[Message], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in set(MESSAGE_OF_LEAF.values())
}
_ENTRIES_DECODER = msgspec.json.Decoder(list[Entry])
_ENCODER = msgspec.json.Encoder()


def encode(message: Message) -> bytes:
    """Return the message as it stands on the wire.

    Raises:
        MalformedError: a field's value is outside the contract; the error names its path.
        OversizeError: the message is larger than `MESSAGE_BYTES_MAX`.
    """
    try:
        payload = _ENCODER.encode(message)
    except (TypeError, ValueError) as error:
        raise MalformedError(f"{type(message).__name__} cannot be encoded: {error}") from error
    if _check(payload, type(message)) != message:
        # E.g. bytes, which would leave as base64, or NaN, which would leave as null.
        raise MalformedError(f"{type(message).__name__}: a field holds a type that the contract does not list")
    return payload


def decode(payload: bytes, kind: type[_M], topic: Topic | None = None) -> _M:
    """Return the message in `payload`, checked against `topic` where one is given.

    Raises:
        OversizeError: `payload` is larger than `MESSAGE_BYTES_MAX`.
        MalformedError: not JSON, an unknown field, a naive time, a value out of bounds; the error names its path.
        TopicError: the message speaks for another store or device than its topic does.
    """
    message: _M = _check(payload, kind)
    if topic is not None and (message.store, message.device) != (topic.store, topic.device):
        raise TopicError(
            f"{kind.__name__}: the topic speaks for {topic.store}/{topic.device}, "
            f"the message for {message.store}/{message.device}"
        )
    return message


def decode_entries(payload: bytes | str) -> list[Entry]:
    """Return the entries in a JSON array of them, as they are kept before they are sent.

    Raises:
        msgspec.DecodeError: not JSON, or one breaks the contract (ValidationError); the error names its path.
    """
    entries = _ENTRIES_DECODER.decode(payload)
    check_names(entries)
    return entries


def _check(payload: bytes, kind: type[Message]) -> Any:
    if len(payload) > MESSAGE_BYTES_MAX:
        raise OversizeError(f"expected at most {MESSAGE_BYTES_MAX} bytes, got {len(payload)}")
    try:
        message = _DECODERS[kind].decode(payload)
        if kind is LedgerBatch:
            check_names(message.entries, "$.entries")
    except msgspec.ValidationError as error:
        raise MalformedError(f"{kind.__name__}: {error}") from error
    # Where a field is skipped or quoted before it is refused, msgspec lets two of Python's own errors through.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"{kind.__name__}: not JSON: {error}") from error
    return message
