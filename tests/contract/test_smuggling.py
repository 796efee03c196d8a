"""Nothing but what the contract lists gets through: no extra field, no bytes, no image, no embedding."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.codec import MESSAGE_OF_LEAF, decode, encode
from contract.entries import Crossing, Heat, Occupancy
from contract.errors import MalformedError, OversizeError, TopicError
from contract.messages import BATCH_ENTRIES_MAX, MESSAGE_BYTES_MAX, LedgerBatch, Live
from contract.topics import Leaf, Topic, parse, topic
from tests.support.golden import LEDGER, LIVE, NOON, STATUS, golden_bytes

#: A batch to fill with single entries.
PLAIN = msgspec.structs.replace(LEDGER, entries=LEDGER.entries[:1], covers=msgspec.UNSET)
Path_ = tuple[str | int, ...]
LEAVES: tuple[Leaf, ...] = ("ledger", "receipt", "live", "status", "config", "command", "reported")
#: 64 bytes as they would look in JSON: a tiny embedding.
BLOB = base64.b64encode(bytes(range(64))).decode()


def nodes(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from nodes(child, (*path, key))


def changed(leaf: Leaf, path: Path_, value: Any) -> bytes:
    """Return the golden message with the node at `path` replaced."""
    message = json.loads(golden_bytes(leaf))
    if not path:
        return json.dumps(value).encode()
    parent = message
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return json.dumps(message).encode()


def cases(kind: type | tuple[type, ...]) -> list[Any]:
    return [
        pytest.param(leaf, path, value, id=f"{leaf}:{'.'.join(map(str, path)) or '$'}")
        for leaf in LEAVES
        for path, value in nodes(json.loads(golden_bytes(leaf)))
        if isinstance(value, kind)
    ]


def place(path: Path_) -> str:
    """Return `path` as an error names it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def refusal(payload: bytes, leaf: Leaf) -> str:
    with pytest.raises(MalformedError) as refused:
        decode(payload, MESSAGE_OF_LEAF[leaf])  # type: ignore[type-var]  # the union, one by one
    return str(refused.value)


@pytest.mark.parametrize(("leaf", "path", "value"), cases(dict))
def test_an_unknown_field_is_refused_wherever_it_stands(leaf: Leaf, path: Path_, value: dict[str, Any]) -> None:
    message = refusal(changed(leaf, path, {**value, "track_id": 7}), leaf)
    assert "unknown field `track_id`" in message
    assert not path or f"`{place(path)}`" in message, "the error names the place"


@pytest.mark.parametrize(("leaf", "path", "value"), cases(str))
def test_base64_is_refused_in_every_text(leaf: Leaf, path: Path_, value: str) -> None:
    message = refusal(changed(leaf, path, BLOB), leaf)
    assert f"`{place(path)}`" in message, value


@pytest.mark.parametrize(("leaf", "path", "value"), cases(str))
def test_a_trailing_newline_is_refused_in_every_text(leaf: Leaf, path: Path_, value: str) -> None:
    refusal(changed(leaf, path, value + "\n"), leaf)


@pytest.mark.parametrize(("leaf", "path", "value"), cases((str, int, float, list)))
def test_a_nested_object_is_refused_wherever_a_plain_value_stands(leaf: Leaf, path: Path_, value: object) -> None:
    del value
    refusal(changed(leaf, path, {"image": BLOB}), leaf)


@pytest.mark.parametrize(("leaf", "path", "value"), cases((dict, str, int, float, list)))
def test_an_embedding_is_refused_wherever_anything_stands(leaf: Leaf, path: Path_, value: object) -> None:
    del value
    message = refusal(changed(leaf, path, [0.25, -0.5] * 64), leaf)
    assert not path or place(path) in message, "the error names the place"


@pytest.mark.parametrize(("leaf", "path", "value"), cases(list))
@pytest.mark.parametrize("smuggled", [BLOB, 0.25, {"crop": BLOB}, [[255, 216, 255]], None], ids=repr)
def test_nothing_is_smuggled_into_a_list_behind_what_belongs_there(
    leaf: Leaf, path: Path_, value: list[Any], smuggled: object
) -> None:
    refusal(changed(leaf, path, [*value, smuggled]), leaf)


