"""What was known at a past moment, and that it is what is known now where nothing came since."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg2
import pytest

from analytics import queries
from analytics.as_of import known_at
from analytics.days import calendar
from analytics.errors import DatabaseError
from analytics.facts import add_up, slice_facts
from analytics.queries import planned_once, rows
from analytics.visits.kpis import Kpis, kpis
from tests.support.known import as_if_known_in_time
from tests.support.questions import answers
from tests.support.servers import Cluster
from tests.support.store_data import Connection, add_crossings, add_line, add_sale, add_store, add_uptime, one
from tests.support.traffic import fill_dimensions, fill_facts, fill_floor

DAY = date(2025, 9, 16)
OPENS, CLOSES = datetime(2025, 9, 16, 1, tzinfo=UTC), datetime(2025, 9, 16, 13, tzinfo=UTC)
EVENING, NEXT_DAY, LATER = CLOSES + timedelta(hours=2), CLOSES + timedelta(days=1), CLOSES + timedelta(days=3)
MINUTE = timedelta(minutes=1)


def figures(connection: Connection, store_id: int, at: datetime | None, day: date = DAY) -> Kpis:
    """Return the day's figures as known at `at`, or now."""
    if at is None:
        return read(connection, store_id, LATER, day)
    with known_at(connection, at):
        return read(connection, store_id, at, day)


def read(connection: Connection, store_id: int, now: datetime, day: date) -> Kpis:
    days = calendar(connection, [store_id], first=day, last=day)
    slices = [days.up_to(one_day, now) for one_day in days.of(store_id).values()]
    return kpis(add_up(slice_facts(connection, slices, now=now)), as_of=now)


@pytest.fixture
def shop(connection: Connection) -> tuple[int, int]:
    """A store that was open for a day, with its door: 40 came in, 10 bought for 100 each, all known in time."""
    store_id = add_store(connection, timezone="Asia/Shanghai", first=date(2025, 9, 10), last=date(2025, 9, 20))
    line_id = add_line(connection, store_id)
    add_crossings(connection, store_id, line_id, [OPENS + number * 10 * MINUTE for number in range(40)])
    add_uptime(connection, store_id, "door", OPENS, CLOSES)
    for number in range(10):
        add_sale(connection, store_id, OPENS + (number + 1) * 30 * MINUTE)
    as_if_known_in_time(connection)
    execute(connection, "CALL count_quarter_hours(now())")
    return store_id, line_id


