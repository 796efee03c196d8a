"""ByteTrack (Zhang et al. 2022) for sparse frame rates: detections are matched twice, the sure ones first.

What differs from the paper, each because shops are watched at 5 to 10 frames per second: time is in seconds; after the
overlap of boxes has had its say, a person who moved further than a box width between two frames is found by distance;
a track is confirmed by time as well as by number.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.detections import Detections
from edge.tracking.association import Floats, Pairs, assign, heads_meet, iou, nearness, only_choice, single
from edge.tracking.motion_model import Motion, to_state, to_xyxy
from edge.tracking.protocol import Tracks


@dataclass(frozen=True, slots=True)
class TrackingRules:
    """When two boxes are one person, and when a track is a person.

    Attributes:
        sure_iou: least overlap of a sure detection with a predicted box (ByteTrack: 0.2).
        unsure_iou: least overlap of an unsure one, which may only continue a track (ByteTrack: 0.5).
        least_visible: least share of a person that a box may show: head and shoulders.
        tallest: a box so many times as tall as the person is two people, or someone nearer to the camera.
        reach: how far from where it was expected a person may be found, in box heights, at once …
        reach_per_s: … and more for each second unseen: a walker makes 0.8 heights per second.
        reach_max: … but never more than this: further away is someone else, unless there is nobody else.
        known_s: who has been followed for so long is within `reach` of where expected, however long unseen: farther
            away it is somebody else in 6 to 9 of 10 cases, and a break is mended where it matters (at lines, in zones).
        lone: where nobody else is near, a person may be found so many times as far away …
        lone_per_s: … and one seen once, whose pace is unknown, so many heights a second: a runner makes 3 …
        lone_alike: … if the boxes are within this factor of each other in height.
        keep_s: how long a person may be hidden (a pillar, another shopper) and still be the same track.
        confirm_s: a track is a person once it has been seen for so long and at least twice.
        keep_unconfirmed_s: a track not yet confirmed may be unseen for so long.
    """

    sure_iou: float = 0.2
    unsure_iou: float = 0.4
    least_visible: float = 0.35
    tallest: float = 1.7
    reach: float = 0.3
    reach_per_s: float = 0.8
    reach_max: float = 1.0
    known_s: float = 0.4
    lone: float = 2.0
    lone_per_s: float = 2.2
    lone_alike: float = 1.25
    keep_s: float = 2.0
    confirm_s: float = 0.2
    keep_unconfirmed_s: float = 0.45


DEFAULT_RULES: Final = TrackingRules()


class ByteTrack:
    """Follows people from frame to frame by where their boxes are."""

    _motion: Motion
    _ids: NDArray[np.int64]
    _hits: NDArray[np.int64]
    _born_s: Floats
    _seen_s: Floats

    def __init__(self, confidence: float, rules: TrackingRules = DEFAULT_RULES) -> None:
        """Start with nobody. A detection of at least `confidence` may start a track, a weaker one only continue one."""
        self._confidence = confidence
        self._rules = rules
        self._next_id = 1
        self._time_s = -np.inf
        self._clear()

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Return who is seen in the frame of `time_s`, given its detections."""
        passed_s = max(0.0, time_s - self._time_s)
        self._time_s = max(self._time_s, time_s)
        ended = self._evict()
        self._motion = self._motion.predict(np.full(len(self._ids), passed_s))
        states = to_state(detections.xyxy)
        once = single(states, detections.score)
        states, boxes = states[once], detections.xyxy[once].astype(np.float64)
        sure = detections.score[once] >= self._confidence
        rows, columns = self._matched(boxes, states, sure)
        self._motion = self._motion.correct(rows, states[columns])
        self._seen_s[rows] = self._time_s
        self._hits[rows] += 1
        fresh = sure.copy()
        fresh[columns] = False
        if fresh.any():
            self._start(states[fresh])
        return self._seen_now(ended)

    def trust(self, confidence: float) -> None:
        """Let a detection of at least `confidence` start a track from the next frame on."""
        self._confidence = confidence

    def reset(self) -> tuple[int, ...]:
        """Forget everyone. Returns the ids that ended."""
        ended = tuple(int(number) for number in self._ids)
        self._clear()
        return ended

    def _matched(self, boxes: Floats, states: Floats, sure: NDArray[np.bool_]) -> Pairs:
        """Return matched track rows and detection columns: sure by overlap, unsure by overlap, sure by distance."""
        rules = self._rules
        unseen_s = self._time_s - self._seen_s
        whole = self._motion.whole
        tallness = states[None, :, 3] / np.maximum(whole[:, 3:4], 1.0)
        overlap = self._overlap(whole, tallness, boxes, states)
        reach = self._reach(unseen_s)
        confirmed = self._confirmed()

        def near() -> Floats:
            return nearness(whole, states, reach)

        stages = (
            (confirmed, sure, lambda: overlap, rules.sure_iou),
            (confirmed, ~sure, lambda: overlap, rules.unsure_iou),
            (confirmed, sure, near, 0.0),
            (~confirmed, sure, lambda: np.maximum(overlap, near()), rules.sure_iou),
        )
        free_rows, free_columns = np.ones(len(overlap), bool), np.ones(len(boxes), bool)
        pairs: list[Pairs] = []
        for of_rows, of_columns, likeness, least in stages:
            rows, columns = np.flatnonzero(free_rows & of_rows), np.flatnonzero(free_columns & of_columns)
            if not (rows.size and columns.size):
                continue
            chosen = assign(likeness()[np.ix_(rows, columns)], least)
            pairs.append((rows[chosen[0]], columns[chosen[1]]))
            free_rows[pairs[-1][0]] = False
            free_columns[pairs[-1][1]] = False
        if free_rows.any() and (free_columns & sure).any():
            far = self._far(whole, tallness, states, reach)
            pairs.append(only_choice(far, free_rows, free_columns & sure))
        if not pairs:
            return np.empty(0, np.intp), np.empty(0, np.intp)
        return np.concatenate([rows for rows, _ in pairs]), np.concatenate([columns for _, columns in pairs])

    def _reach(self, unseen_s: Floats) -> Floats:
        """Return (N,) how far from where they are expected people may be found among others, in heights."""
        rules = self._rules
        known = self._seen_s - self._born_s >= rules.known_s - 1e-3
        return np.where(known, rules.reach, np.minimum(rules.reach + rules.reach_per_s * unseen_s, rules.reach_max))

    def _far(self, whole: Floats, tallness: Floats, states: Floats, reach: Floats) -> Floats:
        """Return (N, M) how near people are to detections that may be they only if nobody else is near."""
        rules = self._rules
        once = rules.reach + rules.lone_per_s * (self._time_s - self._seen_s)
        far = nearness(whole, states, np.where(self._confirmed(), rules.lone * reach, once))
        return np.where((tallness > 1 / rules.lone_alike) & (tallness < rules.lone_alike), far, 0.0)

    def _overlap(self, whole: Floats, tallness: Floats, boxes: Floats, states: Floats) -> Floats:
        """Return how well boxes overlap with what is expected of each person, as seen last or whole, as (N, M)."""
        seen = self._motion.position
        overlap = iou(to_xyxy(seen), boxes)
        cut = np.flatnonzero(seen[:, 3] < whole[:, 3])
        if cut.size:
            overlap[cut] = np.maximum(overlap[cut], iou(to_xyxy(whole[cut]), boxes))
        # Who was first seen half hidden may turn out tall: then the head is where it was.
        tall = tallness >= self._rules.tallest
        if (tall & (overlap > 0)).any():
            tall &= ~heads_meet(whole, states)
        overlap[tall | (tallness <= self._rules.least_visible)] = 0.0
        return overlap

    def _start(self, states: Floats) -> None:
        count = len(states)
        self._motion = self._motion.join(Motion.start(states))
        self._ids = np.concatenate([self._ids, np.arange(self._next_id, self._next_id + count)])
        self._next_id += count
        self._hits = np.concatenate([self._hits, np.ones(count, np.int64)])
        self._born_s = np.concatenate([self._born_s, np.full(count, self._time_s)])
        self._seen_s = np.concatenate([self._seen_s, np.full(count, self._time_s)])

    def _evict(self) -> tuple[int, ...]:
        keep_s = np.where(self._confirmed(), self._rules.keep_s, self._rules.keep_unconfirmed_s)
        keep = self._time_s - self._seen_s <= keep_s
        ended = tuple(int(number) for number in self._ids[~keep])
        if ended:
            self._motion = self._motion.take(np.flatnonzero(keep))
            self._ids, self._hits = self._ids[keep], self._hits[keep]
            self._born_s, self._seen_s = self._born_s[keep], self._seen_s[keep]
        return ended

    def _confirmed(self) -> NDArray[np.bool_]:
        # A hair of tolerance: two frames at 5 per second are 0.2 s apart, give or take rounding.
        old_enough = self._seen_s - self._born_s >= self._rules.confirm_s - 1e-3
        return np.asarray(old_enough & (self._hits > 1), np.bool_)

    def _seen_now(self, ended: tuple[int, ...]) -> Tracks:
        now = self._seen_s == self._time_s
        return Tracks(
            ids=self._ids[now],
            xyxy=to_xyxy(self._motion.whole[now]).astype(np.float32),
            confirmed=self._confirmed()[now],
            ended=ended,
        )

    def _clear(self) -> None:
        self._motion = Motion.start(np.empty((0, 4)))
        self._ids, self._hits = np.empty(0, np.int64), np.empty(0, np.int64)
        self._born_s, self._seen_s = np.empty(0), np.empty(0)
