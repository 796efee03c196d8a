"""Staffing, sales by alias and categories, from rows as tills and time clocks leave them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.as_of import at_moment
from analytics.days import Slice, calendar
from analytics.quality.accuracy import UNAUDITED
from analytics.staff.staff_sales import StaffSales, read_staff_sales
from analytics.staff.staffing import Staffing, read_staffing, target_slices
from analytics.stores import Store, all_stores
from analytics.visits.categories import Category, read_categories
from analytics.visits.known_kpis import read_kpis
from tests.support.known import as_if_known_in_time
from tests.support.store_data import (
    Connection,
    add_crossings,
    add_line,
    add_sale,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
    one,
)
from tests.support.zone_watching import evenly

#: A Monday, and the Monday after eight weeks: 9 to 21 in Shanghai, summer time unknown there.
FIRST, NOW = date(2026, 9, 7), datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def opens(day: int) -> datetime:
    return datetime(2026, 9, 7, 1, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def store(connection: Connection) -> Store:
    """Eight weeks of Mondays and Wednesdays; 24 an hour from 9 to 11; on Wednesdays two serve them and more buy."""
    store_id = add_store(connection, weekdays=(1, 3))
    door = add_line(connection, store_id)
    shifts, crossings = [], []
    for week in range(8):
        for weekday, staff, sales in ((0, 1, 5), (2, 2, 20)):
            begin = opens(7 * week + weekday)
            crossings += [begin + timedelta(minutes=2.5 * number) for number in range(48)]
            add_uptime(connection, store_id, "door", begin, begin + 12 * HOUR)
            for number in range(sales):
                add_sale(connection, store_id, begin + timedelta(minutes=5 * number + 1))
            shifts += [
                (store_id, f"{week}-{weekday}-{number}", begin - HOUR / 2, begin + 4 * HOUR, 0, True, False)
                for number in range(staff)
            ]
    add_crossings(connection, store_id, door, crossings)
    add_shifts(connection, shifts)
    (found,) = all_stores(connection)
    return found


def add_shifts(connection: Connection, shifts: Sequence[tuple[object, ...]]) -> None:
    copy(
        connection,
        "staff_shift (source, version, store_id, external_id, starts_at, ends_at, break_min, on_floor, cancelled)",
        [("roster", 1, *one_shift) for one_shift in shifts],
    )


def slices(connection: Connection, store: Store) -> list[Slice]:
    days = calendar(connection, [store.store_id], first=FIRST, last=date(2026, 11, 10))
    return [days.up_to(day, NOW) for day in days.of(store.store_id).values() if day.opens_at < NOW]


def read(connection: Connection, store: Store) -> Staffing:
    every = slices(connection, store)
    return read_staffing(
        connection, store, every, target_slices(every, now=NOW), now=NOW, as_of=NOW, k=5, audited=UNAUDITED
    )


def test_star_target_and_verdicts_come_out_of_hours_and_crossings(connection: Connection, store: Store) -> None:
    seen = read(connection, store)
    # Hours with a visitor only: two a day, one person on Mondays and two on Wednesdays.
    assert seen.star.value == pytest.approx(8 * 2 * 48 / (8 * 2 + 8 * 4))
    assert seen.staff_hours.value == pytest.approx(8 * 4 + 8 * 8)
    assert seen.target is not None
    assert (seen.target.weekday, seen.target.star, seen.target.days) == (3, 12.0, 8)
    assert seen.star_target.value == 12.0
    by_hour = {(one.weekday, one.hour): one for one in seen.hours}
    assert by_hour[1, 9].visitors.value == 24
    assert by_hour[1, 9].needed.value == 2.0
    assert (by_hour[1, 9].on_floor.value, by_hour[3, 9].on_floor.value) == (1.0, 2.0)
    assert (by_hour[1, 9].verdict, by_hour[3, 9].verdict, by_hour[3, 11].verdict) == ("short", "enough", "spare")
    assert (by_hour[1, 20].on_floor.value, by_hour[1, 20].visitors.value) == (0.0, 0.0)
    assert sorted(hour for hour, one in by_hour.items() if one.power) == [(1, 9), (1, 10)]


def test_breaks_the_stockroom_and_what_was_cancelled_are_no_staff_hours(connection: Connection, store: Store) -> None:
    before = read(connection, store).staff_hours.value
    begin = opens(0)
    add_shifts(
        connection,
        [
            (store.store_id, "with a break", begin, begin + 4 * HOUR, 60, True, False),
            (store.store_id, "stockroom", begin, begin + 4 * HOUR, 0, False, False),
            (store.store_id, "cancelled", begin, begin + 4 * HOUR, 0, True, True),
            (store.store_id, "forgot to clock out", opens(49), None, 0, True, False),
        ],
    )
    assert before is not None
    # Whoever forgot to is taken to have worked until closing time, 12 hours later and before 16.
    assert read(connection, store).staff_hours.value == pytest.approx(before + 3 + 12)


def test_a_day_without_any_hours_is_left_out_and_not_taken_for_nobody(connection: Connection, store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_shift WHERE external_id LIKE '7-%'")
    seen = read(connection, store)
    assert seen.star.value == pytest.approx(16.0)
    assert {one.on_floor.value for one in seen.hours if one.hour == 9} == {1.0, 2.0}
    assert seen.staff_hours.quality == "partial"


def test_the_figures_of_a_day_hold_those_of_staff(connection: Connection, store: Store) -> None:
    last = date(2026, 10, 28)
    known = {one.definition_id: one.value for one in read_kpis(connection, store, first=last, last=last, now=NOW).floor}
    assert (known["staff_hours"], known["star"], known["star_target"]) == (8.0, 12.0, 12.0)
    assert known["power_hours"] is None, "one day makes no usual week"


def test_a_day_tells_of_staff_what_was_known_at_a_moment(connection: Connection, store: Store) -> None:
    last, moment = date(2026, 10, 28), NOW - 24 * HOUR
    assert read_kpis(connection, store, first=last, last=last, now=NOW, as_of=moment).floor == (), "nothing had come"
    as_if_known_in_time(connection)
    execute(connection, "UPDATE staff_shift SET ends_at = ends_at - INTERVAL '1 hour', version = 2")
    told = [
        {
            one.definition_id: one.value
            for one in read_kpis(connection, store, first=last, last=last, now=NOW, **at).floor
        }
        for at in ({"as_of": moment}, {})
    ]
    assert [(one["staff_hours"], one["star"], one["star_target"]) for one in told] == [(8, 12, 12), (6, 12, 12)]


def execute(connection: Connection, statement: str) -> datetime:
    """Run a statement and return a moment after it."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
    at: datetime = one(connection, "SELECT clock_timestamp()")
    return at


