"""A visit from the street to the till and out again: what a camera says about it in its ledger, and the database then.

Six people come in one after the other, stand at a table, and queue; five go on to the till, the last gives up. A
seventh walks past the door.

        50   100        200 ── 300      380 ──── 500    600
    pavement│ door│      │ table │       │ queue  │      ✕ till
            │     │      └───────┘       └────────┘
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar, cast

import numpy as np
import pytest

from analytics.days import Slice
from analytics.facts import slice_facts
from analytics.visits.movement import Step, read_movement
from analytics.visits.queueing import read_queue
from contract.entries import Crossing, Entry, Flow, Heat, QueueExit, QueueSample, ZoneVisit
from edge.camera import CameraWorker
from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.detections import Detections
from edge.frames import Frame
from edge.geometry import Place
from edge.pipeline import CameraPipeline, build_pipeline
from edge.recording import Recorder
from edge.sources.capture import Capture, Watched
from ingest.database import Database
from ingest.names import Names
from ingest.writer import LedgerWriter
from tests.support.clocks import ManualClock
from tests.support.ledger import batch
from tests.support.memory_outbox import MemoryOutbox
from tests.support.scenes import detections, walk
from tests.support.store_data import Connection, add_line, add_store, add_zone

FPS = 5
CAMERA = CameraConfig(
    name="floor",
    source="usb:0",
    motion_gate=False,
    lines=(
        LineConfig(name="door", points=((100, 470), (100, 10))),
        LineConfig(name="pavement", role="pass_by", points=((50, 470), (50, 10))),
    ),
    zones=(
        ZoneConfig(name="table", polygon=((200, 200), (300, 200), (300, 400), (200, 400))),
        ZoneConfig(
            name="queue",
            role="queue",
            polygon=((380, 200), (500, 200), (500, 400), (380, 400)),
            served_towards=(600, 300),
        ),
    ),
)
STREET, TABLE, QUEUE, TILL = (20.0, 300.0), (250.0, 300.0), (440.0, 300.0), (570.0, 300.0)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
Kind = TypeVar("Kind", bound=Entry)


class Floor:
    """A detector that sees the script: one person at a time."""

    name = "scripted"
    confidence = 0.4

    def __init__(self, script: list[Place | None]) -> None:
        self._script = script
        self.frame = 0

    def detect(self, seen: object) -> Detections:
        del seen
        foot = self._script[self.frame]
        return detections([] if foot is None else [foot])

    def reset(self) -> None:
        """Nothing is learnt."""


@dataclass
class AlwaysUp:
    """A source that never fails."""

    clock: ManualClock
    up: bool = True
    ended: bool = False
    since_s: float = 0.0

    def watched(self) -> Watched:
        period_s, self.since_s = self.clock.elapsed_s - self.since_s, self.clock.elapsed_s
        return Watched(period_s=period_s, up_s=period_s, frames=0, dropped=0)


def stand(at: Place, seconds: int) -> list[Place]:
    return [at] * (seconds * FPS)


def visit(*, served: bool) -> list[Place | None]:
    """From the street to the table, to the queue, to the till or not, and out again below the zones."""
    way = [*walk(STREET, TABLE, 4 * FPS), *stand(TABLE, 10), *walk(TABLE, QUEUE, 4 * FPS), *stand(QUEUE, 30)]
    if served:
        way += [*walk(QUEUE, TILL, 2 * FPS), *stand(TILL, 10), *walk(TILL, (570, 450), 3 * FPS)]
    else:
        way += walk(QUEUE, (440, 450), 3 * FPS)
    return [*way, *walk(way[-1], (20, 450), 12 * FPS), *[None] * (4 * FPS)]


def passer() -> list[Place | None]:
    return [*walk(STREET, (80, 300), 3 * FPS), *walk((80, 300), (80, 460), 3 * FPS), *[None] * (4 * FPS)]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    script = [foot for number in range(6) for foot in visit(served=number < 5)] + passer()
    clock = ManualClock(NOON)
    outbox, floor = MemoryOutbox(now=clock.now), Floor(script)

    def build(camera: CameraConfig, size: tuple[int, int]) -> CameraPipeline:
        return build_pipeline(camera, frame_size=size, detector=floor)

    worker = CameraWorker(CAMERA, cast("Capture", AlwaysUp(clock)), Recorder(outbox), build=build, clock=clock)
    picture = np.zeros((480, 640, 3), np.uint8)
    for number in range(len(script)):
        floor.frame = number
        clock.advance(1 / FPS)
        worker.step(Frame(picture, number, number / FPS, clock.now()))
    worker.finish()
    run = outbox.pending(entries=10_000)
    assert run is not None
    return list(run.entries)


def of(entries: list[Entry], kind: type[Kind]) -> list[Kind]:
    return [entry for entry in entries if isinstance(entry, kind)]


def test_the_door_counts_everybody_and_the_pavement_only_who_did_not_come_in(entries: list[Entry]) -> None:
    crossed = Counter((entry.line, entry.direction) for entry in of(entries, Crossing))
    assert crossed == {("door", "in"): 6, ("door", "out"): 6, ("pavement", "in"): 1}


def test_the_queue_says_how_each_wait_ended_and_the_table_how_long_each_stay_was(entries: list[Entry]) -> None:
    waits = of(entries, QueueExit)
    assert [wait.outcome for wait in waits] == ["served"] * 5 + ["abandoned"]
    # Thirty seconds at its place, and the way into and out of the zone.
    assert [wait.wait_s for wait in waits] == pytest.approx([32.2] * 6, abs=1.0)
    stays = of(entries, ZoneVisit)
    assert [(stay.zone, stay.censored) for stay in stays] == [("table", False)] * 6
    assert [stay.dwell_s for stay in stays] == pytest.approx([11.9] * 6, abs=0.6)
    lengths = Counter(sample.length for sample in of(entries, QueueSample))
    assert set(lengths) == {0, 1}


def test_steps_lead_from_the_street_through_the_shop_and_out(entries: list[Entry]) -> None:
    people: Counter[tuple[str | None, str | None]] = Counter()
    for flow in of(entries, Flow):
        assert flow.at == NOON, "sums of their quarter-hour, in parts"
        people[flow.from_zone, flow.to_zone] += flow.people
    assert people == {(None, "table"): 6, ("table", "queue"): 6, ("queue", None): 6}
    assert len(of(entries, Flow)) > len(people), "written down before the quarter-hour was over"


def test_warmth_is_the_time_that_people_were_in_the_picture(entries: list[Entry]) -> None:
    grids = of(entries, Heat)
    assert {(grid.at, grid.columns, grid.rows) for grid in grids} == {(NOON, 24, 18)}
    cells = np.sum([grid.person_s for grid in grids], axis=0).reshape(18, 24)
    seen_s = (len([foot for number in range(6) for foot in visit(served=number < 5) if foot]) + 6 * FPS) / FPS
    assert cells.sum() == pytest.approx(seen_s, abs=8)
    row, column = np.unravel_index(cells.argmax(), cells.shape)
    assert (row, column) == (11, 16), "where they queued: x 440 of 640, y 300 of 480"


@pytest.fixture
def connected(database: str, connection: Connection, entries: list[Entry]) -> tuple[Connection, Slice]:
    """The database with the ledger in it, and the hour it is about."""
    store = add_store(connection, "riverside", timezone="UTC", hours=(9 * 60, 21 * 60))
    for line in CAMERA.lines:
        add_line(connection, store, line.name, role=line.role, camera="floor")
    for zone in CAMERA.zones:
        add_zone(connection, store, zone.name, role=zone.role, engaged_after_s=zone.engaged_after_s)
    opened = Database(database)
    written = LedgerWriter(opened, Names()).write([batch(entries=entries)])
    opened.close()
    assert (written.entries, written.refused) == (len(entries), {})
    until = NOON + timedelta(minutes=15)
    return connection, Slice(store, date(2026, 11, 21), NOON, until, until)


def test_the_database_says_the_same(connected: tuple[Connection, Slice]) -> None:
    connection, seen = connected
    moved = read_movement(connection, [seen], visitors=[6])
    assert set(moved.steps) == {Step(None, "table", 6), Step("table", "queue", 6), Step("queue", None, 6)}
    assert moved.known_share == 1.0
    assert [grid.camera for grid in moved.warmth] == ["floor"]
    waited = read_queue(
        connection, seen.store_id, from_at=seen.from_at, now=NOON + timedelta(minutes=10), completeness=1.0
    )
    assert waited.joins.value == 6
    assert waited.abandonment.value == pytest.approx(1 / 6)
    assert waited.wait_p50.value == pytest.approx(32.2, abs=1)
    assert waited.consistent
    facts = slice_facts(connection, [seen], now=seen.until).iloc[0]
    assert (facts["ins"], facts["outs"], facts["passers"]) == (6, 6, 1)
