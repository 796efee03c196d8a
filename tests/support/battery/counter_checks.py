"""What every Counter promises (edge/counting/protocol.py), as checks that take a maker of fresh ones.

People walk about in a picture of 640 × 480, in which each maker has laid its lines and zones.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from edge.counting.protocol import Counted, Counter
from edge.events import LineCrossed, Moved, QueueLeft, ZoneLeft
from edge.geometry import Place
from edge.tracking.protocol import Tracks
from tests.support.battery.state import weight
from tests.support.scenes import tracks, walk

Make: TypeAlias = Callable[[], Counter]
FPS: Final = 10.0
SIZE: Final = (640, 480)


def stroll(seed: int, corners: int = 6) -> list[Place]:
    """Somebody who walks from corner to corner of the picture and lingers at each."""
    draw = np.random.default_rng(seed)
    places = [(float(x), float(y)) for x, y in draw.uniform((20, 120), (620, 470), (corners, 2))]
    path = [places[0]] * 12
    for start, end in pairwise(places):
        path += walk(start, end, 2 + int(math.dist(start, end) / 9)) + [end] * 12
    return path


def film(paths: dict[int, Sequence[Place]], *, confirmed_from: int = 3) -> list[Tracks]:
    """The tracks of people on their paths; each ends 2 s after its last place."""
    frames = []
    for number in range(max(len(path) for path in paths.values()) + 30):
        seen = {who: path[number] for who, path in paths.items() if number < len(path)}
        now = tracks(seen, ended=[who for who, path in paths.items() if number == len(path) + 20])
        frames.append(replace(now, confirmed=np.full(len(seen), number >= confirmed_from)))
    return frames


def crowd(seed: int = 1, people: int = 6) -> list[Tracks]:
    """Six people at once."""
    return film({1 + who: stroll(seed * 100 + who) for who in range(people)})


def run(counter: Counter, frames: Iterable[Tracks], *, start: int = 0, cut: bool = True) -> list[Counted]:
    """All that is counted, in order."""
    counted: list[Counted] = []
    number = start
    for number, now in enumerate(frames, start=start):
        counted += counter.update(now, number, number / FPS)
    return counted + (counter.cut(number / FPS) if cut else [])


def bag(counted: Iterable[Counted]) -> list[str]:
    """What is counted, regardless of its order and of whose it is."""
    return sorted(repr((one.event, one.point, one.height)) for one in counted)


def the_walks_are_worth_counting(make: Make) -> None:
    """The checks below would pass for who counts nothing: here it must."""
    assert run(make(), crowd())


def nobody_counts_nothing(make: Make) -> None:
    """Empty frames yield nothing and want no attention."""
    counter = make()
    assert run(counter, [tracks({})] * 50) == []
    assert counter.attending is False


def unconfirmed_tracks_never_count(make: Make) -> None:
    """Whatever they do, and when they end as well."""
    assert run(make(), [replace(now, confirmed=np.zeros(len(now), np.bool_)) for now in crowd()]) == []


def what_is_counted_can_be(make: Make) -> None:
    """Its moment lies in the past, its place in the picture, and it is of somebody who was seen."""
    counter = make()
    for number, now in enumerate(crowd()):
        for one in counter.update(now, number, number / FPS):
            assert isinstance(one.event, LineCrossed | ZoneLeft | QueueLeft | Moved)
            assert 0 <= one.event.at_s <= number / FPS
            assert one.number in range(1, 7)
            assert 0 <= one.point[0] <= SIZE[0]
            assert 0 <= one.point[1] <= SIZE[1]
            assert one.height > 0
            if isinstance(one.event, ZoneLeft | QueueLeft):
                assert 0 <= one.event.enter_frame <= one.event.exit_frame <= number
            if isinstance(one.event, LineCrossed):
                assert 0 <= one.event.frame <= number


def the_order_of_tracks_means_nothing(make: Make) -> None:
    """Shuffled arrays count the same."""
    draw = np.random.default_rng(4)
    shuffled = []
    for now in crowd():
        order = draw.permutation(len(now))
        shuffled.append(Tracks(now.ids[order], now.xyxy[order], now.confirmed[order], now.ended[::-1]))
    assert bag(run(make(), shuffled)) == bag(run(make(), crowd()))


def numbers_mean_nothing(make: Make) -> None:
    """Other numbers for the same people count the same, as theirs."""
    other = [
        replace(now, ids=now.ids * 7 + 1_000, ended=tuple(who * 7 + 1_000 for who in now.ended)) for now in crowd()
    ]
    counted, renumbered = run(make(), crowd()), run(make(), other)
    assert bag(renumbered) == bag(counted)
    assert sorted(one.number for one in renumbered) == sorted(one.number * 7 + 1_000 for one in counted)


def nobody_after_a_cut_is_anybody_before_it(make: Make) -> None:
    """After a cut a counter does as a new one would, even if numbers come again."""
    cut_at = 90
    used, fresh = make(), make()
    run(used, crowd()[:cut_at])
    assert bag(run(used, crowd(seed=2), start=cut_at)) == bag(run(fresh, crowd(seed=2), start=cut_at))


def a_second_cut_has_nothing_to_say(make: Make) -> None:
    """A cut decides everything."""
    counter = make()
    run(counter, crowd()[:120])
    assert counter.cut(13.0) == []
    assert counter.attending is False


def two_counters_know_nothing_of_each_other(make: Make) -> None:
    """State is a counter's own."""
    one, other = make(), make()
    run(other, crowd(seed=3), cut=False)
    assert bag(run(one, crowd())) == bag(run(make(), crowd()))


def what_is_handed_in_stays_as_it_is(make: Make) -> None:
    """Tracks are not written to."""
    given, untouched = crowd(), crowd()
    run(make(), given)
    for now, then in zip(given, untouched, strict=True):
        assert now.xyxy.tolist() == then.xyxy.tolist()
        assert now.ids.tolist() == then.ids.tolist()
        assert now.confirmed.tolist() == then.confirmed.tolist()


def memory_is_bounded(make: Make, frames: int = 4_000) -> None:
    """After many passers-by a counter remembers no more than after some."""
    counter, sizes, way = make(), [], stroll(7, corners=3)[:60]
    for number in range(frames):
        who, step = 1 + number // 80, number % 80
        now = tracks({who: way[step]} if step < len(way) else {}, ended=[who] if step == 79 else [])
        counter.update(now, number, number / FPS)
        if number in (1_599, frames // 80 * 80 - 1):
            sizes.append(weight(counter))
    # Numbers and times grow by a digit or two; nothing else may.
    assert sizes[1] <= sizes[0] + 128


CHECKS: Final[tuple[Callable[[Make], None], ...]] = (
    the_walks_are_worth_counting,
    nobody_counts_nothing,
    unconfirmed_tracks_never_count,
    what_is_counted_can_be,
    the_order_of_tracks_means_nothing,
    numbers_mean_nothing,
    nobody_after_a_cut_is_anybody_before_it,
    a_second_cut_has_nothing_to_say,
    two_counters_know_nothing_of_each_other,
    what_is_handed_in_stays_as_it_is,
    memory_is_bounded,
)
