"""Set-up of what is known of a store: its name, region, time zone, opening hours, and sales by staff alias.

Nothing is saved before it was said what will change and what that means.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, html, no_update

from analytics.definitions import mark
from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.figures import section
from dashboard.components.opening_form import hours_fields, hours_text, hours_words, time_zones, week_of
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import NOTHING, Language, language_of
from dashboard.pages.page import Services
from dashboard.set_up.office import Details

_STATES: Final = (
    State("detail-name", "value"), State("detail-region", "value"), State("detail-zone", "value"),
    State("setup-always", "checked"), State({"hours": "opens", "day": ALL}, "value"),
    State({"hours": "closes", "day": ALL}, "value"), State("detail-staff", "checked"),
    State("detail-past", "checked"), State("box-store", "data"),
)  # fmt: skip
#: What a change means, by what changes.
_MEANS: Final = {
    "name": mark("Pages, files and reports call it so from now on, past days included."),
    "region": mark("Accounts that are bound to a region see this store, or do not any more, from their next click."),
    "timezone": mark(
        "Days from today on begin and end by the new zone, and times of past days are shown in it, too. "
        "What was counted stays."
    ),
    "hours": mark("They hold from today on: who came in before opening today counts outside opening hours."),
    "past": mark(
        "The last 400 days are counted anew by these hours: their figures change, and Trust says that they did."
    ),
    "staff_figures": mark(
        "Sales by staff alias are shown to head office and to this store's managers: only once those concerned, "
        "or their works council, agreed."
    ),
    "no_staff_figures": mark("Sales by staff alias are shown to nobody any more."),
}
_NAMES: Final = {
    "name": mark("Name"),
    "region": mark("Region"),
    "timezone": mark("Time zone"),
    "hours": mark("Opening hours"),
    "staff_figures": mark("Sales by staff alias"),
}


def details_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its details, filled in with what is known."""
    known, decides = services.desk.details(store.code), services.desk.decides
    regions = sorted({one.region for one in services.reading.stores() if one.region})
    zones = time_zones()
    fields = [
        dmc.TextInput(id="detail-name", label=lang.t("Name"), value=known.name),
        dmc.Autocomplete(id="detail-region", label=lang.t("Region"), value=known.region or "", data=regions,
                         disabled=not decides),
        dmc.Select(
            id="detail-zone", label=lang.t("Time zone"), value=known.timezone, searchable=True, limit=60,
            data=zones if known.timezone in zones else [known.timezone, *zones], allowDeselect=False,
            nothingFoundMessage="–", disabled=not decides,
        ),
    ]  # fmt: skip
    switches = [
        html.Div(
            dmc.Switch(
                id="detail-past", checked=False,
                label=lang.t("These hours held in the past, too: those on record are wrong"),
            ),
            hidden=not decides,
        ),
        dmc.Switch(
            id="detail-staff", label=lang.t("Show sales by staff alias"), checked=known.staff_figures,
            disabled=not services.reading.may("staff"),
        ),
    ]  # fmt: skip
    asks = [] if decides else [html.P(lang.t("Region and time zone are head office's to change."), className="advice")]
    body = [
        html.Div(fields, className="fields"),
        *asks,
        hours_fields(lang, week_of(known.hours or ""), always=known.hours == ""),
        html.Div(switches, className="plans"),
        html.Div(html.Button(lang.t("Look at the changes"), id="detail-check", className="quiet"), className="act"),
        html.Div(id="detail-result"),
    ]
    return section(lang.t("About the store"), html.Div(body, className="opening"), name="details")


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do."""

    @app.callback(
        Output("detail-result", "children"), Input("detail-check", "n_clicks"), *_STATES, prevent_initial_call=True
    )
    def check(_n: int, *filled: Any) -> Any:
        return checked(services, filled)

    @app.callback(
        Output("detail-result", "children", allow_duplicate=True),
        Input({"detail-save": ALL}, "n_clicks"),
        *_STATES,
        prevent_initial_call=True,
    )
    def save(clicks: list[int | None], *filled: Any) -> Any:
        return saved(services, filled) if any(clicks) else no_update


def checked(services: Services, filled: Sequence[Any]) -> Any:
    """Return what would change and what that means, with a button that saves it; or what is wrong."""
    lang = language_of(filled[-1]["lang"])
    try:
        wanted, past = _wanted(services, filled)
        known = services.desk.details(filled[-1]["store"])
    except EXPECTED as error:
        return problem(error, lang)
    if not wanted.name:
        return wrong("name", lang)
    if wanted.hours is None and (known.hours is not None or past):
        return wrong("hours", lang)
    changes = _changes(known, wanted, lang)
    if past:
        changes.append(html.Li([html.B(lang.t("Past days")), html.Span(lang.t(_MEANS["past"]))]))
    if not changes:
        return said(lang.t("Nothing changes."))
    button = html.Button(lang.t("Save these changes"), id={"detail-save": filled[-1]["store"]}, className="button")
    return html.Div([html.Ul(changes, className="consequences"), button], className="banner-calm", role="status")


def saved(services: Services, filled: Sequence[Any]) -> Any:
    """Save what was filled in; return what to say."""
    lang = language_of(filled[-1]["lang"])
    try:
        wanted, past = _wanted(services, filled)
        services.desk.revise(filled[-1]["store"], wanted, past=past)
    except EXPECTED as error:
        return problem(error, lang)
    return said(lang.t("Saved."))


def _wanted(services: Services, filled: Sequence[Any]) -> tuple[Details, bool]:
    name, region, zone, always, opens, closes, staff, past, shown = filled
    known = services.desk.details(shown["store"])
    wanted = replace(
        known, name=str(name or "").strip(), region=str(region or "").strip() or None, timezone=str(zone or ""),
        hours=hours_text(bool(always), opens, closes), staff_figures=bool(staff),
    )  # fmt: skip
    return wanted, bool(past)


def _changes(known: Details, wanted: Details, lang: Language) -> list[Any]:
    on = {True: lang.t("yes"), False: lang.t("no")}
    pairs = {
        "name": (known.name, wanted.name),
        "region": (known.region or NOTHING, wanted.region or NOTHING),
        "timezone": (known.timezone, wanted.timezone),
        "hours": (hours_words(known.hours, lang), hours_words(wanted.hours, lang)),
        "staff_figures": (on[known.staff_figures], on[wanted.staff_figures]),
    }
    found = []
    for what, (was, now) in pairs.items():
        if was != now:
            key = "no_staff_figures" if what == "staff_figures" and not wanted.staff_figures else what
            means = html.Span(lang.t(_MEANS[key]))
            found.append(html.Li([html.B(lang.t(_NAMES[what])), f" {was} → {now}", means], **data(change=what)))
    return found
