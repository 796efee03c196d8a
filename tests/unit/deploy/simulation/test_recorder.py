"""A device writes each moment once, however often it is stopped."""

from datetime import timedelta
from pathlib import Path

import pytest

from contract.entries import Register
from deploy.simulation.days import to_instant
from deploy.simulation.errors import JournalError, TillError
from deploy.simulation.till import BATCH, Till, as_json
from tests.support.memory_outbox import MemoryOutbox
from tests.support.simulation import SATURDAY, RecordingRegister, happened, held, ledger, recorder, simulated

FIRST = SATURDAY - timedelta(days=3)


def test_a_device_that_is_stopped_at_any_moment_writes_what_an_unstopped_one_writes(tmp_path: Path) -> None:
    store = simulated()
    closes_ms = happened(store).day.closes_ms
    unstopped, stopped = MemoryOutbox(), MemoryOutbox()
    (tmp_path / "a").mkdir()
    steady = recorder(store, unstopped, tmp_path / "a", first_day=FIRST)
    while steady.advance(to_instant(closes_ms)) or steady.days_behind(to_instant(closes_ms)):
        pass
    for before_ms in (100_000_000, 50_000_000, 20_000_001, 7_200_000, 3_333_333, 0):
        now = to_instant(closes_ms - before_ms)
        # Live from the same day as the steady one, which was first started two hours before closing.
        again = recorder(store, stopped, tmp_path, first_day=FIRST)
        while again.advance(now) or again.days_behind(now):
            pass
    assert held(stopped) == held(unstopped)
    assert len(held(stopped)) == unstopped.last_seq


def test_a_stale_journal_is_only_earlier(tmp_path: Path) -> None:
    store, outbox = simulated(), MemoryOutbox()
    first = recorder(store, outbox, tmp_path, first_day=FIRST)
    stale = (tmp_path / "journal.json").read_bytes()
    now = to_instant(happened(store).day.closes_ms - 7_200_000)
    while first.advance(now):
        pass
    written = outbox.last_seq
    (tmp_path / "journal.json").write_bytes(stale)
    again = recorder(store, outbox, tmp_path, first_day=FIRST)
    while again.days_behind(now):
        again.advance(now)
    assert outbox.last_seq == written
    assert again.mark == first.mark


def test_registers_count_on_after_a_restart(tmp_path: Path) -> None:
    store, outbox = simulated(), MemoryOutbox()
    closes_ms = happened(store).day.closes_ms
    for before_ms in (20_000_000, 0):
        recorder(store, outbox, tmp_path).advance(to_instant(closes_ms - before_ms))
    last = [e for e in held(outbox) if isinstance(e, Register) and e.line == "door"][-1]
    totals = outbox.totals()["door"]
    assert (last.in_total, last.out_total) <= (totals.in_total, totals.out_total)
    assert last.in_total > totals.in_total - 5


def test_without_history_a_device_begins_now_and_its_registers_at_zero(tmp_path: Path) -> None:
    store, outbox = simulated(visitors=250), MemoryOutbox()
    closes_ms = happened(store).day.closes_ms
    fresh = recorder(store, outbox, tmp_path, first_day=None)
    assert fresh.days_behind(to_instant(closes_ms - 7_200_000)) == 0
    fresh.advance(to_instant(closes_ms))
    entries = held(outbox)
    whole = ledger(store, live=True)
    assert 0 < len(entries) == whole.due(closes_ms) - whole.due(closes_ms - 7_200_000)
    registers = [e for e in entries if isinstance(e, Register) and e.line == "door"]
    assert registers[0].in_total < 5
    assert registers[-1].in_total <= outbox.totals()["door"].in_total


def test_a_new_outbox_with_an_old_journal_continues_from_now(tmp_path: Path) -> None:
    store = simulated()
    recorder(store, MemoryOutbox(), tmp_path, first_day=FIRST)
    replaced = MemoryOutbox()
    again = recorder(store, replaced, tmp_path, first_day=FIRST)
    again.advance(to_instant(happened(store).day.closes_ms - 7_200_000))
    assert replaced.last_seq == 0


def test_another_seed_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    recorder(simulated(seed=1), MemoryOutbox(), tmp_path)
    with pytest.raises(JournalError, match="made with seed 1, not 2"):
        recorder(simulated(seed=2), MemoryOutbox(), tmp_path)


def _till(folder: Path, register: RecordingRegister, *, history: bool = True) -> Till:
    store = simulated(visitors=250)
    now = to_instant(happened(store).day.closes_ms - 7_200_000)
    return Till(store, register, folder / "till.json", first_day=FIRST if history else None, now=now)


def test_a_till_posts_every_order_once_over_restarts(tmp_path: Path) -> None:
    register = RecordingRegister()
    closes_ms = happened(simulated(visitors=250)).day.closes_ms
    for before_ms in (250_000_000, 30_000_000, 0):
        till = _till(tmp_path, register)
        while till.advance(to_instant(closes_ms - before_ms)):
            pass
    store = till.store
    every = [o for n in range(4) for o in store.orders(FIRST + timedelta(days=n)) if o.closed_ms <= closes_ms]
    assert sorted(register.orders) == sorted(order.external_id for order in every)
    assert sum(register.posts) == len(every)
    assert max(register.posts) <= BATCH
    assert not till.behind(to_instant(closes_ms))
    clock = [one for n in range(4) for one in store.clock(FIRST + timedelta(days=n)) if one.at_ms <= closes_ms]
    assert sorted(register.heard, key=lambda one: one.at_ms) == sorted(clock, key=lambda one: one.at_ms)


def test_a_till_posts_again_what_the_api_did_not_take(tmp_path: Path) -> None:
    register = RecordingRegister(broken=True)
    till = _till(tmp_path, register)
    now = to_instant(happened(till.store).day.closes_ms)
    with pytest.raises(TillError, match="stocktaking"):
        till.advance(now)
    register.broken = False
    assert till.advance(now) == len(register.orders) + len(register.heard) > 0


def test_a_till_without_history_posts_only_what_closes_from_now_on(tmp_path: Path) -> None:
    register = RecordingRegister()
    till = _till(tmp_path, register, history=False)
    closes_ms = happened(till.store).day.closes_ms
    till.advance(to_instant(closes_ms))
    assert register.orders
    assert all(order.closed_ms > closes_ms - 7_200_000 for order in register.orders.values())


def test_amounts_go_out_as_decimal_text() -> None:
    order = next(order for order in simulated(visitors=250).orders(SATURDAY) if order.kind == "sale")
    body = as_json(order)
    assert body["net"] == f"{order.net // 100}.{order.net % 100:02d}"
    assert body["closed_at"].endswith("+00:00")
