"""Milesight: people counters VS121, VS125, VS133 and VS135, over HTTP(S) or MQTT.

Counted is the periodic report only: `line_periodic_data` (VS125: `total` with `in` and `out`; VS133 and VS135: `in` and
`out` beside the line's number), or, of the VS121, a report of `Line Crossing People Counting` with `report_type`
`interval`. The running totals and the report on each crossing say the same people again and are left out, as are
groups, children, staff, dwell times and pictures.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from ingest.counters.instants import instant_of
from ingest.counters.protocol import Push
from ingest.counters.reading import read
from ingest.counters.readings import Interval, Said
from ingest.errors import PushError

_Count = Annotated[int, Meta(ge=0)]
_CROSSINGS: Final = "Line Crossing People Counting"
_OFFSET: Final = re.compile(r"UTC([+-])(\d{1,2}):(\d{2})\b")
_DATED: Final = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")


class _InOut(Struct, frozen=True, rename={"ins": "in", "outs": "out"}):
    ins: _Count
    outs: _Count


class _Line(Struct, frozen=True, rename={"ins": "in", "outs": "out"}):
    line: int
    line_name: str = ""
    line_uuid: str = ""
    total: _InOut | None = None
    ins: _Count | None = None
    outs: _Count | None = None


class _Device(Struct, frozen=True):
    device_sn: str


class _Time(Struct, frozen=True):
    start_time: str | None = None
    end_time: str | None = None
    timezone: str | None = None
    dst_status: bool | int = False


class _Report(Struct, frozen=True):
    device_info: _Device
    time_info: _Time = _Time()
    line_periodic_data: list[_Line] | None = None
    event: str = ""
    report_type: str = ""
    in_counted: _Count | None = None
    out_counted: _Count | None = None


class Milesight:
    """The adapter."""

    def understand(self, push: Push) -> Said:
        """Return the line counts of a periodic report.

        Raises:
            PushError: not JSON of this form, or a report of lines that does not say from when to when.
        """
        said = read(push.body, _Report)
        serial = said.device_info.device_sn
        if said.line_periodic_data:
            span = _span(said.time_info, push)
            found = [Interval(_names(each), *span, *_counts(each)) for each in said.line_periodic_data]
            return Said(serial, found)
        if said.event == _CROSSINGS and said.report_type == "interval":
            if said.in_counted is None or said.out_counted is None:
                raise PushError("expected `in_counted` and `out_counted` in a periodic report of line crossings")
            return Said(serial, [Interval((), *_span(said.time_info, push), said.in_counted, said.out_counted)])
        return Said(serial, idle=True)


def _names(line: _Line) -> tuple[str, ...]:
    return tuple(each for each in (str(line.line), line.line_name, line.line_uuid) if each)


def _counts(line: _Line) -> tuple[int, int]:
    if line.total is not None:
        return line.total.ins, line.total.outs
    if line.ins is None or line.outs is None:
        raise PushError("line_periodic_data: expected `total` with `in` and `out`, or these beside `line`")
    return line.ins, line.outs


def _span(said: _Time, push: Push) -> tuple[datetime, datetime]:
    if said.start_time is None or said.end_time is None:
        raise PushError("time_info: expected `start_time` and `end_time` in a periodic report")
    until = instant_of(_dated(said.end_time, said), push.zone, near=push.heard_at)
    return instant_of(_dated(said.start_time, said), push.zone, near=until), until


def _dated(text: str, said: _Time) -> str:
    """Return a time with its offset: older firmware writes it beside the time, without the hour of summer."""
    plain = text.replace("/", "-")
    offset = _OFFSET.search(said.timezone or "")
    if offset is None or _DATED.search(plain):
        return plain
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (-1 if offset[1] == "-" else 1)
    minutes = int((ahead + timedelta(hours=1 if said.dst_status else 0)) / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    return f"{plain}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
