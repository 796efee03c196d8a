"""What every Tracker promises (edge/tracking/protocol.py), as checks that take a maker of fresh ones."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from edge.detections import Detections
from edge.tracking.protocol import Tracker, Tracks
from tests.support.battery.state import weight
from tests.support.scenes import detections

Make: TypeAlias = Callable[[], Tracker]
FPS: Final = 10.0
#: Longer than any tracker may keep who is not seen.
SILENCE_S: Final = 30.0
TYPES: Final = ("int64", "float32", "bool")


def types(tracks: Tracks) -> tuple[str, ...]:
    """The types of the arrays, by name."""
    return tuple(str(array.dtype) for array in (tracks.ids, tracks.xyxy, tracks.confirmed))


def crowd(frames: int, seed: int = 5) -> list[Detections]:
    """Ten people who stroll about and come and go, some frames missed, some boxes weak, some of nobody."""
    draw = np.random.default_rng(seed)
    feet, pace = draw.uniform(100, 1_100, (10, 2)), draw.uniform(-9, 9, (10, 2))
    seen = []
    for number in range(frames):
        here = feet + pace * number
        kept = here[(draw.random(10) < 0.8) & (number % 40 < draw.integers(20, 60, 10))]
        noise = draw.uniform(0, 1_200, (int(draw.poisson(0.3)), 2))
        people = detections([(float(x), float(y)) for x, y in [*kept.tolist(), *noise.tolist()]])
        score = draw.uniform(0.1, 0.95, len(people)).astype(np.float32)
        seen.append(Detections(people.xyxy, score))
    return seen


def run(tracker: Tracker, seen: list[Detections], start_s: float = 0.0) -> Iterator[Tracks]:
    """Yield the tracks of frame after frame."""
    for number, found in enumerate(seen):
        yield tracker.update(found, start_s + number / FPS)


def nobody_is_nobody(make: Make) -> None:
    """An empty frame gives empty arrays of the promised shapes and types."""
    tracks = make().update(Detections.empty(), 0.0)
    assert (tracks.ids.shape, tracks.xyxy.shape, tracks.confirmed.shape) == ((0,), (0, 4), (0,))
    assert types(tracks) == TYPES
    assert tracks.ended == ()


def arrays_belong_together(make: Make) -> None:
    """Shapes and types hold in any frame; boxes are finite and have an area."""
    for tracks in run(make(), crowd(120)):
        people = len(tracks.ids)
        assert (tracks.xyxy.shape, tracks.confirmed.shape) == ((people, 4), (people,))
        assert types(tracks) == TYPES
        assert np.isfinite(tracks.xyxy).all()
        assert (tracks.xyxy[:, 2:] > tracks.xyxy[:, :2]).all()
        assert all(isinstance(number, int) for number in tracks.ended)


def a_track_is_somebody_seen_now(make: Make) -> None:
    """There are never more tracks than detections, and no number twice in a frame."""
    for seen, tracks in zip(crowd(120), run(make(), crowd(120)), strict=True):
        assert len(tracks) <= len(seen)
        assert len(set(tracks.ids.tolist())) == len(tracks)


def numbers_end_once_and_never_come_back(make: Make) -> None:
    """Who ended was seen before, ended only now, and is not seen again, in this update or later."""
    seen: set[int] = set()
    gone: set[int] = set()
    for tracks in run(make(), crowd(400)):
        assert gone.isdisjoint(tracks.ended)
        assert len(set(tracks.ended)) == len(tracks.ended)
        assert seen.issuperset(tracks.ended)
        gone.update(tracks.ended)
        assert gone.isdisjoint(tracks.ids.tolist())
        seen.update(tracks.ids.tolist())
    assert gone


def everybody_ends(make: Make) -> None:
    """Who is not seen for long has ended, whoever it was, and is told."""
    tracker = make()
    seen: set[int] = set()
    gone: set[int] = set()
    for tracks in run(tracker, crowd(100)):
        seen.update(tracks.ids.tolist())
        gone.update(tracks.ended)
    for later_s in (SILENCE_S, SILENCE_S + 1):
        gone.update(tracker.update(Detections.empty(), 100 / FPS + later_s).ended)
    assert gone == seen


def a_reset_ends_whoever_lives(make: Make) -> None:
    """A reset tells those who had not ended, once; numbers go on from there."""
    tracker = make()
    seen: set[int] = set()
    gone: set[int] = set()
    for tracks in run(tracker, crowd(60)):
        seen.update(tracks.ids.tolist())
        gone.update(tracks.ended)
    ended = tracker.reset()
    assert gone.isdisjoint(ended)
    assert gone | set(ended) == seen
    assert tracker.reset() == ()
    for tracks in run(tracker, crowd(60), start_s=6.0):
        assert seen.isdisjoint(tracks.ids.tolist())
        assert seen.isdisjoint(tracks.ended)


def two_trackers_know_nothing_of_each_other(make: Make) -> None:
    """A fresh one gives the same numbers for the same people, whatever another did meanwhile."""
    alone = [tracks.ids.tolist() for tracks in run(make(), crowd(60))]
    one, other = make(), make()
    together = []
    for number, (found, strangers) in enumerate(zip(crowd(60), crowd(60, seed=6), strict=True)):
        other.update(strangers, number / FPS)
        together.append(one.update(found, number / FPS).ids.tolist())
    assert together == alone


def what_is_handed_in_stays_as_it_is(make: Make) -> None:
    """Detections are not written to, and tracks given out do not change later."""
    given = crowd(60)
    copies = [(found.xyxy.copy(), found.score.copy()) for found in given]
    tracker = make()
    first = tracker.update(given[0], 0.0)
    kept = [array.tolist() for array in (first.ids, first.xyxy, first.confirmed)]
    for number, found in enumerate(given[1:], start=1):
        tracker.update(found, number / FPS)
    assert [array.tolist() for array in (first.ids, first.xyxy, first.confirmed)] == kept
    for found, (xyxy, score) in zip(given, copies, strict=True):
        assert np.array_equal(found.xyxy, xyxy)
        assert np.array_equal(found.score, score)


def the_order_of_detections_means_nothing(make: Make) -> None:
    """Shuffled detections give the same people at the same places."""
    draw = np.random.default_rng(3)
    shuffled = []
    for found in crowd(80):
        order = draw.permutation(len(found))
        shuffled.append(Detections(found.xyxy[order], found.score[order]))
    for one, other in zip(run(make(), crowd(80)), run(make(), shuffled), strict=True):
        assert sorted(one.xyxy.tolist()) == sorted(other.xyxy.tolist())
        assert sorted(one.confirmed.tolist()) == sorted(other.confirmed.tolist())


def one_glimpse_confirms_nobody(make: Make) -> None:
    """A box that is there for one frame is no person yet."""
    tracker = make()
    for number in range(20):
        tracks = tracker.update(detections([(100 + 300 * (number % 3), 300)] if number % 7 == 0 else []), number / FPS)
        assert not tracks.confirmed.any()


def whoever_stays_is_confirmed_and_stays_the_same(make: Make) -> None:
    """One person who stands or walks slowly in view is one confirmed track."""
    seen = [detections([(200 + 2 * number, 400)]) for number in range(40)]
    ids = [tracks.ids.tolist() for tracks in run(make(), seen)]
    assert all(one == other and len(one) == 1 for one, other in pairwise(ids))
    tracker = make()
    *_, last = run(tracker, seen)
    assert last.confirmed.all()


def memory_is_bounded(make: Make, frames: int = 4_000) -> None:
    """After many passers-by a tracker remembers no more than after some."""
    tracker, sizes = make(), []
    for number in range(frames):
        lap = number % 50
        tracker.update(detections([(20 * lap, 300)] if lap < 40 else []), number / FPS)
        if number in (499, frames - 1):
            sizes.append(weight(tracker))
    # Numbers grow by a digit or two; nothing else may.
    assert sizes[1] <= sizes[0] + 64


CHECKS: Final[tuple[Callable[[Make], None], ...]] = (
    nobody_is_nobody,
    arrays_belong_together,
    a_track_is_somebody_seen_now,
    numbers_end_once_and_never_come_back,
    everybody_ends,
    a_reset_ends_whoever_lives,
    two_trackers_know_nothing_of_each_other,
    what_is_handed_in_stays_as_it_is,
    the_order_of_detections_means_nothing,
    one_glimpse_confirms_nobody,
    whoever_stays_is_confirmed_and_stays_the_same,
    memory_is_bounded,
)
