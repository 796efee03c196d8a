"""Whatever the seed, store and date: nobody is inside at closing, and every entry can be sent."""

from datetime import date, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract.entries import Crossing, Register
from deploy.simulation.days import to_ms
from deploy.simulation.fleet import StoreProfile, fleet
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.store import SimulatedStore
from edge.publishing.outbox import encode_entries

_STORES = st.sampled_from(fleet(20))
_FIFTH_AVENUE = next(store for store in fleet(20) if store.code == "fifth-avenue")
_SEEDS = st.integers(0, 2**32)
_DATES = st.dates(date(2025, 1, 1), date(2028, 12, 31))
#: A day takes a few milliseconds to draw; a slow machine must not fail for that.
_SETTINGS = settings(max_examples=40, deadline=None)


@_SETTINGS
@given(store=_STORES, seed=_SEEDS, on=_DATES)
# The last of a group may come in before one who was ahead of him.
@example(store=_FIFTH_AVENUE, seed=4121, on=date(2028, 8, 4))
def test_everybody_who_came_in_has_left_by_closing_and_in_order(store: StoreProfile, seed: int, on: date) -> None:
    day = SimulatedStore(store, DEFAULT_MODEL, seed).day(on)
    if day is None:
        assert store.hours[on.weekday()] is None
        return
    assert len(day.in_ms) == len(day.out_ms)
    assert (day.in_ms >= day.day.opens_ms).all()
    assert (day.out_ms > day.in_ms).all()
    assert (day.out_ms < day.day.closes_ms).all()
    for stays in day.zones:
        assert (stays.start_ms >= day.in_ms[stays.person]).all()
        assert (stays.end_ms >= stays.start_ms).all()
        assert (stays.end_ms <= day.out_ms[stays.person]).all()
    queue = day.queue
    out_of_group = day.out_ms[np.searchsorted(day.group, queue.group)]
    assert (queue.left_ms >= queue.joined_ms).all()
    assert (queue.paid_ms[queue.served] > queue.left_ms[queue.served]).all()
    assert (np.where(queue.served, queue.paid_ms, queue.left_ms) < out_of_group).all()
    assert int(day.staff.inward.sum()) * 2 == len(day.staff.inward)


@_SETTINGS
@given(store=_STORES, seed=_SEEDS, on=_DATES, live=st.booleans())
def test_every_entry_keeps_the_contract_and_its_place_in_time(
    store: StoreProfile, seed: int, on: date, live: bool
) -> None:
    simulated = SimulatedStore(store, DEFAULT_MODEL, seed)
    day = simulated.day(on)
    for box in store.boxes:
        ledger = simulated.ledger(on, box, live=live, totals={})
        encode_entries(ledger.entries)
        assert (np.diff(ledger.at_ms) >= 0).all()
        if day is None:
            assert not ledger.entries
            continue
        assert all(entry.at.utcoffset() == timedelta(0) for entry in ledger.entries)
        visitors = [to_ms(e.at) for e in ledger.entries if isinstance(e, Crossing) and not e.staff]
        assert min(visitors) >= day.day.opens_ms
        assert max(visitors) < day.day.closes_ms


@_SETTINGS
@given(store=_STORES, seed=_SEEDS, on=_DATES)
def test_registers_end_at_the_number_of_crossings_counted(store: StoreProfile, seed: int, on: date) -> None:
    simulated = SimulatedStore(store, DEFAULT_MODEL, seed)
    for box in store.boxes:
        entries = simulated.ledger(on, box, live=False, totals={"door": (100, 200)}).entries
        for info in box.lines:
            registers = [e for e in entries if isinstance(e, Register) and e.line == info.line]
            crossings = [e for e in entries if isinstance(e, Crossing) and e.line == info.line]
            if registers:
                before = (100, 200) if info.line == "door" else (0, 0)
                ins = sum(e.direction == "in" for e in crossings)
                assert (registers[-1].in_total, registers[-1].out_total) == (
                    before[0] + ins, before[1] + len(crossings) - ins,
                )  # fmt: skip
