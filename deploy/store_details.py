"""What is known of a store, to be looked at and changed: name, zone, region, hours, and all of it as a list."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from analytics.tables import EMPTIED, guarded
from deploy.errors import StoreError
from deploy.stores import (
    ALWAYS,
    CALENDAR,
    Hours,
    Store,
    check_peers,
    fill_calendar,
    parse_hours,
    set_hours,
    write_hours,
)
from deploy.trust.opening import COLUMNS, emptied, planned
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "store_details")


@dataclass(frozen=True, slots=True)
class Details:
    """A store's details; `hours` as `parse_hours` reads them, "" around the clock, None: none were ever said."""

    name: str
    timezone: str
    region: str | None
    hours: str | None
    staff_figures: bool


def details(database: Database, code: str) -> Details:
    """Return what is known of a store.

    Raises:
        StoreError: no store has this code.
    """
    with database.transaction() as cursor:
        return _details(cursor, code)


def revise(database: Database, code: str, wanted: Details, *, today: date, past: bool) -> None:
    """Change a store's details. Hours and zone hold from `today` on; with `past` they were so for the last 400 days.

    Raises:
        StoreError: no store has this code, or it cannot be so.
    """
    hours = None if wanted.hours is None else _hours(wanted.hours)
    # Its own checks, of the zone above all.
    Store(code=code, name=wanted.name, timezone=wanted.timezone)
    if not wanted.name.strip():
        raise StoreError("name: expected what people call the store, got nothing", column="name")
    with database.transaction() as cursor:
        _revise(cursor, code, wanted, hours, today=today, past=past)


@dataclass(frozen=True, slots=True)
class Peers:
    """What a store is compared by: kind of shop, class of its city, sales floor in m², first day of business."""

    format: str | None
    city_tier: int | None
    size_m2: float | None
    opened_on: date | None


def peers(database: Database, code: str) -> Peers:
    """Return what a store is compared by.

    Raises:
        StoreError: no store has this code.
    """
    with database.transaction() as cursor:
        return _peers(cursor, code)


def describe(database: Database, code: str, wanted: Peers) -> None:
    """Set what a store is compared by; what is None it is without from now on.

    Raises:
        StoreError: no store has this code, or a value cannot be.
    """
    check_peers(wanted.city_tier, wanted.size_m2)
    values = asdict(wanted)
    with database.transaction() as cursor:
        _peers(cursor, code)
        without = [column for column, value in values.items() if value is None]
        cursor.execute(_SQL["describe"], {"code": code, **values, "emptied": without})


def export(database: Database) -> str:
    """Return all stores as a list that can be changed and brought back: CSV under the columns of an opening's list.

    No spreadsheet takes a name for a formula: `read_rows` takes away again what guards it.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: guarded(text) for column, text in row.items()} for row in _listed(database))
    return out.getvalue()


def _listed(database: Database) -> list[dict[str, str]]:
    found = []
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"])
        for code, *rest in cursor.fetchall():
            known = _details(cursor, code)
            hours = known.hours or ("mon-sun 00:00-24:00" if known.hours == "" else "")
            values = dict(
                zip(("currency", "devices", "opened_on", "format", "city_tier", "size_m2"), rest, strict=True)
            ) | {"code": code, "name": known.name, "timezone": known.timezone, "region": known.region, "hours": hours}
            # What says in a list that a store is to be without is no name of anything: an empty field leaves it.
            found.append({one: "" if text in {None, EMPTIED} else str(text) for one, text in values.items()})
    return found


def changes(database: Database, said: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return of each known store of a list which columns say something else than is known; empty fields say nothing."""
    known = {row["code"]: row for row in _listed(database)}
    return {
        row["code"]: tuple(
            column for column in COLUMNS if column != "devices" and _differs(column, row, known[row["code"]])
        )
        for row in said
        if row["code"] in known
    }


def revise_all(database: Database, said: Sequence[Mapping[str, str]], *, now: datetime) -> list[str]:
    """Change the known stores of a list, all or none; return the codes of those that changed. No box gets a code.

    An empty field stays as it is, one that says `EMPTIED` is emptied. Hours and zones hold from each store's own day.

    Raises:
        StoreError: a store cannot be so, or is known with another currency.
    """
    different = changes(database, said)
    changed = [row for row in said if different.get(row["code"])]
    with database.transaction() as cursor:
        # All of them before the first changes, in the order in which everybody takes them.
        cursor.execute(_SQL["lock"], {"codes": [row["code"] for row in changed]})
        for row in changed:
            if "currency" in different[row["code"]]:
                raise StoreError(
                    f"store {row['code']} is registered with another currency than {row['currency']}, and keeps it",
                    column="known_currency",
                )
            store, was = planned(dict(row)).store, _details(cursor, row["code"])
            text = row.get("hours") or was.hours
            without = emptied(row)
            region = None if "region" in without else row.get("region") or was.region
            wanted = Details(row.get("name") or was.name, store.timezone, region, text, was.staff_figures)
            hours = None if text is None else _hours(text)
            today = now.astimezone(ZoneInfo(was.timezone)).date()
            _revise(cursor, store.code, wanted, hours, today=today, past=False)
            cursor.execute(_SQL["describe"], {
                "code": store.code, "opened_on": store.opened_on, "format": store.format, "city_tier": store.city_tier,
                "size_m2": store.size_m2, "emptied": sorted(without),
            })  # fmt: skip
    return [row["code"] for row in changed]


def _hours(text: str) -> Hours:
    return parse_hours(text) if text else ALWAYS


def _peers(cursor: Cursor, code: str) -> Peers:
    cursor.execute(_SQL["peers"], {"code": code})
    row = cursor.fetchone()
    if row is None:
        raise StoreError.unknown(code)
    return Peers(*row)


def _details(cursor: Cursor, code: str) -> Details:
    cursor.execute(_SQL["details"], {"code": code})
    row = cursor.fetchone()
    if row is None:
        raise StoreError.unknown(code)
    store_id, name, timezone, region, staff_figures = row
    cursor.execute(_SQL["hours"], {"store_id": store_id})
    hours = {weekday: (opens, closes) for weekday, opens, closes in cursor.fetchall()}
    return Details(name, timezone, region, write_hours(hours) if hours else None, staff_figures)


def _revise(cursor: Cursor, code: str, wanted: Details, hours: Hours | None, *, today: date, past: bool) -> None:
    cursor.execute(_SQL["lock"], {"codes": [code]})
    was = _details(cursor, code)
    cursor.execute(_SQL["revise"], {
        "code": code, "name": wanted.name.strip(), "timezone": wanted.timezone, "region": wanted.region,
        "staff_figures": wanted.staff_figures,
    })  # fmt: skip
    ((store_id,),) = cursor.fetchall()
    same_hours = hours is None or (was.hours is not None and _hours(was.hours) == hours)
    if same_hours and was.timezone == wanted.timezone and not past:
        return
    if hours is not None:
        set_hours(cursor, store_id, hours)
    # Days are opened and closed anew, where their hours were wrong, as far back as a calendar is written.
    fill_calendar(cursor, store_id, first=today - CALENDAR if past else today, today=today)


def _differs(column: str, row: Mapping[str, str], known: Mapping[str, str]) -> bool:
    said, was = row.get(column) or "", known[column]
    if not said or said == was:
        return False
    if column in emptied(row):
        return bool(was)
    if column == "hours":
        return not was or parse_hours(said) != parse_hours(was)
    if column in ("city_tier", "size_m2"):
        return not was or float(said) != float(was)
    return True
