"""Xovis: the data push of its sensors, version 5, over HTTP(S) or MQTT.

`logics_data` holds counts per interval of each logic: of a line `fw` (forward) and `bw` (backward), of an in-out logic
the same. Logics that are no line count, and pushes of tracks (`live_data`) or of the sensor's state, are left out.
"""

from typing import Final

from msgspec import Struct

from ingest.counters.instants import instant_of
from ingest.counters.protocol import Push
from ingest.counters.reading import read
from ingest.counters.readings import Interval, Said
from ingest.errors import PushError

_FORWARD: Final = frozenset({"fw", "in"})
_BACKWARD: Final = frozenset({"bw", "out"})


class _One(Struct, frozen=True):
    name: str
    value: int


class _Record(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    since: int | float | str
    until: int | float | str
    counts: list[_One] = []


class _Logic(Struct, frozen=True):
    id: int
    name: str = ""
    records: list[_Record] = []


class _SensorInfo(Struct, frozen=True):
    serial_number: str | None = None


class _Logics(Struct, frozen=True):
    logics: list[_Logic] = []
    sensor_info: _SensorInfo = _SensorInfo()


class _Pushed(Struct, frozen=True):
    logics_data: _Logics | None = None


class Xovis:
    """The adapter."""

    def understand(self, push: Push) -> Said:
        """Return the line counts in a push.

        Raises:
            PushError: not JSON of this form, or a count below zero.
        """
        said = read(push.body, _Pushed).logics_data
        if said is None:
            return Said(idle=True)
        found = [
            each
            for logic in said.logics
            for record in logic.records
            if (each := _interval(logic, record, push)) is not None
        ]
        return Said(said.sensor_info.serial_number, found, idle=True)


def _interval(logic: _Logic, record: _Record, push: Push) -> Interval | None:
    ins = [each.value for each in record.counts if each.name in _FORWARD]
    outs = [each.value for each in record.counts if each.name in _BACKWARD]
    if not ins and not outs:
        return None
    if min(ins + outs) < 0:
        raise PushError("logics_data.logics.records.counts.value: expected a count, got one below zero")
    until = instant_of(record.until, push.zone, near=push.heard_at)
    names = tuple(each for each in (str(logic.id), logic.name) if each)
    return Interval(names, instant_of(record.since, push.zone, near=until), until, sum(ins), sum(outs))
