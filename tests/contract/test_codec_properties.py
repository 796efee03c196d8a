"""Properties of the codec: anything encodable decodes to itself, anything else is refused in one way."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from contract.codec import MESSAGE_OF_LEAF, decode, encode
from contract.entries import (
    Audit,
    AuditTally,
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    LineLoss,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    Summary,
    ZoneVisit,
    weight_of,
)
from contract.errors import ContractError
from contract.messages import EpochReceipt, LedgerBatch, Live, LiveLine, LiveZone, Message, Receipt
from contract.topics import LEAVES, Leaf, parse, topic
from contract.types import LossReason
from tests.support.golden import golden_bytes

NAMES = st.from_regex(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?", fullmatch=True)
ZONES_OF_TIME = st.just(UTC) | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES_OF_TIME)  # noqa: DTZ001  # Hypothesis wants naive bounds
COUNTS = st.integers(0, 2**53 - 1)
SECONDS = st.floats(0, 604_800)
STAFF = st.none() | st.booleans()


@st.composite
def heats(draw: st.DrawFn) -> Heat:
    columns, rows = draw(st.integers(1, 32)), draw(st.integers(1, 18))
    value = draw(st.integers(0, 90_000))
    return Heat(at=draw(INSTANTS), camera=draw(NAMES), columns=columns, rows=rows, person_s=[value] * (columns * rows))


@st.composite
def uptimes(draw: st.DrawFn) -> CameraUptime:
    period_s = draw(st.floats(0, 900, exclude_min=True))
    return CameraUptime(at=draw(INSTANTS), camera=draw(NAMES), period_s=period_s, up_s=draw(st.floats(0, period_s)))


@st.composite
def tallies(draw: st.DrawFn) -> AuditTally:
    truth, counted = draw(st.integers(0, 5_000)), draw(st.integers(0, 5_000))
    return AuditTally(truth=truth, counted=counted, matched=draw(st.integers(0, min(truth, counted))))


CROSSINGS = st.builds(
    Crossing,
    at=INSTANTS,
    line=NAMES,
    direction=st.sampled_from(["in", "out"]),
    staff=STAFF,
    group_size=st.none() | st.integers(1, 50),
)
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    CROSSINGS,
    st.builds(Summary, times=st.integers(1, 1_000), entry=CROSSINGS),
    st.builds(
        Loss,
        at=INSTANTS,
        until=INSTANTS,
        reason=st.sampled_from(get_args(LossReason)),
        entries=st.none() | COUNTS,
        lines=st.lists(st.builds(LineLoss, line=NAMES, ins=COUNTS, outs=COUNTS), max_size=3),
        epoch=st.just(UNSET) | st.uuids(),
        seqs=st.just(UNSET) | st.lists(st.tuples(st.integers(1, 9), st.integers(9, 99)), min_size=1, max_size=3),
    ),
    st.builds(ZoneVisit, at=INSTANTS, zone=NAMES, dwell_s=SECONDS, censored=st.booleans(), staff=STAFF),
    st.builds(QueueSample, at=INSTANTS, zone=NAMES, length=COUNTS),
    st.builds(QueueExit, at=INSTANTS, zone=NAMES, wait_s=SECONDS, outcome=st.sampled_from(["served", "abandoned"])),
    st.builds(Occupancy, at=INSTANTS, zone=NAMES, people=COUNTS),
    heats(),
    st.builds(Flow, at=INSTANTS, from_zone=st.none() | NAMES, to_zone=st.none() | NAMES, people=COUNTS),
    st.builds(Register, at=INSTANTS, line=NAMES, in_total=COUNTS, out_total=COUNTS),
    uptimes(),
    st.builds(
        Audit,
        at=INSTANTS,
        line=NAMES,
        duration_s=st.floats(0, 3_600),
        auditor=st.from_regex(r"[a-z0-9](?:[a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True),
        ins=tallies(),
        outs=tallies(),
        lag_s=st.floats(-10, 10),
        complete=st.booleans(),
    ),
)


@st.composite
def batches(draw: st.DrawFn) -> LedgerBatch:
    entries = draw(st.lists(ENTRIES, min_size=1, max_size=8))
    least = max(len(entries), sum(map(weight_of, entries)))
    covers: int | UnsetType = UNSET
    if least > len(entries) or draw(st.booleans()):
        covers = draw(st.integers(least, least + 100))
    seqs = len(entries) if covers is UNSET else covers
    first_seq = draw(st.integers(1, 2**53 - 1 - seqs))
    end = first_seq + seqs - 1
    return LedgerBatch(
        store=draw(NAMES),
        device=draw(NAMES),
        epoch=draw(st.uuids()),
        first_seq=first_seq,
        last_seq=draw(st.integers(end, 2**53 - 1)),
        sent_at=draw(INSTANTS),
        entries=entries,
        covers=covers,
    )


RECEIPTS = st.builds(
    Receipt,
    store=NAMES,
    device=NAMES,
    at=INSTANTS,
    epochs=st.lists(
        st.builds(
            EpochReceipt,
            epoch=st.uuids(),
            ranges=st.lists(st.tuples(st.integers(1, 2**53 - 1), st.integers(1, 2**53 - 1)), max_size=5),
        ),
        max_size=3,
    ),
)
LIVES = st.builds(
    Live,
    store=NAMES,
    device=NAMES,
    epoch=st.uuids(),
    at=INSTANTS,
    lines=st.lists(st.builds(LiveLine, line=NAMES, in_total=COUNTS, out_total=COUNTS), max_size=3),
    zones=st.lists(st.builds(LiveZone, zone=NAMES, people=COUNTS), max_size=3),
)


@given(batches())
def test_any_batch_decodes_to_itself(batch: LedgerBatch) -> None:
    assert decode(encode(batch), LedgerBatch) == batch


@given(RECEIPTS)
def test_any_receipt_decodes_to_itself(receipt: Receipt) -> None:
    assert decode(encode(receipt), Receipt) == receipt


@given(LIVES)
def test_any_live_message_decodes_to_itself(live: Live) -> None:
    assert decode(encode(live), Live) == live


@given(batches())
def test_encoding_is_a_fixed_point(batch: LedgerBatch) -> None:
    once = encode(batch)
    assert encode(decode(once, LedgerBatch)) == once


@given(NAMES, NAMES, st.sampled_from(LEAVES))
def test_a_topic_parses_back_into_its_parts(store: str, device: str, leaf: Leaf) -> None:
    assert parse(topic(store, device, leaf)) == (store, device, leaf)


@given(st.binary(max_size=200), st.sampled_from(sorted(MESSAGE_OF_LEAF)))
def test_garbage_is_refused_as_a_contract_error(payload: bytes, leaf: Leaf) -> None:
    with pytest.raises(ContractError):
        decode(payload, MESSAGE_OF_LEAF[leaf])  # type: ignore[type-var]  # the union, one by one


def test_a_batch_may_sum_up_no_more_than_it_has_seqs_for() -> None:
    summed = Summary(times=3, entry=Crossing(at=datetime(2026, 11, 21, tzinfo=UTC), line="door", direction="in"))
    built: dict[str, Any] = {
        "store": "a",
        "device": "b",
        "epoch": UUID(int=1),
        "first_seq": 1,
        "last_seq": 9,
        "sent_at": summed.entry.at,
    }
    assert LedgerBatch(**built, entries=[summed], covers=3).run_end == 3
    for covers in (UNSET, 2):
        with pytest.raises(ValueError, match="stand for at most"):
            LedgerBatch(**built, entries=[summed], covers=covers)
    with pytest.raises(ValueError, match="end at or before"):
        LedgerBatch(**built, entries=[summed], covers=10)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(MESSAGE_OF_LEAF)), st.data())
def test_a_garbled_message_is_refused_or_still_says_only_what_the_contract_lists(
    leaf: Leaf, data: st.DataObject
) -> None:
    message: dict[str, Any] = json.loads(golden_bytes(leaf))
    key = data.draw(st.sampled_from([*message, "surprise"]))
    message[key] = data.draw(JSON)
    kind = MESSAGE_OF_LEAF[leaf]
    try:
        decoded: Message = decode(json.dumps(message).encode(), kind)  # type: ignore[type-var]  # as above
    except ContractError:
        return
    assert key != "surprise"
    assert set(json.loads(encode(decoded))) <= set(kind.__struct_fields__)
