"""Queues: how long people wait, who was served, and what is not known."""

from typing import Any

import numpy as np
import pytest

from edge.counting.queues import QueueCounter
from edge.events import Event, QueueLeft, ZoneLeft
from edge.geometry import Place
from tests.support.scenes import bare, counted, tracks, walk

#: People join from the right and go on to the till on the left.
LANE = ((200.0, 200.0), (600.0, 200.0), (600.0, 400.0), (200.0, 400.0))
TILL = (100.0, 300.0)
JOIN, BACK, HEAD, AT_TILL = (700.0, 300.0), (550.0, 300.0), (230.0, 300.0), (140.0, 300.0)
FPS = 10.0


def queue(*, till: Place | None = TILL, least_s: float = 5.0) -> QueueCounter:
    return QueueCounter("till", LANE, "foot", till=till, least_s=least_s, frame_height=1_000)


def waits(events: list[Event]) -> list[tuple[str, Any]]:
    """Each wait as (outcome, seconds); "not known" and "cut off" are stays."""
    return [
        (event.outcome, round(event.wait_s, 1))
        if isinstance(event, QueueLeft)
        else ("cut off" if event.censored else "not known", round(event.dwell_s, 1))
        for event in events
        if isinstance(event, QueueLeft | ZoneLeft)
    ]


def joined(waiting: int, *then: list[Place]) -> list[Place]:
    """A person who comes in, stands still for `waiting` frames at the head, and then does something."""
    return [*[JOIN] * 5, *walk(BACK, HEAD, 30), *[HEAD] * waiting, *(place for way in then for place in way)]


def test_who_goes_on_to_the_till_was_served() -> None:
    path = joined(300, walk(HEAD, AT_TILL, 10), [AT_TILL] * 50)
    assert waits(counted(queue(), path)) == [("served", pytest.approx(33.2, abs=0.4))]


def test_who_walks_off_to_the_side_gave_up() -> None:
    path = joined(300, walk((300, 390), (300, 700), 20), [(300.0, 700.0)] * 30)
    assert waits(counted(queue(), path)) == [("abandoned", pytest.approx(33.0, abs=0.4))]


def test_who_goes_back_the_way_he_came_gave_up() -> None:
    path = joined(100, walk(HEAD, JOIN, 40), [JOIN] * 40)
    assert [outcome for outcome, _ in waits(counted(queue(), path))] == ["abandoned"]


def test_who_steps_out_and_comes_back_has_waited_once() -> None:
    path = joined(100, [(230.0, 430.0)] * 20, [HEAD] * 100, walk(HEAD, AT_TILL, 10), [AT_TILL] * 50)
    assert waits(counted(queue(), path)) == [("served", pytest.approx(25.3, abs=0.5))]


def test_without_a_till_no_outcome_is_made_up() -> None:
    path = joined(300, walk(HEAD, AT_TILL, 10), [AT_TILL] * 50)
    assert waits(counted(queue(till=None), path)) == [("not known", pytest.approx(33.2, abs=0.4))]


def test_who_is_lost_right_at_the_end_of_the_queue_is_not_assessed() -> None:
    # Last seen a step outside, neither nearer to the till than the queue's end is nor farther than when he left.
    path: list[Place | None] = [*joined(100), (195.0, 405.0), *[None] * 60]
    assert waits(counted(queue(), path)) == [("not known", pytest.approx(13.0, abs=0.4))]


def test_who_leaves_the_picture_away_from_the_till_gave_up() -> None:
    path: list[Place | None] = [*joined(100), *walk((300, 390), (300, 520), 10), *[None] * 60]
    assert [outcome for outcome, _ in waits(counted(queue(), path))] == ["abandoned"]


def test_who_only_passes_through_has_not_given_up() -> None:
    path = [*[JOIN] * 5, *walk((400, 210), (400, 390), 20), *walk((400, 410), (400, 700), 40)]
    assert waits(counted(queue(), path)) == [("not known", pytest.approx(1.9, abs=0.2))]


def test_who_walks_straight_to_a_free_till_was_served_at_once() -> None:
    path = [*[JOIN] * 5, *walk(BACK, AT_TILL, 25), *[AT_TILL] * 50]
    assert waits(counted(queue(), path)) == [("served", pytest.approx(2.1, abs=0.3))]


def test_who_waits_when_the_picture_breaks_off_is_cut_off() -> None:
    counter = queue()
    events = counted(counter, joined(100), end=False)
    assert waits([*events, *bare(counter.cut(14.0))]) == [("cut off", pytest.approx(12.9, abs=0.3))]
    assert counter.people == ()


def test_ten_minutes_in_a_queue_with_gaps_in_the_detection_are_one_wait() -> None:
    rng = np.random.default_rng(7)
    counter, number, gone_until = queue(), 1, -1
    events: list[Event] = []
    path = joined(6_000, walk(HEAD, AT_TILL, 10), [AT_TILL] * 60)
    for frame, foot in enumerate(path):
        ended: list[int] = []
        if 50 < frame < 6_000 and rng.random() < 0.004 and frame > gone_until:
            # Hidden for up to 15 s, longer than the tracker waits; found under a new number a little aside.
            gone_until = frame + int(rng.integers(25, 150))
            ended, number = [number], number + 1
        hidden = frame <= gone_until
        at = (foot[0] + rng.uniform(-20, 20), foot[1] + rng.uniform(-10, 10)) if frame < 6_000 else foot
        events += bare(counter.update(tracks({} if hidden else {number: at}, ended=ended), frame, frame / FPS))
        assert frame < 40 or frame > 6_030 or len(counter.people) == 1, "somebody hidden still waits"
    assert number > 10
    assert waits(events) == [("served", pytest.approx(603, abs=1))]


def test_who_joins_while_somebody_is_hidden_is_someone_else() -> None:
    counter = queue()
    counted(counter, joined(100), end=False)
    counter.update(tracks({}, ended=[1]), 140, 14.0)
    frame = 200
    for foot in walk(JOIN, (240, 300), 60):
        counter.update(tracks({2: foot}), frame, frame / FPS)
        frame += 1
    assert len(counter.people) == 2
    counter.update(tracks({2: (240, 300), 3: (235, 295)}), frame, frame / FPS)
    assert len(counter.people) == 2, "the one who was hidden came out"


def test_the_length_does_not_tremble_with_the_detector() -> None:
    counter = queue()
    for frame, people in enumerate([3] * 30 + [2] * 5 + [3] * 20):
        counter.note_length(people, frame / FPS)
        assert counter.length == 3
    for frame in range(55, 110):
        counter.note_length(5, frame / FPS)
    assert counter.length == 5


def test_state_is_bounded() -> None:
    counter = queue()
    for frame in range(3_000):
        counter.update(tracks({frame: HEAD}, ended=[frame - 1]), frame, frame / FPS)
        counter.note_length(1, frame / FPS)
    assert len(counter._ways) <= 210
    assert len(counter._lengths) <= 51
