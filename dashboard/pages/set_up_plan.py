"""Set-up of a store's floor plan: a drawing or a plain grid, and on it what an installer moves with the mouse.

The moving is the browser's (`assets/floor_plan.js`); what it makes comes as the data of one `Store`.
"""

import base64
import binascii
import json
from typing import Any, Final

import dash_mantine_components as dmc
import flask
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from analytics.errors import DatabaseError, DatabaseUnavailableError, StoreUnknownError
from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.figures import empty, section
from dashboard.components.file_button import file_button
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.routes import PLANS
from dashboard.set_up.office import PlanDesk

_BYTES_MAX: Final = 5_000_000
#: Metres of a grid until somebody says otherwise.
_GRID_M: Final = (24, 16)


def plan_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its floor plan."""
    body = html.Div(
        [
            html.P(
                lang.t("A drawing of the shop. Look back shows on it where visitors spend their time and how they go.")
            ),
            html.Div(plan_place(services, store, lang), id="plan-place"),
            html.Div(id="plan-result"),
            dcc.Store(id="plan-draft"),
        ]
    )  # fmt: skip
    return section(lang.t("Floor plan"), body, name="plan-set-up")


def plan_place(services: Services, store: Store, lang: Language) -> Any:
    """Return the plan with what is placed on it, and what head office may do about it."""
    plan = services.desk.plan(store.code)
    parts: list[Any] = []
    if plan.width is None:
        parts.append(empty(lang.t("There is no plan yet: time and ways are shown on the cameras' pictures.")))
    else:
        parts += _editor(plan, store, lang)
    if services.desk.draws:
        parts.append(_drawing(plan, lang))
    elif plan.width is None:
        parts.append(html.P(lang.t("Head office adds it."), className="advice"))
    return parts


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do, and where drawings are answered."""

    @app.callback(
        Output("plan-result", "children"),
        Output("plan-place", "children"),
        Input({"plan": ALL}, "n_clicks"),
        Input({"plan_file": ALL}, "contents"),
        State({"plan_size": ALL}, "value"),
        State("plan-draft", "data"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], files: list[str | None], size: list[Any], draft: Any, shown: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        pressed = ctx.triggered_id.get("plan", "file")
        return acted(services, pressed, {"file": next(iter(files), None), "size": size, "draft": draft}, shown)

    app.server.add_url_rule(f"{PLANS}/<code>", "plan_image", lambda code: image_of(services, code))


def acted(services: Services, pressed: str, given: dict[str, Any], shown: dict[str, str]) -> tuple[Any, Any]:
    """Do what was pressed; return what to say, and the plan as it stands then."""
    lang = language_of(shown["lang"])
    try:
        store = services.reading.store(shown["store"])
        what = _done(services, store.code, pressed, given, lang)
        return what, plan_place(services, store, lang)
    except (binascii.Error, TypeError, ValueError):
        return wrong("plan_grid" if pressed == "grid" else "plan", lang), no_update
    except EXPECTED as error:
        return problem(error, lang), no_update


def image_of(services: Services, code: str) -> flask.Response:
    """Answer the drawing of a store to those who may see the store; its address changes with it."""
    try:
        found = services.reading.plan_image(code)
    except ForbiddenError:
        return flask.Response("Not for this account.\n", 403, mimetype="text/plain")
    except StoreUnknownError:
        found = None
    except (DatabaseUnavailableError, DatabaseError):
        return flask.Response("The database does not answer. Try again in a moment.\n", 503, mimetype="text/plain")
    if found is None:
        return flask.Response("There is no such plan.\n", 404, mimetype="text/plain")
    media, image = found
    return flask.Response(image, mimetype=media, headers={"Cache-Control": "private, max-age=86400"})


def _done(services: Services, code: str, pressed: str, given: dict[str, Any], lang: Language) -> Any:
    if pressed == "file":
        services.desk.keep_plan(code, base64.b64decode(str(given["file"]).partition(",")[2], validate=True))
        return said(lang.t("The drawing is kept. Now place zones and cameras on it."))
    if pressed == "grid":
        width, height = given["size"]
        services.desk.keep_grid(code, float(width), float(height))
        return said(lang.t("The grid is kept. Now place zones and cameras on it."))
    if pressed == "remove":
        services.desk.remove_plan(code)
        return said(lang.t("The plan is removed."))
    if given["draft"] is None:
        return said(lang.t("Nothing was moved."))
    services.desk.place(code, given["draft"])
    return said(lang.t("Saved: Look back shows it within a minute."))


def _editor(plan: PlanDesk, store: Store, lang: Language) -> list[Any]:
    words = {
        "zone": lang.t("Zone"), "line": lang.t("Line"), "camera": lang.t("Camera"), "take_off": lang.t("Take it off"),
        "corner": lang.t("Corner {n} of {name}", n="{n}", name="{name}"),
        "choose": lang.t("Choose what to place, then drag its corners to where it stands."),
        "zone_how": lang.t(
            "Drag the corners. A small dot between two corners becomes another one; Delete takes one away."
        ),
        "line_how": lang.t("Drag both ends onto the door."),
        "camera_how": lang.t(
            "Drag 1 to 4 onto four points of the floor in the picture, and on the plan to where the same points lie."
        ),
        "no_picture": lang.t("Without a picture: ask for one above and show it, then choose the camera again."),
        "unsaved": lang.t("Not saved yet."),
    }  # fmt: skip
    told = {
        "width": plan.width, "height": plan.height, "placed": plan.placed, "words": words, "zones": plan.zones,
        "image": f"{PLANS}/{store.code}?v={plan.version}" if plan.drawn else None, "lines": plan.lines,
        "cameras": plan.cameras, "called": store.places,
    }  # fmt: skip
    return [
        html.Div(id="plan-editor", className="plan-editor", **data(plan=json.dumps(told))),
        html.Div(html.Button(lang.t("Save"), id={"plan": "save"}, className="button"), className="act"),
    ]


def _drawing(plan: PlanDesk, lang: Language) -> Any:
    name = lang.t("PNG, JPEG or SVG, 5 MB at most; nobody may be seen in it")
    parts: list[Any] = [
        file_button(name, lang.t("Choose a drawing"), id_={"plan_file": "drawing"}, accept=".png,.jpg,.jpeg,.svg",
                    bytes_max=_BYTES_MAX),
        html.Div(
            [
                _metres("width", lang.t("Width in m"), _GRID_M[0]),
                _metres("height", lang.t("Depth in m"), _GRID_M[1]),
                html.Button(lang.t("Take a plain grid"), id={"plan": "grid"}, className="quiet"),
            ],
            className="inline",
        ),
    ]  # fmt: skip
    if plan.width is not None:
        parts.append(
            html.Details(
                [
                    html.Summary(lang.t("Remove the plan")),
                    html.Div(
                        [
                            html.P(lang.t("What was placed on it goes with it. What was counted stays.")),
                            html.Button(lang.t("Remove the plan"), id={"plan": "remove"}, className="button danger"),
                        ]
                    ),
                ],
                className="sure",
            )
        )
    return html.Div(parts, className="plan-drawing")


def _metres(side: str, label: str, value: int) -> Any:
    return dmc.NumberInput(id={"plan_size": side}, label=label, value=value, min=2, max=500)
