"""Reach: which of the people followed can be where a count may change before the next look.

        line              Whoever walks is somewhere within a cone: where the pace of the last two looks leads, give or
          │   ╭───╮       take what a person can speed up, slow down or turn. As long as it meets no line and no edge of
    ○──►──┼─►─┤   │       a zone, nothing that happens inside it is news, and the detector may rest.
          │   ╰───╯
                          Whoever is out of sight may do as he likes: his cone is as wide as it is long.

Nor is it news that something moves where nobody stands who could be at a line by then (`Reach.near`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config import Anchor
from edge.counting.protocol import anchor_points
from edge.geometry import Place, Segment
from edge.perspective import Perspective
from edge.tracking.protocol import Tracks

Floats = NDArray[np.float64]
#: Every so many seconds, at most, it is found out anew where movement matters.
_AGAIN_S: Final = 5.0
#: The cone is examined at so many moments: less than the radius lies between two, for the fastest who is believed.
_MOMENTS: Final = 6


@dataclass(frozen=True, slots=True)
class ReachRules:
    """How far people get. Lengths are in body heights.

    Attributes:
        within_s: the longest time from one look to the next for which somebody may be left alone.
        near: what a box is off, and half the band of a line on top.
        agility: how fast a pace may change, in heights a second, each second: a sprinter's start makes 2.3.
        lost_per_s: how fast somebody out of sight may go any way: a walker.
        fastest: nobody goes faster, in heights a second: whoever seems to is not who he was taken for.
        stranger: from so near somebody not seen yet is news: a sprinter, seen at once, is half as far on when he is.
        apart: who comes nearer to another than this is looked at each time: a tracker needs it to tell them apart.
        half_width: of a body: arms, a bag, a pushchair.
        margin: how far beyond the box movement is still theirs: a leg, a bag, a shadow at the feet.
    """

    within_s: float = 0.45
    near: float = 0.15
    agility: float = 2.5
    lost_per_s: float = 0.8
    fastest: float = 3.0
    stranger: float = 0.85
    apart: float = 0.3
    half_width: float = 0.4
    margin: float = 0.15


DEFAULT_RULES: Final = ReachRules()


@dataclass(slots=True)
class _Walker:
    """Where one track was seen last, and at what pace, in pixels a second; None after the first sight."""

    box: Floats
    seen_s: float
    pace: Floats | None = None


class Reach:
    """Remembers how the people followed move, and says who is too far from every line to matter."""

    def __init__(
        self,
        lines: Iterable[tuple[Segment, Anchor]],
        zones: Iterable[tuple[tuple[Place, ...], Anchor]] = (),
        rules: ReachRules = DEFAULT_RULES,
    ) -> None:
        """Watch the way to `lines`, and to the edges of `zones`."""
        edges = [
            (Segment(start, end), anchor)
            for corners, anchor in zones
            for start, end in zip(corners, (*corners[1:], corners[0]), strict=True)
        ]
        self._borders: list[tuple[Anchor, Floats, Floats]] = []
        for anchor in ("foot", "centre"):
            ends = [(line.a, line.b) for line, of in [*lines, *edges] if of == anchor and line.a != line.b]
            if ends:
                starts, stops = np.array(ends, np.float64).transpose(1, 0, 2)
                self._borders.append((anchor, starts, stops))
        self._rules = rules
        self._walkers: dict[int, _Walker] = {}
        self._looked_s = 0.0
        self._away: frozenset[int] = frozenset()
        self._perspective = Perspective()
        self._near: NDArray[np.bool_] | None = None
        self._near_s = -np.inf
        self._grown = False

    @property
    def within_s(self) -> float:
        """For how long after a look those who are away are."""
        return self._rules.within_s

    @property
    def away(self) -> frozenset[int]:
        """Who can be nowhere near a line or the edge of a zone within `within_s` after the last look."""
        return self._away

    def boxes(self, time_s: float) -> Floats:
        """Return what those who are away pass over from when they were seen to `time_s`, as boxes (N, 4)."""
        if not self._away:
            return np.empty((0, 4))
        walkers = [self._walkers[number] for number in self._away]
        paces = [walker.pace for walker in walkers if walker.pace is not None]
        boxes = np.stack([walker.box for walker in walkers])
        since_s = time_s - np.array([[walker.seen_s] for walker in walkers])
        moved = np.stack(paces) * since_s
        lost = self._rules.lost_per_s * (since_s - (time_s - self._looked_s))
        margin = (self._rules.margin + lost) * (boxes[:, 3:] - boxes[:, 1:2])
        low = boxes[:, :2] + np.minimum(moved, 0) - margin
        return np.concatenate([low, boxes[:, 2:] + np.maximum(moved, 0) + margin], axis=1)

    def learn(self, tracks: Tracks, time_s: float) -> None:
        """Take in who is seen in a look at media time `time_s`."""
        for number in tracks.ended:
            self._walkers.pop(number, None)
        for number, box in zip(tracks.ids.tolist(), tracks.xyxy.astype(np.float64), strict=True):
            before = self._walkers.get(number)
            pace = None
            if before is not None and time_s > before.seen_s:
                pace = (_feet(box) - _feet(before.box)) / (time_s - before.seen_s)
            self._walkers[number] = _Walker(box, time_s, pace)
        self._looked_s = time_s
        self._grown |= self._perspective.learn(tracks.xyxy[tracks.confirmed].astype(np.float64), time_s)
        known = [number for number, walker in self._walkers.items() if walker.pace is not None]
        self._away = frozenset(np.array(known, np.int64)[self._are_away(known)].tolist()) if known else frozenset()

    def near(self, size: tuple[int, int], cells: tuple[int, int]) -> NDArray[np.bool_] | None:
        """Return where in a picture of `size` whoever is near a line is seen, as (rows, columns); None: not known yet.

        `cells`, (columns, rows), are laid over the picture.
        """
        if not self._perspective.known:
            return None
        if self._near is None or (self._grown and self._looked_s - self._near_s >= _AGAIN_S):
            self._near, self._near_s, self._grown = self._seen_near(size, cells), self._looked_s, False
        return self._near

    def reset(self) -> None:
        """Forget everyone, but not how tall people are."""
        self._walkers.clear()
        self._away = frozenset()

    def _are_away(self, numbers: list[int]) -> NDArray[np.bool_]:
        """Return which of the tracks, whose pace is known, reach no border, as (N,)."""
        rules, walkers = self._rules, [self._walkers[number] for number in numbers]
        boxes = np.stack([walker.box for walker in walkers])
        pace = np.stack([walker.pace for walker in walkers if walker.pace is not None])
        height = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
        unseen_s = self._looked_s - np.array([walker.seen_s for walker in walkers])
        ahead_s = np.linspace(0, rules.within_s, _MOMENTS)
        after_s = unseen_s[:, None] + ahead_s
        radius = rules.near + np.where(
            unseen_s[:, None] > 0, rules.lost_per_s * after_s, rules.agility * ahead_s**2 / 2
        )
        away = np.hypot(pace[:, 0], pace[:, 1]) <= rules.fastest * height
        for anchor, starts, stops in self._borders:
            places = anchor_points(boxes.astype(np.float32), anchor)[:, None] + pace[:, None] * after_s[:, :, None]
            gaps = _distances(places.reshape(-1, 2), starts, stops).min(axis=1).reshape(radius.shape)
            away &= (gaps > radius * height[:, None]).all(axis=1)
        return away & ~_meeting(boxes, pace, after_s, rules.apart * height)

    def _seen_near(self, size: tuple[int, int], cells: tuple[int, int]) -> NDArray[np.bool_]:
        per = np.array(cells) / np.array(size)
        columns, rows = np.meshgrid(np.linspace(0, size[0], cells[0] // 2), np.linspace(0, size[1], cells[1] // 2))
        places = np.stack([columns.reshape(-1), rows.reshape(-1)], axis=1)
        tall = self._perspective.tall(places[:, 1])
        seen = np.zeros(cells[::-1], np.bool_)
        for anchor, starts, stops in self._borders:
            of = _distances(places, starts, stops).min(axis=1) <= self._rules.stranger * tall
            half, above = self._rules.half_width * tall[of], tall[of] * (1.0 if anchor == "foot" else 0.5)
            left_top = np.floor((places[of] - np.stack([half, above], axis=1)) * per).clip(0).astype(int)
            right_end = np.ceil((places[of] + np.stack([half, tall[of] - above], axis=1)) * per).clip(0).astype(int) + 1
            for (left, top), (right, end) in zip(left_top.tolist(), right_end.tolist(), strict=True):
                seen[top:end, left:right] = True
        return seen


def _meeting(boxes: Floats, pace: Floats, after_s: Floats, apart: Floats) -> NDArray[np.bool_]:
    """Return who comes nearer to another than `apart` (N,), as (N,): it takes each look to tell them apart."""
    feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    places = feet[:, None] + pace[:, None] * after_s[:, :, None]
    gaps = np.linalg.norm(places[:, None] - places[None], axis=3).min(axis=2)
    np.fill_diagonal(gaps, np.inf)
    return np.asarray((gaps < np.minimum(apart[:, None], apart[None])).any(axis=1), np.bool_)


def _feet(box: Floats) -> Floats:
    return np.array([(box[0] + box[2]) / 2, box[3]])


def _distances(points: Floats, starts: Floats, stops: Floats) -> Floats:
    """Return the distances of points (N, 2) from the segments between `starts` and `stops` (M, 2), as (N, M)."""
    way = stops - starts
    from_start = points[:, None] - starts
    share = np.clip((from_start * way).sum(axis=2) / (way * way).sum(axis=1), 0, 1)
    return np.asarray(np.linalg.norm(from_start - share[:, :, None] * way, axis=2), np.float64)
