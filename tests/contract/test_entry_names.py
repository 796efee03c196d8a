"""Names in entries: each is held against the pattern, wherever in a batch it stands, and its place is named."""

from typing import Any

import msgspec
import pytest

from contract.codec import decode, decode_entries, encode
from contract.entries import Crossing, Entry, Occupancy, QueueExit, QueueSample, Summary, ZoneVisit
from contract.errors import MalformedError
from contract.messages import LedgerBatch
from tests.support.entries import NOON
from tests.support.ledger import batch

BAD = ["Front", "front door", "door-", "-door", "door\n", "tür", "i\x00", "ab/c"]


def named(name: str) -> list[Entry]:
    return [
        Crossing(at=NOON, line=name, direction="in"),
        ZoneVisit(at=NOON, zone=name, dwell_s=1.0),
        QueueSample(at=NOON, zone=name, length=1),
        QueueExit(at=NOON, zone=name, wait_s=1.0, outcome="served"),
        Occupancy(at=NOON, zone=name, people=1),
        Summary(times=1, entry=Crossing(at=NOON, line=name, direction="in")),
        Summary(times=1, entry=Occupancy(at=NOON, zone=name, people=1)),
    ]


def place_of(entry: Entry) -> str:
    inner, where = (entry.entry, ".entry") if isinstance(entry, Summary) else (entry, "")
    return f"{where}.{'line' if isinstance(inner, Crossing) else 'zone'}"


@pytest.mark.parametrize("name", BAD, ids=repr)
@pytest.mark.parametrize("kind", range(len(named("x"))))
@pytest.mark.parametrize("others", ["alike", "mixed"])
def test_a_bad_name_is_refused_with_its_place(name: str, kind: int, others: str) -> None:
    bad, good = named(name)[kind], named("good")
    before = good if others == "mixed" else [good[kind]] * 3
    sent: Any = msgspec.json.encode({**msgspec.to_builtins(batch()), "last_seq": 99, "entries": [*before, bad]})
    where = f"[{len(before)}]{place_of(bad)}"
    with pytest.raises(MalformedError) as refused:
        decode(sent, LedgerBatch)
    assert f"at `$.entries{where}`" in str(refused.value)
    with pytest.raises(msgspec.ValidationError) as refused_apart:
        decode_entries(msgspec.json.encode([*before, bad]))
    assert f"at `${where}`" in str(refused_apart.value)
    with pytest.raises(MalformedError):
        encode(msgspec.structs.replace(batch(), last_seq=99, entries=[*before, bad]))


def test_good_names_of_every_kind_pass() -> None:
    entries = named("a-good_name7")
    assert decode_entries(msgspec.json.encode(entries)) == entries
