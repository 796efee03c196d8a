"""A detector that errs as real ones do, in amounts that are set: what it finds of true boxes.

Defaults were measured on two clips (vtest: a crossroads with 3–10 people; one-by-one: one person at a time) with
YOLOX-nano and YOLO11n at 10 frames a second, boxes linked by overlap:

    recall 0.90 and 0.95 on vtest, 0.987 and 0.996 on one-by-one; of the misses, 0.60 to 1.0 were still there as weak
    boxes; misses came in runs of 4.5 and 2.6 frames (1.1 if each stood alone); the foot was off a smooth path by 0.023
    and 0.025 body heights on vtest, 0.006 and 0.004 on one-by-one; boxes that lasted under 4 frames: 32 and 14 a minute
    on vtest, 1 and 0.4 on one-by-one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.tracks.hiding import Hidden
from deploy.simulation.tracks.noise import Noise
from deploy.simulation.tracks.view import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How a detector errs. Rates are per minute of film, lengths in body heights.

    Attributes:
        recall: share of frames in which a person whom nothing hides is found with a score to start on.
        weak_share: of the misses that still leave a weak box, which can only continue a known person.
        burst_share: of the misses that come as runs of about `burst_s`; the others stand alone.
        burst_s: how long such a run is.
        tremble: standard deviation of each side of a box from frame to frame.
        drift: the same, but slow (the detector prefers another part of a coat), over `drift_s`.
        drift_s: how slow.
        hidden_from: share hidden from which on people are found less often …
        hidden_to: … and from which on not at all.
        cut_share: of people whose legs are hidden whose box ends where the sight does; others' reaches to the floor.
        ghosts: false boxes a minute, anywhere, each `ghost_s` long.
        ghost_s: how long.
        double_share: of the time in which a person has a second box (head and shoulders), `double_s` at a time.
        double_s: how long.
    """

    recall: float = 0.95
    weak_share: float = 0.7
    burst_share: float = 0.7
    burst_s: float = 0.3
    tremble: float = 0.015
    drift: float = 0.015
    drift_s: float = 1.0
    hidden_from: float = 0.3
    hidden_to: float = 0.8
    cut_share: float = 0.5
    ghosts: float = 6.0
    ghost_s: float = 0.2
    double_share: float = 0.01
    double_s: float = 0.3


#: A detector without fault, before which people hide one another nonetheless.
FAULTLESS: Final = Faults(
    recall=1.0, tremble=0.0, drift=0.0, hidden_from=0.98, hidden_to=1.0, cut_share=0.0, ghosts=0.0, double_share=0.0
)
#: Scores of sure boxes (Beta scaled to 0.4 … 0.95) and the range of weak ones: the least a detector reports is 0.1.
_SURE: Final = (0.4, 0.95, 4.0, 2.0)
_WEAK: Final = (0.1, 0.39)
#: A box of which less than this lies in the picture is not found.
_IN_PICTURE: Final = 0.3
#: For so long the same legs are cut off or guessed.
_CUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What there is to find: N true boxes.

    Attributes:
        boxes: float64 (N, 4): xyxy, not clipped.
        clipped: float64 (N, 4): their parts in the picture.
        hiding: what lies before them.
        person: int64 (N,): whose they are.
        time_s: float64 (N,): when.
    """

    boxes: Floats
    clipped: Floats
    hiding: Hidden
    person: NDArray[np.int64]
    time_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes that were found: rows of the true ones (N,), boxes (N, 4), scores (N,)."""

    row: NDArray[np.intp]
    boxes: Floats
    score: Floats


def found(faults: Faults, noise: Noise, draw: np.random.Generator, sight: Sight) -> Found:
    """Return what the detector makes of what there is."""
    ease = _ease(faults, sight)
    missed = _missed(faults, noise, draw, sight, faults.recall * ease)
    weak = missed & (ease > 0) & (draw.random(len(missed)) < faults.weak_share)
    boxes = _cut(faults, noise, sight, _trembled(faults, noise, draw, sight))
    row = np.flatnonzero(~missed | weak)
    low, high, a, b = _SURE
    sure = low + (high - low) * draw.beta(a, b, len(boxes)) * (0.5 + 0.5 * ease)
    score = np.where(missed, draw.uniform(*_WEAK, len(boxes)), sure)
    twice = noise.blocks("double", sight.person, sight.time_s, faults.double_s) < faults.double_share
    double = np.flatnonzero(~missed & twice)
    upper = boxes[double]
    upper[:, 3] = (upper[:, 1] + upper[:, 3]) / 2
    return Found(
        np.concatenate([row, double]),
        np.concatenate([boxes[row], upper]),
        np.concatenate([score[row], score[double] * 0.9]),
    )


def _ease(faults: Faults, sight: Sight) -> Floats:
    """Return how easy each is to find (N,), 0 … 1, for what hides it."""
    ease = np.clip((faults.hidden_to - sight.hiding.share) / (faults.hidden_to - faults.hidden_from), 0, 1)
    area = np.prod(sight.boxes[:, 2:] - sight.boxes[:, :2], axis=1)
    in_picture = np.prod(sight.clipped[:, 2:] - sight.clipped[:, :2], axis=1) / area
    return np.asarray(np.where(in_picture < _IN_PICTURE, 0.0, ease), np.float64)


def _missed(faults: Faults, noise: Noise, draw: np.random.Generator, sight: Sight, chance: Floats) -> NDArray[np.bool_]:
    """Return who is missed (N,): alone or in runs, so that together each is found with `chance`."""
    in_runs = (1 - chance) * faults.burst_share
    alone = 1 - chance / np.maximum(1 - in_runs, 1e-9)
    run = noise.blocks("burst", sight.person, sight.time_s, faults.burst_s) < in_runs
    return np.asarray(run | (draw.random(len(chance)) < alone), np.bool_)


def _trembled(faults: Faults, noise: Noise, draw: np.random.Generator, sight: Sight) -> Floats:
    """Return the boxes (N, 4), each side off by what trembles and what drifts."""
    tall = (sight.boxes[:, 3] - sight.boxes[:, 1])[:, None]
    sides = [noise.smooth("drift", side, sight.person, sight.time_s, faults.drift_s) for side in range(4)]
    off = faults.drift * np.stack(sides, axis=1) + faults.tremble * draw.standard_normal(sight.boxes.shape)
    return np.asarray(sight.boxes + tall * off, np.float64)


def _cut(faults: Faults, noise: Noise, sight: Sight, boxes: Floats) -> Floats:
    """Return `boxes`, some of which end where what hides the legs begins."""
    below = sight.hiding.below
    cut = (below > 0) & (noise.blocks("cut", sight.person, sight.time_s, _CUT_S) < faults.cut_share)
    seen_to = sight.boxes[:, 3] - below * (sight.boxes[:, 3] - sight.boxes[:, 1])
    shorter = np.minimum(boxes[:, 3], np.maximum(seen_to, boxes[:, 1] + 1))
    return np.column_stack([boxes[:, :3], np.where(cut, shorter, boxes[:, 3])])
