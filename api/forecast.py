"""The newest traffic forecast of a store, with its intervals and how earlier ones did."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from analytics.forecast.keeping import KeptForecast, read_forecast
from analytics.forecast.stores import Expected
from analytics.queries import Connection
from analytics.stores import Store
from api.access import Access
from api.bodies import ExpectedDayOut, ExpectedHourOut, ForecastOut
from api.figures import store_out


def read_forecast_out(connection: Connection, store: Store, access: Access) -> ForecastOut:
    """Return what is expected of the next 14 days, as it was last made.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = read_forecast(connection, store.store_id)
    if found is None:
        return ForecastOut(store=store_out(store), reason="not_made", days=[], hours=[])
    few_days = [access.outside and one.visitors < access.k for one in found.days]
    few_hours = _few_hours(store, found.hours, access)
    return ForecastOut(
        store=store_out(store),
        reason=None if found.model else _reason(found),
        as_of=found.made_at,
        first_day=found.first_day,
        model=found.model,
        version=found.version,
        history_days=found.history_days,
        off=found.judged.off,
        judged_hours=found.judged.hours,
        inside_80=found.judged.inside_80,
        inside_95=found.judged.inside_95,
        days=[
            ExpectedDayOut(business_date=_date(one.at), **_numbers(one, withheld=few))
            for one, few in zip(found.days, few_days, strict=True)
        ],
        hours=[
            ExpectedHourOut(from_=_instant(one.at), **_numbers(one, withheld=few))
            for one, few in zip(found.hours, few_hours, strict=True)
        ],
    )


def rows_of(body: ForecastOut) -> Sequence[Sequence[str | float | bool | date | datetime | None]]:
    """Return the rows of a file: a row per day, then a row per hour."""
    days = [("day", one.business_date, None, one) for one in body.days]
    hours = [("hour", None, one.from_, one) for one in body.hours]
    return [
        (
            body.store.id, grain, day, at, one.visitors, one.low_80, one.high_80, one.low_95, one.high_95, one.withheld,
            body.model, body.as_of,
        )
        for grain, day, at, one in (*days, *hours)
    ]  # fmt: skip


#: The columns of `rows_of`.
COLUMNS = (
    "store", "grain", "business_date", "from", "visitors", "low_80", "high_80", "low_95", "high_95", "withheld",
    "model", "as_of",
)  # fmt: skip


def _few_hours(store: Store, hours: Sequence[Expected], access: Access) -> list[bool]:
    """Return which hours are withheld outside the company: those of few, and the smallest others of their day.

    What is expected of a quiet hour says who came in hours like it. It is not the day less its other hours, either: at
    least two of a day are withheld, of `k` people together.
    """
    hidden = [False] * len(hours)
    if not access.outside:
        return hidden
    by_day: dict[date, list[int]] = {}
    for place, one in enumerate(hours):
        by_day.setdefault(_instant(one.at).astimezone(store.zone).date(), []).append(place)
    for places in by_day.values():
        places.sort(key=lambda place: hours[place].visitors)
        together, gone = 0.0, 0
        for place in places:
            small = hours[place].visitors < access.k
            if small or (gone and (gone == 1 or together < access.k)):
                hidden[place] = True
                together, gone = together + hours[place].visitors, gone + 1
    return hidden


def _numbers(one: Expected, *, withheld: bool) -> dict[str, Any]:
    names = ("visitors", "low_80", "high_80", "low_95", "high_95")
    return {**{name: None if withheld else getattr(one, name) for name in names}, "withheld": withheld}


def _reason(found: KeptForecast) -> str:
    return found.reason or "not_made"


def _date(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at


def _instant(at: datetime | date) -> datetime:
    if not isinstance(at, datetime):
        raise TypeError(f"expected an hour's instant, got {at}")
    return at