def hours_at(connection: Connection, store: Store, at: datetime | None) -> float | None:
    with at_moment(connection, at):
        return read(connection, store).staff_hours.value


def test_shifts_are_told_in_the_version_of_the_moment(connection: Connection, store: Store) -> None:
    nothing = execute(connection, "DELETE FROM staff_shift; DELETE FROM staff_shift_past")
    add_shifts(connection, [(store.store_id, "a", opens(0), opens(0) + 4 * HOUR, 0, True, False)])
    moments = [
        nothing,
        execute(connection, "SELECT 1"),
        execute(connection, "UPDATE staff_shift SET ends_at = ends_at + INTERVAL '2 hours', version = 2"),
        execute(connection, "UPDATE staff_shift SET break_min = 60, version = 3"),
        execute(connection, "UPDATE staff_shift SET cancelled = true, version = 4"),
        execute(connection, "UPDATE staff_shift SET cancelled = false, version = 5"),
        execute(connection, "DELETE FROM staff_shift"),
        None,
    ]
    assert [hours_at(connection, store, at) for at in moments] == [None, 4, 6, 5, None, 5, None, None]


def test_a_version_that_says_the_same_hours_is_known_since_the_first(connection: Connection, store: Store) -> None:
    before = execute(connection, "SELECT 1")
    known = hours_at(connection, store, before)
    execute(connection, "UPDATE staff_shift SET version = 2, staff_alias = 'abcdef'")
    assert hours_at(connection, store, before) == known
    assert one(connection, "SELECT count(*) FROM staff_shift_past") == 0


@pytest.mark.usefixtures("store")
def test_what_is_kept_of_a_shift_s_past_says_nothing_of_whose_it_was(connection: Connection) -> None:
    before = execute(connection, "UPDATE staff_shift SET staff_alias = staff_alias(store_id, 'Ann')")
    alias = one(connection, "SELECT DISTINCT staff_alias FROM staff_shift")
    execute(connection, "UPDATE staff_shift SET break_min = 30, version = 2")
    execute(connection, "DELETE FROM staff_shift WHERE external_id LIKE '0-%'")
    assert one(connection, "SELECT count(*) FROM staff_shift_past") == 8 * 3 + 3
    assert one(connection, "SELECT string_agg(p::text, ' ') FROM staff_shift_past AS p").count(alias) == 0
    with at_moment(connection, before):
        assert one(connection, "SELECT count(*) FROM staff_shift WHERE break_min = 0 AND staff_alias IS NULL") == 8 * 3


