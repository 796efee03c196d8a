"""Events: what counting yields, in frame and media time. No id of a person or a track."""

from dataclasses import dataclass
from typing import TypeAlias

from contract.types import Direction, QueueOutcome


@dataclass(frozen=True, slots=True)
class LineCrossed:
    """One person crossed a line.

    Attributes:
        line: the line's name.
        direction: `in` towards the right-hand side of someone who walks from the line's first point to its second.
        frame: index of the source frame nearest to the crossing.
        at_s: media time of the crossing in seconds, interpolated between the two observations around it. It lies a
            moment before the frame that decided it.
        staff: a member of staff; None: not assessed.
        group_size: people in the buying unit that crossed together, this one included; None: not assessed.
    """

    line: str
    direction: Direction
    frame: int
    at_s: float
    staff: bool | None = None
    group_size: int | None = None


@dataclass(frozen=True, slots=True)
class ZoneLeft:
    """One stay in a zone ended.

    Attributes:
        zone: the zone's name.
        enter_frame: first frame inside.
        exit_frame: last frame inside.
        dwell_s: media seconds between entering and leaving.
        at_s: media time of the end, in seconds.
        censored: the true end (or beginning) was not seen: the source ended or was cut.
        staff: a member of staff; None: not assessed.
    """

    zone: str
    enter_frame: int
    exit_frame: int
    dwell_s: float
    at_s: float
    censored: bool = False
    staff: bool | None = None


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """One wait in a queue ended, and how it ended is known. A wait of which that is not known is a `ZoneLeft`.

    Attributes:
        zone: the queue zone's name.
        enter_frame: first frame inside.
        exit_frame: last frame inside.
        wait_s: media seconds between joining and leaving.
        at_s: media time of leaving, in seconds.
        outcome: served: went on to the till; abandoned: went elsewhere.
        staff: a member of staff; None: not assessed.
    """

    zone: str
    enter_frame: int
    exit_frame: int
    wait_s: float
    at_s: float
    outcome: QueueOutcome
    staff: bool | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One person went from one zone straight to another; None is outside the shop.

    These leave the device as sums over 15 minutes only.

    Attributes:
        from_zone: the zone they left; None: they came in through an entrance line.
        to_zone: the zone they entered; None: they went out through an entrance line.
        at_s: media time of entering it, or of going out, in seconds.
        staff: a member of staff; None: not assessed.
    """

    from_zone: str | None
    to_zone: str | None
    at_s: float
    staff: bool | None = None


#: Counting: who crosses a line, who stays in a zone, how a wait ended, where people go next.
Event: TypeAlias = LineCrossed | ZoneLeft | QueueLeft | Moved
