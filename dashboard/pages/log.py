"""Who did what: the audit log, narrowed down by name, kind and days, and as a file."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import dash_mantine_components as dmc
import flask
from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError
from analytics.tables import UTF8_MARK, csv_lines
from dashboard.accounts.register import Event, Wanted
from dashboard.components.attributes import data
from dashboard.components.event_words import ACTIONS, GROUPS, detail_text
from dashboard.components.figures import empty
from dashboard.components.wrong import problem
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.pages.saving import Saved, answered
from dashboard.routes import LOG_CSV, Route

#: Lines on the page, and in a file.
SHOWN_MAX: Final = 200
SAVED_MAX: Final = 100_000
_FIELDS: Final = ("at", "action", "login", "subject", "address", "detail")


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page; a store's code or an account's name in the address is not part of it.

    Raises:
        ForbiddenError: the viewer may not see the log.
    """
    kinds = [{"value": "", "label": lang.t("Everything")}]
    kinds += [{"value": name, "label": lang.t(title)} for name, (title, _) in GROUPS.items()]
    table, saving = shown(services, {}, here.lang)
    return html.Div(
        [
            dcc.Store(id="log-lang", data=lang.code),
            html.Div(html.H1(lang.t("Who did what")), className="answer"),
            html.Div(
                [
                    dmc.TextInput(id="log-who", label=lang.t("Name, store or box"), debounce=300),
                    dmc.Select(id="log-kind", label=lang.t("Kind"), data=kinds, value="", allowDeselect=False),
                    _day_field("log-from", lang.t("From"), lang),
                    _day_field("log-to", lang.t("To"), lang),
                    html.A(lang.t("Save as CSV"), id="log-save", href=saving, download="log.csv", className="quiet"),
                ],
                className="filters",
            ),
            html.Div(table, id="log-table"),
        ],
        className="page set-up-page",
    )


def register(app: Dash, services: Services) -> None:
    """Register what narrows the log down, and its file."""

    @app.callback(
        Output("log-table", "children"),
        Output("log-save", "href"),
        Input("log-who", "value"),
        Input("log-kind", "value"),
        Input("log-from", "value"),
        Input("log-to", "value"),
        State("log-lang", "data"),
        prevent_initial_call=True,
    )
    def narrow(who: str | None, kind: str | None, first: str | None, last: str | None, lang: str) -> Any:
        asked = {"who": who or "", "kind": kind or "", "from": first or "", "to": last or ""}
        return shown(services, asked, lang)

    app.server.add_url_rule(LOG_CSV, "log_csv", lambda: answered(lambda: saved(services)))


def shown(services: Services, asked: dict[str, str], code: str) -> tuple[Any, Any]:
    """Return the table and the address of the same as a file; what stands there stays while the database is away."""
    lang = language_of(code)
    href = LOG_CSV + "?" + urlencode({name: value for name, value in asked.items() if value})
    try:
        events = services.accounts.events(wanted(asked), limit=SHOWN_MAX + 1)
    except DatabaseUnavailableError:
        return no_update, no_update
    except ForbiddenError as error:
        return problem(error, lang), no_update
    return table(events, lang), href


def wanted(asked: dict[str, str]) -> Wanted:
    """Return what the fields ask for; days are UTC's and whole, what cannot be read bounds nothing."""
    group = GROUPS.get(asked.get("kind", ""))
    since, until = _day(asked.get("from")), _day(asked.get("to"))
    return Wanted(asked.get("who", ""), group[1] if group else (), since, until and until + timedelta(days=1))


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


def saved(services: Services) -> Saved:
    """Return the log as CSV, bounded as the address says; that it was saved stands in the log itself.

    Raises:
        ForbiddenError: the viewer may not see the log.
    """
    events = services.accounts.events(wanted(dict(flask.request.args.items())), limit=SAVED_MAX)
    services.note("log_saved", services.reading.who(), f"{len(events)} lines")
    lines = ([getattr(event, name) for name in _FIELDS] for event in events)
    return Saved("log.csv", "text/csv", UTF8_MARK + csv_lines([_FIELDS, *lines]))


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


def _day_field(name: str, label: str, lang: Language) -> Any:
    return dmc.DatesProvider(
        dmc.DatePickerInput(id=name, label=label, valueFormat="YYYY-MM-DD", clearable=True),
        settings={"locale": "zh-cn" if lang.code == "zh" else "en", "firstDayOfWeek": 1},
    )


def _day(text: str | None) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        return None