def test_categories_are_those_of_the_version_and_the_place_of_the_moment(connection: Connection, store: Store) -> None:
    for name in ("window", "wall"):
        add_zone(connection, store.store_id, name)
    edited = (
        "UPDATE pos_order SET version = 2, net = 70 WHERE order_id % 2 = 0;"
        "DELETE FROM pos_order_line AS l USING pos_order AS o WHERE l.order_id = o.order_id AND o.version = 2;"
        "INSERT INTO pos_order_line SELECT order_id, 1, 'p', 'bags', 2, 70 FROM pos_order WHERE version = 2"
    )
    moved = "DELETE FROM zone_category; INSERT INTO zone_category SELECT store_id, 'wall', 'tops' FROM store"
    moments = [
        execute(connection, "SELECT 1"),
        execute(connection, "INSERT INTO pos_order_line SELECT order_id, 1, 'p', 'tops', 1, 50 FROM pos_order"),
        execute(connection, "INSERT INTO zone_category SELECT store_id, 'window', 'tops' FROM store"),
        execute(connection, edited),
        execute(connection, moved),
        None,
    ]
    told = []
    for at in moments:
        with at_moment(connection, at):
            found = read_all(connection, store)
        told.append({name: (one.zones, one.orders.value, one.units.value) for name, one in found.items()})
    assert told[:3] == [
        {},
        {"tops": ((), 200, 200)},
        {"tops": (("window",), 200, 200)},
    ]
    assert told[3] == {"bags": ((), 100, 200), "tops": (("window",), 100, 100)}
    assert told[4] == told[5] == {"bags": ((), 100, 200), "tops": (("wall",), 100, 100)}


def sales(connection: Connection, store: Store) -> tuple[StaffSales, ...]:
    return read_staff_sales(connection, store.store_id, slices(connection, store), now=NOW, as_of=NOW, k=5)


def test_sales_by_alias_are_shown_only_where_that_was_agreed(connection: Connection, store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pos_order SET staff_ref = CASE WHEN order_id %% 3 = 0 THEN 'Ann' ELSE 'Bob' END", ())
        cursor.execute("UPDATE staff_shift SET staff_alias = staff_alias(store_id, 'Ann') WHERE external_id LIKE '%-0'")
    assert sales(connection, store) == ()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store SET staff_figures = true")
    found = {one.alias: one for one in sales(connection, store)}
    ann, bob = (
        one(connection, "SELECT staff_alias(%(id)s, %(who)s)", id=store.store_id, who=who) for who in ("Ann", "Bob")
    )
    assert set(found) == {ann, bob}
    assert (found[ann].transactions.value or 0) + (found[bob].transactions.value or 0) == 8 * 25
    assert found[ann].atv.value == 100
    assert found[ann].staff_hours.value == pytest.approx(8 * 4 * 2)
    assert found[bob].staff_hours.value is None


def read_all(connection: Connection, store: Store) -> dict[str | None, Category]:
    found = read_categories(
        connection, store.store_id, slices(connection, store), as_of=NOW, watch=evenly(1.0, "wall"), group=1.0, k=5
    )
    return {each.category: each for each in found}


def test_stops_and_sales_of_a_category_meet_where_it_lies(connection: Connection, store: Store) -> None:
    zones = {name: add_zone(connection, store.store_id, name) for name in ("window", "wall")}
    for number in range(30):
        add_visit(connection, store.store_id, zones["window"], opens(0) + timedelta(minutes=number), 20)
        add_visit(connection, store.store_id, zones["wall"], opens(2) + timedelta(minutes=number), 60)
    copy(connection, "zone_category (store_id, zone, category)", [(store.store_id, "window", "tops"),
         (store.store_id, "window", "bags"), (store.store_id, "wall", "bags")])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pos_order_line (order_id, line_no, product, category, units, net) "
            "SELECT order_id, n, 'p', c, 1, 50 FROM pos_order "
            "CROSS JOIN (VALUES (1, 'tops'), (2, 'bags')) AS l (n, c) WHERE order_id % 2 = 0 OR n = 1"
        )
    found = read_all(connection, store)
    assert (found["tops"].visits.value, found["bags"].visits.value) == (30, 60)
    assert (found["tops"].dwell_p50.value, found["bags"].orders.value) == (20, 100)
    assert found["bags"].conversion.value == pytest.approx(100 / 60)
    assert found["tops"].net_sales.value == 8 * 25 * 50


def test_a_refund_alone_is_somebodys_whether_told_by_category_or_by_alias(connection: Connection, store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store SET staff_figures = true")
        cursor.execute("UPDATE pos_order SET staff_ref = CASE WHEN order_id %% 3 = 0 THEN 'Ann' ELSE 'Bob' END", ())
    add_sale(connection, store.store_id, opens(0) + HOUR, net=-80.0, units=-1, kind="refund")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pos_order SET staff_ref = 'Cleo' WHERE kind = 'refund'")
        cursor.execute(
            "INSERT INTO pos_order_line (order_id, line_no, product, category, units, net) SELECT order_id, 1, 'p', "
            "CASE WHEN kind = 'refund' THEN 'hats' WHEN order_id % 2 = 0 THEN 'tops' ELSE 'bags' END, units, net "
            "FROM pos_order"
        )
    by_category = read_all(connection, store)
    assert (by_category["hats"].sales_withheld, by_category["hats"].net_sales.value) == (True, None)
    assert [each.withheld for each in sales(connection, store)].count(True) == 2, "the next smallest goes with it"
    assert -80 not in [each.net_sales.value for each in sales(connection, store)]
