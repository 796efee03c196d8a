"""How long the forecasts of a whole chain take: histories read, models trained, intervals made, all of it kept."""

import resource
import time
from contextlib import closing
from typing import Any, Final

import psycopg2

from analytics.forecast.keeping import keep
from analytics.forecast.stores import forecast_stores
from analytics.stores import all_stores
from deploy.bench.machine import machine
from deploy.bench.many_stores import Chain, Heard, fill

#: The chain knows its hours for a week only.
_CALENDAR: Final = "SELECT fill_store_calendar(store_id, %(now)s::date, %(now)s::date + 16) FROM store"


def run(url: str, chain: Chain, heard: Heard = lambda _what, _share: None, *, threads: int = 1) -> dict[str, Any]:
    """Fill an empty, migrated database and forecast every store as the service does; return the figures.

    `wall_s` and `cpu_s` are of this process from the first question to the last commit; the database's own time is in
    the first alone.

    Raises:
        psycopg2.Error, DatabaseError: the database did not do what was asked.
    """
    fill(url, chain, lambda what, share: heard(f"filling: {what}", 0.5 * share))
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(_CALENDAR, {"now": chain.now})
        stores = all_stores(connection)
        wall, cpu = time.perf_counter(), time.process_time()

        def tell(done: int) -> None:
            heard("histories", 0.5 + 0.3 * done / len(stores))

        made = forecast_stores(connection, stores, now=chain.now, threads=threads, progress=tell)
        forecast = time.perf_counter() - wall
        for number, one in enumerate(made):
            heard("keeping", 0.8 + 0.2 * number / len(made))
            keep(connection, one, now=chain.now)
        models = [one.model for one in made]
        return {
            "machine": machine(),
            "stores": len(stores),
            "months": chain.months,
            "threads": threads,
            "hours": sum(len(one.hours) for one in made),
            "models": {str(name): models.count(name) for name in sorted(set(models), key=str)},
            "forecast_s": round(forecast, 1),
            "wall_s": round(time.perf_counter() - wall, 1),
            "cpu_s": round(time.process_time() - cpu, 1),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
