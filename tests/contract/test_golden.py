"""What stands on the wire does not change by accident: bytes, classes and JSON Schema say the same."""

import pytest

from contract.codec import MESSAGE_OF_LEAF, decode, encode
from contract.entries import ENTRY_KINDS
from contract.schema import FOLDER as SCHEMAS
from contract.schema import schemas
from contract.topics import Leaf, Topic
from tests.support.golden import DEVICE, GOLDEN, LEDGER, STORE, golden_bytes

LEAVES: tuple[Leaf, ...] = ("ledger", "receipt", "live", "status", "config", "command", "reported")


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_golden_bytes_are_what_the_objects_encode_to(leaf: Leaf) -> None:
    assert encode(GOLDEN[leaf]) == golden_bytes(leaf), "the wire format changed: raise SCHEMA_VERSION or undo it"


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_golden_bytes_decode_to_the_objects(leaf: Leaf) -> None:
    decoded = decode(golden_bytes(leaf), MESSAGE_OF_LEAF[leaf], Topic(STORE, DEVICE, leaf))  # type: ignore[type-var]  # the union, one by one
    assert decoded == GOLDEN[leaf]
    assert encode(decoded) == golden_bytes(leaf)


def test_every_kind_of_entry_is_golden() -> None:
    assert {type(entry) for entry in LEDGER.entries} == set(ENTRY_KINDS)


def test_the_committed_schemas_are_those_of_the_classes() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}
    assert committed == schemas(), "run: python -m contract.schema"
