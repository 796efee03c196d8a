"""The form that opens one store."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from babel.dates import get_day_names
from dash import html

from analytics.definitions import mark
from analytics.stores import Store
from analytics.weekdays import DAYS, alike, span_of
from dashboard.components.attributes import aria
from dashboard.components.file_button import file_button
from dashboard.language import Language

_BOXES_MAX: Final = 50
_BOX: Final = "door-box"
_TEMPLATE_BYTES_MAX: Final = 200_000
#: Zones that name a place; the others are for machines.
_OPENS_CLOSES: Final = (mark("opens"), mark("closes"))
#: What the form proposes; Sunday is for oneself to say.
_USUAL_WEEK: Final = (*(("10:00", "20:00"),) * 6, ("", ""))
_AREAS: Final = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def opening_form(stores: Sequence[Store], lang: Language) -> Any:
    """Return the form; zone and currency begin with what most stores have."""
    regions = sorted({store.region for store in stores if store.region})
    fields = [
        dmc.TextInput(id="setup-name", label=lang.t("Name"), placeholder=lang.t("As people call it")),
        dmc.TextInput(
            id="setup-code", label=lang.t("Code"),
            description=lang.t("Stands in addresses and on the boxes, and stays: a–z, digits and -"),
        ),
        dmc.Select(id="setup-zone", label=lang.t("Time zone"), data=time_zones(), value=_usual(stores, "timezone"),
                   searchable=True, limit=60, allowDeselect=False, nothingFoundMessage="–"),
        dmc.TextInput(id="setup-currency", label=lang.t("Currency"), value=_usual(stores, "currency"),
                      placeholder="EUR"),
        dmc.Autocomplete(id="setup-region", label=lang.t("Region"), data=regions),
        dmc.NumberInput(id="setup-boxes", label=lang.t("How many boxes"), value=1, min=1, max=_BOXES_MAX,
                        allowDecimal=False, clampBehavior="strict"),
    ]  # fmt: skip
    return html.Div(
        [
            html.Div(fields, className="fields"),
            hours_fields(lang, _USUAL_WEEK),
            html.Div(
                [
                    file_button(
                        lang.t("Template for the boxes (optional)"), lang.t("Choose a TOML file"), id_="setup-template",
                        accept=".toml", bytes_max=_TEMPLATE_BYTES_MAX,
                    ),
                    html.Div(id="setup-template-said", className="advice"),
                ],
                className="upload",
            ),
            html.Div(html.Button(lang.t("Open the store"), id="setup-open", className="button"), className="act"),
        ],
        className="opening",
    )  # fmt: skip


def hours_text(always: bool, opens: Sequence[str | None], closes: Sequence[str | None]) -> str | None:
    """Return the week as a list of stores writes it; "" around the clock, None where no day is filled in."""
    if always:
        return ""
    days = [
        f"{day} {start[:5]}-{end[:5]}" for day, start, end in zip(DAYS, opens, closes, strict=True) if start and end
    ]
    return ", ".join(days) or None


def box_names(count: object) -> str:
    """Return the names of so many boxes, with spaces between."""
    number = count if isinstance(count, int) and 1 <= count <= _BOXES_MAX else 1
    return " ".join([_BOX, *(f"{_BOX}-{nth}" for nth in range(2, number + 1))])


def time_zones() -> list[str]:
    """Return the zones that name a place."""
    return sorted(zone for zone in available_timezones() if zone.startswith(_AREAS))


def hours_fields(lang: Language, week: Sequence[tuple[str, str]], *, always: bool = False) -> Any:
    """Return the fields of opening hours, filled in: of each day from Monday on when it opens and closes, or ""."""
    names = get_day_names("wide", locale=lang.locale)
    rows = [
        html.Div([html.Span(), html.Span(lang.t("opens")), html.Span(lang.t("closes"))], className="hours-row head")
    ]
    for day, times in enumerate(week):
        fields = [
            dmc.TimeInput(id={"hours": name, "day": day}, value=at, **aria(label=f"{names[day]}: {lang.t(name)}"))
            for name, at in zip(_OPENS_CLOSES, times, strict=True)
        ]
        rows.append(html.Div([html.Span(str(names[day])), *fields], className="hours-row"))
    note = lang.t("A day without times is closed. Closing before opening is after midnight.")
    return html.Fieldset(
        [
            html.Legend(lang.t("Opening hours"), className="label"),
            dmc.Switch(id="setup-always", label=lang.t("Never closes"), checked=always),
            html.Div(rows, className="hours"),
            html.P(note, className="advice"),
        ]
    )


def week_of(hours: str) -> list[tuple[str, str]]:
    """Return of each day from Monday on when it opens and closes by hours as a list writes them."""
    week = [("", "")] * len(DAYS)
    for part in filter(None, hours.split(", ")):
        days, _, times = part.partition(" ")
        first, _, last = days.partition("-")
        opens, _, closes = times.partition("-")
        for day in span_of(first, last):
            week[day] = (opens, closes)
    return week


def hours_words(hours: str | None, lang: Language) -> str:
    """Return hours as a list writes them in words: Mon–Sat 10:00–20:00."""
    if not hours:
        return lang.t("Never closes") if hours == "" else lang.t("no opening hours are set")
    names = lang.weekdays()
    parts = alike((day, times) for day, times in enumerate(week_of(hours)) if times != ("", ""))
    return lang.listed(
        f"{names[first]}{'' if first == last else '–' + names[last]} {opens}–{closes}"
        for first, last, (opens, closes) in parts
    )


def _usual(stores: Sequence[Store], what: str) -> str | None:
    found = Counter(getattr(store, what) for store in stores).most_common(1)
    return found[0][0] if found else None
