"""All stores: side by side over a period, each against its own days before."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard.components.figures import heading
from dashboard.components.file_links import file_links
from dashboard.components.frame import BANNER_ID
from dashboard.components.funnel_plot import funnel_plot
from dashboard.components.group_table import group_table, groups_title
from dashboard.components.period_picker import RANGE_ID, against, date_range, period_links
from dashboard.components.sentence import network_answer
from dashboard.components.small_multiples import small_multiples
from dashboard.components.store_filters import FORMAT_ID, REGION_ID, store_filters
from dashboard.components.stores_table import GRID_ID, row_data, stores_table
from dashboard.components.why_changed import network_why
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, calm, prints_of, readable, unlike
from dashboard.reading.chain import STALE_S, Among, NetworkView
from dashboard.routes import Route, route

TICK_MS: Final = 3000
#: Places that are kept fresh.
PLACES: Final = 8


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page with its numbers already in it."""
    view = services.reading.network(here.period, here.first, here.last, among(here))
    parts, prints = drawn(services, view, here, lang)
    return html.Div(
        [
            dcc.Interval(id="stores-tick", interval=TICK_MS),
            dcc.Location(id="stores-url", refresh="callback-nav"),
            dcc.Store(id="stores-lang", data=lang.code),
            dcc.Store(id="stores-prints", data=prints),
            html.Div(
                [
                    html.Div(parts["picker"], id="stores-picker"),
                    html.Div(
                        [store_filters(view.everyone, here, lang), date_range(here, view.now.date(), lang)],
                        className="narrowing",
                    ),
                ],
                className="periods",
            ),
            html.Div(html.Div(parts["answer"], id="stores-answer"), className="answer"),
            html.Div(parts["why"], id="stores-why"),
            html.Div(parts["groups"], id="stores-groups"),
            html.Div(parts["file"], id="stores-file", className="heading table-file"),
            stores_table(lang, parts["rows"], sort=here.sort),
            html.Div(parts["outliers"], id="stores-outliers"),
            html.Div(parts["multiples"], id="stores-multiples"),
        ],
        className="page stores-page",
    )


def among(here: Route) -> Among:
    """Return whose stores an address asks for."""
    return Among(here.region, here.format)


def drawn(services: Services, view: NetworkView, here: Route, lang: Language) -> tuple[dict[str, Any], Prints]:
    """Return what stands in each place, and the prints; drawn once for all who look at the same view."""

    def draw() -> tuple[dict[str, Any], Prints]:
        parts = sections(view, here, lang)
        return parts, prints_of(parts)

    return services.drawn.get((view, here, lang.code), draw, for_s=STALE_S)


def sections(view: NetworkView, here: Route, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    files, card = partial(file_links, here, lang=lang), partial(readable, view.failed, lang)
    return {
        "picker": period_links(here, view.name, view.period, lang),
        "answer": network_answer(view, lang, against(view.name, lang)),
        "why": card("changes", lang.t("What changed and why"), lambda: network_why(
            view, against(view.name, lang), lang, files=files("changes")
        )),
        "groups": card("groups", groups_title(here, lang), lambda: group_table(
            view.groups, here, lang, files=files("groups")
        )),
        "file": heading(lang.t("Store by store"), unit=lang.t("each by its own days"), files=files("stores")),
        "rows": row_data(view.rows, here, lang),
        "outliers": funnel_plot(view.rows, here, lang, files=files("unusual")),
        "multiples": small_multiples(view, here, lang, files=files("weeks")),
    }  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh, and takes what was chosen into the address."""

    @app.callback(
        *(Output(f"stores-{place}", "children") for place in ("picker", "answer", "why", "groups", "file")),
        Output(GRID_ID, "rowData"),
        *(Output(f"stores-{place}", "children") for place in ("outliers", "multiples")),
        Output("stores-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("stores-tick", "n_intervals"),
        Input("stores-url", "search"),
        State("stores-lang", "data"),
        State("stores-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, search: str, lang: str, prints: Prints) -> list[Any]:
        return refreshed(services, search, lang, prints)

    @app.callback(
        Output("stores-url", "href"), Input(RANGE_ID, "value"), State("stores-url", "search"), prevent_initial_call=True
    )
    def choose(days: list[str | None] | None, search: str) -> Any:
        return chosen(route("/", search), days)

    @app.callback(
        Output("stores-url", "href", allow_duplicate=True),
        Input(REGION_ID, "value"),
        Input(FORMAT_ID, "value"),
        State("stores-url", "search"),
        prevent_initial_call=True,
    )
    def narrow(region: str | None, format_: str | None, search: str) -> Any:
        here = route("/", search)
        there = here.among(region or None, format_ or None)
        return no_update if there == here else there.href()


def refreshed(services: Services, search: str, code: str, prints: Prints | None) -> list[Any]:
    """Return the callback's answer: what changed, the prints, and no banner; or only the banner."""
    here, lang = route("/", search), language_of(code)

    def read() -> tuple[list[Any], Prints]:
        view = services.reading.network(here.period, here.first, here.last, among(here))
        parts, fresh = drawn(services, view, here, lang)
        return unlike(parts, fresh, prints), fresh

    return calm(read, prints, lang, places=PLACES)


def chosen(here: Route, days: list[str | None] | None) -> Any:
    """Return the address of the days that were picked; nothing before both ends are."""
    if not days or not all(days):
        return no_update
    first, last = (day[:10] for day in days if day)
    asked = route("/", f"period=custom&from={first}&to={last}")
    there = replace(here, period=asked.period, first=asked.first, last=asked.last)
    return no_update if there == here else there.href()
