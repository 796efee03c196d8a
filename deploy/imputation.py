"""Imputation as it is kept: estimates are made beside the counts, listed, and taken back. No count is ever changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from psycopg2.extras import execute_values

from analytics.quality.imputation import MODEL_VERSION, BackTest, Estimate, back_test, impute, read_hours
from deploy.errors import ImputationError
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "imputation")


@dataclass(frozen=True, slots=True)
class Imputation:
    """One estimate of a store's missing hours: by which method, how well that told hidden hours, how much it added."""

    imputation_id: int
    store: str
    first: date
    last: date
    method: str
    model_version: str
    wape: float
    tested_hours: int
    made_at: datetime
    reverted_at: datetime | None
    hours: int
    visitors: float


def run(database: Database, store: str, *, first: date, last: date, now: datetime) -> Imputation | None:
    """Estimate the store's missing line-hours between two dates and keep them; None where none is missing.

    What earlier estimates say of the same hours is replaced by this one as long as it is in force.

    Raises:
        ImputationError: no such store, dates out of order, or too little was counted to know how large the error is.
    """
    if last < first:
        raise ImputationError(f"expected dates in order, got {first} and {last}")
    with database.transaction() as cursor:
        cursor.execute(_SQL["store_id"], {"store": store})
        row = cursor.fetchone()
        if row is None:
            raise ImputationError(f"no store has the code {store!r}: `footfall store list` names them")
        hours = read_hours(cursor.connection, row[0], first=first, last=last, now=now)
        tested = back_test(hours, until=last)
        if tested is None:
            raise ImputationError(
                f"{store}: too few hours were counted in full up to {last} to try a method on; some weeks are needed"
            )
        estimates = impute(hours, tested, first=first, last=last)
        if not estimates:
            return None
        values = {"store_id": row[0], "first": first, "last": last, "version": MODEL_VERSION, "now": now}
        cursor.execute(_SQL["add_imputation"], {**values, **_tested(tested)})
        (found,) = cursor.fetchone() or (0,)
        execute_values(cursor, _SQL["add_hours"], [_values(found, one) for one in estimates])
    return next(one for one in listed(database) if one.imputation_id == found)


def listed(database: Database, store: str | None = None) -> Sequence[Imputation]:
    """Return what was estimated, the newest first, taken back or not."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list_imputations"], {"store": store})
        return [Imputation(*row) for row in cursor.fetchall()]


def revert(database: Database, imputation_id: int, *, now: datetime) -> Imputation:
    """Take an estimate back: no figure holds it any more. It stays listed.

    Raises:
        ImputationError: there is none of this number, or it was taken back before.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["revert"], {"id": imputation_id, "now": now})
        if cursor.fetchone() is None:
            raise ImputationError(f"no estimate {imputation_id} is in force: `footfall impute list` names them")
    return next(one for one in listed(database) if one.imputation_id == imputation_id)


def as_json(one: Imputation) -> dict[str, object]:
    """Return an imputation as plain values."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(one).items()}


def _tested(tested: BackTest) -> dict[str, object]:
    return {"method": tested.best, "wape": tested.wape[tested.best], "tested": tested.hours}


def _values(imputation_id: int, one: Estimate) -> tuple[object, ...]:
    return imputation_id, one.line_id, one.hour, one.business_date, one.missing, one.ins, one.low, one.high, one.method
