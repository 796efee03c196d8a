"""Set-up of what a store's zones and lines are called: pages show it in place of the box's code."""

from typing import Any, Final

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, html

from analytics.definitions import mark
from analytics.stores import Store
from dashboard.components.figures import section
from dashboard.components.wrong import EXPECTED, problem, said
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.set_up.office import PLACE_NAME_MAX, Place

_KINDS: Final = {"zone": mark("Zone {code}"), "line": mark("Line {code}")}


def names_section(services: Services, store: Store, lang: Language) -> Any:
    """Return a field for each zone and line; nothing where no box has named any."""
    found = services.desk.places(store.code)
    if not found:
        return None
    body = [
        html.P(lang.t("What everybody in the shop calls them: pages show that name. The box keeps its own.")),
        html.Div([_field(one, lang) for one in found], className="fields"),
        html.Div(html.Button(lang.t("Save"), id="names-save", className="button"), className="act"),
        html.Div(id="names-result"),
    ]
    return section(lang.t("Names of zones and doors"), html.Div(body, className="opening"), name="names-set-up")


def _field(place: Place, lang: Language) -> Any:
    return dmc.TextInput(
        id={"place": place.kind, "code": place.code}, label=lang.t(_KINDS[place.kind], code=place.code),
        value=place.name or "", placeholder=place.code, inputProps={"maxLength": PLACE_NAME_MAX},
    )  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Register what the button does."""

    @app.callback(
        Output("names-result", "children"),
        Input("names-save", "n_clicks"),
        State({"place": ALL, "code": ALL}, "value"),
        State({"place": ALL, "code": ALL}, "id"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def save(_n: int, values: list[str | None], ids: list[dict[str, str]], shown: dict[str, str]) -> Any:
        names = {(id_["place"], id_["code"]): (value or "").strip() for id_, value in zip(ids, values, strict=True)}
        return saved(services, names, shown)


def saved(services: Services, names: dict[tuple[str, str], str], shown: dict[str, str]) -> Any:
    """Keep what was filled in; return what to say."""
    lang = language_of(shown["lang"])
    try:
        services.desk.name_places(shown["store"], names)
    except EXPECTED as error:
        return problem(error, lang)
    return said(lang.t("Saved: pages show these names from their next look."))