@pytest.mark.parametrize(("leaf", "path", "value"), cases(dict))
@pytest.mark.parametrize("name", ["image", "frame", "embedding", "crop", "person_id", "face", "jpeg_base64"])
def test_a_field_for_a_picture_or_a_person_is_refused_by_its_name_alone(
    leaf: Leaf, path: Path_, value: dict[str, Any], name: str
) -> None:
    assert f"unknown field `{name}`" in refusal(changed(leaf, path, {**value, name: None}), leaf)


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize(
    "payload",
    [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"FOOTFALL-PICTURE-1\n", b'"' + BLOB.encode() + b'"', b"[0.25,0.5]"],
)
def test_a_message_that_is_a_picture_or_an_embedding_altogether_is_refused(leaf: Leaf, payload: bytes) -> None:
    refusal(payload, leaf)


@pytest.mark.parametrize(("leaf", "path", "value"), cases(str))
def test_naive_times_are_refused(leaf: Leaf, path: Path_, value: str) -> None:
    if path[-1] not in ("at", "sent_at"):
        return
    message = refusal(changed(leaf, path, value.removesuffix("Z")), leaf)
    assert "datetime" in message
    assert str(path[-1]) in message


@pytest.mark.parametrize("raw", [b"\xff\xd8\xff\xe0", b"i\xb7\x1d", b"front-door"])
def test_bytes_are_refused_when_encoding(raw: bytes) -> None:
    entry = Crossing(at=NOON, line=raw, direction="in")  # type: ignore[arg-type]  # what a careless caller would do
    with pytest.raises(MalformedError):
        encode(batch_of(entry))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0])
def test_a_number_out_of_bounds_is_refused_when_encoding(number: float) -> None:
    with pytest.raises(MalformedError):
        encode(msgspec.structs.replace(STATUS, uptime_s=number))


def test_a_naive_time_is_refused_when_encoding() -> None:
    with pytest.raises(MalformedError, match=r"\$\.at"):
        encode(msgspec.structs.replace(LIVE, at=datetime(2026, 11, 21, 12)))  # noqa: DTZ001  # the point


def test_too_many_entries_are_refused() -> None:
    entry = Occupancy(at=NOON, zone="table", people=1)
    many = msgspec.structs.replace(PLAIN, first_seq=1, last_seq=9_999, entries=[entry] * (BATCH_ENTRIES_MAX + 1))
    with pytest.raises(MalformedError, match=r"length <= 2000 - at `\$\.entries`"):
        encode(many)


def test_an_oversized_message_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(OversizeError, match=f"at most {MESSAGE_BYTES_MAX} bytes"):
        decode(b"[" * (MESSAGE_BYTES_MAX + 1), LedgerBatch)


def test_a_batch_of_large_entries_is_refused_by_its_bytes() -> None:
    heat = Heat(at=NOON, camera="door", columns=32, rows=18, person_s=[90_000] * 576)
    with pytest.raises(OversizeError):
        encode(msgspec.structs.replace(PLAIN, first_seq=1, last_seq=9_999, entries=[heat] * 100))


def test_a_heat_grid_finer_than_people_is_refused() -> None:
    message = refusal(changed("ledger", ("entries", 7, "columns"), 640), "ledger")
    assert "`$.entries[7].columns`" in message


def test_a_message_that_speaks_for_another_device_is_refused() -> None:
    with pytest.raises(
        TopicError, match="the topic speaks for riverside/other-box, the message for riverside/door-box"
    ):
        decode(golden_bytes("live"), Live, Topic("riverside", "other-box", "live"))


@pytest.mark.parametrize(
    "text",
    [
        "footfall/v1/riverside/door-box",
        "footfall/v2/riverside/door-box/ledger",
        "footfall/v1/riverside/door-box/frames",
        "footfall/v1/Riverside/door-box/ledger",
        "footfall/v1/riverside/door-box\n/ledger",
        "footfall/v1//door-box/ledger",
        "footfall/v1/+/door-box/ledger",
        f"footfall/v1/riverside/{'x' * 41}/ledger",
        "",
    ],
)
def test_a_topic_that_is_not_ours_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(TopicError, match="expected"):
        parse(text)


def test_a_topic_cannot_be_made_of_a_wildcard() -> None:
    with pytest.raises(TopicError):
        topic("riverside", "#", "ledger")


def test_no_field_of_any_message_is_free_text() -> None:
    """Each string in the committed schemas is an enumeration, a constant, a pattern or a format."""
    for leaf in LEAVES:
        schema = json.loads((Path(__file__).parents[2] / "contract" / "schema" / f"{leaf}.json").read_text())
        for path, node in nodes(schema):
            if isinstance(node, dict) and node.get("type") == "string":
                assert {"pattern", "format", "enum"} & node.keys(), (leaf, path)


def batch_of(entry: Crossing) -> LedgerBatch:
    return msgspec.structs.replace(PLAIN, first_seq=1, last_seq=1, entries=[entry])
