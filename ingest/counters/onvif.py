"""ONVIF Profile M: events of the line crossing counting rule over MQTT, as JSON.

`PREFIX/onvif-ej/RuleEngine/CountAggregation/Counter/&…/RULE` with `{"UtcTime", "Source": {"Rule"}, "Data": {"Count"}}`
(ONVIF Core, Event Broker; ONVIF Analytics, Line crossing counting rule): a total since the rule's last reset. A rule
counts one direction, or both together; a door needs one for each. The device is known by its topic alone.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from ingest.counters.instants import instant_of
from ingest.counters.protocol import Push
from ingest.counters.reading import read
from ingest.counters.readings import Said, Total
from ingest.errors import PushError

_Count = Annotated[int, Meta(ge=0)]
_COUNTER: Final = "onvif-ej/RuleEngine/CountAggregation/Counter"


class _Source(Struct, frozen=True, rename="pascal"):
    rule: str


class _Data(Struct, frozen=True, rename="pascal"):
    count: int | str


class _Event(Struct, frozen=True, rename="pascal"):
    utc_time: str
    source: _Source
    data: _Data


class Onvif:
    """The adapter."""

    def understand(self, push: Push) -> Said:
        """Return the total of a counting rule; other events are none of ours.

        Raises:
            PushError: not JSON of this form.
        """
        if push.path and not f"{push.path}/".startswith(f"{_COUNTER}/"):
            return Said(idle=True)
        said = read(push.body, _Event)
        try:
            # Quotes may be left out around numbers, or not: the standard allows both.
            count = msgspec.convert(said.data.count, _Count, strict=False)
        except msgspec.ValidationError as error:
            raise PushError("Data.Count: expected a count") from error
        return Said(None, [Total((said.source.rule,), instant_of(said.utc_time, push.zone, near=push.heard_at), count)])
