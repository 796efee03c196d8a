"""The ways between the pages of Devices: boxes, alarms and roll-outs."""

from typing import Any

from dash import dcc, html

from dashboard.accounts.viewer import Viewer
from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import Route


def device_tabs(here: Route, viewer: Viewer, lang: Language) -> Any:
    """Return the ways that are open to the viewer; a store that was chosen is kept."""
    store = None if here.page == "rollouts" else here.store
    ways = [(lang.t("Boxes"), here.to_devices(store)), (lang.t("Alarms"), here.to_alarms(store))]
    if viewer.may("set_up"):
        ways.append((lang.t("Roll-outs"), here.to_rollouts()))
    links = [
        dcc.Link(name, href=there.href(), className="choice on" if here.page == there.page else "choice")
        for name, there in ways
    ]
    return html.Nav(links, className="choices tabs", **aria(label=lang.t("Devices")))
