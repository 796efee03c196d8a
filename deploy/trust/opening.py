"""Opening stores: one or a whole list, each with its boxes and a one-time code for each of them."""

import csv
import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from analytics.tables import EMPTIED, guarded, unguarded
from deploy.errors import StoreError
from deploy.stores import ALWAYS, Store, parse_hours, register
from deploy.trust.decisions import Decisions, check_device
from ingest.database import Database

#: Columns of a list of stores; the first three are needed. `devices` are names with spaces between.
COLUMNS: Final = (
    "code", "timezone", "currency", "name", "region", "hours", "devices", "opened_on", "format", "city_tier", "size_m2"
)  # fmt: skip
_NEEDED: Final = COLUMNS[:3]
#: What a store may be without; these a list may empty.
_OPTIONAL: Final = frozenset(("region", "opened_on", "format", "city_tier", "size_m2"))
_BOX: Final = "door-box"
_T = TypeVar("_T")
#: What a template must leave to the enrolment.
_NOT_IN_TEMPLATE: Final = ("store", "device", "broker")


@dataclass(frozen=True, slots=True)
class Plan:
    """A store to open and the names of its boxes."""

    store: Store
    devices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of stores: what it says, and the store to open or what is wrong with it."""

    line: int
    said: dict[str, str]
    plan: Plan | None
    error: StoreError | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A code for one box; seen here and nowhere else."""

    store: str
    device: str
    code: str
    expires_at: datetime


def open_stores(
    database: Database,
    decisions: Decisions,
    plans: Sequence[Plan],
    *,
    now: datetime,
    lasts: timedelta,
    site: str | None = None,
) -> Iterator[Issued]:
    """Register each store and yield a code for each of its boxes; `site` is the boxes' template.

    A store that is known is brought up to date; one that was closed is open again.

    Raises:
        StoreError: a store or a device cannot be registered so; of those before it all is done.
    """
    for plan in plans:
        for device in plan.devices:
            check_device(plan.store.code, device)
        register(database, plan.store, today=now.date())
        decisions.opened(plan.store.code, now=now)
        for device in plan.devices:
            code = decisions.issue_code(plan.store.code, device, now=now, lasts=lasts, site=site)
            yield Issued(plan.store.code, device, str(code), now + lasts)


def read_plans(path: Path) -> list[Plan]:
    """Return the stores in a CSV file whose first line names its columns.

    Raises:
        StoreError: not readable, an unknown or missing column, a value that a store cannot have; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path} cannot be read as a CSV file in UTF-8: {error}") from error
    plans = []
    for row in read_rows(text, str(path)):
        if row.plan is None:
            raise StoreError(f"{path}:{row.line}: {row.error}") from row.error
        plans.append(row.plan)
    return plans


def read_rows(text: str, where: str) -> list[Row]:
    """Return each line of a list of stores, understood or with what is wrong with it; `where` is for the message.

    Raises:
        StoreError: an unknown or missing column, or no CSV at all.
    """
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        columns = reader.fieldnames or []
        if set(_NEEDED) - set(columns) or set(columns) - set(COLUMNS):
            raise StoreError(
                f"{where}: expected the columns {', '.join(_NEEDED)} and perhaps {', '.join(COLUMNS[3:])}, "
                f"got {', '.join(columns) or 'none'}",
                column="columns",
            )
        seen: set[str] = set()
        return [_row(reader.line_num, values, seen) for values in reader]
    except csv.Error as error:
        raise StoreError(f"{where} cannot be read as a CSV file: {error}", column="columns") from error


def read_template(path: Path) -> str:
    """Return a template for boxes: a site file without `store`, `device` and `[broker]`.

    Raises:
        StoreError: not readable, not TOML, or it holds one of the three.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read as TOML: {error}") from error
    check_template(text, str(path))
    return text


def check_template(text: str, where: str) -> None:
    """Check a template for boxes; `where` is for the message.

    Raises:
        StoreError: not TOML, without a camera, or with what each box gets by itself.
    """
    try:
        keys = tomllib.loads(text)
    except ValueError as error:
        raise StoreError(f"{where} cannot be read as TOML: {error}", column="template") from error
    held = [key for key in _NOT_IN_TEMPLATE if key in keys]
    if held or "cameras" not in keys:
        raise StoreError(
            f"{where}: expected [[cameras]] and none of {', '.join(_NOT_IN_TEMPLATE)}, which each box gets by itself; "
            f"got {', '.join(held) or 'no camera'}",
            column="template",
        )


def _row(line: int, values: dict[str, str], seen: set[str]) -> Row:
    cells = {column: (values.get(column) or "").strip() for column in COLUMNS}
    said = {column: unguarded(cell) for column, cell in cells.items()}
    if None in values:
        return Row(line, said, None, StoreError("expected no more fields than columns", column="fields"))
    if said["code"] in seen:
        message = f"store {said['code']} stands in an earlier line, too"
        return Row(line, said, None, StoreError(message, column="twice"))
    seen.add(said["code"])
    for column in (one for one, cell in cells.items() if cell == guarded(EMPTIED)):
        message = f"{column}: expected another name than {EMPTIED}, which alone says that a store is to be without"
        return Row(line, said, None, StoreError(message, column=column))
    try:
        return Row(line, said, planned(said), None)
    except StoreError as error:
        return Row(line, said, None, error)


def _read(read: Callable[[str], _T], said: Mapping[str, str], column: str, expected: str) -> _T | None:
    text = said.get(column)
    if not text or text == EMPTIED:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise StoreError(f"{column}: expected {expected}, got {text!r}", column=column) from error


def emptied(said: Mapping[str, str]) -> frozenset[str]:
    """Return which of the texts under `COLUMNS` say that a store is to be without."""
    return frozenset(column for column in _OPTIONAL if said.get(column) == EMPTIED)


def planned(said: dict[str, str]) -> Plan:
    """Return the store that the texts under `COLUMNS` describe.

    Raises:
        StoreError: a store cannot be so; its `column` is what is wrong.
    """
    if said.get("name") == EMPTIED:
        raise StoreError("name: expected what people call the store: it is never without one", column="name")
    store = Store(
        code=said["code"],
        name=said.get("name") or said["code"],
        timezone=said["timezone"],
        currency=said["currency"],
        region=_read(str, said, "region", "a name"),
        opened_on=_read(date.fromisoformat, said, "opened_on", "a date as 2024-03-01"),
        format=_read(str, said, "format", "a kind of shop"),
        city_tier=_read(int, said, "city_tier", "a whole number"),
        size_m2=_read(float, said, "size_m2", "square metres as a number"),
        hours=parse_hours(said["hours"]) if said.get("hours") else ALWAYS,
    )
    devices = list(dict.fromkeys((said.get("devices") or _BOX).split()))
    for device in devices:
        check_device(store.code, device)
    return Plan(store, devices)
