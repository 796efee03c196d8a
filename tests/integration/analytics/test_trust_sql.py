"""Audits and balances as the database answers them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.days import Calendar, calendar
from analytics.quality.accuracy import read_accuracy, total
from analytics.quality.trust import Trust, read_trust
from analytics.statistics.sampling import Basket
from analytics.visits.store_day import read_store_day
from tests.support.store_data import (
    Connection,
    add_audit,
    add_crossings,
    add_line,
    add_sale,
    add_sales,
    add_store,
    add_uptime,
)

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # 14:07 in Shanghai, where the doors opened at 9
YESTERDAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


def days_of(connection: Connection, store: int) -> Calendar:
    return calendar(connection, [store], first=date(2026, 11, 10), last=date(2026, 11, 30))


def trust_of(connection: Connection, store: int) -> Trust:
    return read_trust(connection, days_of(connection, store), store, now=NOW)


def open_store(
    connection: Connection, code: str = "nanjing-road", *, ins: int = 200, outs: int = 200
) -> tuple[int, int]:
    """Add a store whose door counted all of yesterday and today."""
    store = add_store(connection, code)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", YESTERDAY, YESTERDAY + timedelta(hours=12))
    add_uptime(connection, store, "door", YESTERDAY + timedelta(days=1), NOW)
    add_crossings(connection, store, line, [YESTERDAY + timedelta(minutes=2 * n) for n in range(ins)])
    moments = [YESTERDAY + timedelta(minutes=20 + 2 * n) for n in range(outs)]
    add_crossings(connection, store, line, moments, inward=False)
    return store, line


def test_complete_audits_of_the_last_90_days_add_up_per_line(connection: Connection) -> None:
    store, line = open_store(connection)
    add_audit(connection, store, line, NOW - timedelta(days=30), ins=(100, 99, 98), auditor="ab")
    add_audit(connection, store, line, NOW - timedelta(days=1), ins=(50, 50, 50), auditor="cd")
    add_audit(connection, store, line, NOW - timedelta(days=1), ins=(90, 0, 0), complete=False)
    add_audit(connection, store, line, NOW - timedelta(days=91), ins=(90, 0, 0))
    add_line(connection, store, "street", role="pass_by")
    door, street = trust_of(connection, store).lines
    assert (door.line, door.audits, door.last_by) == ("door", 2, "cd")
    assert (total(door.ins).truth, total(door.ins).counted, total(door.ins).matched) == (150, 149, 148)
    assert (street.line, street.audits, street.last_at) == ("street", 0, None)


def test_another_stores_audits_are_its_own(connection: Connection) -> None:
    one, line = open_store(connection)
    other, _ = open_store(connection, "xidan")
    add_audit(connection, one, line, NOW - timedelta(days=1))
    found = read_accuracy(connection, [one, other], now=NOW)
    assert found.keys() == {one}
    assert found[one].visitors is not None


def test_audits_give_the_days_figures_their_range_and_never_move_a_value(connection: Connection) -> None:
    store, line = open_store(connection)
    add_crossings(connection, store, line, [YESTERDAY + timedelta(days=1, minutes=n) for n in range(100)])
    days = days_of(connection, store)
    day = days.of(store)[date(2026, 11, 21)]
    before = read_store_day(connection, days, day, now=NOW, trust=trust_of(connection, store)).base.footfall
    add_audit(connection, store, line, NOW - timedelta(days=1), ins=(300, 270, 270))
    seen = read_store_day(connection, days, day, now=NOW, trust=trust_of(connection, store))
    after = seen.base.footfall
    assert (before.value, before.low) == (100, None)
    assert after.value == 100
    assert after.low is not None
    assert after.high is not None
    assert after.low < 100 / 0.9 < after.high
    assert "counts_low" in [finding.code for finding in seen.findings]


@pytest.mark.parametrize(("outs", "codes"), [(200, set()), (195, set()), (140, {"balance_in"}), (260, {"balance_out"})])
def test_yesterdays_sums_must_meet(connection: Connection, outs: int, codes: set[str]) -> None:
    store, _ = open_store(connection, outs=outs)
    trust = trust_of(connection, store)
    assert trust.balance is not None
    assert (trust.balance.ins, trust.balance.outs, trust.balance.business_date) == (200, outs, date(2026, 11, 20))
    days = days_of(connection, store)
    seen = read_store_day(connection, days, days.of(store)[date(2026, 11, 21)], now=NOW, trust=trust)
    assert {finding.code for finding in seen.findings if finding.code.startswith("balance")} == codes
    assert seen.occupancy.left_over == 200 - outs, "what the reset threw away is said"


def test_who_leaves_after_closing_is_still_of_that_day(connection: Connection) -> None:
    store, line = open_store(connection, outs=190)
    closing = YESTERDAY + timedelta(hours=12)
    add_crossings(connection, store, line, [closing + timedelta(minutes=n) for n in range(10)], inward=False)
    trust = trust_of(connection, store)
    assert trust.balance is not None
    assert trust.balance.difference == 0


def test_a_day_with_a_dark_door_has_no_balance(connection: Connection) -> None:
    store, _ = open_store(connection)
    line = add_line(connection, store, "side")
    assert line
    assert trust_of(connection, store).balance is None


def test_how_baskets_differ_comes_from_in_store_sales_and_what_came_back_of_them(connection: Connection) -> None:
    store = add_store(connection)
    quiet = add_store(connection, "xidan")
    at = NOW - timedelta(hours=3)
    add_sales(
        connection,
        [(store, at - timedelta(minutes=n), 100.0, 1, "sale", None, "CNY", "in_store", False) for n in range(30)],
    )
    assert read_accuracy(connection, [store, quiet], now=NOW)[store].basket == Basket(0.0, 0.0, 0.0)
    assert quiet not in read_accuracy(connection, [store, quiet], now=NOW)
    add_sale(connection, store, at, net=-100.0, units=-1, kind="refund")
    for nothing in ({"channel": "online"}, {"is_test": True}, {"kind": "void"}):
        add_sale(connection, store, at, net=9_000.0, **nothing)
    found = read_accuracy(connection, [store], now=NOW)[store].basket
    assert found is not None
    assert found.net_cv == pytest.approx(found.units_cv)
    assert found.net_cv == pytest.approx(0.19, abs=0.01), "29 baskets alike, and one of nothing"
    assert store not in read_accuracy(connection, [store], now=at - timedelta(days=1))
