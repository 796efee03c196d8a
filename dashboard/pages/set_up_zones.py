"""Set-up of what lies in a store's zones: which of the till's categories, so that looking stands beside buying."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, html

from analytics.stores import Store
from dashboard.components.figures import empty, section
from dashboard.components.wrong import EXPECTED, problem, said
from dashboard.language import Language, language_of
from dashboard.pages.page import Services


def zones_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its zones."""
    found = services.desk.zones(store.code)
    zones = [one for one in found if one.zone is not None]
    loose = next((one.categories for one in found if one.zone is None), ())
    categories = sorted({name for one in found for name in one.categories})
    if not zones:
        text = lang.t("No box has named a zone where people stop, and nothing is said of any.")
        return section(lang.t("What lies where"), empty(text), name="zones-set-up")
    fields = [
        dmc.TagsInput(
            id={"zone": one.zone}, label=store.zone_called(one.zone or ""), value=list(one.categories), data=categories,
            splitChars=[",", "，"],
            description=None if one.known else lang.t("No box names this zone"),
        )
        for one in zones
    ]  # fmt: skip
    left = lang.t("Sold lately, and lying nowhere yet: {names}", names=lang.listed(loose)) if loose else None
    body = [
        html.P(lang.t("Which of the till's categories lie in which zone: then looking stands beside buying.")),
        html.Div(fields, className="fields"),
        html.P(left, className="advice") if left else None,
        html.Div(html.Button(lang.t("Save"), id="zones-save", className="button"), className="act"),
        html.Div(id="zones-result"),
    ]
    return section(lang.t("What lies where"), html.Div(body, className="opening"), name="zones-set-up")


def register(app: Dash, services: Services) -> None:
    """Register what the button does."""

    @app.callback(
        Output("zones-result", "children"),
        Input("zones-save", "n_clicks"),
        State({"zone": ALL}, "value"),
        State({"zone": ALL}, "id"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def save(_n: int, values: list[list[str] | None], ids: list[dict[str, str]], shown: dict[str, str]) -> Any:
        lies = {id_["zone"]: [name.strip() for name in value or ()] for id_, value in zip(ids, values, strict=True)}
        return saved(services, lies, shown)


def saved(services: Services, lies: dict[str, list[str]], shown: dict[str, str]) -> Any:
    """Keep what was filled in; return what to say."""
    lang = language_of(shown["lang"])
    try:
        services.desk.set_zones(shown["store"], lies)
    except EXPECTED as error:
        return problem(error, lang)
    return said(lang.t("Saved: the store's page tells looking and buying by these within ten minutes."))