def execute(connection: Connection, statement: str, **values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_counts_that_came_late_are_not_known_before_they_came(connection: Connection, shop: tuple[int, int]) -> None:
    add_crossings(connection, *shop, [OPENS + number * MINUTE for number in range(7)])
    execute(
        connection, "UPDATE crossing SET received_at = %(at)s WHERE received_at > at + INTERVAL '1 day'", at=NEXT_DAY
    )
    values = [figures(connection, shop[0], at).footfall.value for at in (EVENING, NEXT_DAY, LATER, None)]
    assert values == [40, 47, 47, 47]


def test_a_day_that_was_running_is_known_up_to_the_moment(connection: Connection, shop: tuple[int, int]) -> None:
    at_noon = figures(connection, shop[0], OPENS + timedelta(hours=3))
    assert (at_noon.footfall.value, at_noon.transactions.value) == (18, 5)
    assert at_noon.footfall.as_of == OPENS + timedelta(hours=3)


def test_a_gap_that_was_filled_had_made_the_day_partial(connection: Connection, shop: tuple[int, int]) -> None:
    execute(
        connection,
        "UPDATE camera_uptime SET received_at = %(at)s WHERE at >= %(gap)s",
        at=NEXT_DAY, gap=OPENS + timedelta(hours=6),
    )  # fmt: skip
    before, after = (figures(connection, shop[0], at).footfall for at in (EVENING, NEXT_DAY))
    assert (before.quality, before.completeness) == ("partial", 0.5)
    assert (after.quality, after.completeness) == ("measured", 1.0)


def test_an_edited_order_is_told_in_the_version_of_the_moment(connection: Connection, shop: tuple[int, int]) -> None:
    edit = "UPDATE pos_order SET net = %(net)s, version = version + 1 WHERE external_id = 'order-1'"
    execute(connection, edit, net=70)
    between = one(connection, "SELECT now()")
    execute(connection, edit, net=20)
    sales = [figures(connection, shop[0], at).net_sales.value for at in (EVENING, between, None)]
    assert sales == [1000, 970, 920]


def test_a_voided_sale_was_a_sale_before(connection: Connection, shop: tuple[int, int]) -> None:
    execute(connection, "UPDATE pos_order SET kind = 'void', version = 2 WHERE external_id = 'order-1'")
    assert figures(connection, shop[0], EVENING).transactions.value == 10
    assert figures(connection, shop[0], None).transactions.value == 9


def test_a_refund_of_the_next_day_leaves_the_day_of_the_sale_as_it_was(
    connection: Connection, shop: tuple[int, int]
) -> None:
    add_sale(connection, shop[0], OPENS + timedelta(days=1, hours=1), net=-100, units=-2, kind="refund")
    after = one(connection, "SELECT now()")
    assert figures(connection, shop[0], after) == figures(connection, shop[0], after, DAY)
    assert figures(connection, shop[0], None).net_sales.value == 1000
    assert figures(connection, shop[0], NEXT_DAY, DAY + timedelta(days=1)).net_sales.value == 0
    assert figures(connection, shop[0], after, DAY + timedelta(days=1)).net_sales.value == -100


def test_an_order_that_moved_to_another_day_was_on_the_first_one(connection: Connection, shop: tuple[int, int]) -> None:
    execute(
        connection,
        "UPDATE pos_order SET closed_at = closed_at + INTERVAL '1 day', version = 2 WHERE external_id = 'order-1'",
    )
    next_one = DAY + timedelta(days=1)
    assert figures(connection, shop[0], EVENING).transactions.value == 10
    assert figures(connection, shop[0], None).transactions.value == 9
    assert figures(connection, shop[0], LATER, next_one).transactions.value == 0
    assert read(connection, shop[0], LATER, next_one).transactions.value == 1


def test_opening_hours_are_those_of_the_moment(connection: Connection, shop: tuple[int, int]) -> None:
    before = one(connection, "SELECT now()")
    execute(connection, "UPDATE store_hours SET closes_min = 10 * 60 WHERE store_id = %(id)s", id=shop[0])
    execute(connection, "SELECT fill_store_calendar(%(id)s, '2025-09-10', '2025-09-20')", id=shop[0])
    assert figures(connection, shop[0], before).footfall.value == 40
    assert figures(connection, shop[0], None).footfall.value == 6


def test_a_day_that_had_no_hours_yet_was_none(connection: Connection, shop: tuple[int, int]) -> None:
    before = one(connection, "SELECT now()")
    execute(connection, "SELECT fill_store_calendar(%(id)s, '2025-09-01', '2025-09-20')", id=shop[0])
    with known_at(connection, before):
        assert min(calendar(connection, [shop[0]], first=date(2025, 9, 1), last=DAY).of(shop[0])).day == 10
    assert min(calendar(connection, [shop[0]], first=date(2025, 9, 1), last=DAY).of(shop[0])).day == 1


def test_a_door_counts_as_its_line_was_set_up_then(connection: Connection, shop: tuple[int, int]) -> None:
    before = one(connection, "SELECT now()")
    execute(connection, "UPDATE line SET role = 'internal' WHERE line_id = %(id)s", id=shop[1])
    assert figures(connection, shop[0], before).footfall.value == 40
    assert figures(connection, shop[0], None).footfall.value is None


@pytest.fixture(scope="module")
def week(cluster: Cluster) -> Iterator[tuple[Connection, datetime]]:
    """Two stores' week of everything, and its end."""
    now, url = datetime.now(UTC).replace(minute=7, second=0, microsecond=0), cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        fill_dimensions(cursor, from_at=now - timedelta(days=10), until=now)
        cursor.execute("UPDATE camera SET counts_from = %(at)s", {"at": now - timedelta(days=9)})
        fill_facts(cursor, from_at=now - timedelta(days=9), until=now, thin=2)
        fill_floor(cursor, from_at=now - timedelta(days=9), until=now)
        cursor.execute("INSERT INTO zone_category SELECT 1, 'engagement', unnest(ARRAY['tops', 'bags'])")
        cursor.execute("CALL maintain(%(at)s)", {"at": now + timedelta(days=85)})
        cursor.execute("UPDATE staff_shift SET ends_at = starts_at + INTERVAL '3 hours', version = 2")
        cursor.execute("DELETE FROM zone_category WHERE category = 'tops'")
        cursor.execute("DELETE FROM pos_order_line WHERE order_id % 3 = 0")
        cursor.execute("UPDATE pos_order SET net = net - 1, version = 2 WHERE order_id % 5 = 0")
        cursor.execute("UPDATE line SET door = 'main' WHERE role = 'entrance'")
    yield connection, now
    connection.close()
    cluster.drop(url)


def test_what_is_known_now_is_what_is_known_as_of_now(week: tuple[Connection, datetime]) -> None:
    connection, now = week
    present = answers(connection, now=now, of_recorded=False)
    with known_at(connection, one(connection, "SELECT now()")):
        past = answers(connection, now=now, of_recorded=False)
    assert past == present
    assert sum(map(bool, present.values())) > len(present) / 2


def test_a_question_whose_plan_is_kept_has_the_same_answer(week: tuple[Connection, datetime]) -> None:
    connection, now = week
    execute(connection, "SET plan_cache_mode = force_generic_plan")
    try:
        with planned_once(connection):
            kept = answers(connection, now=now)
            assert one(connection, "SELECT sum(generic_plans) FROM pg_prepared_statements") == len(kept)
        assert kept == answers(connection, now=now)
        assert one(connection, "SELECT count(*) FROM pg_prepared_statements") == 0
    finally:
        execute(connection, "RESET plan_cache_mode")


def test_a_plan_that_was_made_for_a_whole_number_or_for_nothing_rounds_no_fraction(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "blocks", lambda: {"sum": "SELECT 1 + %(number)s"})
    execute(connection, "BEGIN")
    with planned_once(connection):
        found = [rows(connection, "sum", number=number) for number in (1, None, 0.4, 2)]
    assert found == [[(2,)], [(None,)], [(1.4,)], [(3,)]]
    execute(connection, "ROLLBACK")


def test_afterwards_the_connection_answers_from_the_present_again(
    connection: Connection, shop: tuple[int, int]
) -> None:
    with known_at(connection, OPENS):
        with known_at(connection, EVENING):
            assert one(connection, "SELECT count(*) FROM crossing") == 40
        assert one(connection, "SELECT count(*) FROM crossing") == 1
    assert one(connection, "SELECT count(*) FROM crossing") == 40
    assert one(connection, "SHOW search_path") == '"$user", public'
    assert shop


def test_a_connection_that_cannot_be_set_back_is_closed(database: str) -> None:
    connection = psycopg2.connect(database)
    with pytest.raises(psycopg2.Error), known_at(connection, OPENS), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert connection.closed


def test_a_lost_connection_is_told(database: str) -> None:
    connection = psycopg2.connect(database)
    connection.close()
    with pytest.raises((DatabaseError, psycopg2.InterfaceError)), known_at(connection, OPENS):
        pass


def test_every_relation_of_figures_has_a_namesake_in_the_past(connection: Connection) -> None:
    same = """
SELECT v.table_name, array_agg((c.column_name, c.data_type)::text ORDER BY c.ordinal_position) = (
           SELECT array_agg((p.column_name, p.data_type)::text ORDER BY p.ordinal_position)
           FROM information_schema.columns AS p WHERE p.table_schema = 'public' AND p.table_name = v.table_name
       )
FROM information_schema.views AS v
JOIN information_schema.columns AS c USING (table_schema, table_name)
WHERE v.table_schema = 'past' GROUP BY 1"""
    with connection.cursor() as cursor:
        cursor.execute(same)
        found = dict(cursor.fetchall())
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name IN"
            " ('received_at', 'bucket') EXCEPT SELECT table_name || suffix FROM information_schema.tables,"
            " unnest(ARRAY['_recent', '_archive']) AS suffix"
        )
        counted = {name for (name,) in cursor.fetchall()}
    assert all(found.values()), found
    #: What boxes say of themselves is about now, set-up pictures and marks are no figures, versions are the past.
    now_only = ("device_", "setup_picture", "pos_order_past", "pos_order_line_past", "bucket_mark")
    timeless = {name for name in counted if name.startswith(now_only)}
    assert counted - timeless <= found.keys()


def test_plans_of_a_transaction_that_failed_are_in_nobodys_way(connection: Connection, shop: tuple[int, int]) -> None:
    first = {"store_ids": [shop[0]], "first": DAY, "last": DAY}

    def asked(*firsts: object) -> list[int]:
        with planned_once(connection):
            return [len(rows(connection, "business_days", **first | {"first": one})) for one in firsts]

    execute(connection, "BEGIN")
    with pytest.raises(DatabaseError):
        asked(DAY, "no date")
    execute(connection, "ROLLBACK")
    assert one(connection, "SELECT count(*) FROM pg_prepared_statements") == 2, "of a date, and of a text"
    assert asked(DAY, DAY) == [1, 1]
