"""`footfall analytics forecast`: the next 14 days of each store, made and kept."""

import json
import threading
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analytics.database import Database
    from analytics.forecast.keeping import Judged
    from analytics.forecast.stores import StoreForecast
    from analytics.stores import Store

#: With --stay: how often it is looked for stores whose day has begun.
_LOOK_S = 900.0
_REASONS = {
    "too_new": "no forecast yet: {days} of the 56 days that one needs are measured",
    "not_counted": "no forecast: nothing was counted in full in the last ten weeks",
}


def forecast(
    store: Annotated[list[str] | None, typer.Option(help="Code of a store; may be repeated.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All stores.")] = False,
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on: forecast each store again once its next day begins.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Of LightGBM.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object; with --stay one a round.")] = False,
) -> None:
    """Forecast the visitors of the next 14 days by hour, with intervals, and keep it for the pages.

    How far the store's earlier forecasts were off over the last 28 days is said beside it.
    """
    from analytics.database import Database
    from deploy.cli.connection import database_url
    from deploy.errors import StoreError

    if bool(store) == all_:
        raise StoreError("expected --store CODE (may be repeated) or --all")
    # Short of writing, it only reads; one connection, as stores are read one after another.
    opened = Database(database_url(), clock=utc_now, connections=1, writes=True)
    round_ = _Round(opened, store or None, threads=threads, json_=json_)
    if stay:
        round_.stay()
    else:
        round_.make(due_only=False)


class _Round:
    """Makes the forecasts of the wanted stores and tells of them."""

    def __init__(self, database: "Database", codes: "Sequence[str] | None", *, threads: int, json_: bool) -> None:
        self._database = database
        self._codes = codes
        self._threads = threads
        self._json = json_

    def stay(self) -> None:
        import logging

        from analytics.errors import DatabaseError, DatabaseUnavailableError

        while True:
            try:
                self.make(due_only=True)
            except (DatabaseError, DatabaseUnavailableError) as error:
                logging.getLogger(__name__).warning(
                    "no forecast now, trying again: %s", error, extra={"action": "forecast_failed"}
                )
            threading.Event().wait(_LOOK_S)

    def make(self, *, due_only: bool) -> None:
        from analytics.forecast.keeping import keep
        from analytics.forecast.stores import forecast_stores

        now = utc_now()
        with self._database.connection() as connection:
            stores = self._wanted(connection, now, due_only=due_only)
            if due_only and not stores:
                return
            made = _with_progress(
                len(stores),
                lambda tell: forecast_stores(connection, stores, now=now, threads=self._threads, progress=tell),
            )
            told = [(one, keep(connection, one, now=now)) for one in made]
        self._tell(told)

    def _wanted(self, connection: Any, now: datetime, *, due_only: bool) -> "list[Store]":
        from analytics.forecast.keeping import newest_days
        from analytics.stores import all_stores, store_of

        known = all_stores(connection)
        stores = [store_of(known, code) for code in self._codes] if self._codes else list(known)
        if not due_only:
            return stores
        newest = newest_days(connection)
        return [one for one in stores if newest.get(one.store_id) != now.astimezone(one.zone).date()]

    def _tell(self, told: "Sequence[tuple[StoreForecast, Judged]]") -> None:
        if self._json:
            typer.echo(json.dumps({"stores": [_as_dict(*pair) for pair in told]}, default=str))
            return
        for one, judged in told:
            if one.reason:
                said = _REASONS[one.reason].format(days=one.history_days)
            else:
                total = sum(day.visitors for day in one.days)
                said = f"{total:.0f} visitors from {one.first_day} on in 14 days ({one.model})"
            off = "" if judged.off is None else f"; earlier forecasts were off by {100 * judged.off:.1f} %"
            typer.echo(f"{one.store.code}: {said}{off}")


def _as_dict(one: "StoreForecast", judged: "Judged") -> dict[str, Any]:
    return {
        "store": one.store.code,
        "first_day": one.first_day,
        "history_days": one.history_days,
        "model": one.model,
        "trained_at": one.trained_at,
        "reason": one.reason,
        "judged": asdict(judged),
        "days": [asdict(day) for day in one.days],
        "hours": [asdict(hour) for hour in one.hours],
    }


def _with_progress(
    stores: int, make: "Callable[[Callable[[int], None]], list[StoreForecast]]"
) -> "list[StoreForecast]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("histories"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("histories", total=stores)
        return make(lambda done: progress.update(task, completed=done))
