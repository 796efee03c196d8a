"""Whatever is lost, repeated, delayed or killed while an outbox sums up: each crossing is counted once.

A real outbox file and the real ledger writer; between them a network that a schedule of steps plays.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from contract.entries import Crossing, Entry
from contract.messages import LedgerBatch, Receipt
from edge.publishing import outbox_budget, sqlite_outbox
from edge.publishing.outbox import Run
from edge.publishing.sqlite_outbox import SqliteOutbox
from ingest.database import Database
from ingest.names import Names
from ingest.verify import verify
from ingest.writer import LedgerWriter
from tests.support.entries import NOON
from tests.support.ledger import add_store, batch
from tests.support.servers import Cluster

Step = tuple[str, int]
LOSSLESS = ("append", "send", "send deaf", "swallow", "deliver late", "sum up", "crash", "forget")
STEPS = st.lists(st.tuples(st.sampled_from(LOSSLESS), st.integers(1, 30)), min_size=5, max_size=40)
DROPPING = (*LOSSLESS, "drop", "drop")
STEPS_WITH_DROPS = st.lists(st.tuples(st.sampled_from(DROPPING), st.integers(1, 30)), min_size=5, max_size=40)
RESTORING = ("append", "send", "send deaf", "sum up", "drop", "crash", "put back")
STEPS_WITH_IMAGES = st.lists(st.tuples(st.sampled_from(RESTORING), st.integers(1, 30)), min_size=5, max_size=40)
#: A test's fixture is the same for all examples: `World` begins each with empty tables.
SCHEDULES = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def store(cluster: Cluster) -> Iterator[str]:
    url = cluster.create()
    add_store(url)
    yield url
    cluster.drop(url)


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """Make blocks and pieces small, so that a few dozen entries meet every boundary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox_budget, "_PIECE", 16)
        patch.setattr(outbox_budget, "_PIECE_MIN", 2)
        patch.setattr(sqlite_outbox, "NEWEST_KEPT", 3)
        patch.setattr(sqlite_outbox, "_SENT_BLOCK", 8)
        yield


class World:
    """A box, its network and its server."""

    def __init__(self, url: str, folder: Path) -> None:
        self.path = folder / "outbox.sqlite"
        self.outbox = SqliteOutbox(self.path)
        self.database = Database(url)
        self.writer = LedgerWriter(self.database, Names())
        self.appended: Counter[tuple[int, str]] = Counter()
        self.late: list[LedgerBatch] = []
        self.cursor = 0
        self.image: bytes | None = None
        self.retained: Receipt | None = None
        self.at_s = 0
        self.wipe()

    def close(self) -> None:
        self.outbox.close()
        self.database.close()

    def wipe(self) -> None:
        with self.database.transaction() as cursor:
            cursor.execute("TRUNCATE crossing, ledger_epoch, ledger_gap, ledger_loss")
        self.writer.forget()

    def append(self, count: int) -> None:
        entries: list[Entry] = []
        for index in range(count):
            self.at_s += 41
            direction: Literal["in", "out"] = "in" if index % 3 else "out"
            entries.append(Crossing(at=NOON + timedelta(seconds=self.at_s), line="door", direction=direction))
            self.appended[self.at_s // 900, direction] += 1
        self.outbox.append(entries)

    def message(self, run: Run) -> LedgerBatch:
        self.outbox.leaving(run)
        return batch(
            epoch=self.outbox.epoch, first_seq=run.first_seq, last_seq=self.outbox.last_seq, entries=run.entries,
            covers=UNSET if run.covers is None else run.covers,
        )  # fmt: skip

    def send(self, entries: int, *, heard: bool) -> bool:
        run = self.outbox.pending(after=self.cursor, entries=entries)
        if run is None:
            self.cursor = 0
            return False
        self.cursor = run.last_seq
        self.store(self.message(run), heard=heard)
        return True

    def store(self, message: LedgerBatch, *, heard: bool) -> None:
        written = self.writer.write([message])
        assert not written.refused
        (self.retained,) = written.receipts
        if heard:
            self.outbox.apply_receipt(self.retained)

    def do(self, step: str, number: int) -> None:
        doing: dict[str, Callable[[], object]] = {
            "append": lambda: self.append(number),
            "send": lambda: self.send(number, heard=True),
            "send deaf": lambda: self.send(number, heard=False),
            "swallow": lambda: self.swallow(number),
            "deliver late": self.deliver_late,
            "sum up": self.outbox._sum_up,
            "drop": self.outbox._drop,
            "crash": self.crash,
            "forget": self.wipe,
            "put back": self.put_back,
        }
        doing[step]()

    def swallow(self, entries: int) -> None:
        """Send what the broker keeps for later."""
        run = self.outbox.pending(after=self.cursor, entries=entries)
        if run is not None:
            self.late.append(self.message(run))

    def deliver_late(self) -> None:
        for message in reversed(self.late):
            self.store(message, heard=False)

    def crash(self) -> None:
        self.outbox.close()
        self.reopen()

    def put_back(self) -> None:
        """Take an image of the disk, and at the next time put it back."""
        self.outbox.close()
        if self.image is None:
            self.image = self.path.read_bytes()
        else:
            self.path.write_bytes(self.image)
            self.late.clear()
        self.reopen()

    def reopen(self) -> None:
        """Open the outbox again; the first thing that it hears is the retained receipt."""
        self.outbox = SqliteOutbox(self.path)
        self.cursor = 0
        if self.retained is not None:
            self.outbox.apply_receipt(self.retained)

    def drain(self) -> None:
        """Send until everything is covered; the first receipt says what the server has forgotten."""
        self.append(1)
        self.cursor = 0
        while self.outbox.queue_depth:
            self.send(50, heard=True)

    def counted(self) -> dict[tuple[int, str], int]:
        with self.database.transaction() as cursor:
            cursor.execute(
                "SELECT floor(EXTRACT(epoch FROM bucket - %(noon)s) / 900)::integer, ins::integer, outs::integer"
                " FROM line_traffic_15m",
                {"noon": NOON},
            )
            rows = cursor.fetchall()
        ways = {(quarter, "in"): ins for quarter, ins, _ in rows} | {
            (quarter, "out"): outs for quarter, _, outs in rows
        }
        return {key: count for key, count in ways.items() if count}

    def lost(self) -> int:
        return sum(each.entries or 0 for each in verify(self.database).losses)


def played(store: str, steps: list[Step], check: Callable[[World], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(store, Path(folder))
        try:
            for step, number in steps:
                world.do(step, number)
            world.drain()
            check(world)
        finally:
            world.close()


@SCHEDULES
@given(steps=STEPS)
def test_sums_lose_nothing_and_double_nothing(store: str, steps: list[Step]) -> None:
    def check(world: World) -> None:
        assert world.counted() == dict(world.appended)
        assert verify(world.database).missing == []
        assert world.lost() == 0

    played(store, steps, check)


@SCHEDULES
@given(steps=STEPS_WITH_DROPS)
def test_what_is_dropped_is_stated_to_the_last_entry(store: str, steps: list[Step]) -> None:
    def check(world: World) -> None:
        counted = world.counted()
        assert all(count <= world.appended[key] for key, count in counted.items())
        assert sum(counted.values()) + world.lost() == world.appended.total()
        assert verify(world.database).missing == []

    played(store, steps, check)


@SCHEDULES
@given(steps=STEPS_WITH_IMAGES)
def test_a_disk_image_put_back_doubles_nothing(store: str, steps: list[Step]) -> None:
    def check(world: World) -> None:
        assert all(count <= world.appended[key] for key, count in world.counted().items())

    played(store, steps, check)
