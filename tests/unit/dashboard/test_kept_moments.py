"""What is kept for a while is told as of when it was read, not of when it is shown."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from plotly.utils import PlotlyJSONEncoder

from analytics import columns as c
from analytics.cache import Cache
from analytics.comparison.decomposition import Decomposition
from analytics.comparison.like_for_like import LikeForLike
from analytics.comparison.network import Compared
from analytics.days import BusinessDay, Calendar
from analytics.periods import Period
from analytics.quality.accuracy import UNAUDITED
from analytics.stores import Store
from analytics.visits.kpis import kpis
from analytics.visits.targets import Plan, Targets
from dashboard.components.why_changed import network_why
from dashboard.language import language
from dashboard.pages import store as page
from dashboard.reading import met
from dashboard.reading.chain import NetworkView
from dashboard.reading.live import Changes, LiveView
from dashboard.routes import route
from dashboard.tables.chain import changes
from dashboard.tables.day import day_changes
from tests.support.facts import a_row

EN = language("en")
READ = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
SHOWN = READ + timedelta(minutes=2)
STORE = Store(1, "north", "North", "UTC", "EUR")
DAY = date(2026, 11, 20)
WHY = Decomposition(1000.0, 500.0, 0.0, 0.0, 0.0, 0.0, 500.0)


class Nobody:
    """A database of which nothing is asked."""

    @contextmanager
    def connection(self) -> Iterator[None]:
        yield


def test_a_month_that_was_kept_is_told_as_of_when_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(_: None, slices: Sequence[Any], **_now: datetime) -> pd.DataFrame:
        return pd.DataFrame([{**a_row(), c.BUSINESS_DATE: one.business_date} for one in slices])

    monkeypatch.setattr(met, "slice_facts", facts)
    monkeypatch.setattr(met, "read_targets", lambda *_: {1: Targets((Plan("visitors", DAY, (400.0,) * 7),))})
    database: Any = Nobody()
    reading, opens = met.Met(database, Cache()), datetime(2026, 11, 20, 9, tzinfo=UTC)
    days = Calendar([BusinessDay(1, DAY, opens, opens + timedelta(hours=9))])
    for now in (READ, SHOWN):
        (told,) = reading.months([STORE], days, now, {1: UNAUDITED})[1]
        assert told.reached.as_of == READ


def test_changes_of_a_store_that_were_kept_are_told_as_of_when_they_were_read() -> None:
    view = LiveView(STORE, (STORE,), SHOWN, None, None, None, None, None, changes=Changes(READ, {"yesterday": WHY}))
    assert moments(day_changes(view, EN)) == {READ}
    said = written(page._changes(view, EN, lambda *_: None))
    assert f"As of {EN.moment(READ)}." in said
    assert EN.moment(SHOWN) not in said


def test_like_for_like_that_was_kept_is_told_as_of_when_it_was_read() -> None:
    base = kpis(a_row(), as_of=SHOWN)
    like = LikeForLike((STORE,), 1, 0.1, {"EUR": WHY}, holidays=True, as_of=READ)
    whole = Compared(base, base, None, None, 1, 1)
    view = NetworkView(SHOWN, (), whole, Period(DAY, DAY, 7), "yesterday", like)
    assert moments(changes(view, route("/", ""), EN)) == {READ}
    said = written(network_why(view, "last week", EN))
    assert f"As of {EN.moment(READ)}." in said
    assert EN.moment(SHOWN) not in said


def moments(table: Any) -> set[Any]:
    return {row[table.columns.index("As of (UTC)")] for row in table.rows}


def written(component: Any) -> str:
    """Return all that a component says, what pointing at it shows included."""
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)
