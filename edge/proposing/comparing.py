"""Comparing: how a site's own entrance lines lie to the proposed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, degrees
from typing import Final, Literal

from edge.config import CameraConfig, LineConfig
from edge.geometry import Segment
from edge.linting.shapes import normal, samples
from edge.proposing.lines import Proposal

Verdict = Literal["agrees", "other_way_round", "differs", "elsewhere"]

#: A line within so many heights and degrees of a proposed one is the same.
_NEAR: Final = 1.0
_TURNED: Final = 30.0
_BACK: Final = 180 - _TURNED


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the site beside the nearest proposed one.

    Attributes:
        line: the site's line.
        proposal: the name of the nearest proposed line; None where there is none.
        verdict: `agrees`; `other_way_round`: there, but `in` and `out` swapped; `differs`: there, but turned;
            `elsewhere`: no proposed line is near.
        heights: how far apart they are, in body heights.
        degrees: between the directions of their `in`.
    """

    line: str
    proposal: str | None
    verdict: Verdict
    heights: float | None
    degrees: float | None


def compare(camera: CameraConfig, proposals: Sequence[Proposal]) -> list[Comparison]:
    """Return how each entrance line of `camera` lies to the nearest of `proposals`."""
    return [_compared(line, proposals) for line in camera.lines if line.role == "entrance"]


def _compared(line: LineConfig, proposals: Sequence[Proposal]) -> Comparison:
    if not proposals:
        return Comparison(line.name, None, "elsewhere", None, None)
    gap, nearest = min(((_gap(line, one), one) for one in proposals), key=lambda pair: pair[0])
    (ax, ay), (bx, by) = normal(*line.points), normal(*nearest.line.points)
    angle = degrees(acos(max(-1.0, min(1.0, ax * bx + ay * by))))
    verdict: Verdict = "agrees" if angle <= _TURNED else "other_way_round" if angle >= _BACK else "differs"
    return Comparison(
        line.name, nearest.line.name, "elsewhere" if gap > _NEAR else verdict, round(gap, 2), round(angle)
    )


def _gap(line: LineConfig, proposal: Proposal) -> float:
    """Return the median distance in heights from the proposed line's places to the site's line, anchors made equal."""
    segment = Segment(*line.points)
    distances = sorted(segment.distance(place) for place in samples(*proposal.line.points))
    return distances[len(distances) // 2] / proposal.height
