"""Trust: how far the numbers can be relied on, of all stores or line by line of one."""

from datetime import datetime
from functools import partial
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.figure import MEASURED_FROM, counted
from analytics.quality.reliance import counted_share
from dashboard.components.attributes import data
from dashboard.components.device_list import device_list
from dashboard.components.figures import counted_text, empty, heading, quality_mark, told
from dashboard.components.file_links import file_links
from dashboard.components.frame import BANNER_ID
from dashboard.components.period_picker import period_links
from dashboard.components.reliance import reliance_panel
from dashboard.components.restated import restated_panel
from dashboard.components.trust import trust_panel
from dashboard.components.trust_table import row_data, trust_table
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, calm, changed, readable
from dashboard.reading.trust import ChainTrust, StoreTrust
from dashboard.routes import Route

TICK_MS: Final = 5000
_PLACES: Final = ("answer", "reliance", "lines", "restated", "devices")


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page of the store in the address, or of all.

    Raises:
        ForbiddenError: the viewer may not see figures, or not this store's.
        StoreUnknownError: no store has the code in the address.
    """
    if here.store is None:
        return _chain(services.reading.chain_trust(here.period, here.first, here.last), here, lang)
    seen = services.reading.store_trust(here.store)
    parts = sections(seen, lang)
    _, prints = changed(parts, None)
    place = {name: html.Div(parts[name], id=f"trust-{name}") for name in _PLACES}
    return html.Div(
        [
            dcc.Interval(id="trust-tick", interval=TICK_MS),
            dcc.Store(id="trust-shown", data={"store": here.store, "lang": lang.code}),
            dcc.Store(id="trust-prints", data=prints),
            html.Div(place["answer"], className="answer"),
            html.Div(place["reliance"], className="row"),
            html.Div([place["lines"], place["restated"]], className="row row-money"),
            html.Div(place["devices"], className="row row-trust"),
        ],
        className="page trust-page",
        **data(store=here.store),
    )


def sections(seen: StoreTrust, lang: Language) -> dict[str, Any]:
    """Return what stands in each place of a store's page."""
    live, store = seen.live, seen.live.store
    lang = lang.at(store.zone)
    now = live.store_day
    nothing = empty(lang.t("No past day has changed in the last 90 days."))
    files = partial(file_links, Route("trust", lang.code, store.code), lang=lang)
    card = partial(readable, seen.failed, lang)
    return {
        "answer": _store_answer(seen, lang),
        "reliance": card("reliance", lang.t("Counted day by day"), lambda: reliance_panel(
            seen, lang, files=files("doors")
        )),
        "lines": "" if now is None else trust_panel(now, store, lang, files=files("audits")),
        "restated": card("restated", lang.t("What changed of past days"), lambda: restated_panel(
            seen.restated, store, lang, instead=nothing, files=files("restated")
        )),
        "devices": "" if now is None else device_list(now.devices, store, live.now, lang, files=files("cameras")),
    }  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Register what keeps a store's page fresh; the one of all stores is read when it is opened."""

    @app.callback(
        *(Output(f"trust-{name}", "children") for name in _PLACES),
        Output("trust-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("trust-tick", "n_intervals"),
        State("trust-shown", "data"),
        State("trust-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(services, shown, prints)


def refreshed(services: Services, shown: dict[str, str], prints: Prints | None) -> list[Any]:
    """Return the callback's answer: what changed, the prints, and no banner; or only the banner."""
    lang = language_of(shown["lang"])
    if not shown["store"]:
        return [no_update] * (len(_PLACES) + 2)
    return calm(
        lambda: changed(sections(services.reading.store_trust(shown["store"]), lang), prints),
        prints, lang, places=len(_PLACES),
    )  # fmt: skip


def _store_answer(seen: StoreTrust, lang: Language) -> Any:
    if not seen.lines:
        return [html.H1(lang.t("Nothing counted yet.")), html.P("", className="lead")]
    share = counted_share(seen.lines)
    head = _counted(share, seen.live.now, lang)
    estimated = sum(line.estimated_h for line in seen.lines)
    parts = [
        lang.many("Last 4 weeks, {n} door", "Last 4 weeks, {n} doors", len(seen.lines)),
        lang.t("{n} h estimated", n=lang.number(estimated, 1)) if estimated else lang.t("nothing estimated"),
        lang.many("{n} past day changed since", "{n} past days changed since",
                  len({one.business_date for one in seen.restated})) if seen.restated else None,
    ]  # fmt: skip
    half = None if share >= MEASURED_FROM else html.Span(className="half")
    return [html.H1([head, half]), html.P([html.Span(part) for part in parts if part], className="lead")]


def _counted(share: float | None, as_of: datetime, lang: Language) -> Any:
    said = lang.t("{share} of the opening time counted", share=counted_text(lang, share))
    return told(lang, said, counted(share, as_of=as_of))


def _chain(view: ChainTrust, here: Route, lang: Language) -> Any:
    network = view.network
    rows = row_data(view, here, lang)
    total = network.total.now.footfall
    torn = sum(row["trust"] is not None and not row["trust_whole"] for row in rows)
    silent = sum(row["trust"] is None for row in rows)
    never = sum(row["accuracy"] is None for row in rows)
    parts = [
        lang.many("{n} store not counted in full", "{n} stores not counted in full", torn) if torn else None,
        lang.many("{n} store counted nothing", "{n} stores counted nothing", silent) if silent else None,
        lang.many("{n} store never audited", "{n} stores never audited", never) if never else None,
        lang.many("{n} store with changed past days", "{n} stores with changed past days", len(view.restated))
        if view.restated
        else None,
    ]
    said = [html.Span(part) for part in parts if part] or [html.Span(lang.t("every store counted in full and audited"))]
    head = _counted(total.completeness, total.as_of, lang)
    title, unit = lang.t("Store by store"), lang.t("each by its own days")
    return html.Div(
        [
            dcc.Interval(id="trust-tick", interval=TICK_MS),
            dcc.Store(id="trust-shown", data={"store": "", "lang": lang.code}),
            dcc.Store(id="trust-prints"),
            *(html.Div(id=f"trust-{name}", hidden=True) for name in _PLACES),
            html.Div(
                html.Div(period_links(here, network.name, network.period, lang), id="trust-picker"), className="periods"
            ),
            html.Div(
                html.Div([html.H1([head, quality_mark(lang, total)]), html.P(said, className="lead")]),
                className="answer",
            ),
            html.Div(heading(title, unit=unit, files=file_links(here, "trust", lang)), className="heading table-file"),
            trust_table(lang, rows, sort=here.sort),
        ],
        className="page trust-page stores-page",
    )
