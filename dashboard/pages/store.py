"""Store live: one shop's business day, fresh within two seconds."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard.components.attention import attention
from dashboard.components.attributes import aria, data
from dashboard.components.day_chart import GRAPH_ID, chart_key, day_chart, day_figure
from dashboard.components.device_list import badge
from dashboard.components.figures import empty, section, term
from dashboard.components.file_links import file_links
from dashboard.components.forecast_card import forecast_card
from dashboard.components.frame import BANNER_ID
from dashboard.components.funnel_bars import funnel_bars
from dashboard.components.movement import Files, movement_row
from dashboard.components.now import now_panel
from dashboard.components.period_picker import NAMES, against
from dashboard.components.sales import sales_panel
from dashboard.components.sentence import store_answer
from dashboard.components.targets import month_strip, targets_strip
from dashboard.components.trust_line import trust_line
from dashboard.components.who_came import who_came
from dashboard.components.why_changed import store_why
from dashboard.components.zones_table import zones_table
from dashboard.language import Language
from dashboard.pages.page import Drawn, Prints, Services, drawn_once, readable, refreshed
from dashboard.pages.store_floor import floor_places
from dashboard.pages.store_floor import register as register_floor
from dashboard.reading.live import LiveView
from dashboard.routes import Route, route
from dashboard.theme import Scheme, scheme

PICKER_ID: Final = "store-picker"
TICK_MS: Final = 1000
#: Parts that are replaced as a whole, by the id of their place.
_PLACES: Final = (
    "answer", "targets", "badge", "key", "now", "sales", "funnel", "changes", "ahead", "movement", "attention", "zones",
    "trust",
)  # fmt: skip


def layout(view: LiveView, here: Route, lang: Language, parts: Mapping[str, Any], prints: Prints) -> Any:
    """Return the page with its numbers already in it."""
    place = {name: html.Div(parts[name], id=f"store-{name}") for name in _PLACES}
    chart = section(
        term(lang, "footfall", lang.t("Visitors per 15 minutes")),
        day_chart(parts["figure"]),
        unit=lang.t("people"),
        aside=place["key"],
        files=file_links(here, "quarters", lang),
        name="day",
    )
    return html.Div(
        [
            dcc.Interval(id="store-tick", interval=TICK_MS),
            dcc.Store(id="store-code", data={"store": view.store.code, "lang": lang.code}),
            dcc.Store(id="store-prints", data=prints),
            html.Div([place["answer"], place["badge"]], className="answer"),
            place["targets"],
            html.Div([chart, place["now"]], className="row row-day"),
            html.Div([place["funnel"], place["sales"]], className="row row-money"),
            html.Div([place["attention"], place["zones"]], className="row row-money"),
            html.Div(
                [place["trust"], dcc.Link(lang.t("How far to trust them"), href=here.to_trust(view.store.code).href())],
                className="trust-line",
            ),
            place["changes"],
            place["ahead"],
            place["movement"],
            *floor_places(),
        ],
        className="page store-page",
        **data(store=view.store.code),
    )


def drawn(services: Services, view: LiveView, lang: Language, colours: Scheme) -> Drawn:
    """Return what `sections` makes of a view, and the prints of it."""
    return drawn_once(services, view, lang, colours, page="store", sections=sections)


def sections(view: LiveView, lang: Language, colours: Scheme) -> dict[str, Any]:
    """Return what stands in each place, and the chart's figure."""
    seen, store = view.store_day, view.store
    lang = lang.at(store.zone)
    files = partial(file_links, Route("store", lang.code, store.code), lang=lang)
    card = partial(readable, view.failed, lang)
    if seen is None:
        nothing = empty(lang.t("Nothing counted yet."))
        return {
            "answer": store_answer(view, lang),
            **dict.fromkeys(_PLACES[1:], nothing),
            "targets": "",
            "changes": "",
            "ahead": "",
            "movement": "",
            "trust": "",
            "figure": {},
        }
    return {
        "answer": store_answer(view, lang),
        "targets": card("targets", lang.t("Targets"), lambda: [
            targets_strip(view.progress, store.currency, lang, files=files("targets")),
            month_strip(view.month, store.currency, lang, files=files("targets-month")),
        ]),
        "badge": _whereabouts(view, lang),
        "key": chart_key(seen, view.typical, lang, hours_failed="hours" in view.failed),
        "now": now_panel(seen, store, lang, files=files("now")),
        "sales": sales_panel(seen.base, store, lang, files=files("sales")),
        "funnel": funnel_bars(
            seen.funnel, lang, files=files("funnel"),
            note=who_came(seen.base.staff, seen.unique_visits, view.bounce, lang),
        ),
        "changes": card("changes", lang.t("What changed and why"), lambda: _changes(view, lang, files)),
        "ahead": card("ahead", lang.t("Expected visitors"), lambda: forecast_card(
            view.forecast, lang, files=files("forecast")
        )),
        "movement": card("movement", lang.t("Where they went next"), lambda: movement_row(
            view.movement, lang, doors=seen.base.footfall, called=store.zone_called
        )),
        "attention": attention(seen, store, lang, files=files("findings")),
        "zones": zones_table(seen.zones, lang, called=store.zone_called, files=files("zones")),
        "trust": trust_line(view, lang),
        "figure": day_figure(seen, view.typical, store, lang, colours, hours=view.hours),
    }  # fmt: skip


def _changes(view: LiveView, lang: Language, files: Files) -> Any:
    if view.changes is None:
        return ""
    named = {lang.t(NAMES[name]): (against(name, lang), why) for name, why in view.changes.periods.items()}
    return store_why(named, view.store.currency, lang, as_of=view.changes.as_of, files=files("changes"))


def picker(view: LiveView, lang: Language) -> Any:
    """Return the shop's name, which opens the list of all."""
    if len(view.others) == 1:
        return html.Span(view.store.name, className="store-name")
    return dmc.Select(
        id=PICKER_ID,
        data=[{"value": store.code, "label": store.name} for store in view.others],
        value=view.store.code,
        searchable=True,
        allowDeselect=False,
        nothingFoundMessage=lang.t("No such store"),
        className="store-picker",
        **aria(label=lang.t("Store")),
        comboboxProps={"withinPortal": True, "width": 240, "position": "bottom-start"},
    )


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh."""
    register_floor(app, services)

    @app.callback(
        *(Output(f"store-{name}", "children") for name in _PLACES),
        Output(GRAPH_ID, "figure"),
        Output("store-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("store-tick", "n_intervals"),
        # No input: on pages without the tick a change of colours would ask for it.
        State("scheme", "data"),
        State("store-code", "data"),
        State("store-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, colours: str, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(
            services, shown, prints, places=len(_PLACES) + 1,
            draw=lambda view, lang: drawn(services, view, lang, scheme(colours)),
        )  # fmt: skip

    @app.callback(
        Output("url", "href"),
        Input(PICKER_ID, "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def pick(code: str, pathname: str, search: str) -> Any:
        return picked(route(pathname, search), code)


def picked(here: Route, code: str) -> Any:
    """Return the address of the store that was picked; nothing when it is shown already."""
    return no_update if here.store == code else here.to_store(code).href()


def _whereabouts(view: LiveView, lang: Language) -> Any:
    seen = view.store_day
    devices = seen.devices if seen is not None else ()
    today = view.now.astimezone(view.store.zone)
    return html.Div(
        [badge(devices, view.store, view.now, lang), html.Span(lang.day(today.date()), className="today")],
        className="whereabouts",
    )
