"""Look back: one store over any past period, with its busy hours, and its figures as files."""

from collections.abc import Collection
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError, StoreUnknownError
from dashboard.components.attributes import data
from dashboard.components.day_map import day_map
from dashboard.components.days_chart import days_chart
from dashboard.components.file_links import file_links
from dashboard.components.floor_plan import GRAPH_ID, OnPlan, floor_card, floor_figure, plan_title
from dashboard.components.forecast_card import forecast_card
from dashboard.components.funnel_bars import funnel_bars
from dashboard.components.movement import Files, movement_row
from dashboard.components.period_picker import against, date_range, dates, period_links
from dashboard.components.queue_past import queue_panel
from dashboard.components.sales import sales_panel
from dashboard.components.sentence import history_answer
from dashboard.components.targets import targets_strip
from dashboard.components.why_changed import store_why
from dashboard.components.zones_table import zones_table
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language
from dashboard.pages.page import Services, readable
from dashboard.pages.saving import can_print
from dashboard.pages.stores import chosen
from dashboard.reading.history import HistoryView
from dashboard.routes import REPORT, Route, route
from dashboard.theme import Scheme, scheme

PRINT_ID: Final = "history-print"


def layout(services: Services, here: Route, lang: Language, colours: Scheme) -> Any:
    """Return the page.

    Raises:
        ForbiddenError: the viewer may not see figures, or not this store's.
        StoreUnknownError: no store has the code in the address.
    """
    view = services.reading.history(here.store or "", here.period, here.first, here.last)
    store = view.store
    lang = lang.at(store.zone)
    return html.Div(
        [
            dcc.Location(id="history-url", refresh="callback-nav"),
            _periods(view, here, lang),
            html.P([html.B(store.name), " · ", dates(view.period, lang)], className="print-only"),
            html.Div(html.Div(history_answer(view.compared, lang, against(view.name, lang))), className="answer"),
            *_cards(view, here, lang, colours),
        ],
        className="page history-page",
        **data(store=store.code),
    )


def _periods(view: HistoryView, here: Route, lang: Language) -> Any:
    today = view.now.astimezone(view.store.zone).date()
    return html.Div(
        [
            html.Div(period_links(here, view.name, view.period, lang), id="history-picker"),
            html.Div(
                [
                    date_range(here, today, lang, range_id="history-range"),
                    html.Button(lang.t("Print"), id=PRINT_ID, className="quiet"),
                    html.A(lang.t("Report (PDF)"), href=_report(here), download="", className="quiet")
                    if can_print()
                    else None,
                ],
                className="act",
            ),
        ],
        className="periods",
    )


def _cards(view: HistoryView, here: Route, lang: Language, colours: Scheme) -> list[Any]:
    store, words = view.store, against(view.name, lang)
    files, card = partial(file_links, here, lang=lang), partial(readable, view.failed, lang)
    return [
        card("targets", lang.t("Targets"), lambda: targets_strip(
            view.progress, store.currency, lang, days=True, files=files("targets")
        )),
        html.Div(
            [
                card("days", lang.t("Visitors by day"), lambda: days_chart(view.days, lang, files=files("days"))),
                card("ahead", lang.t("Expected visitors"), lambda: forecast_card(
                    view.ahead, lang, files=files("forecast")
                )) or None,
            ],
            className="row row-days",
        ),
        html.Div(card("hours", lang.t("Busy hours of the week"), lambda: day_map(
            view.cells, store, lang, files=files("hours")
        )), className="row"),
        html.Div(
            [
                card("funnel", lang.t("From the street to the till"), lambda: funnel_bars(
                    view.funnel, lang, files=files("funnel")
                )),
                sales_panel(view.compared.now, store, lang, files=files("sales")),
            ],
            className="row row-money",
        ),
        card("changes", lang.t("What changed and why"), lambda: _why(view, words, lang, files)),
        _in_row(card("queue", lang.t("At the till: queueing"), lambda: queue_panel(
            view.queue, lang, whole=all(view.kept or ()), files=files("queue")
        ))),
        card("movement", lang.t("Where they went next"), lambda: movement_row(
            view.movement, lang, doors=view.compared.now.footfall, called=store.zone_called, files=files,
            placed=_placed(view), floor=card("plan", plan_title(lang), lambda: _floor(view, lang, colours, files)),
        )),
        html.Div(card("zones", lang.t("Where they stopped"), lambda: zones_table(
            view.zones, lang, called=store.zone_called, files=files("zones")
        )), className="row row-trust"),
    ]  # fmt: skip


def _why(view: HistoryView, words: str, lang: Language, files: Files) -> Any:
    why = {} if view.why is None else {lang.t("This period"): (words, view.why)}
    return store_why(why, view.store.currency, lang, as_of=view.now, files=files("changes"))


def _floor(view: HistoryView, lang: Language, colours: Scheme, files: Files) -> Any:
    if view.plan is None:
        return None
    on = OnPlan(view.plan, view.store.code, view.movement, view.zones, view.store.zone_called)
    return floor_card(on, lang, colours, files=files("warmth"))


def _placed(view: HistoryView) -> Collection[str]:
    return () if view.plan is None else view.plan.placed.cameras.keys()


def _in_row(panel: Any) -> Any:
    return html.Div(panel, className="row") if panel else None


def register(app: Dash, services: Services) -> None:
    """Register the picker of days, the files, and the printer: a period fits on one sheet."""
    _register_print(app)

    @app.callback(
        Output("history-url", "href"),
        Input("history-range", "value"),
        State("history-url", "pathname"),
        State("history-url", "search"),
        prevent_initial_call=True,
    )
    def choose(days: list[str | None] | None, pathname: str, search: str) -> Any:
        return chosen(route(pathname, search), days)

    @app.callback(
        Output(GRAPH_ID, "figure"),
        Input("scheme", "data"),
        State("history-url", "pathname"),
        State("history-url", "search"),
        prevent_initial_call=True,
    )
    def recolour(colours: str, pathname: str, search: str) -> Any:
        return recoloured(services, route(pathname, search), scheme(colours))


def recoloured(services: Services, here: Route, colours: Scheme) -> Any:
    """Return the floor plan in other colours; nothing new while it cannot be read."""
    try:
        view = services.reading.history(here.store or "", here.period, here.first, here.last)
    except (ForbiddenError, StoreUnknownError, DatabaseUnavailableError):
        return no_update
    if view.plan is None:
        return no_update
    on = OnPlan(view.plan, view.store.code, view.movement, view.zones, view.store.zone_called)
    return floor_figure(on, language(here.lang), colours)


def _register_print(app: Any) -> None:
    """Register what the browser does itself; Dash gives this method no types."""
    app.clientside_callback(
        ClientsideFunction("footfall", "print"), Output(PRINT_ID, "disabled"), Input(PRINT_ID, "n_clicks")
    )


def _report(here: Route) -> str:
    query = urlencode({**dict(parse_qsl(urlsplit(here.href()).query)), "lang": here.lang})
    return f"{REPORT}/{quote(here.store or '')}.pdf?{query}"
