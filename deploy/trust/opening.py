"""Opening stores: one or a whole list, each with its boxes and a one-time code for each of them."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from deploy.errors import StoreError
from deploy.stores import ALWAYS, Store, parse_hours, register
from deploy.trust.enrolments import Enrolments, check_device
from ingest.database import Database

#: Columns of a list of stores; the first three are needed. `devices` are names with spaces between.
COLUMNS: Final = ("code", "timezone", "currency", "name", "region", "hours", "devices")
_NEEDED: Final = COLUMNS[:3]
_BOX: Final = "door-box"
#: What a template must leave to the enrolment.
_NOT_IN_TEMPLATE: Final = ("store", "device", "broker")


@dataclass(frozen=True, slots=True)
class Plan:
    """A store to open and the names of its boxes."""

    store: Store
    devices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Issued:
    """A code for one box; seen here and nowhere else."""

    store: str
    device: str
    code: str
    expires_at: datetime


def open_stores(
    database: Database,
    enrolments: Enrolments,
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
        enrolments.opened(plan.store.code, now=now)
        for device in plan.devices:
            code = enrolments.issue_code(plan.store.code, device, now=now, lasts=lasts, site=site)
            yield Issued(plan.store.code, device, str(code), now + lasts)


def read_plans(path: Path) -> list[Plan]:
    """Return the stores in a CSV file whose first line names its columns.

    Raises:
        StoreError: not readable, an unknown or missing column, a value that a store cannot have; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if set(_NEEDED) - set(columns) or set(columns) - set(COLUMNS):
                raise StoreError(
                    f"{path}: expected the columns {', '.join(_NEEDED)} and perhaps {', '.join(COLUMNS[3:])}, "
                    f"got {', '.join(columns) or 'none'}"
                )
            return [_plan(row, f"{path}:{reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StoreError(f"{path} cannot be read as a CSV file in UTF-8: {error}") from error


def read_template(path: Path) -> str:
    """Return a template for boxes: a site file without `store`, `device` and `[broker]`.

    Raises:
        StoreError: not readable, not TOML, or it holds one of the three.
    """
    try:
        text = path.read_text(encoding="utf-8")
        keys = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read as TOML: {error}") from error
    held = [key for key in _NOT_IN_TEMPLATE if key in keys]
    if held or "cameras" not in keys:
        raise StoreError(
            f"{path}: expected [[cameras]] and none of {', '.join(_NOT_IN_TEMPLATE)}, which each box gets by itself; "
            f"got {', '.join(held) or 'no camera'}"
        )
    return text


def _plan(row: dict[str, str], where: str) -> Plan:
    try:
        store = Store(
            code=row["code"], name=row.get("name") or row["code"], timezone=row["timezone"], currency=row["currency"],
            region=row.get("region") or None, hours=parse_hours(row["hours"]) if row.get("hours") else ALWAYS,
        )  # fmt: skip
        devices = (row.get("devices") or _BOX).split()
        for device in devices:
            check_device(store.code, device)
    except StoreError as error:
        raise StoreError(f"{where}: {error}") from error
    return Plan(store, devices)
