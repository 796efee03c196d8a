"""Wall screen: one shop's day across a room, without anything to touch; it stays awake and comes back by itself."""

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboard.components.attributes import data
from dashboard.components.day_chart import Chart, day_chart, day_figure
from dashboard.components.device_list import badge
from dashboard.components.frame import BANNER_ID, TAG_ID
from dashboard.components.sentence import store_answer
from dashboard.components.wall import wall_attention, wall_figures
from dashboard.language import Language
from dashboard.pages.page import Drawn, Prints, Services, drawn_once, refreshed
from dashboard.reading.live import LiveView
from dashboard.routes import Route
from dashboard.theme import Scheme, scheme

TICK_MS: Final = 1000
GRAPH_ID: Final = "wall-graph"
FULL_ID: Final = "wall-full"
_PLACES: Final = ("head", "answer", "figures", "attention")


def layout(view: LiveView, here: Route, lang: Language, parts: Mapping[str, Any], prints: Prints) -> Any:
    """Return the whole page, frame and all: a wall has no navigation."""
    place = {name: html.Div(parts[name], id=f"wall-{name}") for name in _PLACES}
    tools = html.Div(
        [
            dcc.Link(lang.t("Back to the store"), href=here.to_store(view.store.code).href(), className="quiet"),
            html.Button(lang.t("Full screen"), id=FULL_ID, className="quiet"),
        ],
        className="wall-tools",
    )
    return html.Div(
        [
            dcc.Store(id=TAG_ID, data={"lang": lang.tag, "title": f"{view.store.name} · Footfall"}),
            dcc.Interval(id="wall-tick", interval=TICK_MS),
            dcc.Store(id="wall-shown", data={"store": view.store.code, "lang": lang.code}),
            dcc.Store(id="wall-prints", data=prints),
            html.Div(id=BANNER_ID, role="status"),
            html.Div(lang.t("No connection to the server. The page goes on by itself."), id="lost", hidden=True),
            place["head"],
            place["answer"],
            day_chart(parts["figure"], graph_id=GRAPH_ID, height="100%"),
            place["figures"],
            place["attention"],
            tools,
        ],
        className="wall",
        lang=lang.tag,
        **data(store=view.store.code),
    )


def drawn(services: Services, view: LiveView, lang: Language, colours: Scheme) -> Drawn:
    """Return what `sections` makes of a view, and the prints of it."""
    return drawn_once(services, view, lang, colours, page="wall", sections=sections)


def sections(view: LiveView, lang: Language, colours: Scheme) -> dict[str, Any]:
    """Return what stands in each place, and the chart's figure."""
    seen, store = view.store_day, view.store
    lang = lang.at(store.zone)
    local = view.now.astimezone(store.zone)
    head = [
        html.B(store.name),
        html.Span(lang.day(local.date())),
        html.Span(lang.clock(view.now, store.zone), className="wall-clock"),
        badge(() if seen is None else seen.devices, store, view.now, lang),
    ]
    figure = {} if seen is None else _enlarged(day_figure(seen, view.typical, store, lang, colours))
    return {
        "head": head,
        "answer": store_answer(view, lang),
        "figures": wall_figures(view, lang),
        "attention": wall_attention(view, lang),
        "figure": figure,
    }


def _enlarged(figure: Chart) -> Chart:
    """Return the chart with labels as large as the rest: what is drawn for a desk cannot be read across a room."""
    layout = figure["layout"]
    lines = [
        {**one, "line": {**one["line"], "width": 4}} if one["type"] == "scatter" else one for one in figure["data"]
    ]
    larger = {"font": {**layout["font"], "size": 28}, "margin": {"l": 72, "r": 16, "t": 16, "b": 56}}
    return {"data": lines, "layout": layout | larger}


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh; filling the screen is the browser's to do (`assets/browser.js`)."""

    @app.callback(
        *(Output(f"wall-{name}", "children") for name in _PLACES),
        Output(GRAPH_ID, "figure"),
        Output("wall-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("wall-tick", "n_intervals"),
        # No input: on pages without the tick a change of colours would ask for it.
        State("scheme", "data"),
        State("wall-shown", "data"),
        State("wall-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, colours: str, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(
            services, shown, prints, places=len(_PLACES) + 1,
            draw=lambda view, lang: drawn(services, view, lang, scheme(colours)),
        )  # fmt: skip
