"""Every figure's number on every page: value, interval, quality, completeness, definition and as_of are a tap away."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import psycopg2
import pytest
from plotly.utils import PlotlyJSONEncoder

from analytics.cache import Cache
from analytics.database import Database
from analytics.definitions import DEFINITIONS
from dashboard.components import trust as trust_lines
from dashboard.components import trust_table
from dashboard.language import CODES, Code, Language, language
from dashboard.pages import history, store, store_floor, stores, trust, wall
from dashboard.pages.page import Services
from dashboard.reading.chain import Among
from dashboard.reading.pages import PagesReading, pages_reading
from dashboard.routes import Route
from tests.support.floor_data import add_categories, add_shifts
from tests.support.servers import Cluster
from tests.support.store_data import add_audit, add_shop, fill
from tests.support.traced import drawn, trace, tracing, write_traces

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai
BUSY = "nanjing-road"
#: Metrics of which no page draws the number of a figure, and why: every other one has to be met.
NOT_DRAWN = {
    **dict.fromkeys(("aur", "category_units", "leavers", "purchase_lag_p50"), "in files and the KPI API alone"),
    **dict.fromkeys(("audit_found", "audit_genuine", "conversion_lagged"), "said where one points at something"),
    **dict.fromkeys(("bounce_rate", "unique_visits"), "drawn as an interval (`test_who_came`)"),
    "staff": "nobody of these shops' staff is told apart",
    **dict.fromkeys(
        (
            "change_basket", "change_conversion", "change_mix", "change_rest", "change_sales", "change_visitors",
            "like_for_like", "place", "outlier", "balance", "footfall_imputed", "completeness", "steps", "warmth",
        ),
        "drawn from plain numbers, not from a figure: titles and words beside them say what they are",
    ),
}  # fmt: skip
PAGES = {"today", "wall", "floor", "look back", "all stores", "trust", "trust of all"}
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
        return self._traced(self.pages.chain.network(self.pages.directory.stores(), name, first, last, among))

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
        shop = add_shop(opened, code, visitors_per_day=visitors, name=code)
        fill(opened, shop, now=NOW, weeks=6)
        add_shifts(opened, shop.store_id, until=NOW)
        add_categories(opened, shop.store_id)
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


@pytest.mark.parametrize("code", CODES)
def test_whatever_figure_a_page_draws_says_what_it_is_worth(
    seeded: str, monkeypatch: pytest.MonkeyPatch, code: Code
) -> None:
    write_traces(monkeypatch)
    for where, names in ((trust_lines, ("accuracy", "found", "genuine")), (trust_table, ("accuracy",))):
        for name in names:
            monkeypatch.setattr(where, name, tracing(getattr(where, name)))
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
    assert sorted(set(DEFINITIONS) - {of for _, of, *_ in found}) == sorted(NOT_DRAWN)
