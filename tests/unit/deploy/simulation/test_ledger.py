"""What cameras count of a day, with and without outages."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from contract.entries import CameraUptime, Crossing, Heat, QueueExit, ZoneVisit
from deploy.simulation.days import to_ms
from deploy.simulation.fleet import DOOR, FRONT_BOX, SIDE_BOX, ZONE_CATEGORIES
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.orders import day_orders
from deploy.simulation.truth import tally_day, tally_entries
from tests.support.simulation import NO_OUTAGES, SATURDAY, happened, ledger, simulated

ALWAYS_DARK = replace(DEFAULT_MODEL, outage_share=1.0)


def test_without_outages_the_ledger_says_what_happened() -> None:
    """Tallied from the entries and, independently, from the day's arrays."""
    store = simulated(model=NO_OUTAGES, visitors=250)
    for box in (FRONT_BOX, SIDE_BOX):
        counted = tally_entries(ledger(store, box=box).entries)
        seen = {key: n for key, n in counted.items() if not key[1].startswith("up_s:")}
        true = tally_day(happened(store), box, 2**62)
        assert seen == {key: n for key, n in true.items() if not key[1].startswith("group_12ths:")}


def test_what_happens_in_an_outage_is_not_counted_and_uptime_says_so() -> None:
    store = simulated(model=ALWAYS_DARK, visitors=250)
    outage = store.outages(happened(store), FRONT_BOX)["entrance"]
    entries = ledger(store).entries
    at_door = [to_ms(e.at) for e in entries if isinstance(e, Crossing) and e.line == DOOR]
    assert at_door
    assert not any(outage.start_ms <= at < outage.end_ms for at in at_door)
    up_s = sum(e.up_s for e in entries if isinstance(e, CameraUptime) and e.camera == "entrance")
    watched_ms = happened(store).day.watch_ms[1] - happened(store).day.watch_ms[0]
    assert round(up_s * 1000) == watched_ms - (outage.end_ms - outage.start_ms)


def test_a_stay_that_an_outage_interrupts_is_censored_at_its_start() -> None:
    store = simulated(model=replace(ALWAYS_DARK, zone_median_s=(600.0, 600.0)), visitors=600)
    cut = []
    for ahead in range(7):
        day = SATURDAY + timedelta(days=ahead)
        start_ms = store.outages(happened(store, day), FRONT_BOX)["floor"].start_ms
        stays = [e for e in ledger(store, day).entries if isinstance(e, ZoneVisit) and e.censored]
        assert all(to_ms(stay.at) == start_ms for stay in stays)
        cut += stays
    assert cut


def test_every_purchase_leaves_the_queue_served_and_pays_after_that() -> None:
    store = simulated(model=NO_OUTAGES, visitors=250)
    served = [e for e in ledger(store).entries if isinstance(e, QueueExit) and e.outcome == "served"]
    sales = [o for o in store.orders(SATURDAY) if o.counts and o.kind == "sale"]
    assert len(served) == len(sales) > 20


def test_heat_holds_about_as_many_person_seconds_as_were_spent_inside() -> None:
    store = simulated(model=NO_OUTAGES, visitors=250)
    day = happened(store)
    heat = sum(sum(e.person_s) for e in ledger(store).entries if isinstance(e, Heat))
    inside = (day.out_ms - day.in_ms).sum() / 1000
    assert abs(heat - inside) < 0.02 * inside


def test_orders_of_a_day_add_up_and_are_the_same_each_time() -> None:
    store = simulated(visitors=250)
    orders = store.orders(SATURDAY)
    assert orders == day_orders(store.profile, store.model, store.seed, happened(store))
    assert len({order.external_id for order in orders}) == len(orders)
    for order in orders:
        assert order.net == order.gross - order.discount
        assert (order.net < 0) == (order.kind == "refund")
        assert (order.original_external_id is None) == (order.kind != "refund")
        if order.lines:
            assert (sum(line.net for line in order.lines), sum(line.units for line in order.lines)) == (
                order.net, order.units,
            )  # fmt: skip
        assert bool(order.lines) == (order.kind != "void" and not order.is_test)


def test_staff_serve_while_they_are_on_the_floor_and_cross_the_door_as_they_come_and_go() -> None:
    store = simulated(visitors=250)
    day = happened(store)
    shifts = {one.staff: one for one in day.staff.shifts}
    assert len(shifts) == store.profile.staff
    served = [order for order in store.orders(SATURDAY) if order.staff_ref and order.kind == "sale"]
    assert len(served) > 50
    assert all(shifts[str(order.staff_ref)].serves(order.closed_ms) for order in served)
    assert any(one.start_ms <= day.day.opens_ms and one.end_ms >= day.day.closes_ms for one in shifts.values())
    assert len(day.staff.at_ms) == 4 * len(shifts)


def test_who_stopped_in_a_zone_buys_more_of_what_lies_there() -> None:
    store = simulated(visitors=600)
    shares: dict[bool, list[float]] = {True: [], False: []}
    for ahead in range(6):
        day = happened(store, SATURDAY + timedelta(days=ahead))
        stopped = set(day.group[day.zones[1].person].tolist())
        groups = day.queue.group[day.queue.served].tolist()
        sales = [order for order in store.orders(day.day.business_date) if "-s" in order.external_id[-6:]]
        sales = sorted((one for one in sales if one.kind == "sale"), key=lambda one: one.external_id)
        for group, order in zip(groups, sales, strict=True):
            units = sum(line.units for line in order.lines if line.category in ZONE_CATEGORIES["accessories"])
            shares[group in stopped].append(units / order.units)
    assert np.mean(shares[True]) > 1.25 * np.mean(shares[False])


def test_over_a_month_there_are_refunds_voids_tests_and_online_orders() -> None:
    store = simulated(visitors=250)
    orders = [order for n in range(28) for order in store.orders(SATURDAY - timedelta(days=n))]
    assert {order.kind for order in orders} == {"sale", "refund", "void"}
    assert {order.channel for order in orders} == {"in_store", "online"}
    assert any(order.is_test for order in orders)
    assert any(order.discount for order in orders)
    assert any(order.customer_ref for order in orders)
