"""One battery over every tracker. To try another: one line in `TRACKERS`."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from edge.detections import Detections
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracker, Tracks
from tests.support.battery import tracker_checks as checks
from tests.support.battery.greedy_iou import GreedyIou

TRACKERS: dict[str, Callable[[], Tracker]] = {
    "bytetrack": lambda: ByteTrack(0.4),
    "greedy iou": GreedyIou,
}


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", TRACKERS)
def test_every_tracker_keeps_its_promises(name: str, check: Callable[[checks.Make], None]) -> None:
    check(TRACKERS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACKERS)
def test_no_tracker_grows_over_a_hundred_thousand_frames(name: str) -> None:
    checks.memory_is_bounded(TRACKERS[name], frames=100_000)


class Broken(GreedyIou):
    """A tracker that breaks one promise."""


class ForgetsToTell(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        return replace(super().update(detections, time_s), ended=())


class TellsTwice(Broken):
    last: tuple[int, ...] = ()

    def update(self, detections: Detections, time_s: float) -> Tracks:
        tracks = super().update(detections, time_s)
        self.last, before = tracks.ended, self.last
        return replace(tracks, ended=(*tracks.ended, *before))


class StartsAnewAfterReset(Broken):
    def reset(self) -> tuple[int, ...]:
        ended = super().reset()
        self._next_id = 1
        return ended


class SharesNumbers(Broken):
    following: ClassVar[list[int]] = [1]

    def update(self, detections: Detections, time_s: float) -> Tracks:
        self._next_id = self.following[0]
        tracks = super().update(detections, time_s)
        self.following[0] = self._next_id
        return tracks


class RemembersEverybody(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        tracks = super().update(detections, time_s)
        self.__dict__.setdefault("seen", []).extend(tracks.ids.tolist())
        return tracks


class TrustsAnything(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        tracks = super().update(detections, time_s)
        return replace(tracks, confirmed=np.ones(len(tracks), np.bool_))


class GuessesTheUnseen(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        super().update(detections, time_s)
        numbers = list(self._people)
        boxes = np.array([self._people[number][0] for number in numbers], np.float32).reshape(-1, 4)
        return Tracks(np.array(numbers, np.int64), boxes, np.ones(len(numbers), np.bool_))


class WritesOnDetections(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        tracks = super().update(detections, time_s)
        detections.xyxy[:] = 0
        return tracks


class DoubleNumbers(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        tracks = super().update(detections, time_s)
        return replace(tracks, ids=np.where(tracks.confirmed, tracks.ids, np.int64(-1)))


class TakesTheFirst(Broken):
    def update(self, detections: Detections, time_s: float) -> Tracks:
        return super().update(Detections(detections.xyxy[:5], detections.score[:5]), time_s)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (ForgetsToTell, checks.everybody_ends),
        (TellsTwice, checks.numbers_end_once_and_never_come_back),
        (StartsAnewAfterReset, checks.a_reset_ends_whoever_lives),
        (SharesNumbers, checks.two_trackers_know_nothing_of_each_other),
        (RemembersEverybody, checks.memory_is_bounded),
        (TrustsAnything, checks.one_glimpse_confirms_nobody),
        (GuessesTheUnseen, checks.a_track_is_somebody_seen_now),
        (WritesOnDetections, checks.what_is_handed_in_stays_as_it_is),
        (DoubleNumbers, checks.a_track_is_somebody_seen_now),
        (TakesTheFirst, checks.the_order_of_detections_means_nothing),
    ],
    ids=lambda value: value.__name__,
)
def test_the_battery_finds_what_breaks_a_promise(broken: type[Broken], check: Callable[[checks.Make], None]) -> None:
    with pytest.raises(AssertionError):
        check(broken)
