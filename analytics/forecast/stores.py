"""Forecasts of stores: histories out of the database, stores of one time zone forecast together.

What was not counted in full takes no part; hours outside the business days are not forecast. A forecast starts at the
store's last midnight and looks at nothing after it.
"""

import functools
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from analytics.comparison.holidays import country_of, special_days
from analytics.days import BUCKET, BusinessDay, calendar, quarter
from analytics.figure import MEASURED_FROM
from analytics.forecast.baselines import WEEK
from analytics.forecast.closed_form import INDEX_YEARS, YEAR, ClosedForm
from analytics.forecast.conformal import Band, bands, day_totals, scores
from analytics.forecast.forecasters import (
    CLOSED_FORM,
    LIGHTGBM,
    ClosedFormForecaster,
    Forecaster,
    LightgbmForecaster,
    past_scores,
)
from analytics.forecast.numbers import mean_over
from analytics.forecast.panel import HISTORY_MIN, HORIZON, HOURS, Floats, Panel, special_names
from analytics.forecast.special_days import with_bridges
from analytics.forecast.weekly import WEEKS
from analytics.queries import Connection, rows
from analytics.stores import Store

#: Goes up when the method changes.
VERSION: Final = 4
#: Days of history that are read: the years of the index as of each of last year's origins, and the weeks before them.
HISTORY_DAYS: Final = (INDEX_YEARS + 1) * YEAR + WEEKS * WEEK
#: Without a measured hour in so many days a store has no usual week.
COUNTED_WITHIN: Final = WEEKS * WEEK


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected visitors from `at` on (an hour's instant or a date) with intervals; None where no interval is known."""

    at: datetime | date
    visitors: float
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


@dataclass(frozen=True, slots=True)
class StoreForecast:
    """One store's forecast; `model` is None and `reason` says why where there is none.

    `actual` is (D, 24), what was measured before `first_day`, for judging earlier forecasts.
    """

    store: Store
    first_day: date
    history_days: int
    model: str | None
    trained_at: datetime | None
    reason: str | None
    hours: tuple[Expected, ...]
    days: tuple[Expected, ...]
    actual: Floats


def forecast_stores(
    connection: Connection,
    stores: Sequence[Store],
    *,
    now: datetime,
    threads: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> list[StoreForecast]:
    """Return a forecast of each store, or why there is none; `progress` is told how many histories were read.

    Raises:
        DatabaseError: the database could not be asked.
    """
    zones: dict[str, list[Store]] = {}
    for store in stores:
        zones.setdefault(store.timezone, []).append(store)
    found: list[StoreForecast] = []
    for group in zones.values():
        panel = _read_panel(connection, group, now, functools.partial(_tell, progress, len(found)))
        found += _of_group(connection, group, panel, now, threads)
    return found


def _tell(progress: Callable[[int], None], before: int, done: int) -> None:
    progress(before + done)


def chosen(panel: Panel, origin: int, *, threads: int) -> tuple[str, Forecaster]:
    """Return the model to use: LightGBM where installed, if it was better in the past year, in time it never saw."""
    closed = ClosedForm(panel)
    plain = ClosedFormForecaster(closed)
    if importlib.util.find_spec("lightgbm"):
        trees = LightgbmForecaster(closed, threads=threads)
        trees.forecast(origin)
        if trees.trained_before is not None:
            tried = trees.past(origin)
            if _missed(panel, tried) < _missed(panel, [(one, plain.forecast(one)) for one, _ in tried]):
                return LIGHTGBM, trees
    return CLOSED_FORM, plain


def _missed(panel: Panel, past: Sequence[tuple[int, Floats]]) -> float:
    return float(sum(np.nansum(np.abs(panel.counts[:, one : one + HORIZON] - said)) for one, said in past))


def _read_panel(
    connection: Connection, stores: Sequence[Store], now: datetime, progress: Callable[[int], None]
) -> Panel:
    """Return the panel of stores of one zone that ends with their yesterday."""
    today = now.astimezone(stores[0].zone).date()
    first = today - timedelta(days=HISTORY_DAYS)
    counts = np.full((len(stores), HISTORY_DAYS, HOURS), np.nan)
    for row, store in enumerate(stores):
        read = rows(
            connection, "local_hours", store_id=store.store_id, first=first - timedelta(days=1), last=today,
            until=now, measured_from=MEASURED_FROM,
        )  # fmt: skip
        for hour, ins in read:
            day = (hour.date() - first).days
            if 0 <= day < HISTORY_DAYS:
                counts[row, day, hour.hour] = ins
        progress(row + 1)
    country = country_of(stores[0].timezone)
    named: dict[date, str] = {}
    for year in range(first.year - 1, today.year + 2) if country else ():
        named |= special_days(country, year)
    names = tuple(store.code for store in stores)
    return Panel(names, first, counts, special_names(first, HISTORY_DAYS, with_bridges(named)))


def _of_group(
    connection: Connection, stores: Sequence[Store], panel: Panel, now: datetime, threads: int
) -> list[StoreForecast]:
    origin = panel.days
    first_day = panel.day(origin)
    history = panel.history_days(origin)
    counted = np.any(~np.isnan(panel.counts[:, -COUNTED_WITHIN:]), axis=(1, 2))
    reasons = [
        "too_new" if days < HISTORY_MIN else None if seen else "not_counted"
        for days, seen in zip(history, counted, strict=True)
    ]
    if all(reasons):
        return [_none(store, panel, row, reasons[row]) for row, store in enumerate(stores)]
    model, forecaster = chosen(panel, origin, threads=threads)
    forecast = forecaster.forecast(origin)
    past = forecaster.past(origin)
    intervals = bands(forecast, past_scores(panel, past))
    open_hours = calendar(
        connection, [store.store_id for store in stores],
        first=first_day - timedelta(days=1), last=first_day + timedelta(days=HORIZON),
    )  # fmt: skip
    masks = np.full(forecast.shape, np.nan)
    found = []
    for row, store in enumerate(stores):
        instants = _instants(store, first_day, open_hours.of(store.store_id).values())
        for day, hour in {cell for _, cell in instants}:
            masks[row, day, hour] = 1.0
        found.append(instants)
    whole = forecast * masks
    by_day = _day_bands(panel, whole, past)
    return [
        _none(store, panel, row, reasons[row])
        if reasons[row]
        else StoreForecast(
            store, first_day, int(history[row]), model, now if model == LIGHTGBM else None, None,
            _expected_hours(found[row], whole[row], row, intervals),
            _expected_days(first_day, whole[row], row, by_day),
            panel.counts[row],
        )
        for row, store in enumerate(stores)
    ]  # fmt: skip


def _none(store: Store, panel: Panel, row: int, reason: str | None) -> StoreForecast:
    days = int(panel.history_days(panel.days)[row])
    return StoreForecast(store, panel.day(panel.days), days, None, None, reason, (), (), panel.counts[row])


def _instants(store: Store, first_day: date, days: Iterable[BusinessDay]) -> list[tuple[datetime, tuple[int, int]]]:
    """Return the open local hours of the horizon: the instant at which each begins, and its (day, hour)."""
    found: dict[datetime, tuple[int, int]] = {}
    for day in days:
        at = quarter(day.opens_at)
        while at < day.closes_at:
            local = at.astimezone(store.zone)
            step = (local.date() - first_day).days
            if 0 <= step < HORIZON:
                found[at - timedelta(minutes=local.minute)] = (step, local.hour)
            at += BUCKET
    return sorted(found.items())


def _day_bands(panel: Panel, forecast: Floats, past: Sequence[tuple[int, Floats]]) -> dict[int, Band]:
    tried = []
    for origin, said in past:
        came = panel.counts[:, origin : origin + HORIZON]
        # A past day's hours are those that were measured then: opening hours may have been others.
        told = np.where(np.isnan(came), np.nan, said)
        tried.append(scores(day_totals(came, told), day_totals(told, told)))
    return bands(day_totals(forecast, forecast), tried)


def _expected_hours(
    instants: Sequence[tuple[datetime, tuple[int, int]]], forecast: Floats, row: int, intervals: dict[int, Band]
) -> tuple[Expected, ...]:
    return tuple(
        _expected(at, float(forecast[day, hour]), intervals, (row, day, hour))
        for at, (day, hour) in instants
        if not np.isnan(forecast[day, hour])
    )


def _expected_days(first_day: date, forecast: Floats, row: int, intervals: dict[int, Band]) -> tuple[Expected, ...]:
    totals = np.where(np.isnan(mean_over(forecast, 1)), np.nan, np.nansum(forecast, axis=1))
    return tuple(
        _expected(first_day + timedelta(days=day), float(totals[day]), intervals, (row, day, 0))
        for day in range(HORIZON)
        if not np.isnan(totals[day])
    )


def _expected(at: datetime | date, visitors: float, intervals: dict[int, Band], cell: tuple[int, int, int]) -> Expected:
    ends = [float(end[cell]) for coverage in (80, 95) for end in (intervals[coverage].low, intervals[coverage].high)]
    low_80, high_80, low_95, high_95 = (None if np.isnan(end) else end for end in ends)
    return Expected(at, visitors, low_80, high_80, low_95, high_95)
