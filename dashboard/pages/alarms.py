"""Alarms: what needs somebody at the viewer's boxes and stores, what lately did, since when, and what to do."""

from dataclasses import replace
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html

from dashboard.components.address import address_of, keep_in_address
from dashboard.components.alarm_list import alarm_list, chosen_alarms
from dashboard.components.attributes import aria
from dashboard.components.device_tabs import device_tabs
from dashboard.components.file_links import file_links
from dashboard.components.frame import BANNER_ID
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, calm, changed
from dashboard.reading.fleet import AlarmsView
from dashboard.routes import Alarms, Route, route

TICK_MS: Final = 10_000
#: What of the page stands in the address.
_KEPT: Final = (("find", "alarms-search", ""),)


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page with its alarms already in it.

    Raises:
        ForbiddenError: the viewer may not see boxes, or not this store's.
        StoreUnknownError: no store has the code in the address.
    """
    parts = sections(services, services.reading.alarms(here.store), here, lang)
    _, prints = changed(parts, None)
    find = lang.t("Find a store, a box or words")
    back = dcc.Link(lang.t("Alarms of all stores"), href=here.to_alarms(None, here.alarms).href(), className="quiet")
    return html.Div(
        [
            dcc.Interval(id="alarms-tick", interval=TICK_MS),
            dcc.Store(id="alarms-shown", data={"store": here.store, "lang": lang.code, "href": here.href()}),
            dcc.Store(id="alarms-prints", data=prints),
            address_of("alarms-address", _KEPT),
            device_tabs(here, services.reading.who(), lang),
            html.Div(html.Div(parts["answer"], id="alarms-answer"), className="answer"),
            html.Div(
                [
                    dmc.TextInput(
                        id="alarms-search", value=here.find, placeholder=find, debounce=200, **aria(label=find)
                    ),
                    html.Div(parts["choices"], id="alarms-choices", className="choices"),
                    back if here.store else None,
                    html.Div(parts["file"], id="alarms-file"),
                ],
                className="devices-filter",
            ),
            html.Div(parts["list"], id="alarms-list", className="part"),
        ],
        className="page alarms-page",
    )  # fmt: skip


def sections(services: Services, view: AlarmsView, here: Route, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    set_up, figures = services.reading.may("set_up"), services.reading.may("figures")
    hrefs = {
        store.code: (here.to_store(store.code) if figures else here.to_devices(store.code)).href()
        for store, _ in view.alarms
        if set_up or figures
    }
    return {
        "answer": _answer(view, here, lang),
        "choices": _choices(view, here, lang),
        "list": alarm_list(view, lang, only=here.alarms, search=here.find, hrefs=hrefs),
        "file": file_links(here, "alarms", lang),
    }


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh and narrows it down."""
    keep_in_address(app, "alarms-address", _KEPT)

    @app.callback(
        Output("alarms-answer", "children"),
        Output("alarms-choices", "children"),
        Output("alarms-list", "children"),
        Output("alarms-file", "children"),
        Output("alarms-prints", "data"),
        Output(BANNER_ID, "children", allow_duplicate=True),
        Input("alarms-tick", "n_intervals"),
        Input("alarms-search", "value"),
        State("alarms-shown", "data"),
        State("alarms-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, search: str | None, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(services, search or "", shown, prints)


def refreshed(services: Services, search: str, shown: dict[str, str], prints: Prints | None) -> list[Any]:
    """Return the callback's answer: what changed, the prints, and no banner; or only the banner."""
    lang = language_of(shown["lang"])
    path, _, query = shown["href"].partition("?")
    here = replace(route(path, query), find=search)

    def read() -> tuple[list[Any], Prints]:
        return changed(sections(services, services.reading.alarms(shown["store"]), here, lang), prints)

    return calm(read, prints, lang, places=4)


def _answer(view: AlarmsView, here: Route, lang: Language) -> Any:
    lasting, act = (len(chosen_alarms(view, only)) for only in ("open", "act"))
    name = next((store.name for store, _ in view.alarms), None) if here.store else None
    counted = lang.many("{n} alarm", "{n} alarms", lasting) if lasting else lang.t("No alarms")
    lead = [html.Span(lang.many("{n} to act on now", "{n} to act on now", act))] if act else []
    head = [
        html.H1(lang.t("{store}: {what}", store=name, what=counted) if name else counted),
        html.P(lead, className="lead") if lead else None,
    ]
    return [*head, _overdue(view, lang)]


def _overdue(view: AlarmsView, lang: Language) -> Any:
    if not view.overdue:
        return None
    since = lang.t("Nobody has looked for alarms yet.")
    if view.looked_at is not None:
        since = lang.t("Nobody has looked for alarms since {at} UTC.", at=f"{view.looked_at:%Y-%m-%d %H:%M}")
    advice = lang.t("The list is as it was then. Tell whoever runs the server: “footfall notify run” looks.")
    return html.Div([html.B(since), html.Span(advice)], className="banner")


def _choices(view: AlarmsView, here: Route, lang: Language) -> list[Any]:
    names: tuple[tuple[Alarms, str], ...] = (
        ("open", lang.t("Lasting")),
        ("act", lang.t("To act on")),
        ("ended", lang.t("Ended lately")),
    )
    return [
        dcc.Link(
            f"{name} {len(chosen_alarms(view, only))}", href=here.to_alarms(here.store, only).href(),
            className="choice on" if here.alarms == only else "choice",
        )
        for only, name in names
    ]  # fmt: skip
