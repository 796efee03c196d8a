"""Events: what other systems can be told, as typed data with a JSON Schema; version 1.

The body of a webhook is {"type", "version", "timestamp", "data"}; `data` is one of these by its type. Fields may be
added within a version; none is removed or changes its meaning.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

VERSION: Final = 1
BODY_BYTES_MAX: Final = 20 * 1024

_Text = Annotated[str, Meta(max_length=300)]


class FigureOut(Struct, frozen=True, kw_only=True):
    """A figure as it stands: `value` is null where nothing was measured, never 0."""

    value: float | None
    low: float | None
    high: float | None
    quality: str
    completeness: float | None
    definition: str


class StoreDayClosed(Struct, frozen=True, kw_only=True):
    """A business day is over, an hour after the door closed: its figures so far. Late data may still change them."""

    store: str
    name: _Text
    business_date: date
    opens_at: datetime
    closes_at: datetime
    currency: str
    figures: dict[str, FigureOut]


class ReasonOut(Struct, frozen=True, kw_only=True):
    """Why a day changed, and how many rows or orders that were (0: not known)."""

    reason: str
    rows: int


class FigureChange(Struct, frozen=True, kw_only=True):
    """One figure before and after; null: it was, or is, not known."""

    definition: str
    before: float | None
    after: float | None


class StoreDayRestated(Struct, frozen=True, kw_only=True):
    """What is known of a closed day changed: late counts, an edited order, an audit.

    `withheld`: changes of sales are left out, as they would tell of few orders that are gone. Otherwise `changes` is
    empty where only intervals did.
    """

    store: str
    name: _Text
    business_date: date
    first_at: datetime
    at: datetime
    reasons: list[ReasonOut]
    changes: list[FigureChange]
    withheld: bool = False


class Condition(Struct, frozen=True, kw_only=True):
    """Something that begins and ends; `until` is null while it lasts."""

    store: str
    since: datetime | None
    until: datetime | None = None


class DeviceDown(Condition, frozen=True, kw_only=True):
    """A box was not heard for five minutes, lost its connection, or was stopped (`state`)."""

    device: str
    state: str


class StoreDown(Condition, frozen=True, kw_only=True):
    """Every box of a store is down."""

    devices: int


class FindingRaised(Condition, frozen=True, kw_only=True):
    """Something that needs a person; `severity` is `act` or `watch`, codes are those of the store's page."""

    code: str
    severity: str
    subject: _Text
    detail: _Text
    number: float | None


class LedgerGap(Condition, frozen=True, kw_only=True):
    """Entries that a box counted have been missing for five minutes."""

    device: str
    missing: int


class Trial(Struct, frozen=True, kw_only=True):
    """Sent by `footfall webhooks test`."""

    message: _Text


#: Conditions by kind: the type that tells that it began, the one that it is over, and the data of both.
CONDITIONS: Final[dict[str, tuple[str, str, type[Condition]]]] = {
    "device": ("device.down", "device.up", DeviceDown),
    "store": ("store.down", "store.up", StoreDown),
    "finding": ("finding.raised", "finding.cleared", FindingRaised),
    "gap": ("ledger.gap", "ledger.gap_closed", LedgerGap),
}
DAY_CLOSED: Final = "store_day.closed"
DAY_RESTATED: Final = "store_day.restated"
TEST: Final = "webhook.test"
#: Every type that one can ask to be told of, with its data.
TYPES: Final[dict[str, type[Struct]]] = {
    DAY_CLOSED: StoreDayClosed,
    DAY_RESTATED: StoreDayRestated,
    **{name: data for began, over, data in CONDITIONS.values() for name in (began, over)},
}


def body_of(type_: str, at: datetime, data: Struct) -> str:
    """Return the JSON of an event."""
    envelope = {"type": type_, "version": VERSION, "timestamp": at, "data": data}
    return msgspec.json.encode(envelope).decode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of every body."""
    kinds: dict[str, type[Struct]] = {**TYPES, TEST: Trial}
    (_, *_), components = msgspec.json.schema_components(
        [FigureOut, ReasonOut, FigureChange, *dict.fromkeys(kinds.values())], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Footfall webhooks, version 1",
        "oneOf": [
            {
                "type": "object",
                "required": ["type", "version", "timestamp", "data"],
                "properties": {
                    "type": {"const": name},
                    "version": {"const": VERSION},
                    "timestamp": {"type": "string", "format": "date-time"},
                    "data": {"$ref": f"#/$defs/{data.__name__}"},
                },
            }
            for name, data in kinds.items()
        ],
        "$defs": components,
    }
