"""Which stores are shown: a region and a format, both in the address."""

from typing import Any, Final

import dash_mantine_components as dmc
from dash import html

from analytics.stores import Store
from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import Route

REGION_ID: Final = "stores-region"
FORMAT_ID: Final = "stores-format"


def store_filters(stores: tuple[Store, ...], here: Route, lang: Language) -> Any:
    """Return the choices that there are; none where all stores are of one region and one format."""
    regions = sorted({store.region for store in stores if store.region})
    formats = sorted({store.format for store in stores if store.format})
    return html.Div(
        [
            _select(REGION_ID, lang.t("Every region"), lang.t("Region"), regions, here.region),
            _select(FORMAT_ID, lang.t("Every kind"), lang.t("Kind of shop"), formats, here.format),
        ],
        className="filters",
    )


def _select(id_: str, every: str, label: str, names: list[str], chosen: str | None) -> Any:
    # A name in the address that no store has stays to be seen, and to be taken out.
    known = sorted({*names, chosen}) if chosen else names
    return dmc.Select(
        id=id_,
        data=known,
        value=chosen,
        placeholder=every,
        clearable=True,
        searchable=True,
        size="sm",
        display="block" if len(known) > 1 or chosen else "none",
        comboboxProps={"withinPortal": True},
        **aria(label=label),
    )
