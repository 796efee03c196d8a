"""Recounting a clip: the camera's own pipeline over a file, every due frame in order, without broker or database."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from edge.counting.heat import Warmth
from edge.errors import SourceError
from edge.events import Event, LineCrossed, Moved, QueueLeft, ZoneLeft
from edge.pipeline import CameraPipeline
from edge.sources.protocol import VideoSource
from edge.staff.judge import StaffCounted


@dataclass(frozen=True, slots=True)
class Recount:
    """What a clip counts to.

    Attributes:
        frames: frames analysed.
        fps: frames per second at which they were: the clip's own, or fewer where fewer were asked for.
        lines, zones: names, in the order of the configuration.
        crossings, visits: in the order of their time.
        staff: how often staff was counted where, by the rule that told so; None: no rule is set.
        waits: in queues, of which it is known how they ended, in the order of their time.
        flows: how many customers went from where to where; None is outside.
        heat: where customers were; None: nowhere.
    """

    frames: int
    fps: float
    lines: tuple[str, ...]
    zones: tuple[str, ...]
    crossings: tuple[LineCrossed, ...]
    visits: tuple[ZoneLeft, ...]
    staff: Mapping[StaffCounted, int] | None = None
    waits: tuple[QueueLeft, ...] = ()
    flows: Mapping[tuple[str | None, str | None], int] = field(default_factory=dict)
    heat: Warmth | None = None

    def report(self, video: str, model: str) -> dict[str, Any]:
        """Return the result as plain data, ready for JSON. Frames are numbered as in the source, times in seconds.

        `in` and `out` are everybody, staff and each member of a group included; `staff` says how many of these
        work here, by place and rule, and `groups` in how many buying units visitors came in (null: not assessed).
        `queues` holds waits of which it is known how they ended, others are visits of their zone; `flows` counts steps
        from zone to zone (null: outside), `heat` person-seconds per cell, row by row from the top left.
        """
        totals = {name: {"in": 0, "out": 0} for name in self.lines}
        for crossing in self.crossings:
            totals[crossing.line][crossing.direction] += 1
        zones: dict[str, dict[str, list[dict[str, float]]]] = {name: {"visits": []} for name in self.zones}
        for visit in self.visits:
            zones[visit.zone]["visits"].append(
                {
                    "enter_frame": visit.enter_frame,
                    "exit_frame": visit.exit_frame,
                    "dwell_s": round(visit.dwell_s, 3),
                }
            )
        crossings = [
            {
                "line": item.line,
                "direction": item.direction,
                "frame": item.frame,
                "at_s": round(item.at_s, 3),
                "staff": item.staff,
                "group_size": item.group_size,
            }
            for item in self.crossings
        ]
        return {
            "video": video,
            "model": model,
            "frames": self.frames,
            "fps": round(self.fps, 3),
            "lines": totals,
            "crossings": crossings,
            "zones": zones,
            "groups": {name: self._groups(name) for name in self.lines},
            "staff": self._staff(),
            "queues": self._queues(),
            "flows": [
                {"from": start, "to": end, "people": people}
                for (start, end), people in sorted(self.flows.items(), key=lambda item: -item[1])
            ],
            "heat": None if self.heat is None else asdict(self.heat),
        }

    def _queues(self) -> dict[str, list[dict[str, Any]]]:
        return {
            name: [
                {
                    "enter_frame": wait.enter_frame,
                    "exit_frame": wait.exit_frame,
                    "wait_s": round(wait.wait_s, 3),
                    "outcome": wait.outcome,
                }
                for wait in self.waits
                if wait.zone == name
            ]
            for name in sorted({wait.zone for wait in self.waits})
        }

    def _groups(self, line: str) -> float | None:
        """Return in how many buying units visitors came in; None where the line does not tell."""
        here = [crossing for crossing in self.crossings if crossing.line == line and crossing.direction == "in"]
        sizes = [crossing.group_size for crossing in here if crossing.group_size is not None]
        return round(sum(1 / size for size in sizes), 2) if sizes else None

    def _staff(self) -> list[dict[str, Any]] | None:
        if self.staff is None:
            return None
        return [
            {"place": seen.place, "direction": seen.direction, "rule": seen.rule, "counted": number}
            for seen, number in sorted(self.staff.items(), key=lambda item: (item[0].place, item[0].rule))
        ]


def recount(
    source: VideoSource,
    pipeline: CameraPipeline,
    *,
    fps: float | None = None,
    from_frame: int = 0,
    until_frame: int | None = None,
    on_frame: Callable[[int], None] = lambda _: None,
) -> Recount:
    """Return what `pipeline` counts in the frames of `source` numbered `from_frame` ≤ n < `until_frame`.

    `fps` is the rate that the source was opened with; `on_frame` hears the number of each frame read.

    Raises:
        SourceError: the clip is damaged, or has no frame in that range.
        DetectorError: the model failed.
    """
    events: list[Event] = []
    first_s = last_s = 0.0
    last_frame = -1
    for frame in source:
        on_frame(frame.index)
        if until_frame is not None and frame.index >= until_frame:
            break
        last_frame = frame.index
        if frame.index < from_frame:
            continue
        first_s = first_s if pipeline.frames else frame.time_s
        last_s = frame.time_s
        events += pipeline.process(frame)
    events += pipeline.finish()
    if not pipeline.frames:
        raise SourceError(
            f"no frame between {from_frame} and {until_frame if until_frame is not None else 'the end'}: "
            f"the last one read was {last_frame}. Check --from-frame and --until-frame."
        )
    measured = (pipeline.frames - 1) / (last_s - first_s) if last_s > first_s else 0.0
    rates = [rate for rate in (source.fps, fps) if rate]
    return _sorted(pipeline, events, min(rates) if rates else measured)


def _sorted(pipeline: CameraPipeline, events: Sequence[Event], fps: float) -> Recount:
    crossings = [event for event in events if isinstance(event, LineCrossed)]
    visits = [event for event in events if isinstance(event, ZoneLeft)]
    waits = [event for event in events if isinstance(event, QueueLeft)]
    moves = [event for event in events if isinstance(event, Moved) and not event.staff]
    return Recount(
        frames=pipeline.frames,
        fps=fps,
        lines=pipeline.lines,
        zones=pipeline.zones,
        crossings=tuple(sorted(crossings, key=lambda crossing: crossing.at_s)),
        visits=tuple(sorted(visits, key=lambda visit: visit.enter_frame)),
        staff=pipeline.staff_split,
        waits=tuple(sorted(waits, key=lambda wait: wait.enter_frame)),
        flows=Counter((move.from_zone, move.to_zone) for move in moves),
        heat=pipeline.take_heat(rest=True),
    )
