"""Whatever bytes come on a topic, decoding ends in a message or in a `ContractError`, never in anything else."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.codec import MESSAGE_OF_LEAF, decode
from contract.errors import ContractError, MalformedError
from contract.messages import LedgerBatch
from contract.topics import LEAVES, Leaf
from tests.support.golden import golden_bytes

READ: list[Leaf] = [leaf for leaf in LEAVES if leaf in MESSAGE_OF_LEAF]
FRAGMENTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"9" * 30, b"-", b'"', b"[", b"{", b"e99", b"\x00", b"\\u0000", b"\\ud800", b"0001-01-01", b"\xff"]
    ),
)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[" * 200_000,
        b'{"zzz":' + b"[" * 200_000,
        b'{"entries":[{"x":' + b"[" * 100_000 + b"]}]}",
        b'{"v":1,"store":"riverside\xff","device":"door-box"}',
        b'{"v":1,"st\xcbre":"riverside"}',
        b'{"v":1e999}',
        b'{"v":1,"store":"\\ud800"}',
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_hostile_bytes_are_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(payload, LedgerBatch)


@given(
    leaf=st.sampled_from(READ),
    cuts=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 8), FRAGMENTS), max_size=4),
)
def test_a_damaged_message_is_refused_in_our_own_words(leaf: Leaf, cuts: list[tuple[int, int, bytes]]) -> None:
    payload = bytearray(golden_bytes(leaf))
    for at, length, fragment in cuts:
        start = at % len(payload)
        payload[start : start + length] = fragment
    with suppress(ContractError):
        decode(bytes(payload), MESSAGE_OF_LEAF[leaf])  # type: ignore[type-var]  # it is one of them
