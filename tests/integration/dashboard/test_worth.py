"""Every figure's number on every page: value, interval, quality, completeness, definition and as_of are a tap away."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import psycopg2
import pytest
from plotly.utils import PlotlyJSONEncoder

from analytics.cache import Cache
from analytics.database import Database
from analytics.definitions import DEFINITIONS
from analytics.quality.balance import Balance
from analytics.quality.restatements import Restatement
from analytics.visits.movement import Step
from dashboard.components import (
    attention,
    group_table,
    reliance,
    stores_table,
    trust_line,
    trust_table,
    why_changed,
)
from dashboard.components import trust as trust_lines
from dashboard.components.figures import counted_text
from dashboard.language import CODES, Code, Language, language
from dashboard.pages import history, store, store_floor, stores, trust, wall
from dashboard.pages.page import Services
from dashboard.reading.chain import Among
from dashboard.reading.pages import PagesReading, pages_reading
from dashboard.routes import Route
from tests.support.floor_data import add_categories, add_shifts
from tests.support.past_trouble import trouble_the_past
from tests.support.servers import Cluster
from tests.support.store_data import add_audit, add_shop, fill
from tests.support.traced import drawn, marking, numbered, trace, tracing, write_traces

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai
BUSY = "nanjing-road"
#: Metrics of which no page draws the number of a figure, and why: every other one has to be met.
NOT_DRAWN = {
    **dict.fromkeys(("aur", "category_units", "leavers", "purchase_lag_p50"), "in files and the KPI API alone"),
    **dict.fromkeys(("audit_found", "audit_genuine", "conversion_lagged"), "said where one points at something"),
    **dict.fromkeys(("bounce_rate", "unique_visits"), "drawn as an interval (`test_who_came`)"),
    "staff": "nobody of these shops' staff is told apart",
    "outlier": "a word beside a place: the number of such stores is in the KPI API",
    "warmth": "drawn as shades",
}  # fmt: skip
PAGES = {"today", "wall", "floor", "look back", "all stores", "last week", "trust", "trust of all"}
#: Metrics that advice repeats from the field of the week that it names, where pointing says the rest.
REPEATED = {"staff_on_floor", "staff_needed"}

pytestmark = pytest.mark.slow


@dataclass
class TracedReading:
    """What the pages read, for somebody who may see all of it; each figure says in writing whose it is."""

    pages: PagesReading

    def __post_init__(self) -> None:
        self.stated: set[str] = set()

    def _traced(self, view: Any) -> Any:
        self.stated |= trace(view)
        return view

    def store(self, code: str) -> Any:
        return next(one for one in self.pages.directory.stores() if one.code == code)

    def live(self, code: str) -> Any:
        return self._traced(self.pages.live.day(self.store(code)))

    def floor(self, code: str) -> Any:
        return self._traced(self.pages.live.floor(self.store(code)))

    def network(self, name: Any, first: Any = None, last: Any = None, among: Any = Among()) -> Any:  # noqa: B008
        view = self.pages.chain.network(self.pages.directory.stores(), name, first, last, among)
        if view.like is not None and view.like.visitors_change is not None:
            grown = numbered(view.like.visitors_change, "like_for_like")
            view = replace(view, like=replace(view.like, visitors_change=grown))
        return self._traced(view)

    def history(self, code: str, name: Any, first: Any, last: Any) -> Any:
        return self._traced(self.pages.history.store(self.store(code), name or "four_weeks", first, last))

    def store_trust(self, code: str) -> Any:
        return self._traced(self.pages.trust.store(self.live(code)))

    def chain_trust(self, name: Any, first: Any, last: Any) -> Any:
        return self._traced(self.pages.trust.chain(self.network(name or "four_weeks", first, last)))


@pytest.fixture(scope="module")
def seeded(cluster: Cluster) -> Iterator[str]:
    """URL of a database with two shops that have weeks behind them, one of which was audited."""
    url = cluster.create()
    opened = psycopg2.connect(url)
    opened.autocommit = True
    for code, visitors in ((BUSY, 420.0), ("riverside", 300.0)):
        shop = add_shop(opened, code, visitors_per_day=visitors, name=code, first=date(2025, 11, 1))
        fill(opened, shop, now=NOW, weeks=6)
        add_shifts(opened, shop.store_id, until=NOW)
        fill(opened, shop, now=NOW - timedelta(days=364), weeks=2)
        add_categories(opened, shop.store_id)
        with opened.cursor() as cursor:
            cursor.execute(
                "INSERT INTO store_target (store_id, metric, valid_from, said_at, said_by, by_weekday) SELECT"
                " %s, metric, '2026-11-01', %s, 'anna', array_fill(amount, ARRAY[7]) FROM"
                " (VALUES ('visitors', 400.0::float8), ('conversion', 0.2), ('net_sales', 9e3)) AS t (metric, amount)",
                (shop.store_id, NOW - timedelta(days=25)),
            )
        if code == BUSY:
            trouble_the_past(url, opened, shop, code, now=NOW)
    for line in ("door", "side"):
        add_audit(opened, shop.store_id, shop.lines[line], datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    opened.close()
    yield url
    cluster.drop(url)


def pages_of(services: Services, lang: Language) -> dict[str, Any]:
    """Return what each page draws, as a browser gets it."""
    reading = services.reading
    live, here = reading.live(BUSY), Route("store", lang.code, BUSY)
    drawn_pages = {
        "today": store.layout(live, here, lang, *store.drawn(services, live, lang, "light")),
        "wall": wall.layout(live, here, lang, *wall.drawn(services, live, lang, "light")),
        "floor": store_floor.filled(services, {"store": BUSY, "lang": lang.code}),
        "look back": history.layout(services, Route("history", lang.code, BUSY), lang, "light"),
        "all stores": stores.layout(services, Route("stores", lang.code, None), lang),
        "last week": stores.layout(services, Route("stores", lang.code, None, period="last_week"), lang),
        "trust": trust.layout(services, Route("trust", lang.code, "riverside"), lang),
        "trust of all": trust.layout(services, Route("trust", lang.code, None), lang),
    }
    return {name: json.loads(json.dumps(page, cls=PlotlyJSONEncoder)) for name, page in drawn_pages.items()}


def missing(of: str, hint: str, lang: Language) -> list[str]:
    """Return what pointing at a number does not say, of the six."""

    def says(*texts: str) -> bool:
        return any(lang.t(text).partition("{")[0] in hint for text in texts)

    found = {
        "definition": lang.t(DEFINITIONS[of].formula) in hint,
        "interval": says("In 95 of 100 cases the truth lies within {range}.", "No interval is known."),
        "quality and completeness": says(
            "Measured: {share} of the time was counted.", "Partial: {share} of the time was counted.",
            "Estimated in part: {share} of the time was counted.",
            "How much of the time was counted is not known.",
        ),
        "as_of": says("As of {when}."),
    }  # fmt: skip
    return [name for name, there in found.items() if not there]


def trace_what_pages_make(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have numbers say whose they are where a page makes the figure, or writes what it has rounded."""
    write_traces(monkeypatch)
    made = ((trust_lines, ("accuracy", "found", "genuine")), (trust_table, ("accuracy",)), (Balance, ("figure",)),
            (Step, ("figure",)), (Restatement, ("figures",)))  # fmt: skip
    for where, names in made:
        for name in names:
            monkeypatch.setattr(where, name, tracing(getattr(where, name)))
    amounts = why_changed._amounts
    monkeypatch.setattr(
        why_changed, "_amounts", lambda why: {of: numbered(one, of) for of, one in amounts(why).items()}
    )
    monkeypatch.setattr(why_changed, "change_sentence", marking(why_changed.change_sentence, "change_sales"))
    monkeypatch.setattr(stores_table, "_range", marking(stores_table._range, "place"))
    for where in (attention, group_table, reliance, stores_table, trust_line, trust_table, trust):
        monkeypatch.setattr(where, "counted_text", marking(counted_text, "completeness"))


@pytest.mark.parametrize("code", CODES)
def test_whatever_figure_a_page_draws_says_what_it_is_worth(
    seeded: str, monkeypatch: pytest.MonkeyPatch, code: Code
) -> None:
    trace_what_pages_make(monkeypatch)
    database = Database(seeded, clock=lambda: NOW, connections=2)
    reading = TracedReading(pages_reading(database, Cache(), lambda: NOW))
    services = Services(cast("Any", reading), *(cast("Any", None),) * 4)
    lang = language(code)
    found = [
        (page, *one) for page, tree in pages_of(services, lang).items() for one in drawn(tree)
    ]  # fmt: skip
    database.close()
    silent = {
        (page, of, text, tuple(lack))
        for page, of, text, hint in found
        if of not in REPEATED and (lack := missing(of, hint, lang))
    }
    assert not silent, "\n".join(map(str, sorted(silent)))
    assert {page for page, *_ in found} == PAGES, "a page without a figure proves nothing"
    assert set(DEFINITIONS) - {of for _, of, *_ in found} == NOT_DRAWN.keys()
