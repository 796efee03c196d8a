"""Problems: what the linter says about one line or zone."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Code = Literal[
    "line_outside_frame", "line_never_counts", "line_near_edge", "line_too_short", "line_cuts_zone",
    "line_through_staff_zone", "lines_cross", "lines_overlap", "line_along_the_walk", "line_nobody_near",
    "zone_outside_frame", "zone_self_intersecting", "zone_never_seen", "zone_too_small", "zones_overlap",
    "till_outside_frame", "source_used_twice",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not work as meant.

    Attributes:
        code: which rule was broken.
        severity: `error` where nothing right can be counted, `warning` where a part is lost or counted twice.
        camera: the camera's name.
        where: the line's or zone's name; empty where it is about the camera.
        message: what is wrong and why, in pixels and body heights.
        advice: what to do.
    """

    code: Code
    severity: Severity
    camera: str
    where: str
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where or self.camera}: {self.message}. {self.advice}"
