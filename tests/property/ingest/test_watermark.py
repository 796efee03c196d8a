"""The watermark: whatever comes, twice, overlapping or in any order, the tables hold each seq once."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.entries import Crossing, Entry, Occupancy
from contract.messages import LedgerBatch
from ingest.database import Database
from ingest.names import Names
from ingest.ranges import SeqSet, multirange
from ingest.writer import LedgerWriter
from tests.support.entries import NOON
from tests.support.ledger import add_store, batch
from tests.support.servers import Cluster

DEVICES = ("door-box", "back-box", "side-box")
LAST_SEQ = 60

#: (device, first seq, entries) as they may arrive.
arrival = st.tuples(st.sampled_from(DEVICES), st.integers(1, LAST_SEQ), st.integers(1, 15))
#: Some arrivals share a transaction.
arrivals = st.lists(st.lists(arrival, min_size=1, max_size=5), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def store(cluster: Cluster) -> Iterator[str]:
    url = cluster.create()
    add_store(url)
    yield url
    cluster.drop(url)


def entry_of(seq: int) -> Entry:
    """Return an entry that tells its seq by its time; every third is of another kind."""
    at = NOON + timedelta(seconds=seq)
    return Occupancy(at=at, zone="table", people=seq) if seq % 3 == 0 else Crossing(at=at, line="door", direction="in")


def batch_of(device: str, first: int, count: int) -> LedgerBatch:
    entries = [entry_of(seq) for seq in range(first, first + count)]
    return batch(device=device, first_seq=first, entries=entries)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=arrivals)
def test_any_arrival_of_overlapping_batches_stores_the_union_of_their_seqs(
    store: str, arrivals: list[list[tuple[str, int, int]]]
) -> None:
    with psycopg2.connect(store) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE crossing, occupancy_sample, ledger_epoch, ledger_gap")
    connection.close()
    database = Database(store)
    writer = LedgerWriter(database, Names())
    sent: dict[str, set[int]] = {}
    entries = duplicates = 0
    for together in arrivals:
        written = writer.write([batch_of(device, first, count) for device, first, count in together])
        entries += written.entries
        duplicates += written.duplicates
        for device, first, count in together:
            sent.setdefault(device, set()).update(range(first, first + count))
    with database.transaction() as cursor:
        cursor.execute("SELECT at FROM crossing UNION ALL SELECT at FROM occupancy_sample ORDER BY at")
        stored = [round((at - NOON).total_seconds()) for (at,) in cursor.fetchall()]
        cursor.execute("SELECT d.code, e.received::text FROM ledger_epoch AS e JOIN device AS d USING (device_id)")
        received = {device: SeqSet.parse(text) for device, text in cursor.fetchall()}
    database.close()
    assert stored == sorted(seq for seqs in sent.values() for seq in seqs)
    assert entries == len(stored)
    assert entries + duplicates == sum(count for together in arrivals for _, _, count in together)
    assert {device: members(spans) for device, spans in received.items()} == sent


spans = st.lists(st.tuples(st.integers(1, 80), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])))


def members(seqs: SeqSet) -> set[int]:
    return {seq for first, last in seqs for seq in range(first, last + 1)}


@given(held=spans, first=st.integers(1, 90), length=st.integers(1, 30))
def test_a_seq_set_behaves_as_a_set(held: list[tuple[int, int]], first: int, length: int) -> None:
    seqs = SeqSet(held)
    plain = {seq for low, high in held for seq in range(low, high + 1)}
    assert members(seqs) == plain
    ranges = list(seqs)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(ranges))
    asked = set(range(first, first + length))
    assert members(SeqSet(seqs.missing(first, first + length - 1))) == asked - plain


@given(held=spans)
def test_a_seq_set_survives_its_text(held: list[tuple[int, int]]) -> None:
    canonical = "{" + ",".join(f"[{first},{last + 1})" for first, last in SeqSet(held)) + "}"
    assert list(SeqSet.parse(canonical)) == list(SeqSet(held))
    assert multirange(held).count("[") == len(held)
