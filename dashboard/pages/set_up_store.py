"""Set-up of one store: its boxes, a new code for one, shutting one out, and the end of the store."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.code_sheets import code_sheets
from dashboard.components.figures import empty, section
from dashboard.components.fleet_words import STANDINGS
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import Language, language_of
from dashboard.pages import (
    set_up_details,
    set_up_names,
    set_up_peers,
    set_up_pictures,
    set_up_plan,
    set_up_targets,
    set_up_zones,
)
from dashboard.pages.page import Services
from dashboard.routes import Route
from dashboard.set_up.office import Box


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page of the store in the address.

    Raises:
        ForbiddenError: the viewer may not set it up.
        StoreUnknownError: no store has this code.
    """
    services.desk.stores()
    store = services.reading.store(here.store or "")
    if not services.desk.staffed:
        return html.Div([html.H1(store.name), wrong("office", lang)], className="page set-up-page")
    return html.Div(
        [
            dcc.Store(id="box-store", data={"store": store.code, "lang": lang.code}),
            html.Div(
                [
                    html.Div(
                        [
                            html.H1(store.name),
                            html.P(" · ".join(filter(None, (store.code, store.timezone, store.currency, store.region))),
                                   className="lead"),
                        ]
                    )
                ],
                className="answer no-print",
            ),
            html.Div(id="box-result"),
            html.Div(
                html.Div(box_list(services.desk.boxes(store.code), store, services, lang), id="box-list"),
                className="row row-one no-print",
            ),
            *_row_of(set_up_details.details_section(services, store, lang)),
            *_row_of(set_up_peers.peers_section(services, store, lang)),
            html.Div(id="target-result"),
            *_row_of(set_up_targets.targets_section(services, store, lang)),
            *_row_of(set_up_names.names_section(services, store, lang)),
            *_row_of(set_up_zones.zones_section(services, store, lang)),
            html.Div(set_up_pictures.pictures_section(services, store, lang), className="row no-print"),
            html.Div(set_up_plan.plan_section(services, store, lang), className="row no-print"),
            *_row_of(_close(store, lang) if services.desk.decides else None),
        ],
        className="page set-up-page",
        **data(store=store.code),
    )  # fmt: skip


def box_list(boxes: list[Box], store: Store, services: Services, lang: Language) -> Any:
    """Return the store's boxes with what can be done about each."""
    rows = [_row(box, store, services, lang) for box in boxes]
    new = html.Div(
        [
            dmc.TextInput(id="box-new", label=lang.t("Another box"), placeholder="side-door"),
            html.Button(lang.t("New code"), id={"do": "add", "box": ""}, className="quiet"),
        ],
        className="inline",
    )
    none = empty(lang.t("No box yet."))
    return section(lang.t("Boxes"), html.Div([html.Ul(rows, className="boxes") if rows else none, new]), name="boxes")


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do."""

    @app.callback(
        Output("box-result", "children"),
        Output("box-list", "children"),
        Input({"do": ALL, "box": ALL}, "n_clicks"),
        State("box-new", "value"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], new: str | None, shown: dict[str, str]) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        do, box = ctx.triggered_id["do"], ctx.triggered_id["box"]
        return acted(services, do, box or (new or "").strip(), shown)

    @app.callback(
        Output("close-result", "children"),
        Output("box-list", "children", allow_duplicate=True),
        Input("box-close", "n_clicks"),
        State("box-close-name", "value"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def close(_n: int, typed: str | None, shown: dict[str, str]) -> Any:
        return closed(services, typed or "", shown)


def acted(services: Services, do: str, box: str, shown: dict[str, str]) -> tuple[Any, Any]:
    """Make a code or shut a box out; return what to say, and the boxes as they stand then."""
    lang, code = language_of(shown["lang"]), shown["store"]
    try:
        store = services.reading.store(code)
        if do == "revoke":
            services.desk.revoke(code, box)
            result = said(lang.t("{box} is shut out.", box=box))
        else:
            issued = services.desk.new_code(code, box)
            names, zones = {code: store.name}, {code: store.timezone}
            result = code_sheets([issued], names, zones, services.desk.now(), lang)
        return result, box_list(services.desk.boxes(code), store, services, lang)
    except EXPECTED as error:
        return problem(error, lang), no_update


def closed(services: Services, typed: str, shown: dict[str, str]) -> tuple[Any, Any]:
    """Close the store if its name was typed; return what to say, and the boxes as they stand then."""
    lang, code = language_of(shown["lang"]), shown["store"]
    try:
        store = services.reading.store(code)
        if typed.strip() != store.name:
            return wrong("confirm", lang), no_update
        services.desk.close(code)
        boxes = box_list(services.desk.boxes(code), store, services, lang)
    except EXPECTED as error:
        return problem(error, lang), no_update
    return said(lang.t("{store} is closed. What it counted stays.", store=store.name)), boxes


def _row(box: Box, store: Store, services: Services, lang: Language) -> Any:
    now, words = services.desk.now(), lang.t(STANDINGS[box.standing])
    until = box.code_until if box.standing == "code waiting" else box.certificate_until
    if until is not None and box.standing in ("code waiting", "enrolled"):
        words += " · " + lang.t("until {at}", at=lang.when(until, now, store.zone))
    again = html.Button(lang.t("New code"), id={"do": "code", "box": box.device}, className="quiet")
    out = html.Details(
        [
            html.Summary(lang.t("Shut out")),
            html.Div(
                [
                    html.P(lang.t("Stolen or broken: what it says is refused from then on. What it counted stays.")),
                    html.Button(lang.t("Shut {box} out", box=box.device), id={"do": "revoke", "box": box.device},
                                className="button danger"),
                ]
            ),
        ],
        className="sure",
    )  # fmt: skip
    return html.Li(
        [
            html.Div([html.B(box.device), html.Span(words)], className="device-head"),
            html.Div([again, out], className="act"),
        ],
        **data(box=box.device, standing=box.standing),
    )


def _row_of(part: Any) -> list[Any]:
    """Return a row with a section of the page; no empty one where the viewer has none."""
    return [] if part is None else [html.Div(part, className="row row-one no-print")]


def _close(store: Store, lang: Language) -> Any:
    parts = [
        html.P(lang.t("For good: its boxes are shut out, nothing is expected of it any more. What it counted stays.")),
        html.Div(
            [
                dmc.TextInput(id="box-close-name", label=lang.t("Type “{name}” to close it", name=store.name)),
                html.Button(lang.t("Close the store"), id="box-close", className="button danger"),
            ],
            className="inline",
        ),
        html.Div(id="close-result"),
    ]
    return section(lang.t("Close this store"), html.Div(parts), name="close")
