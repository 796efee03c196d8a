"""Where people went and were, from the rows that devices write in parts."""

from datetime import date, timedelta

import pytest

from analytics.days import Slice
from analytics.visits.movement import Movement, Step, Warmth, read_movement, read_warmth_sums
from tests.support.saturday import OPENS, minutes
from tests.support.store_data import Connection, add_camera, add_line, add_store, add_visit, add_zone, copy, one

NOW = OPENS + timedelta(hours=5)


@pytest.fixture
def store(connection: Connection) -> int:
    found = add_store(connection)
    add_line(connection, found)
    return found


def day(connection: Connection, store: int, *, visitors: float | None = 100) -> Movement:
    seen = Slice(store, date(2026, 11, 21), OPENS, NOW, NOW)
    return read_movement(connection, [seen], visitors=[visitors])


def test_parts_of_a_quarter_hour_add_up_and_null_is_outside(connection: Connection, store: int) -> None:
    table, till = add_zone(connection, store, "table"), add_zone(connection, store, "till", role="queue")
    stockroom = add_zone(connection, store, "stockroom", role="staff")
    rows = [
        (minutes(0), None, table, 4),
        (minutes(0), None, table, 3),
        (minutes(15), table, till, 6),
        (minutes(15), till, None, 5),
        (minutes(15), table, stockroom, 9),
        (minutes(-15), None, table, 50),
        (NOW, None, table, 50),
    ]
    copy(
        connection,
        "flow (at, store_id, from_zone_id, to_zone_id, people)",
        [(at, store, start, end, people) for at, start, end, people in rows],
    )
    for number in range(20):
        add_visit(connection, store, table, minutes(30 + number), 12)
    seen = day(connection, store)
    assert seen.steps == (Step(None, "table", 7), Step("table", "till", 6), Step("till", None, 5))
    assert seen.held_back == 0
    assert seen.known_share == pytest.approx(13 / 20)


def test_steps_of_fewer_than_five_never_leave(connection: Connection, store: int) -> None:
    table = add_zone(connection, store, "table")
    copy(
        connection,
        "flow (at, store_id, from_zone_id, to_zone_id, people)",
        [(minutes(0), store, None, table, 40), (minutes(0), store, table, None, 4)],
    )
    seen = day(connection, store)
    assert (seen.steps, seen.held_back) == ((), 2), "the next smallest goes with it"


def test_warmth_adds_up_cell_by_cell_and_the_fuller_grid_of_a_camera_is_shown(
    connection: Connection, store: int
) -> None:
    floor, door = add_camera(connection, store, "floor"), add_camera(connection, store, "door")
    copy(
        connection,
        "heat (at, store_id, camera_id, columns, rows, person_s)",
        [
            (minutes(0), store, floor, 2, 2, "{1,2,3,0}"),
            (minutes(0), store, floor, 2, 2, "{1,0,0,0}"),
            (minutes(15), store, floor, 2, 2, "{5,0,0,0}"),
            (minutes(15), store, floor, 1, 1, "{2}"),
            (minutes(15), store, door, 1, 2, "{0,4}"),
            (minutes(30), store, door, 1, 2, "{0,0}"),
        ],
    )
    assert day(connection, store).warmth == (Warmth("door", 1, 2, (0, 4)), Warmth("floor", 2, 2, (7, 2, 3, 0)))
    assert day(connection, store, visitors=4).warmth == ()


def test_a_day_of_few_warms_no_period_so_that_none_gives_it_away(connection: Connection, store: int) -> None:
    floor = add_camera(connection, store, "floor")
    opens = [OPENS + timedelta(days=ahead) for ahead in range(3)]
    slices = [Slice(store, at.date(), at, at + timedelta(hours=5), at + timedelta(hours=6)) for at in opens]
    copy(
        connection,
        "heat (at, store_id, camera_id, columns, rows, person_s)",
        [(at, store, floor, 2, 1, f"{{{10**place},0}}") for place, at in enumerate(opens)],
    )

    def shown(first: int, last: int) -> int:
        asked = slice(first, last)
        (grid,) = read_movement(connection, slices[asked], visitors=[5, 4, 80][asked]).warmth
        return grid.person_s[0]

    assert (shown(0, 1), shown(0, 2), shown(0, 3), shown(1, 3)) == (1, 1, 101, 100)


def test_a_camera_s_day_is_told_where_enough_stayed_in_its_zones_not_where_enough_came_in(
    connection: Connection, store: int
) -> None:
    cameras = {name: add_camera(connection, store, name) for name in ("busy", "quiet", "blind")}
    zones = {name: add_zone(connection, store, name, role=role)
             for name, role in (("busy", "engagement"), ("quiet", "queue"))}  # fmt: skip
    for name, zone in zones.items():
        of_camera = "UPDATE zone SET camera_id = %(camera)s WHERE zone_id = %(zone)s RETURNING zone_id"
        one(connection, of_camera, camera=cameras[name], zone=zone)
    first, second = OPENS, OPENS + timedelta(days=1)
    for day_, busy, quiet in ((first, 5, 4), (second, 4, 5)):
        for number in range(busy):
            add_visit(connection, store, zones["busy"], day_ + timedelta(minutes=number), 12)
        exits = [(day_ + timedelta(minutes=number), store, zones["quiet"], 9.0, True) for number in range(quiet)]
        copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", exits)
        grids = [(day_, store, camera, 1, 1, "{70}" if day_ == first else "{900}") for camera in cameras.values()]
        copy(connection, "heat (at, store_id, camera_id, columns, rows, person_s)", grids)
    hours = timedelta(hours=5)
    slices = [Slice(store, at.date(), at, at + hours, at + hours) for at in (first, second)]
    assert read_warmth_sums(connection, store, slices, k=5) == {"busy": 70, "quiet": 900}
    assert read_warmth_sums(connection, store, slices[:1], k=5) == {"busy": 70}
    assert read_warmth_sums(connection, store, slices, k=10) == {}
    assert read_warmth_sums(connection, store, [], k=5) == {}


def test_an_empty_day_says_nothing(connection: Connection, store: int) -> None:
    assert day(connection, store) == Movement((), 0, None, ())
