"""The check: does the database say what was counted? Hour by hour, and by business day within opening hours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from deploy.simulation.errors import TruthError
from deploy.simulation.truth import TruthRow
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "check")
#: Uptime is stored in single precision and rounded to seconds on both sides.
_UPTIME_TOLERANCE_S: Final = 1

_Where = tuple[str, datetime | date, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The database says `found` where `expected` was counted: in the hour (or on the business date) `when`."""

    store: str
    when: datetime | date
    measure: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the comparison found.

    `totals` holds (true, counted, found) by store and measure; `missing` the ledger entries that have not arrived, by
    store and device.
    """

    differences: list[Difference]
    totals: dict[tuple[str, str], tuple[int, int, int]]
    missing: dict[tuple[str, str], int]

    @property
    def agrees(self) -> bool:
        """Return whether the database says exactly what was counted and nothing is missing."""
        return not self.differences and not self.missing


def check(database: Database, truth: list[TruthRow]) -> Verdict:
    """Compare the database with a truth, over the stores and hours that the truth names.

    Raises:
        TruthError: the truth is empty.
        DatabaseError: the database cannot answer.
    """
    if not truth:
        raise TruthError("expected a truth with at least one hour in it, got none: let the simulation run first")
    hours: Counter[_Where] = Counter()
    days: Counter[_Where] = Counter()
    for row in truth:
        for measure, number in row.counted.items():
            hours[row.store, row.hour, measure] += number
            if measure.startswith(("in:", "out:")):
                days[row.store, row.business_date, measure] += number
    stores = sorted({row.store for row in truth})
    first, last = min(row.hour for row in truth), max(row.hour for row in truth) + timedelta(hours=1)
    found_hours = _ask(database, "hours", stores=stores, first=first, last=last)
    dates = [row.business_date for row in truth]
    found_days = _ask(database, "days", stores=stores, first=min(dates), last=max(dates))
    return Verdict(
        differences=[*_compare(hours, found_hours), *_compare(days, found_days)],
        totals=_totals(truth, found_hours),
        missing=_missing(database, stores),
    )


def _ask(database: Database, block: str, **bounds: object) -> Counter[_Where]:
    with database.transaction() as cursor:
        cursor.execute(_SQL[block], bounds)
        return Counter({(store, when, measure): number for store, when, measure, number in cursor.fetchall()})


def _missing(database: Database, stores: list[str]) -> dict[tuple[str, str], int]:
    with database.transaction() as cursor:
        cursor.execute(_SQL["missing"], {"stores": stores})
        return {(store, device): int(missing) for store, device, missing in cursor.fetchall()}


def _compare(expected: Mapping[_Where, int], found: Mapping[_Where, int]) -> list[Difference]:
    differences = []
    for where in sorted(expected.keys() | found.keys(), key=str):
        store, when, measure = where
        tolerance = _UPTIME_TOLERANCE_S if measure.startswith("up_s:") else 0
        if abs(expected.get(where, 0) - found.get(where, 0)) > tolerance:
            differences.append(
                Difference(
                    store=store, when=when, measure=measure, expected=expected.get(where, 0), found=found.get(where, 0)
                )
            )
    return differences


def _totals(truth: list[TruthRow], found: Mapping[_Where, int]) -> dict[tuple[str, str], tuple[int, int, int]]:
    true: Counter[tuple[str, str]] = Counter()
    counted: Counter[tuple[str, str]] = Counter()
    for row in truth:
        true.update({(row.store, measure): number for measure, number in row.true.items()})
        counted.update({(row.store, measure): number for measure, number in row.counted.items()})
    stored: Counter[tuple[str, str]] = Counter()
    for (store, _, measure), number in found.items():
        stored[store, measure] += number
    # What only the truth can know stands beside nothing.
    return {key: (true[key], counted[key], stored[key]) for key in sorted(counted.keys() | stored.keys())}
