"""Facts of slices on the real database: days, zones, doors that are down, nothing at all."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics import columns as c
from analytics.days import Calendar, calendar
from analytics.facts import add_up, slice_facts
from analytics.queries import blocks
from analytics.stores import Store, all_stores
from analytics.visits.kpis import Kpis, kpis
from analytics.visits.store_day import read_buckets
from tests.support.store_data import (
    Connection,
    add_crossings,
    add_device,
    add_line,
    add_sale,
    add_sales,
    add_shop,
    add_store,
    add_uptime,
    fill,
    one,
)

FRIDAY = date(2026, 11, 20)
LATER = datetime(2026, 11, 25, tzinfo=UTC)


def days_of(connection: Connection, *, first: date = date(2026, 10, 1), last: date = date(2026, 11, 30)) -> Calendar:
    return calendar(connection, [store.store_id for store in all_stores(connection)], first=first, last=last)


def day_kpis(connection: Connection, store_id: int, day: date, *, now: datetime = LATER) -> Kpis:
    days = days_of(connection)
    facts = slice_facts(connection, [days.up_to(days.of(store_id)[day], now)], now=now)
    return kpis(add_up(facts), as_of=now)


def at(hour: int, minute: int = 0, *, day: int = 20) -> datetime:
    """A moment on Shanghai's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_footfall_counts_opening_hours_only_and_leaves_staff_out(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", at(9), at(21))
    add_crossings(connection, store, line, [at(8, 50), at(9), at(12), at(20, 59), at(21), at(23)])
    add_crossings(connection, store, line, [at(10)], staff=True)
    base = day_kpis(connection, store, FRIDAY)
    assert base.footfall.value == 3
    assert base.staff.value == 1
    assert base.footfall.quality == "measured"
    total = one(connection, "SELECT sum(ins) FROM line_traffic_day WHERE business_date = %(day)s", day=FRIDAY)
    assert total == 3


