"""Zones: who stays, from when to when, and what is not a stay."""

from typing import TYPE_CHECKING

from edge.counting.zones import ZoneCounter
from edge.events import Event, ZoneLeft
from tests.support.scenes import bare, counted, tracks, walk

if TYPE_CHECKING:
    from edge.geometry import Place

TABLE = ((200.0, 200.0), (400.0, 200.0), (400.0, 400.0), (200.0, 400.0))
OUT, IN = (100.0, 300.0), (300.0, 300.0)


def counter(frame_height: float = 1_000) -> ZoneCounter:
    return ZoneCounter("table", TABLE, "foot", frame_height=frame_height)


def stays(events: list[Event]) -> list[tuple[int, int, float, bool]]:
    return [
        (event.enter_frame, event.exit_frame, round(event.dwell_s, 2), event.censored)
        for event in events
        if isinstance(event, ZoneLeft)
    ]


def test_a_stay_lasts_from_the_first_to_the_last_frame_inside() -> None:
    assert stays(counted(counter(), [*[OUT] * 5, *[IN] * 30, *[OUT] * 20])) == [(5, 34, 2.9, False)]


def test_a_moment_outside_does_not_end_a_stay() -> None:
    path = [*[OUT] * 5, *[IN] * 20, *[OUT] * 8, *[IN] * 20, *[OUT] * 20]
    assert stays(counted(counter(), path)) == [(5, 52, 4.7, False)]


def test_a_moment_unseen_does_not_end_a_stay() -> None:
    path: list[Place | None] = [*[OUT] * 5, *[IN] * 20, *[None] * 15, *[IN] * 20, *[OUT] * 20]
    assert stays(counted(counter(), path)) == [(5, 59, 5.4, False)]


def test_two_visits_of_one_person_are_two() -> None:
    path = [*[OUT] * 5, *[IN] * 20, *[OUT] * 30, *[IN] * 10, *[OUT] * 20]
    assert [frames[:2] for frames in stays(counted(counter(), path))] == [(5, 24), (55, 64)]


def test_cutting_a_corner_is_not_a_stay() -> None:
    assert stays(counted(counter(), [*[OUT] * 5, *[IN] * 4, *[OUT] * 20])) == []


def test_who_is_still_inside_at_the_end_is_censored() -> None:
    assert stays(counted(counter(), [*[OUT] * 5, *[IN] * 30], end=False)) == []
    zone = counter()
    counted(zone, [*[OUT] * 5, *[IN] * 30], end=False)
    assert stays(bare(zone.cut(3.5))) == [(5, 34, 2.9, True)]
    assert len(zone.people) == 0


def test_who_was_inside_when_the_picture_began_is_censored() -> None:
    assert stays(counted(counter(), [*[IN] * 30, *[OUT] * 20])) == [(0, 29, 2.9, True)]


def test_who_is_lost_inside_ends_censored_after_a_while() -> None:
    zone = counter()
    counted(zone, [*[OUT] * 5, *[IN] * 30], end=False)
    assert bare(zone.update(tracks({}, ended=[1]), 55, 5.5)) == []
    assert len(zone.people) == 1, "hidden for a moment, not gone"
    assert stays(bare(zone.update(tracks({}), 80, 8.0))) == [(5, 34, 2.9, True)]


def test_who_is_found_again_at_the_same_place_never_left() -> None:
    zone = counter()
    counted(zone, [*[OUT] * 5, *[IN] * 30], end=False)
    zone.update(tracks({}, ended=[1]), 55, 5.5)
    for frame in range(60, 80):
        assert bare(zone.update(tracks({2: (310, 305)}), frame, frame / 10)) == []
    assert len(zone.people) == 1
    events = [event for frame in range(80, 95) for event in bare(zone.update(tracks({2: OUT}), frame, frame / 10))]
    assert stays(events) == [(5, 79, 7.4, False)]


def test_someone_else_elsewhere_in_the_zone_is_not_the_one_who_was_lost() -> None:
    zone = counter()
    counted(zone, [*[OUT] * 5, *[IN] * 30], end=False)
    zone.update(tracks({}, ended=[1]), 55, 5.5)
    for frame in range(56, 62):
        zone.update(tracks({2: (390, 390)}), frame, frame / 10)
    assert len(zone.people) == 2


def test_two_people_are_two() -> None:
    zone = counter()
    for frame in range(20):
        zone.update(tracks({1: (250, 300), 2: (350, 300)}), frame, frame / 10)
    assert len(zone.people) == 2
    assert zone.attending


def test_an_unconfirmed_track_is_nobody() -> None:
    zone = counter()
    for frame in range(20):
        zone.update(tracks({1: IN}, confirmed=False), frame, frame / 10)
    assert len(zone.people) == 0
    assert bare(zone.cut(2.0)) == []


def test_who_walks_in_from_below_is_there_once_the_feet_are_seen() -> None:
    # The picture ends at 400: the box's lower edge lies on it until the feet come into view.
    path = [*[OUT] * 3, *[(300.0, 399.0)] * 8, *walk((300, 390), (300, 350), 20), *[OUT] * 20]
    assert stays(counted(counter(frame_height=400), path)) == [(11, 30, 1.9, False)]


def test_a_stay_that_is_too_short_by_its_feet_is_none() -> None:
    # For 0.8 s inside, but with the feet in view for 0.3 s.
    path = [*[OUT] * 3, *[(300.0, 399.0)] * 5, *[(300.0, 350.0)] * 4, *[OUT] * 20]
    assert stays(counted(counter(frame_height=400), path)) == []
    longer = [*[OUT] * 3, *[(300.0, 399.0)] * 5, *[(300.0, 350.0)] * 6, *[OUT] * 20]
    assert stays(counted(counter(frame_height=400), longer)) == [(8, 13, 0.5, False)]


def test_who_stands_cut_off_by_the_picture_all_the_time_is_inside() -> None:
    path = [*[OUT] * 3, *[(300.0, 399.0)] * 60, *[OUT] * 20]
    assert stays(counted(counter(frame_height=400), path)) == [(3, 62, 5.9, False)]


def test_state_ends_with_the_stay() -> None:
    zone = counter()
    for frame in range(2_000):
        zone.update(tracks({frame: IN}, ended=[frame - 1]), frame, frame / 10)
    assert len(zone._visits) <= 41
