"""Sums: fewer entries that say the same of each quarter-hour."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
)
from edge.publishing.outbox import encode_entries
from edge.publishing.rollup import loss_of, summed_up
from tests.support.entries import NOON, crossing, crossings, occupancy

MOMENTS = st.integers(-4_000_000, 4_000_000).map(lambda ms: NOON + timedelta(milliseconds=ms))
LENGTHS = st.integers(0, 10_000_000).map(lambda ms: ms / 1_000)
STAFF = st.sampled_from([None, True, False])
COUNTED = st.one_of(
    st.builds(
        Crossing, at=MOMENTS, line=st.sampled_from(["a", "b"]), direction=st.sampled_from(["in", "out"]), staff=STAFF,
        group_size=st.sampled_from([None, 1, 2]),
    ),
    st.builds(ZoneVisit, at=MOMENTS, zone=st.just("z"), dwell_s=LENGTHS, censored=st.booleans(), staff=STAFF),
    st.builds(QueueExit, at=MOMENTS, zone=st.just("q"), wait_s=LENGTHS, outcome=st.just("served")),
    st.builds(QueueSample, at=MOMENTS, zone=st.just("q"), length=st.integers(0, 3)),
    st.builds(Occupancy, at=MOMENTS, zone=st.just("z"), people=st.integers(0, 3)),
    st.builds(CameraUptime, at=MOMENTS, camera=st.just("c"), period_s=st.just(60.0), up_s=st.integers(0, 60)),
    st.builds(Flow, at=st.just(NOON), from_zone=st.just("z"), to_zone=st.just(None), people=st.integers(0, 9)),
)  # fmt: skip


def quarter(at: datetime) -> int:
    return int(at.timestamp() // 900)


def totals(entries: Sequence[Entry]) -> dict[Any, Any]:
    """Return per quarter-hour what the server's rollups and thresholds see."""
    found: defaultdict[Any, float] = defaultdict(float)
    for entry in entries:
        times, one = (entry.times, entry.entry) if isinstance(entry, Summary) else (1, entry)
        at = quarter(one.at)
        match one:
            case Crossing():
                found[at, one.line, one.direction, one.staff, one.group_size] += times
            case ZoneVisit():
                found[at, "visits", one.staff, one.censored] += times
                found[at, "engaged", one.dwell_s >= 10] += times
                found[at, "dwell", one.staff] += times * one.dwell_s
            case QueueExit():
                found[at, one.outcome] += times
                found[at, "wait"] += times * one.wait_s
            case QueueSample():
                found[at, "length", one.length] += times
            case Occupancy():
                found[at, "people", one.people] += times
            case CameraUptime():
                found[at, "up"] += one.up_s
                found[at, "period"] += one.period_s
            case Flow():
                found[at, "flow"] += one.people
    return {key: value for key, value in found.items() if value}


@given(st.lists(COUNTED, min_size=1, max_size=60))
def test_a_sum_says_the_same_of_each_quarter_hour_in_no_more_entries(entries: list[Entry]) -> None:
    summed = summed_up(entries)
    assert len(summed) <= len(entries)
    assert totals(summed) == pytest.approx(totals(entries), rel=1e-5, abs=1e-3)
    encode_entries(summed)  # within the contract


def test_a_quiet_hour_of_samples_becomes_a_few_entries() -> None:
    samples: list[Entry] = [occupancy(people=minute % 2, after_s=60.0 * minute) for minute in range(60)]
    summed = summed_up(samples)
    assert len(summed) == 8
    assert summed[0] == Summary(8, occupancy(people=0, after_s=420))


def test_the_last_register_of_each_quarter_hour_stays() -> None:
    registers = [Register(at=NOON + timedelta(minutes=m), line="a", in_total=m, out_total=0) for m in range(30)]
    assert summed_up(registers) == [registers[14], registers[29]]


def test_uptime_adds_up_to_no_longer_than_a_period_may_be() -> None:
    minutes = [CameraUptime(at=NOON + timedelta(seconds=m), camera="c", period_s=60, up_s=30.0) for m in range(20)]
    assert summed_up(minutes) == [
        CameraUptime(at=NOON, camera="c", period_s=900, up_s=450),
        CameraUptime(at=NOON + timedelta(seconds=15), camera="c", period_s=300, up_s=150),
    ]


def test_parts_of_one_grid_add_up_unless_a_cell_would_overflow() -> None:
    grid = Heat(at=NOON, camera="c", columns=2, rows=1, person_s=[1, 50_000])
    assert summed_up([grid, grid]) == [grid, grid]
    small = Heat(at=NOON, camera="c", columns=2, rows=1, person_s=[1, 7])
    assert summed_up([small, small]) == [Heat(at=NOON, camera="c", columns=2, rows=1, person_s=[2, 14])]


def test_audits_sums_and_losses_stay_as_they_are() -> None:
    tally = AuditTally(truth=1, counted=1, matched=1)
    audit = Audit(
        at=NOON, line="a", duration_s=60, auditor="jd", ins=tally, outs=tally, lag_s=0, complete=True
    )  # fmt: skip
    loss = Loss(at=NOON, until=NOON, reason="corrupt", entries=None)
    kept: list[Entry] = [audit, audit, loss, loss, Summary(3, occupancy()), Summary(3, occupancy())]
    assert summed_up(kept) == kept


def test_a_loss_tells_how_many_from_when_to_when_and_the_crossings_by_line() -> None:
    before = Loss(
        at=NOON - timedelta(days=1), until=NOON, reason="budget", entries=9, lines=[LineLoss("front-door", 1, 2)]
    )
    entries: list[Entry] = [before, *crossings(3), Summary(5, crossing(direction="out")), occupancy(after_s=60)]
    assert loss_of(entries, 30, "budget") == Loss(
        at=before.at,
        until=NOON + timedelta(seconds=60),
        reason="budget",
        entries=30,
        lines=[LineLoss("front-door", 4, 7)],
    )
