"""Set-up of what a store is compared by: its kind, the class of its city, its size and its first day."""

from datetime import date
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from analytics.stores import Store
from dashboard.components.calendar import calendar
from dashboard.components.figures import section
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.set_up.office import Peers

_TIERS: Final = range(1, 10)


def peers_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its peers, filled in; nothing for who may not set them."""
    if not services.desk.decides:
        return None
    known = services.desk.peers(store.code)
    formats = sorted({one.format for one in services.reading.stores() if one.format})
    tiers = [{"value": str(n), "label": str(n)} for n in _TIERS]
    fields = [
        dmc.Autocomplete(
            id="peer-format", label=lang.t("Kind of shop"), value=known.format or "", data=formats,
            description=lang.t("In your own words: flagship, outlet …"),
        ),
        dmc.Select(
            id="peer-tier", label=lang.t("Class of its city"), data=tiers, description=lang.t("1 is the largest"),
            value=str(known.city_tier) if known.city_tier else None,
        ),
        dmc.NumberInput(
            id="peer-size", label=lang.t("Sales floor in m²"), value=known.size_m2 or "", min=1, max=100_000,
            description=lang.t("Without stockroom and offices"),
        ),
        calendar(
            lang, id="peer-opened", label=lang.t("First day of business"), valueFormat="YYYY-MM-DD", clearable=True,
            value=known.opened_on.isoformat() if known.opened_on else None,
            description=lang.t("Emptied, nobody knows it"),
        ),
    ]  # fmt: skip
    body = [
        html.P(lang.t("Stores of one kind, class of city and size are each other's peers in All stores.")),
        html.Div(fields, className="fields fields-four"),
        html.Div(html.Button(lang.t("Save"), id="peer-save", className="button"), className="act"),
        html.Div(id="peer-result"),
    ]
    return section(lang.t("What it is compared by"), html.Div(body, className="opening"), name="peers")


def register(app: Dash, services: Services) -> None:
    """Register what the button does."""

    @app.callback(
        Output("peer-result", "children"),
        Input("peer-save", "n_clicks"),
        State("peer-format", "value"),
        State("peer-tier", "value"),
        State("peer-size", "value"),
        State("peer-opened", "value"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def save(_n: int, *filled: Any) -> Any:
        *values, shown = filled
        return saved(services, values, shown)


def saved(services: Services, values: list[Any], shown: dict[str, str]) -> Any:
    """Keep what was filled in; return what to say."""
    lang = language_of(shown["lang"])
    kind, tier, size, opened = values
    try:
        peers = Peers(
            (kind or "").strip() or None,
            int(tier) if tier else None,
            float(size) if size else None,
            date.fromisoformat(opened[:10]) if opened else None,
        )
        services.desk.describe(shown["store"], peers)
    except (TypeError, ValueError):
        return wrong("size_m2", lang)
    except EXPECTED as error:
        return problem(error, lang)
    return said(lang.t("Saved: the next look at All stores compares it so."))
