"""All stores: side by side over a period, each against its own days before."""

from dataclasses import replace
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError
from dashboard.components.frame import BANNER_ID, forbidden, no_database
from dashboard.components.period_picker import RANGE_ID, against, date_range, period_links
from dashboard.components.sentence import network_answer
from dashboard.components.stores_table import GRID_ID, row_data, stores_table
from dashboard.components.why_changed import network_why
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language
from dashboard.pages.page import Prints, Services, prints_of, unlike
from dashboard.reading.chain import STALE_S, NetworkView
from dashboard.routes import Route, route

TICK_MS: Final = 3000


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page with its numbers already in it."""
    view = services.reading.network(here.period, here.first, here.last)
    parts, prints = drawn(services, view, here, lang)
    grid = stores_table(lang, stores=len(parts["rows"]))
    grid.children.rowData = parts["rows"]
    return html.Div(
        [
            dcc.Interval(id="stores-tick", interval=TICK_MS),
            dcc.Location(id="stores-url", refresh="callback-nav"),
            dcc.Store(id="stores-lang", data=lang.code),
            dcc.Store(id="stores-prints", data=prints),
            html.Div(
                [
                    html.Div(parts["picker"], id="stores-picker"),
                    date_range(here, view.now.date(), lang),
                ],
                className="periods",
            ),
            html.Div(html.Div(parts["answer"], id="stores-answer"), className="answer"),
            html.Div(parts["why"], id="stores-why"),
            grid,
        ],
        className="page stores-page",
    )


def drawn(services: Services, view: NetworkView, here: Route, lang: Language) -> tuple[dict[str, Any], Prints]:
    """Return what stands in each place, and the prints; drawn once for all who look at the same view."""

    def draw() -> tuple[dict[str, Any], Prints]:
        parts = sections(view, here, lang)
        return parts, prints_of(parts)

    return services.drawn.get((view, here, lang.code), draw, for_s=STALE_S)


def sections(view: NetworkView, here: Route, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    return {
        "picker": period_links(here, view.name, view.period, lang),
        "answer": network_answer(view, lang, against(view.name, lang)),
        "why": network_why(view, against(view.name, lang), lang),
        "rows": row_data(view.rows, here, lang),
    }


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh and takes the chosen days into the address."""

    @app.callback(
        Output("stores-picker", "children"),
        Output("stores-answer", "children"),
        Output("stores-why", "children"),
        Output(GRID_ID, "rowData"),
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


def refreshed(services: Services, search: str, code: str, prints: Prints | None) -> list[Any]:
    """Return the callback's answer: what changed, the prints, and no banner; or only the banner."""
    here, lang = route("/", search), language("zh" if code == "zh" else "en")
    try:
        view = services.reading.network(here.period, here.first, here.last)
    except DatabaseUnavailableError as error:
        return [no_update] * 5 + [no_database(error.since, lang)]
    except ForbiddenError:
        return [no_update] * 5 + [forbidden(lang)]
    parts, fresh = drawn(services, view, here, lang)
    return [*unlike(parts, fresh, prints), fresh if fresh != prints else no_update, None]


def chosen(here: Route, days: list[str | None] | None) -> Any:
    """Return the address of the days that were picked; nothing before both ends are."""
    if not days or not all(days):
        return no_update
    first, last = (day[:10] for day in days if day)
    asked = route("/", f"period=custom&from={first}&to={last}")
    there = replace(here, period=asked.period, first=asked.first, last=asked.last)
    return no_update if there == here else there.href()
