"""A store's day, its typical day and the comparison of stores on the real database."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg2
import pytest

from analytics import columns as c
from analytics.comparison.network import network, read_weeks
from analytics.days import Calendar, calendar, wall_minutes
from analytics.errors import DatabaseError, QueryUnknownError, StoreUnknownError
from analytics.facts import slice_facts
from analytics.periods import PERIODS, comparison, store_period
from analytics.queries import rows
from analytics.stores import all_stores, store_of
from analytics.visits.reentry import read_door_days, reentry
from analytics.visits.stages import Repeat, read_repeat
from analytics.visits.store_day import StoreDay, read_store_day
from analytics.visits.typical import read_typical_day
from deploy.bench.reentry import Door, door_day
from tests.support.saturday import OPENS, minutes
from tests.support.store_data import (
    Connection,
    add_crossings,
    add_device,
    add_line,
    add_sale,
    add_shop,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
    fill,
    one,
)

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai


def days_of(connection: Connection) -> Calendar:
    ids = [store.store_id for store in all_stores(connection)]
    return calendar(connection, ids, first=date(2026, 9, 1), last=date(2026, 12, 5))


def day_of(connection: Connection, store_id: int, *, now: datetime = NOW) -> StoreDay:
    days = days_of(connection)
    day = days.latest_opened(store_id, now)
    assert day is not None
    return read_store_day(connection, days, day, now=now)


def test_an_empty_store_has_no_numbers_and_says_what_is_missing(connection: Connection) -> None:
    seen = day_of(connection, add_store(connection))
    assert seen.base.footfall.value is None
    assert seen.occupancy.people.value is None
    assert seen.queue.length.value is None
    assert seen.funnel.stages[2].count.value is None
    assert [finding.code for finding in seen.findings] == ["no_entrance"]
    assert seen.buckets[c.INS].isna().all()


def test_quarter_hours_tell_zero_from_not_counted(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", minutes(0), minutes(30))
    add_uptime(connection, store, "door", minutes(60), minutes(300))
    add_crossings(connection, store, line, [minutes(3), minutes(4), minutes(62)])
    first = day_of(connection, store).buckets[c.INS].tolist()[:6]
    assert first[:2] == [2, 0]
    assert all(value != value for value in first[2:4])  # noqa: PLR0124  # NaN
    assert first[4:] == [1, 0]


def test_occupancy_is_in_minus_out_since_opening(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    add_crossings(connection, store, line, [minutes(-30)] * 7)
    add_crossings(connection, store, line, [minutes(5)] * 9)
    add_crossings(connection, store, line, [minutes(50)] * 4, inward=False)
    inside = day_of(connection, store).occupancy
    assert (inside.people.value, inside.drift, inside.since) == (5, 0, OPENS)


def test_more_out_than_in_is_held_at_zero_and_shown_as_drift(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    add_crossings(connection, store, line, [minutes(5)] * 10)
    add_crossings(connection, store, line, [minutes(50)] * 18, inward=False)
    seen = day_of(connection, store)
    assert (seen.occupancy.people.value, seen.occupancy.drift) == (0, 8)
    assert "drift" in [finding.code for finding in seen.findings]


def test_stays_become_engagement_and_dwell_and_small_zones_are_withheld(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    shelf, corner, window = (add_zone(connection, store, code) for code in ("shelf", "corner", "window"))
    for dwell in (5, 15, 20, 30, 40, 50):
        add_visit(connection, store, shelf, minutes(30), dwell)
    add_visit(connection, store, shelf, minutes(30), 60, censored=True)
    for _ in range(20):
        add_visit(connection, store, window, minutes(30), 12)
    add_visit(connection, store, corner, minutes(30), 90)
    zones = {zone.zone: zone for zone in day_of(connection, store).zones}
    assert zones["corner"].withheld
    assert zones["corner"].dwell_p50.value is None
    assert zones["shelf"].withheld, "the next smallest goes with it"
    assert zones["window"].visits.value == 20
    assert day_of(connection, store).funnel.stages[2].count.value == 6 + 20 + 1


def test_waits_come_from_exits_and_without_them_from_stays_in_the_queue(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    till = add_zone(connection, store, "till", role="queue", engaged_after_s=5)
    for wait in (42,) * 5:
        add_visit(connection, store, till, NOW - timedelta(minutes=4), wait)
    add_visit(connection, store, till, NOW - timedelta(minutes=4), 2)
    assert day_of(connection, store).queue.wait_p50.value == 42
    assert day_of(connection, store).queue.abandonment.value is None
    left = NOW - timedelta(minutes=5)
    copy(
        connection,
        "queue_exit (at, store_id, zone_id, wait_s, served)",
        [(left, store, till, 80, True)] * 5 + [(left, store, till, 9, False)] * 5,
    )
    copy(
        connection,
        "queue_sample (at, store_id, zone_id, length)",
        [(NOW - timedelta(seconds=40), store, till, 6), (NOW - timedelta(seconds=10), store, till, 4)],
    )
    queue = day_of(connection, store).queue
    assert (queue.wait_p50.value, queue.abandonment.value, queue.length.value) == (80, 0.5, 4)


def test_the_wait_of_fewer_than_five_is_nobody_s_to_see_while_they_may_be_counted(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    till = add_zone(connection, store, "till", role="queue", engaged_after_s=5)
    left = NOW - timedelta(minutes=5)

    def told(*ends: bool) -> tuple[float | None, ...]:
        exits = [(left, store, till, 80, served) for served in ends]
        copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", exits)
        seen = day_of(connection, store).queue
        return seen.joins.value, seen.wait_p50.value, seen.wait_p90.value, seen.wait_p50.low, seen.abandonment.value

    assert told(True) == (1, None, None, None, None)
    assert told(True, True, True) == (4, None, None, None, None)
    assert told(False) == (5, None, None, None, 0.2)
    assert told(True)[1:3] == (80, 80)


def test_the_newest_word_on_a_queue_counts_and_an_old_one_does_not(connection: Connection) -> None:
    store = add_store(connection)
    till = add_zone(connection, store, "till", role="queue")
    copy(connection, "queue_sample (at, store_id, zone_id, length)", [(NOW - timedelta(minutes=10), store, till, 4)])
    assert day_of(connection, store).queue.length.value is None
    device = add_device(connection, store, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO device_live (device_id, at, received_at, lines, zones) VALUES (%s, %s, %s, '[]', %s)",
            (device, NOW, NOW, '[{"zone": "till", "people": 2}]'),
        )
    assert day_of(connection, store).queue.length.value == 2


def test_findings_name_what_needs_a_person(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_line(connection, store, "mystery", role=None)
    add_uptime(connection, store, "door", OPENS, minutes(60))
    add_crossings(connection, store, line, [minutes(5)] * 50)
    add_sale(connection, store, minutes(-600))
    add_device(connection, store, "gone", at=NOW - timedelta(minutes=9))
    box = add_device(connection, store, "here", at=NOW, cameras=(("door", "down"),))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_epoch (device_id, epoch, received, last_seq, updated_at) "
            "VALUES (%s, gen_random_uuid(), '{[1,5),[8,11)}', 10, %s)",
            (box, NOW - timedelta(minutes=5)),
        )
    found = {finding.code: finding for finding in day_of(connection, store).findings}
    assert set(found) == {
        "device_offline", "camera_down", "door_missed", "ledger_gap", "unassigned_line", "till_silent",
    }  # fmt: skip
    assert found["ledger_gap"].number == 3
    assert found["ledger_gap"].subject == "here"
    assert found["door_missed"].number == pytest.approx(245, abs=1)
    order = [finding.severity for finding in day_of(connection, store).findings]
    assert order == sorted(order)


def test_who_comes_in_outside_opening_hours_is_said(connection: Connection) -> None:
    store = add_store(connection, hours=(10 * 60, 20 * 60))
    line = add_line(connection, store)
    add_line(connection, store, "street", role="pass_by")
    evening = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)  # 22:00 in Shanghai
    add_uptime(connection, store, "door", OPENS, evening)
    add_crossings(connection, store, line, [evening - timedelta(minutes=40)] * 4)
    add_crossings(connection, store, line, [evening - timedelta(hours=23)] * 3)  # on the day before
    assert _outside(day_of(connection, store, now=evening)) == ("outside_hours", 4)
    add_crossings(connection, store, line, [minutes(20)] * 2)  # 09:20, before the door opens
    assert _outside(day_of(connection, store, now=evening)) == ("outside_hours", 6)
    assert _outside(day_of(connection, store)) is None, "two before the opening are the staff"
    add_crossings(connection, store, line, [minutes(61)] * 70)
    assert _outside(day_of(connection, store, now=evening)) is None, "six of seventy are the staff too"


def test_who_comes_in_on_a_day_without_hours_is_said(connection: Connection) -> None:
    store = add_store(connection, weekdays=(1, 2, 3, 4, 5))
    line = add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, NOW)
    assert _outside(day_of(connection, store)) is None
    add_crossings(connection, store, line, [NOW - timedelta(minutes=3)])
    seen = day_of(connection, store)
    assert (_outside(seen), seen.today) == (("outside_closed", 1), None)


def test_the_small_hours_of_a_day_that_ends_after_midnight_are_opening_hours(connection: Connection) -> None:
    store = add_store(connection, hours=(18 * 60, 26 * 60))
    line = add_line(connection, store)
    night = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # 01:30 in Shanghai
    add_crossings(connection, store, line, [night - timedelta(minutes=20)] * 30)
    assert _outside(day_of(connection, store, now=night)) is None
    assert _outside(day_of(connection, store, now=night + timedelta(hours=4))) is None


def test_a_store_without_hours_has_nothing_outside_them(connection: Connection) -> None:
    store = add_store(connection, hours=None)
    add_crossings(connection, store, add_line(connection, store), [NOW] * 30)
    assert _outside(day_of(connection, store, now=NOW + timedelta(minutes=1))) is None


def _outside(seen: StoreDay) -> tuple[str, float | None] | None:
    found = [(one.code, one.number) for one in seen.findings if one.code.startswith("outside_")]
    return found[0] if found else None


def test_a_late_row_beside_an_archived_bucket_does_not_expect_its_time_twice(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, minutes(10))
    with connection.cursor() as cursor:
        cursor.execute("SELECT archive_rollups(%s)", (minutes(600),))
    add_uptime(connection, store, "door", minutes(10), minutes(15))
    first = day_of(connection, store).buckets.iloc[0]
    assert (first[c.EXPECTED_S], first[c.UP_S]) == (900, 900)


def test_returning_customers_are_known_from_the_till_alone(connection: Connection) -> None:
    store = add_store(connection)
    add_sale(connection, store, minutes(-3000), customer="ann")
    for customer in ("ann", "ben", "ben", None):
        add_sale(connection, store, minutes(60 if customer != "ben" else 70), customer=customer)
    days = days_of(connection)
    day = days.latest_opened(store, NOW)
    assert day is not None
    assert read_repeat(connection, [days.up_to(day, NOW)]) == pytest.approx(Repeat(3, 1, 4 / 3))


def test_the_typical_day_stands_on_the_same_weekdays(connection: Connection) -> None:
    shop = add_shop(connection)
    fill(connection, shop, now=NOW)
    store = all_stores(connection)[0]
    typical = read_typical_day(connection, store, days_of(connection), date(2026, 11, 21), now=NOW)
    assert typical.days == 8
    assert len(typical.slots) == 48
    per_day = one(
        connection,
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM (SELECT count(*) AS n FROM crossing JOIN line USING"
        " (line_id) WHERE role = 'entrance' AND inward AND at < '2026-11-21 00:00Z' AND"
        " EXTRACT(isodow FROM at AT TIME ZONE 'Asia/Shanghai') = 6 AND (at AT TIME ZONE 'Asia/Shanghai')::time <"
        " '14:00' GROUP BY (at AT TIME ZONE 'Asia/Shanghai')::date) AS days",
    )
    minutes_now = wall_minutes(store, date(2026, 11, 21), datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    assert typical.up_to(minutes_now) == per_day


def test_a_torn_day_is_no_habit(connection: Connection) -> None:
    shop = add_shop(connection)
    fill(connection, shop, now=NOW, weeks=3)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM camera_uptime WHERE at BETWEEN '2026-11-14' AND '2026-11-15'")
    store = all_stores(connection)[0]
    assert read_typical_day(connection, store, days_of(connection), date(2026, 11, 21), now=NOW).days == 2


def test_all_stores_over_a_period_equal_the_sums_of_their_days(connection: Connection) -> None:
    for code, seed in (("a", 1), ("b", 2)):
        fill(connection, add_shop(connection, code, seed=seed, visitors_per_day=60.0), now=NOW, weeks=8)
    days, stores = days_of(connection), all_stores(connection)
    for period in PERIODS[:-1]:
        of = {store: store_period(days, store, period, now=NOW) for store in stores}
        chosen = [(store, comparison(days, store, shown, now=NOW)) for store, shown in of.items()]
        found, total = network(lambda slices: slice_facts(connection, slices, now=NOW), chosen, {}, now=NOW)
        counted = 0
        for _, compared in chosen:
            for part in compared.current:
                counted += one(
                    connection,
                    "SELECT count(*) FROM crossing JOIN line USING (line_id) WHERE role = 'entrance' AND inward AND"
                    " crossing.store_id = %(store)s AND at >= %(begin)s AND at < %(end)s",
                    store=part.store_id, begin=part.from_at, end=part.until,
                )  # fmt: skip
        assert total.now.footfall.value == counted, period
        assert sum(row.compared.now.footfall.value or 0 for row in found) == counted, period
        assert total.visitors_change is not None, period


def test_half_a_week_is_never_compared_with_a_whole_one(connection: Connection) -> None:
    store_id = add_store(connection)
    line = add_line(connection, store_id, counts_from=datetime(2026, 11, 12, tzinfo=UTC))
    for day in range(12, 22):
        opens = datetime(2026, 11, day, 1, tzinfo=UTC)
        add_uptime(connection, store_id, "door", opens, opens + timedelta(hours=12))
        add_crossings(connection, store_id, line, [opens + timedelta(minutes=5)] * (20 if day < 16 else 10))
    days, store = days_of(connection), all_stores(connection)[0]
    now = datetime(2026, 11, 22, 14, tzinfo=UTC)
    chosen = comparison(days, store, store_period(days, store, "this_week", now=now), now=now)
    (row,), _ = network(lambda slices: slice_facts(connection, slices, now=now), [(store, chosen)], {}, now=now)
    assert (row.compared.pairs, row.compared.days) == (3, 7)
    assert row.compared.visitors_change == -0.5


def test_a_store_that_does_not_exist_is_named(connection: Connection) -> None:
    add_store(connection)
    with pytest.raises(StoreUnknownError, match=r"no store has the code 'x': known are nanjing-road"):
        store_of(all_stores(connection), "x")


def test_errors_say_which_block_failed(connection: Connection, database: str) -> None:
    with pytest.raises(QueryUnknownError, match="no SQL block is named 'nothing'"):
        rows(connection, "nothing")
    gone = psycopg2.connect(database)
    gone.close()
    with pytest.raises(psycopg2.InterfaceError):
        gone.cursor()
    with pytest.raises(DatabaseError, match="stores"):
        rows(gone, "stores")


def test_a_door_that_went_dark_does_not_read_as_a_fall(connection: Connection) -> None:
    store_id = add_store(connection)
    lines = {code: add_line(connection, store_id, code) for code in ("door", "side")}
    for day in (13, 20):
        opens = datetime(2026, 11, day, 1, tzinfo=UTC)
        add_uptime(connection, store_id, "door", opens, opens + timedelta(hours=12))
        add_uptime(connection, store_id, "side", opens, opens + timedelta(hours=12 if day == 13 else 9))
        add_crossings(connection, store_id, lines["door"], [opens + timedelta(minutes=5)] * 50)
    days, store = days_of(connection), all_stores(connection)[0]
    chosen = comparison(days, store, store_period(days, store, "yesterday", now=NOW), now=NOW)
    (row,), _ = network(lambda slices: slice_facts(connection, slices, now=NOW), [(store, chosen)], {}, now=NOW)
    assert row.compared.now.footfall.completeness == pytest.approx(0.875)
    assert row.compared.visitors_change is None


def test_a_week_that_was_counted_in_part_is_left_out_of_the_weeks(connection: Connection) -> None:
    store_id = add_store(connection)
    line = add_line(connection, store_id, counts_from=datetime(2026, 10, 26, 9, tzinfo=UTC))
    for back in range(26):
        opens = datetime(2026, 11, 20, 1, tzinfo=UTC) - timedelta(days=back)
        began = opens + timedelta(hours=8 if back == 25 else 0)
        until = opens + timedelta(hours=2 if opens.date() == date(2026, 11, 4) else 12)
        add_uptime(connection, store_id, "door", began, until)
        add_crossings(connection, store_id, line, [began + timedelta(minutes=5)] * 10)
    days, store = days_of(connection), all_stores(connection)[0]
    weeks = read_weeks(lambda slices: slice_facts(connection, slices, now=NOW), days, [store], now=NOW)
    assert weeks[store.store_id] == (*[None] * 12, 70)


def test_re_entries_are_told_from_moments_at_the_door_and_staff_is_left_out(connection: Connection) -> None:
    store_id = add_store(connection)
    line_id = add_line(connection, store_id, "door")
    random = np.random.default_rng(3)
    first = date(2026, 9, 7)
    for number in range(60):
        day, _ = door_day(random, Door(a_day=60, returns=0.3), number)
        opens = datetime.combine(first, datetime.min.time(), UTC) + timedelta(days=number, hours=1)
        ins = [opens + timedelta(seconds=second) for second in day.ins.tolist()]
        outs = [opens + timedelta(seconds=second) for second in day.outs.tolist()]
        add_crossings(connection, store_id, line_id, ins)
        add_crossings(connection, store_id, line_id, outs, inward=False)
        add_crossings(connection, store_id, line_id, outs[::2], staff=True)
        add_uptime(connection, store_id, "door", opens, opens + timedelta(hours=12))
    days, store = days_of(connection), store_of(all_stores(connection), "nanjing-road")
    doors = read_door_days(connection, store, days, date(2026, 11, 6), now=NOW)
    assert doors.counted == pytest.approx(60 / 66), "of the days before its first none was counted"
    told = reentry(doors.days)
    assert told is not None
    assert told.days >= 55
    assert told.low <= 0.3 <= told.high + 0.05
    assert read_door_days(connection, store, days, first, now=NOW).days == (), "no days before the first"
