"""Forecasts kept: what was said each night, held against what came, and the newest read back for the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np

from analytics.forecast.accuracy import share
from analytics.forecast.stores import VERSION, Expected, StoreForecast
from analytics.queries import Connection, rows

#: Days back over which earlier forecasts are judged.
JUDGED_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Judged:
    """How far earlier forecasts were off: WAPE, hours judged, shares inside the intervals; None without hours."""

    off: float | None
    hours: int
    inside_80: float | None
    inside_95: float | None


@dataclass(frozen=True, slots=True)
class KeptForecast:
    """A store's newest forecast as the database has it; `model` is None and `reason` says why where there is none."""

    first_day: date
    made_at: datetime
    version: int
    history_days: int
    model: str | None
    trained_at: datetime | None
    reason: str | None
    judged: Judged
    days: tuple[Expected, ...]
    hours: tuple[Expected, ...]


def keep(connection: Connection, one: StoreForecast, *, now: datetime) -> Judged:
    """Write a forecast in place of the same day's, forget those older than 60 days; return how earlier ones did.

    Raises:
        DatabaseError: it did not work out; then nothing was changed.
    """
    judged = judge(connection, one)
    store_id = one.store.store_id
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
    try:
        rows(connection, "forget_forecast", store_id=store_id, first_day=one.first_day)
        ((run_id,),) = rows(
            connection, "keep_forecast", store_id=store_id, first_day=one.first_day, made_at=now, version=VERSION,
            history_days=one.history_days, model=one.model, trained_at=one.trained_at, reason=one.reason,
            off=judged.off, off_hours=judged.hours, inside_80=judged.inside_80, inside_95=judged.inside_95,
        )  # fmt: skip
        rows(connection, "keep_forecast_hours", run_id=run_id, **_columns(one.hours))
        rows(connection, "keep_forecast_days", run_id=run_id, **_columns(one.days))
    except BaseException:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
        raise
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")
    return judged


def judge(connection: Connection, one: StoreForecast) -> Judged:
    """Return how far earlier forecasts were off over the last `JUDGED_DAYS`, in hours that were measured.

    Raises:
        DatabaseError: the database could not be asked.
    """
    midnight = datetime.combine(one.first_day, time(), one.store.zone)
    said = rows(
        connection, "forecasts_to_judge", store_id=one.store.store_id, first_day=one.first_day, until=midnight,
        from_at=midnight - timedelta(days=JUDGED_DAYS),
    )  # fmt: skip
    first = one.first_day - timedelta(days=len(one.actual))
    locals_ = [at.astimezone(one.store.zone) for at, *_ in said]
    came = np.array([one.actual[(at.date() - first).days, at.hour] for at in locals_], dtype=float)
    known = ~np.isnan(came)
    if not known.any():
        return Judged(None, 0, None, None)
    told = np.array([numbers for _, *numbers in said], dtype=float)[known]
    came = came[known]
    inside = [(told[:, low] <= came) & (came <= told[:, low + 1]) for low in (1, 3)]
    off = share(np.abs(told[:, 0] - came).sum(), came.sum())
    return Judged(off, len(came), float(inside[0].mean()), float(inside[1].mean()))


def read_forecast(connection: Connection, store_id: int) -> KeptForecast | None:
    """Return a store's newest forecast; None before the first.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "latest_forecast", store_id=store_id)
    if not found:
        return None
    run_id, first_day, made_at, version, history, model, trained_at, reason, off, hours, in_80, in_95 = found[0]
    return KeptForecast(
        first_day, made_at, version, history, model, trained_at, reason, Judged(off, hours, in_80, in_95),
        tuple(Expected(*row) for row in rows(connection, "forecast_days", run_id=run_id)),
        tuple(Expected(*row) for row in rows(connection, "forecast_hours", run_id=run_id)),
    )  # fmt: skip


def newest_days(connection: Connection) -> dict[int, date]:
    """Return the first day of each store's newest forecast, by store id.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return dict(rows(connection, "newest_forecasts"))


def _columns(expected: Sequence[Expected]) -> dict[str, list[Any]]:
    names = ("at", "visitors", "low_80", "high_80", "low_95", "high_95")
    return {name: [getattr(one, name) for one in expected] for name in names}
