"""Devices: every box of the viewer's stores, fresh every few seconds, those that need somebody first.

Above them the server's own work, where it is not done.
"""

from dataclasses import replace
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html

from dashboard.components.address import address_of, keep_in_address
from dashboard.components.attributes import aria
from dashboard.components.device_tabs import device_tabs
from dashboard.components.file_links import file_links
from dashboard.components.fleet_table import GRID_ID, fleet_table, row_data
from dashboard.components.frame import BANNER_ID
from dashboard.components.server_work import server_work
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, calm, changed, prints_of, unlike
from dashboard.reading.fleet import FleetView
from dashboard.routes import Route, route

TICK_MS: Final = 3000
#: What of the page stands in the address.
_KEPT: Final = (("find", "devices-search", ""), ("show", "devices-only", "all"))
_DRAWN_S: Final = 3.0


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page with its boxes already in it.

    Raises:
        ForbiddenError: the viewer may not see boxes, or not this store's.
        StoreUnknownError: no store has the code in the address.
    """
    view = services.reading.fleet(here.store)
    parts = sections(services, view, here, lang)
    _, prints = changed(parts, None)
    back = dcc.Link(lang.t("Boxes of all stores"), href=here.to_devices().href(), className="quiet")
    return html.Div(
        [
            dcc.Interval(id="devices-tick", interval=TICK_MS),
            dcc.Store(id="devices-shown", data={"store": here.store, "lang": lang.code, "href": here.href()}),
            dcc.Store(id="devices-prints", data=prints),
            address_of("devices-address", _KEPT),
            device_tabs(here, services.reading.who(), lang),
            html.Div(html.Div(parts["answer"], id="devices-answer"), className="answer"),
            html.Div(
                [
                    dmc.TextInput(
                        id="devices-search", value=here.find, placeholder=lang.t("Find a store or a box"), debounce=200,
                        **aria(label=lang.t("Find a store or a box")),
                    ),
                    dmc.SegmentedControl(
                        id="devices-only",
                        value="need" if here.need else "all",
                        data=[
                            {"value": "all", "label": lang.t("All")},
                            {"value": "need", "label": lang.t("Need somebody")},
                        ],
                    ),
                    back if here.store else None,
                    html.Div(parts["file"], id="devices-file"),
                ],
                className="devices-filter",
            ),
            fleet_table(lang, parts["rows"], sort=here.sort),
        ],
        className="page devices-page",
    )  # fmt: skip


def sections(services: Services, view: FleetView, here: Route, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    hrefs = _hrefs(services, view, here)
    rows = row_data(view, lang, search=here.find, only="need" if here.need else "all", hrefs=hrefs)
    return {"answer": _answer(view, here, lang), "rows": rows, "file": file_links(here, "boxes", lang)}


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh and narrows it down."""
    keep_in_address(app, "devices-address", _KEPT)

    @app.callback(
        Output("devices-answer", "children"),
        Output(GRID_ID, "rowData"),
        Output("devices-file", "children"),
        Output("devices-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("devices-tick", "n_intervals"),
        *(Input(field, "value") for _, field, _ in _KEPT),
        State("devices-shown", "data"),
        State("devices-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, search: str | None, only: str, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(services, search or "", only, shown, prints)


def refreshed(services: Services, search: str, only: str, shown: dict[str, str], prints: Prints | None) -> list[Any]:
    """Return the callback's answer: what changed, the prints, and no banner; or only the banner."""
    lang = language_of(shown["lang"])
    path, _, query = shown["href"].partition("?")
    here = replace(route(path, query), find=search, need=only == "need")

    def read() -> tuple[list[Any], Prints]:
        view = services.reading.fleet(shown["store"])

        def draw() -> tuple[dict[str, Any], Prints]:
            parts = sections(services, view, here, lang)
            return parts, prints_of(parts)

        # One drawing for all who see the same boxes of the same stores, and may do the same with them.
        boxes = (view.now, view.jobs, tuple(store.store_id for store, _ in view.boxes))
        rights = tuple(services.reading.may(right) for right in ("set_up", "figures"))
        parts, fresh = services.drawn.get(("devices", boxes, rights, here, lang.code), draw, for_s=_DRAWN_S)
        return unlike(parts, fresh, prints), fresh

    return calm(read, prints, lang, places=3)


def _answer(view: FleetView, here: Route, lang: Language) -> Any:
    boxes = [box for _, box in view.boxes if box.standing not in ("revoked", "store closed")]
    needed = sum(bool(box.needs(view.now)) for box in boxes)
    live = sum(box.device.signal(view.now) == "live" for box in boxes)
    counted = lang.many("{n} box", "{n} boxes", len(boxes))
    name = view.boxes[0][0].name if here.store and view.boxes else None
    lead = [html.Span(lang.t("{n} live", n=lang.number(live)))]
    if needed:
        lead.append(html.Span(lang.many("{n} needs somebody", "{n} need somebody", needed)))
    elif boxes:
        lead.append(html.Span(lang.t("none needs you")))
    head = [
        html.H1(lang.t("{store}: {what}", store=name, what=counted) if name else counted),
        html.P(lead, className="lead"),
    ]
    return [*head, *server_work(view.jobs, view.now, lang)]


def _hrefs(services: Services, view: FleetView, here: Route) -> dict[str, str]:
    """Return where a row leads: to the set-up for those who may, else to the store's figures."""
    set_up, figures = services.reading.may("set_up"), services.reading.may("figures")
    codes = {store.code for store, _ in view.boxes}
    if set_up:
        return {code: here.to_set_up(code).href() for code in codes}
    return {code: here.to_store(code).href() for code in codes} if figures else {}