def test_no_uptime_is_none_and_uptime_without_a_crossing_is_zero(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    assert day_kpis(connection, store, FRIDAY).footfall.value is None
    add_uptime(connection, store, "door", at(9), at(21))
    base = day_kpis(connection, store, FRIDAY)
    assert base.footfall.value == 0
    assert base.footfall.completeness == 1


def test_one_door_down_is_partial(connection: Connection) -> None:
    store = add_store(connection)
    door, side = add_line(connection, store, "door"), add_line(connection, store, "side")
    add_uptime(connection, store, "door", at(9), at(21))
    add_uptime(connection, store, "side", at(9), at(15))
    add_crossings(connection, store, door, [at(10)] * 40)
    add_crossings(connection, store, side, [at(10)] * 10)
    base = day_kpis(connection, store, FRIDAY)
    assert base.footfall.value == 50
    assert base.footfall.quality == "partial"
    assert base.footfall.completeness == pytest.approx(0.75)


def test_a_camera_is_not_expected_before_it_counts(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store, counts_from=at(15))
    add_uptime(connection, store, "door", at(15), at(21))
    assert day_kpis(connection, store, FRIDAY).footfall.completeness == 1


def test_a_running_day_expects_only_the_time_that_has_passed(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    now = at(12, 7)
    add_uptime(connection, store, "door", at(9), at(12, 6))
    assert day_kpis(connection, store, FRIDAY, now=now).footfall.completeness == pytest.approx(1, abs=0.01)


def test_an_unassigned_line_counts_nowhere(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", at(9), at(21))
    add_crossings(connection, store, add_line(connection, store, "mystery", role=None), [at(10)] * 9)
    assert day_kpis(connection, store, FRIDAY).footfall.value == 0


def test_a_day_that_ends_after_midnight_keeps_its_visitors_and_sales(connection: Connection) -> None:
    store = add_store(connection, hours=(600, 1560))
    line = add_line(connection, store)
    add_uptime(connection, store, "door", at(10), at(2, day=21))
    add_crossings(connection, store, line, [at(11), at(1, 30, day=21)])
    add_sale(connection, store, at(1, 45, day=21))
    add_sale(connection, store, at(2, 30, day=21))
    base = day_kpis(connection, store, FRIDAY)
    assert (base.footfall.value, base.transactions.value) == (2, 2)
    assert day_kpis(connection, store, date(2026, 11, 21)).transactions.value == 0


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_shop_open_all_day_has_23_or_25_hours_when_the_clock_changes(
    connection: Connection, day: date, hours: int
) -> None:
    store = add_store(connection, timezone="Europe/Berlin", hours=(0, 1440))
    line = add_line(connection, store)
    days = days_of(connection, first=date(2026, 3, 1))
    opened = days.of(store)[day]
    every_quarter = [opened.opens_at + timedelta(minutes=15 * step) for step in range(-4, 104)]
    add_crossings(connection, store, line, every_quarter)
    add_uptime(connection, store, "door", opened.opens_at, opened.closes_at)
    base = kpis(add_up(slice_facts(connection, [days.whole(opened)], now=LATER)), as_of=LATER)
    assert base.footfall.value == hours * 4
    assert base.footfall.completeness == 1


def test_kathmandus_days_begin_at_its_own_midnight(connection: Connection) -> None:
    store = add_store(connection, timezone="Asia/Kathmandu", hours=(600, 1200))
    line = add_line(connection, store)
    opens = datetime(2026, 11, 20, 4, 15, tzinfo=UTC)
    add_uptime(connection, store, "door", opens, opens + timedelta(hours=10))
    add_crossings(connection, store, line, [opens - timedelta(seconds=1), opens, opens + timedelta(hours=9.99)])
    base = day_kpis(connection, store, FRIDAY)
    assert base.footfall.value == 2
    assert base.footfall.completeness == 1


def test_a_till_that_never_sold_is_unknown_and_one_that_did_is_zero(connection: Connection) -> None:
    store = add_store(connection)
    assert day_kpis(connection, store, FRIDAY).transactions.value is None
    add_sale(connection, store, at(12, day=19))
    assert day_kpis(connection, store, FRIDAY).transactions.value == 0


def test_sales_leave_out_what_is_no_sale_and_refunds_lower_the_net(connection: Connection) -> None:
    store = add_store(connection)
    for kind, net in (("sale", 100.0), ("sale", 60.0), ("refund", -40.0), ("exchange", 5.0), ("void", 999.0)):
        add_sale(connection, store, at(12), net=net, kind=kind, units=-1 if kind == "refund" else 1)
    add_sale(connection, store, at(12), net=70, channel="online")
    add_sale(connection, store, at(12), net=80, is_test=True)
    base = day_kpis(connection, store, FRIDAY)
    assert base.transactions.value == 2
    assert base.net_sales.value == 125
    assert base.atv.value == 62.5


def test_a_store_without_hours_is_open_all_day(connection: Connection) -> None:
    store = add_store(connection, hours=None)
    day = days_of(connection).of(store)[FRIDAY]
    assert (day.opens_at, day.closes_at) == (at(0), at(0, day=21))
    assert not day.hours_known


def test_facts_of_a_filled_shop_equal_what_plain_sql_counts(connection: Connection) -> None:
    shop = add_shop(connection)
    now = at(14, 7, day=21)
    fill(connection, shop, now=now, weeks=1)
    days = days_of(connection)
    slices = [days.up_to(day, now) for day in days.of(shop.store_id).values() if day.opens_at < now]
    base = kpis(add_up(slice_facts(connection, slices, now=now)), as_of=now)
    crossed = one(
        connection,
        "SELECT count(*) FROM crossing AS x JOIN line USING (line_id) JOIN store_calendar AS c"
        " ON c.store_id = x.store_id AND x.at >= c.opens_at AND x.at < c.closes_at WHERE role = 'entrance' AND inward",
    )
    sold = one(connection, "SELECT sum(net)::float8 FROM pos_order")
    assert base.footfall.value == crossed
    assert base.net_sales.value == pytest.approx(sold)


def test_stores_are_kept_apart(connection: Connection) -> None:
    first, second = add_store(connection, "a"), add_store(connection, "b")
    add_crossings(connection, first, add_line(connection, first), [at(10)] * 3)
    add_crossings(connection, second, add_line(connection, second), [at(10)] * 5)
    add_sales(connection, [(second, at(11), 10, 1, "sale", None, "CNY", "in_store", False)])
    assert day_kpis(connection, first, FRIDAY).footfall.value == 3
    assert day_kpis(connection, second, FRIDAY).footfall.value == 5
    assert day_kpis(connection, first, FRIDAY).transactions.value is None


def test_no_slices_give_no_rows(connection: Connection) -> None:
    assert slice_facts(connection, [], now=LATER).empty


def test_every_block_has_a_name_and_a_body() -> None:
    assert len(blocks()) >= 15
    assert all(body.rstrip().endswith(";") for body in blocks().values())


def test_all_stores_come_by_name(connection: Connection) -> None:
    add_store(connection, "b", name="Aaa", region=None)
    add_store(connection, "a", name="Zzz", timezone="Asia/Kathmandu", currency="NPR")
    assert [store.code for store in all_stores(connection)] == ["b", "a"]
    assert all_stores(connection)[1] == Store(2, "a", "Zzz", "Asia/Kathmandu", "NPR", "East China")


@pytest.mark.parametrize(
    ("entries", "from_at", "until", "quality"),
    [
        (40, at(12), at(13), "partial"),
        (None, at(12), at(12), "partial"),
        (1, at(20, 59), at(23), "partial"),
        (0, at(12), at(13), "measured"),  # all of it was salvaged
        (40, at(7), at(8), "measured"),  # before it opened
        (40, at(12, day=19), at(13, day=19), "measured"),
    ],
)
def test_what_a_box_lost_makes_the_hours_that_it_concerns_a_part(
    connection: Connection, entries: int | None, from_at: datetime, until: datetime, quality: str
) -> None:
    store = add_store(connection)
    line, street = add_line(connection, store), add_line(connection, store, "street", role="pass_by")
    for camera in ("door", "street"):
        add_uptime(connection, store, camera, at(9), at(21))
    add_crossings(connection, store, line, [at(10)] * 9)
    add_crossings(connection, store, street, [at(10)] * 30)
    add_loss(connection, add_device(connection, store, at=at(21)), entries=entries, from_at=from_at, until=until)
    base = day_kpis(connection, store, FRIDAY)
    assert (base.footfall.value, base.footfall.quality) == (9, quality)
    assert base.passers_by.quality == quality
    days = days_of(connection)
    buckets = read_buckets(connection, days.up_to(days.of(store)[FRIDAY], LATER), counted_until=at(21))
    lost = [moment.to_pydatetime() for moment in buckets.loc[buckets[c.LOST], c.BUCKET]]
    quarters = [at(9) + timedelta(minutes=15 * number) for number in range(48)]
    expected = [start for start in quarters if from_at < start + timedelta(minutes=15) and until >= start]
    assert lost == (expected if entries != 0 else [])


def add_loss(connection: Connection, device: int, *, entries: int | None, from_at: datetime, until: datetime) -> None:
    one(
        connection,
        "WITH epoch AS (INSERT INTO ledger_epoch (device_id, epoch) VALUES (%(device)s, gen_random_uuid())"
        " RETURNING epoch_id) INSERT INTO ledger_loss (at, until, store_id, epoch_id, reason, entries)"
        " SELECT %(from_at)s, %(until)s, d.store_id, epoch_id, 'budget', %(entries)s"
        " FROM epoch, device AS d WHERE device_id = %(device)s RETURNING epoch_id",
        device=device, from_at=from_at, until=until, entries=entries,
    )  # fmt: skip
