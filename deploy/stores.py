"""Stores: registering one with its opening hours and calendar, and listing them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.weekdays import SPAN, alike, span_of, write_span
from deploy.errors import StoreError
from ingest.claims import SILENT_AFTER
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "stores")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")
_HOURS = re.compile(rf"{SPAN} (\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY_MIN = 24 * 60
#: Classes of cities, and more than any shop's sales floor.
CITY_TIERS = 9
SIZE_M2_MAX = 1_000_000
#: How far back and ahead a store's calendar is written when it is registered; `maintain()` extends it daily.
CALENDAR = timedelta(days=400)

#: Opening and closing minute after local midnight per ISO weekday; a closing time beyond 1440 is after midnight.
Hours = Mapping[int, tuple[int, int]]
ALWAYS: Hours = dict.fromkeys(range(1, 8), (0, _DAY_MIN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A shop to register.

    Raises:
        StoreError: a field is not what the store table takes; says what is expected.
    """

    code: str
    name: str
    timezone: str = "UTC"
    currency: str = "EUR"
    region: str | None = None
    opened_on: date | None = None
    format: str | None = None
    city_tier: int | None = None
    size_m2: float | None = None
    hours: Hours = field(default_factory=lambda: ALWAYS)

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.code):
            raise StoreError(
                f"store code: expected a lower-case slug such as main-street, got {self.code!r}", column="code"
            )
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise StoreError(
                f"currency: expected an ISO 4217 code such as EUR, got {self.currency!r}", column="currency"
            )
        check_peers(self.city_tier, self.size_m2)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise StoreError(
                f"time zone: expected an IANA name such as Europe/Berlin, got {self.timezone!r}", column="timezone"
            ) from error


def check_peers(city_tier: int | None, size_m2: float | None) -> None:
    """Check what stores are compared by.

    Raises:
        StoreError: the class of city is not 1 to 9, or the sales floor not above 0.
    """
    if city_tier is not None and not 1 <= city_tier <= CITY_TIERS:
        raise StoreError(f"city tier: expected 1 (largest) to {CITY_TIERS}, got {city_tier}", column="city_tier")
    if size_m2 is not None and not 0 < size_m2 < SIZE_M2_MAX:
        raise StoreError(f"size: expected square metres above 0, got {size_m2:g}", column="size_m2")


@dataclass(frozen=True, slots=True)
class Listed:
    """A registered store; `unassigned_lines` were named by a device that never described them."""

    code: str
    name: str
    timezone: str
    currency: str
    region: str | None
    devices: int
    unassigned_lines: int
    opened_on: date | None
    format: str | None
    city_tier: int | None
    size_m2: float | None


def parse_hours(text: str) -> Hours:
    """Return the hours in `mon-fri 10:00-20:00, sat 10:00-18:00`; a closing time before the opening is next day's.

    Raises:
        StoreError: names the part that cannot be read.
    """
    hours: dict[int, tuple[int, int]] = {}
    for part in text.lower().split(","):
        match = _HOURS.fullmatch(part.strip())
        if match is None:
            raise StoreError(
                f"opening hours: expected such as `mon-fri 10:00-20:00, sat 10:00-18:00`, got {part!r}", column="hours"
            )
        opens, closes = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
        if opens >= _DAY_MIN or closes > _DAY_MIN or max(match[4], match[6]) >= "60":
            raise StoreError(f"opening hours: expected times from 00:00 to 24:00, got {part.strip()!r}", column="hours")
        for day in span_of(match[1], match[2]):
            hours[day + 1] = (opens, closes if closes > opens else closes + _DAY_MIN)
    return hours


def write_hours(hours: Hours) -> str:
    """Return hours as `parse_hours` reads them; "" around the clock on all days."""
    if dict(hours) == dict(ALWAYS):
        return ""
    parts = alike(
        (weekday - 1, f"{opens // 60:02}:{opens % 60:02}-{closes % _DAY_MIN // 60:02}:{closes % 60:02}")
        for weekday, (opens, closes) in sorted(hours.items())
    )
    return ", ".join(f"{write_span(first, last)} {said}" for first, last, said in parts)


def register(database: Database, store: Store, *, today: date) -> bool:
    """Add a store, or bring name, zone, region and hours of a known one up to date; return whether it is new.

    Raises:
        StoreError: it is known with another currency: orders of both could not be told apart.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["add_store"], {key: value for key, value in asdict(store).items() if key != "hours"})
        row = cursor.fetchone()
        if row is None:
            raise StoreError(
                f"store {store.code} is registered with another currency than {store.currency}: "
                "register a new store for orders in the new one",
                column="known_currency",
            )
        set_hours(cursor, row[0], store.hours)
        fill_calendar(cursor, row[0], first=today - CALENDAR, today=today)
        return bool(row[1])


def set_hours(cursor: Cursor, store_id: int, hours: Hours) -> None:
    """Replace a store's opening hours; its calendar is filled apart."""
    cursor.execute(_SQL["clear_hours"], {"store_id": store_id})
    for weekday, (opens, closes) in hours.items():
        values = {"store_id": store_id, "weekday": weekday, "opens_min": opens, "closes_min": closes}
        cursor.execute(_SQL["add_hours"], values)


def fill_calendar(cursor: Cursor, store_id: int, *, first: date, today: date) -> None:
    """Write a store's business days by its hours, from `first` to `CALENDAR` after today."""
    values = {"store_id": store_id, "from_date": first, "to_date": today + CALENDAR}
    cursor.execute(_SQL["fill_calendar"], values)


def set_attributes(
    database: Database,
    code: str,
    *,
    opened_on: date | None = None,
    format: str | None = None,  # noqa: A002 - the column's name
    city_tier: int | None = None,
    size_m2: float | None = None,
    staff_figures: bool | None = None,
) -> None:
    """Set what a registered store is compared by, and whether sales are shown by staff alias; None stays as it is.

    Raises:
        StoreError: no store has this code, or a value cannot be.
    """
    check_peers(city_tier, size_m2)
    values = {
        "opened_on": opened_on, "format": format, "city_tier": city_tier, "size_m2": size_m2,
        "staff_figures": staff_figures,
    }  # fmt: skip
    with database.transaction() as cursor:
        cursor.execute(_SQL["set_attributes"], {"code": code, **values})
        if cursor.fetchone() is None:
            raise StoreError.unknown(code)


def listed(database: Database) -> list[Listed]:
    """Return the registered stores by code."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list_stores"])
        return [Listed(*row) for row in cursor.fetchall()]


def retire(database: Database, store: str, line: str, *, now: datetime) -> None:
    """Take a line out of service: its door is not missed any more from `now` on. What it counted stays.

    Raises:
        StoreError: no such line, or a box that is online has it: it would be back with the next heartbeats.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["line_to_retire"], {"store": store, "line": line, "heard_since": now - SILENT_AFTER})
        row = cursor.fetchone()
        if row is None:
            raise StoreError(f"store {store} has no line {line!r}: the store's page names its doors, the box its lines")
        line_id, camera_id, store_id, boxes = row
        if boxes:
            raise StoreError(f"line {line} is counted by {boxes} now: take it out of that box's site file instead")
        values = {"line_id": line_id, "camera_id": camera_id, "store_id": store_id, "at": now}
        for block in ("retire_claims", "retire_camera", "settle_doors"):
            cursor.execute(_SQL[block], values)
