"""Who did what: the audit log, narrowed down by name, kind and days, and as a file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError
from dashboard.accounts.register import Event
from dashboard.components.address import address_of, keep_in_address
from dashboard.components.attributes import data
from dashboard.components.calendar import calendar
from dashboard.components.event_words import ACTIONS, GROUPS, detail_text, wanted
from dashboard.components.figures import empty
from dashboard.components.file_links import file_links
from dashboard.components.wrong import problem
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.routes import Route, day_of

#: Lines on the page.
SHOWN_MAX: Final = 200
#: What of the page stands in the address.
_KEPT: Final = (
    ("find", "log-who", ""), ("kind", "log-kind", ""), ("from", "log-from", ""), ("to", "log-to", "")
)  # fmt: skip


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page; a store's code or an account's name in the address is not part of it.

    Raises:
        ForbiddenError: the viewer may not see the log.
    """
    kinds = [{"value": "", "label": lang.t("Everything")}]
    kinds += [{"value": name, "label": lang.t(title)} for name, (title, _) in GROUPS.items()]
    here = replace(here, store=None, kind=here.kind if here.kind in GROUPS else "")
    table, files = shown(services, here, lang)
    return html.Div(
        [
            dcc.Store(id="log-lang", data=lang.code),
            address_of("log-address", _KEPT),
            html.Div(html.H1(lang.t("Who did what")), className="answer"),
            html.Div(
                [
                    dmc.TextInput(id="log-who", label=lang.t("Name, store or box"), value=here.find, debounce=300),
                    dmc.Select(id="log-kind", label=lang.t("Kind"), data=kinds, value=here.kind, allowDeselect=False),
                    _day_field("log-from", lang.t("From"), here.first, lang),
                    _day_field("log-to", lang.t("To"), here.last, lang),
                    html.Div(files, id="log-file"),
                ],
                className="filters",
            ),
            html.Div(table, id="log-table"),
        ],
        className="page set-up-page",
    )


def register(app: Dash, services: Services) -> None:
    """Register what narrows the log down."""
    keep_in_address(app, "log-address", _KEPT)

    @app.callback(
        Output("log-table", "children"),
        Output("log-file", "children"),
        *(Input(field, "value") for _, field, _ in _KEPT),
        State("log-lang", "data"),
        prevent_initial_call=True,
    )
    def narrow(who: str | None, kind: str | None, first: str | None, last: str | None, code: str) -> Any:
        lang = language_of(code)
        here = Route("log", lang.code, first=day_of(first), last=day_of(last), find=who or "", kind=kind or "")
        try:
            return shown(services, here, lang)
        except DatabaseUnavailableError:
            return no_update, no_update  # what stands there stays
        except ForbiddenError as error:
            return problem(error, lang), no_update


def shown(services: Services, here: Route, lang: Language) -> tuple[Any, Any]:
    """Return the table and the ways to the same as a file.

    Raises:
        DatabaseUnavailableError: the database does not answer.
        ForbiddenError: the viewer may not see the log.
    """
    events = services.accounts.events(wanted(here), limit=SHOWN_MAX + 1)
    return table(events, lang), file_links(here, "log", lang)


def table(events: Sequence[Event], lang: Language) -> Any:
    """Return the lines as a table, the newest first; on a phone each is a paragraph."""
    if not events:
        return empty(lang.t("Nothing of the kind is on record."))
    head = [lang.t("When (UTC)"), lang.t("Who"), lang.t("What"), lang.t("From where")]
    more = html.P(lang.t("Only the newest {n} are shown; the file has all.", n=SHOWN_MAX), className="advice")
    lines = [_line(event, lang) for event in events[:SHOWN_MAX]]
    return html.Div(
        [
            html.Table(
                [html.Thead(html.Tr([html.Th(name, scope="col") for name in head])), html.Tbody(lines)],
                className="events",
            ),
            more if len(events) > SHOWN_MAX else None,
        ]
    )


def _line(event: Event, lang: Language) -> Any:
    # A page's lines have an address; what was done with a command on the server has none.
    who = event.login or (lang.t("somebody unknown") if event.address else lang.t("on the server"))
    words = ACTIONS.get(event.action)
    detail = html.Span(detail_text(event.detail, lang), className="of") if event.detail else None
    what = [lang.t(words) if words else event.action, " ", html.B(event.subject or ""), detail]
    return html.Tr(
        [
            html.Td(f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", className="at"),
            html.Td(who),
            html.Td(what),
            html.Td(event.address or ""),
        ],
        **data(action=event.action),
    )


def _day_field(name: str, label: str, day: date | None, lang: Language) -> Any:
    value = day and day.isoformat()
    return calendar(lang, id=name, label=label, value=value, valueFormat="YYYY-MM-DD", clearable=True)
