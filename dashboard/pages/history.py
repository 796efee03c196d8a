"""Look back: one store over any past period, with its busy hours, and its figures as files."""

from collections.abc import Collection
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError, StoreUnknownError
from dashboard.components.attributes import data
from dashboard.components.day_map import day_map
from dashboard.components.days_chart import days_chart
from dashboard.components.file_links import file_links
from dashboard.components.floor_plan import GRAPH_ID, OnPlan, floor_card, floor_figure
from dashboard.components.forecast_card import forecast_card
from dashboard.components.funnel_bars import funnel_bars
from dashboard.components.movement import movement_row
from dashboard.components.period_picker import against, date_range, dates, period_links
from dashboard.components.queue_past import queue_panel
from dashboard.components.sales import sales_panel
from dashboard.components.sentence import history_answer
from dashboard.components.targets import targets_strip
from dashboard.components.why_changed import store_why
from dashboard.components.zones_table import zones_table
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language
from dashboard.pages.page import Services
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
    store, words = view.store, against(view.name, lang)
    why = {} if view.why is None else {lang.t("This period"): (words, view.why)}
    return html.Div(
        [
            dcc.Location(id="history-url", refresh="callback-nav"),
            html.Div(
                [
                    html.Div(period_links(here, view.name, view.period, lang), id="history-picker"),
                    html.Div(
                        [
                            date_range(here, view.now.astimezone(store.zone).date(), lang, range_id="history-range"),
                            html.Button(lang.t("Print"), id=PRINT_ID, className="quiet"),
                            html.A(lang.t("Report (PDF)"), href=_report(here), download="", className="quiet")
                            if can_print()
                            else None,
                        ],
                        className="act",
                    ),
                ],
                className="periods",
            ),
            html.P([html.B(store.name), " · ", dates(view.period, lang)], className="print-only"),
            html.Div(html.Div(history_answer(view.compared, lang, words)), className="answer"),
            targets_strip(view.progress, store.currency, lang, days=True),
            html.Div(
                [days_chart(view.days, lang, file_links(here, "days", lang)), forecast_card(view.ahead, lang) or None],
                className="row row-days",
            ),
            html.Div(day_map(view.cells, store, lang, file_links(here, "hours", lang)), className="row"),
            html.Div(
                [
                    funnel_bars(view.funnel, lang, files=file_links(here, "funnel", lang)),
                    sales_panel(view.compared.now, store, lang, files=file_links(here, "sales", lang)),
                ],
                className="row row-money",
            ),
            store_why(why, store.currency, lang),
            _queue(view, lang),
            movement_row(view.movement, lang, floor=_floor(view, lang, colours), placed=_placed(view)),
            html.Div(zones_table(view.zones, lang, files=file_links(here, "zones", lang)), className="row row-trust"),
        ],
        className="page history-page",
        **data(store=store.code),
    )


def _floor(view: HistoryView, lang: Language, colours: Scheme) -> Any:
    if view.plan is None:
        return None
    return floor_card(OnPlan(view.plan, view.store.code, view.movement, view.zones), lang, colours)


def _placed(view: HistoryView) -> Collection[str]:
    return () if view.plan is None else view.plan.placed.cameras.keys()


def _queue(view: HistoryView, lang: Language) -> Any:
    panel = queue_panel(view.queue, lang, whole=view.queue_whole)
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
    on = OnPlan(view.plan, view.store.code, view.movement, view.zones)
    return floor_figure(on, language(here.lang), colours)


def _register_print(app: Any) -> None:
    """Register what the browser does itself; Dash gives this method no types."""
    app.clientside_callback(
        ClientsideFunction("footfall", "print"), Output(PRINT_ID, "disabled"), Input(PRINT_ID, "n_clicks")
    )


def _report(here: Route) -> str:
    query = urlencode({**dict(parse_qsl(urlsplit(here.href()).query)), "lang": here.lang})
    return f"{REPORT}/{quote(here.store or '')}.pdf?{query}"
