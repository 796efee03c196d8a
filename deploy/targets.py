"""Targets of stores: said for a metric from a day on, taken back, and brought by a list."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from analytics.visits.targets import METRICS, WEEKDAYS, Metric, Plan
from analytics.weekdays import DAYS, SPAN, alike, span_of, write_span
from deploy.errors import StoreError
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "targets")
_PART: Final = re.compile(rf"{SPAN}=(\S+)")
#: More than any shop reaches in a day.
_MOST: Final[Mapping[Metric, float]] = {"visitors": 1e6, "conversion": 1.0, "net_sales": 1e12}
COLUMNS: Final = ("store", "metric", "from", *DAYS)


@dataclass(frozen=True, slots=True)
class Said:
    """A store's plan, and who said it when."""

    store: str
    plan: Plan
    said_at: datetime
    said_by: str


def check(plan: Plan) -> Plan:
    """Return the plan.

    Raises:
        StoreError: it is not of a metric that has targets, or a number is below 0 or more than can be.
    """
    if plan.metric not in METRICS:
        raise StoreError(f"target: expected {', '.join(METRICS)}, got {plan.metric!r}", column="target_metric")
    most = _MOST[plan.metric]
    for day, value in zip(DAYS, plan.by_weekday, strict=True):
        if value is not None and not (math.isfinite(value) and 0 <= value <= most):
            raise StoreError(
                f"target: expected {plan.metric} from 0 to {most:g} on {day}, got {value:g}",
                column=f"target_{plan.metric}",
            )
    return plan


def set_targets(database: Database, said: Sequence[tuple[str, Plan]], *, by: str, at: datetime) -> None:
    """Have each plan hold in its store from its day on; all or none.

    Raises:
        StoreError: no store has the code, or a number cannot be.
    """
    with database.transaction() as cursor:
        for store, plan in said:
            _say(cursor, store, check(plan), list(plan.by_weekday), by=by, at=at)


def withdraw(database: Database, store: str, metric: Metric, valid_from: date, *, by: str, at: datetime) -> None:
    """Take back what was to hold from a day on: what began before it goes on.

    Raises:
        StoreError: no store has the code, or nothing was said of that day.
    """
    if all((one.plan.metric, one.plan.valid_from) != (metric, valid_from) for one in targets(database, store)):
        raise StoreError(f"{store} has no target of {metric} that begins on {valid_from}", column="target")
    with database.transaction() as cursor:
        _say(cursor, store, Plan(metric, valid_from, ()), None, by=by, at=at)


def targets(database: Database, store: str | None = None) -> list[Said]:
    """Return the plans of a store, or of all, by store, metric and day."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"], {"store": store})
        return [
            Said(code, Plan(metric, valid_from, tuple(by_weekday)), said_at, said_by)
            for code, metric, valid_from, by_weekday, said_at, said_by in cursor.fetchall()
        ]


def parse_week(text: str, metric: Metric) -> tuple[float | None, ...]:
    """Return the week in `mon-fri=400, sat=900`, or one number for every day; a share may be written as 24%.

    Raises:
        StoreError: names the part that cannot be read.
    """
    if "=" not in text:
        return (_number(text, metric),) * WEEKDAYS
    week: list[float | None] = [None] * WEEKDAYS
    for part in text.lower().split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise StoreError(f"target: expected such as `mon-fri=400, sat=900`, got {part.strip()!r}", column="target")
        for day in span_of(match[1], match[2]):
            week[day] = _number(match[3], metric)
    return tuple(week)


def write_week(week: Sequence[float | None]) -> str:
    """Return a week as `parse_week` reads it."""
    parts = alike((day, value) for day, value in enumerate(week) if value is not None)
    return ", ".join(f"{write_span(first, last)}={value:.12g}" for first, last, value in parts)


def read_list(text: str) -> list[tuple[str, Plan]]:
    """Return the plans in a CSV list: columns store, metric, from, mon … sun; an empty field is no target.

    Raises:
        StoreError: other columns, or a value that cannot be; names the line.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        got = ", ".join(reader.fieldnames or ()) or "none"
        raise StoreError(f"expected the columns {', '.join(COLUMNS)}, got {got}", column="target")
    found = []
    for row in reader:
        try:
            found.append((row["store"].strip(), _plan(row)))
        except (StoreError, ValueError, AttributeError) as error:
            raise StoreError(f"line {reader.line_num}: {error}", column="target") from error
    return found


def _plan(row: Mapping[str, str]) -> Plan:
    metric: Metric = row["metric"].strip()  # type: ignore[assignment]  # `check` refuses others
    week = tuple(_number(row[day], metric) if row[day].strip() else None for day in DAYS)
    return check(Plan(metric, date.fromisoformat(row["from"].strip()), week))


def _number(text: str, metric: Metric) -> float:
    said = text.strip()
    try:
        return float(said[:-1]) / 100 if metric == "conversion" and said.endswith("%") else float(said)
    except ValueError:
        raise StoreError(f"target: expected a number of {metric}, got {said!r}", column="target") from None


def _say(
    cursor: Cursor, store: str, plan: Plan, by_weekday: list[float | None] | None, *, by: str, at: datetime
) -> None:
    cursor.execute(_SQL["say"], {
        "store": store, "metric": plan.metric, "valid_from": plan.valid_from, "by_weekday": by_weekday, "by": by,
        "at": at,
    })  # fmt: skip
    if not cursor.rowcount:
        raise StoreError.unknown(store)
