"""Axis: the data push of its people counters, and counts of AXIS Object Analytics over MQTT.

AXIS People Counter and the 3D counters push `Axis Retail Data` over HTTP(S) or MQTT: intervals, each with `items` per
direction. AXIS Object Analytics sends, as an event over MQTT, the total of a crossline counting scenario since its
last reset; a scenario counts one direction, so a door has two. Only people are read of either.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from ingest.counters.instants import instant_of
from ingest.counters.protocol import Push
from ingest.counters.reading import read
from ingest.counters.readings import Interval, Said, Total
from ingest.errors import PushError

_Count = Annotated[int, Meta(ge=0)]
_SCENARIOS: Final = "/ObjectAnalytics/"


class _Item(Struct, frozen=True):
    direction: Literal["in", "out"]
    count: _Count


class _Measurement(Struct, frozen=True, rename="camel"):
    kind: str
    utc_from: str
    utc_to: str
    items: list[_Item] = []


class _Data(Struct, frozen=True):
    measurements: list[_Measurement] = []


class _Sensor(Struct, frozen=True):
    serial: str | None = None


class _Retail(Struct, frozen=True):
    data: _Data
    sensor: _Sensor = _Sensor()


class _Counts(Struct, frozen=True, rename="camel"):
    total_human: int | str | None = None


class _Message(Struct, frozen=True):
    data: _Counts = _Counts()


class _Event(Struct, frozen=True):
    timestamp: int
    message: _Message
    serial: str | None = None


class Axis:
    """The adapter."""

    def understand(self, push: Push) -> Said:
        """Return the people that a push counts.

        Raises:
            PushError: neither of the two forms.
        """
        if _SCENARIOS in push.path:
            return _scenario(read(push.body, _Event), push)
        return _retail(read(push.body, _Retail), push)


def _retail(said: _Retail, push: Push) -> Said:
    found = []
    for each in said.data.measurements:
        if each.kind != "people-counts":
            continue
        until = instant_of(each.utc_to, push.zone, near=push.heard_at)
        found.append(
            Interval(
                (),
                instant_of(each.utc_from, push.zone, near=until),
                until,
                sum(item.count for item in each.items if item.direction == "in"),
                sum(item.count for item in each.items if item.direction == "out"),
            )
        )
    return Said(said.sensor.serial, found, idle=bool(said.data.measurements))


def _scenario(said: _Event, push: Push) -> Said:
    name = push.path.rpartition("/")[2]
    total = said.message.data.total_human
    if total is None:
        return Said(said.serial, idle=True)
    try:
        number = msgspec.convert(total, _Count, strict=False)
    except msgspec.ValidationError as error:
        raise PushError(f"message.data.totalHuman: {error}") from error
    at = instant_of(said.timestamp, push.zone, near=push.heard_at)
    return Said(said.serial, [Total((name, name.removeprefix("Device1Scenario")), at, number)])
