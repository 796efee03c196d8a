"""Ways of walking that people at a line show, each by name: a scene is a mix of them.

Distances from what people do at doors: nobody keeps exactly to the middle, who turns back does so within a few steps,
who waits shifts from foot to foot over some tens of centimetres (Weidmann 1993 for speeds; the rest is our reading of
the clips that the project counts).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from deploy.simulation.tracks.walks import Stop


@dataclass(frozen=True, slots=True)
class Stage:
    """The room around a line: its length, and how far walks come and go on the `out` and the `in` side, in metres."""

    length: float
    out_m: float
    in_m: float


Draw: TypeAlias = np.random.Generator
#: side: where the walk begins, -1 out or 1 in. margin: how far from the segment's ends the middle of the party stays.
Way: TypeAlias = Callable[[Draw, Stage, int, float], list[Stop]]


def _far(stage: Stage, side: int) -> float:
    return side * (stage.in_m if side > 0 else stage.out_m)


def _door(draw: Draw, stage: Stage, margin: float) -> float:
    margin = min(margin, stage.length / 2)
    return float(draw.uniform(margin, stage.length - margin))


def _aside(draw: Draw, s: float) -> float:
    return s + float(draw.normal(0, 0.8))


def across(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Straight through."""
    s = _door(draw, stage, margin)
    near = side * float(draw.uniform(0.8, 1.5))
    return [Stop(_aside(draw, s), _far(stage, side)), Stop(s, near), Stop(s, -near),
            Stop(_aside(draw, s), _far(stage, -side))]  # fmt: skip


def fast(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Straight through, in a hurry or running (2 to 3.5 m/s)."""
    pace = float(draw.uniform(1.6, 2.8))
    return [Stop(stop.s, stop.d, stop.stay_s, pace) for stop in across(draw, stage, side, margin)]


def turn_back(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Through, a few steps on, a short stop, and out again: two crossings."""
    s = _door(draw, stage, margin)
    back = float(np.clip(s + draw.normal(0, 0.4), margin, max(margin, stage.length - margin)))
    turn = Stop((s + back) / 2, -side * float(draw.uniform(0.9, 2.0)), float(draw.uniform(0.2, 3.0)))
    return [Stop(_aside(draw, s), _far(stage, side)), Stop(s, side * 0.8), turn, Stop(back, side * 0.8),
            Stop(_aside(draw, back), _far(stage, side))]  # fmt: skip


def peek(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Up to the line, a look, and back: none."""
    s = _door(draw, stage, margin)
    look = Stop(s, side * float(draw.uniform(0.25, 0.9)), float(draw.uniform(0.3, 4.0)))
    return [Stop(_aside(draw, s), _far(stage, side)), look, Stop(_aside(draw, s), _far(stage, side))]


def along(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Past the line on one side of it, near or far: none."""
    del margin
    d = side * float(draw.uniform(0.4, max(0.6, abs(_far(stage, side)) * 0.8)))
    ends = [-4.5, stage.length + 4.5]
    first, last = ends if draw.random() < 0.5 else ends[::-1]  # noqa: PLR2004 - either way
    return [Stop(first, d), Stop(stage.length / 2, d + float(draw.normal(0, 0.1))), Stop(last, d)]


def round_end(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """From one side to the other, past the segment's end: none."""
    beyond = float(draw.uniform(0.4, 1.2)) + margin
    s = -beyond if draw.random() < 0.5 else stage.length + beyond  # noqa: PLR2004 - either end
    inwards = stage.length / 2 + (s - stage.length / 2) * 0.5
    return [Stop(inwards, _far(stage, side)), Stop(s, side * 0.6), Stop(s, -side * 0.6),
            Stop(inwards, _far(stage, -side))]  # fmt: skip


def loiter(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """To the line, shifting about on it for a while, then on or back."""
    s, steps = _door(draw, stage, margin), int(draw.integers(3, 9))
    stops = [Stop(_aside(draw, s), _far(stage, side)), Stop(s, side * 0.5)]
    for _ in range(steps):
        stay_s = float(draw.uniform(0.3, 3.0))
        place = float(np.clip(s + draw.normal(0, 0.3), margin, max(margin, stage.length - margin)))
        stops.append(Stop(place, float(draw.normal(0, 0.25)), stay_s, 0.4))
    goes = side if draw.random() < 0.5 else -side  # noqa: PLR2004 - either way
    return [*stops, Stop(s, goes * 1.0), Stop(_aside(draw, s), _far(stage, goes))]


def appear(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Out of an opening door, a lift, or the picture's edge right at the line, and through it."""
    s = _door(draw, stage, margin)
    return [Stop(s, side * float(draw.uniform(0.1, 1.0))), Stop(s, -side * 0.8),
            Stop(_aside(draw, s), _far(stage, -side))]  # fmt: skip


def vanish(draw: Draw, stage: Stage, side: int, margin: float) -> list[Stop]:
    """Through the line and out of sight right behind it."""
    s = _door(draw, stage, margin)
    return [Stop(_aside(draw, s), _far(stage, side)), Stop(s, side * 0.8),
            Stop(s, -side * float(draw.uniform(0.1, 1.0)))]  # fmt: skip


WAYS: Final[Mapping[str, Way]] = {
    rule.__name__: rule
    for rule in (across, fast, turn_back, peek, along, round_end, loiter, appear, vanish)
}  # fmt: skip
