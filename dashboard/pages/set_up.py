"""Set-up: the stores, each with its page; and open one, or hundreds from a list.

Each box of a new store gets a one-time code on a sheet of paper.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from analytics.tables import UTF8_MARK
from dashboard.components.code_sheets import code_sheets
from dashboard.components.figures import section
from dashboard.components.file_button import file_button
from dashboard.components.opening_form import box_names, hours_text, opening_form
from dashboard.components.store_list_preview import list_preview
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.errors import SetUpError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.pages.saving import Saved, answered
from dashboard.routes import STORES_CSV, Route
from dashboard.set_up.office import Code, Said

#: Bytes of a list of stores: ten thousand of them.
_LIST_BYTES_MAX: Final = 1_000_000
_EXAMPLE: Final = (
    "code,name,timezone,currency,region,hours,devices\n"
    "hill,Hill Street,Europe/London,GBP,North,mon-sat 09:00-18:00,door-box"
)


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page.

    Raises:
        ForbiddenError: the viewer may not set up stores.
    """
    stores = services.desk.stores()
    if not services.desk.staffed:
        return html.Div([html.H1(lang.t("Set-up")), wrong("office", lang)], className="page set-up-page")
    links = [
        html.Li(dcc.Link([html.B(store.name), html.Span(store.code)], href=here.to_set_up(store.code).href()))
        for store in stores
    ]
    if not services.desk.decides:
        parts: list[Any] = [
            html.Div([html.H1(lang.t("Set-up"))], className="answer no-print"),
            html.Div(_known(links, lang), className="row row-one no-print"),
        ]
    else:
        parts = [
            dcc.Store(id="setup-lang", data=lang.code),
            dcc.Store(id="setup-proposed", data=""),
            html.Div([html.H1(lang.t("Open a store"))], className="answer no-print"),
            html.Div(id="setup-result"),
            html.Div(opening_form(stores, lang), className="no-print"),
            html.Div([_from_a_list(lang), _known(links, lang)], className="row row-money no-print"),
        ]
    return html.Div(parts, className="page set-up-page")


def register(app: Any, services: Services) -> None:
    """Register what the page does; Dash gives `clientside_callback` no types."""
    _register_form(app, services)
    _register_list(app, services)
    app.clientside_callback(
        ClientsideFunction("footfall", "proposeCode"),
        Output("setup-code", "value"),
        Output("setup-proposed", "data"),
        Input("setup-name", "value"),
        State("setup-code", "value"),
        State("setup-proposed", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("footfall", "print"),
        Output("setup-print", "title"),
        Input("setup-print", "n_clicks"),
        prevent_initial_call=True,
    )


def _register_form(app: Dash, services: Services) -> None:
    @app.callback(
        Output("setup-result", "children"),
        Input("setup-open", "n_clicks"),
        State("setup-name", "value"),
        State("setup-code", "value"),
        State("setup-zone", "value"),
        State("setup-currency", "value"),
        State("setup-region", "value"),
        State("setup-boxes", "value"),
        State("setup-always", "checked"),
        State({"hours": "opens", "day": ALL}, "value"),
        State({"hours": "closes", "day": ALL}, "value"),
        State("setup-template", "contents"),
        State("setup-lang", "data"),
        running=[(Output("setup-open", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def open_(_n: int, *filled: Any) -> Any:
        *texts_, boxes, always, opens, closes, template, lang = filled
        texts = dict(zip(("name", "code", "timezone", "currency", "region"), texts_, strict=True))
        store = {column: str(text or "").strip() for column, text in texts.items()} | {"devices": box_names(boxes)}
        return opened(services, store, hours_text(bool(always), opens, closes), template, language_of(lang))

    @app.callback(
        Output("setup-template-said", "children"),
        Input("setup-template", "contents"),
        State("setup-template", "filename"),
        State("setup-lang", "data"),
        prevent_initial_call=True,
    )
    def template_chosen(contents: str | None, name: str | None, lang: str) -> Any:
        return checked(services, contents, name or "", language_of(lang))


def _register_list(app: Dash, services: Services) -> None:
    app.server.add_url_rule(STORES_CSV, "store_list_csv", lambda: answered(lambda: _exported(services)))

    @app.callback(
        Output("setup-result", "children", allow_duplicate=True),
        Output("setup-preview", "children", allow_duplicate=True),
        Input("setup-list-change", "n_clicks"),
        State("setup-list", "contents"),
        State("setup-lang", "data"),
        running=[(Output("setup-list-change", "disabled"), True, True)],
        prevent_initial_call=True,
    )
    def change_list(_n: int, contents: str | None, lang: str) -> Any:
        return changed_list(services, contents, language_of(lang))

    @app.callback(
        Output("setup-preview", "children"),
        Output("setup-list-open", "disabled"),
        Output("setup-list-change", "disabled"),
        Input("setup-list", "contents"),
        State("setup-lang", "data"),
        prevent_initial_call=True,
    )
    def preview(contents: str | None, lang: str) -> Any:
        return previewed(services, contents, language_of(lang))

    @app.callback(
        Output("setup-result", "children", allow_duplicate=True),
        Output("setup-preview", "children", allow_duplicate=True),
        Input("setup-list-open", "n_clicks"),
        State("setup-list", "contents"),
        State("setup-template", "contents"),
        State("setup-lang", "data"),
        running=[(Output("setup-list-open", "disabled"), True, True)],
        prevent_initial_call=True,
    )
    def open_list(_n: int, contents: str | None, template: str | None, lang: str) -> Any:
        return opened_list(services, contents, template, language_of(lang))


def opened(services: Services, store: dict[str, str], hours: str | None, template: str | None, lang: Language) -> Any:
    """Open one store; return its sheets, or what was wrong."""
    if not store["name"]:
        return wrong("name", lang)
    if hours is None:
        return wrong("hours", lang)
    try:
        if any(store["code"] == known.code for known in services.desk.stores()):
            return wrong("known", lang)
        text = None if template is None else _text(template)
        return _sheets(services, [store | {"hours": hours}], text, lang)
    except EXPECTED as error:
        return problem(error, lang)


def checked(services: Services, contents: str | None, name: str, lang: Language) -> Any:
    """Return what is to be said of a template that was chosen."""
    if contents is None:
        return no_update
    try:
        services.desk.check_template(_text(contents))
    except EXPECTED as error:
        return problem(error, lang)
    return lang.t("{name}: every box gets it as its set-up.", name=name)


def previewed(services: Services, contents: str | None, lang: Language) -> tuple[Any, bool, bool]:
    """Return what a list is understood as, whether it may not be opened as it is, and whether it changes nothing."""
    if contents is None:
        return no_update, True, True
    try:
        lines = services.desk.read(_text(contents))
        known = frozenset(store.code for store in services.desk.stores())
        changes = services.desk.changes([line.said for line in lines if line.wrong is None])
    except EXPECTED as error:
        return problem(error, lang), True, True
    faulty = not lines or any(line.wrong is not None for line in lines)
    return list_preview(lines, known, changes, lang), faulty, faulty or not any(changes.values())


def changed_list(services: Services, contents: str | None, lang: Language) -> tuple[Any, Any]:
    """Change the known stores of a list whose every line is right; return what to say, and nothing for the preview."""
    if contents is None:
        return no_update, no_update
    try:
        lines = services.desk.read(_text(contents))
        if any(line.wrong is not None for line in lines):
            return wrong(None, lang), no_update
        changed = services.desk.revise_all([line.said for line in lines])
    except EXPECTED as error:
        return problem(error, lang), no_update
    return said(lang.many("{n} store was changed.", "{n} stores were changed.", len(changed))), None


def _exported(services: Services) -> Saved:
    # Excel takes a file without the mark for one in its own old encoding.
    return Saved("stores.csv", "text/csv", UTF8_MARK + services.desk.export().encode())


def opened_list(services: Services, contents: str | None, template: str | None, lang: Language) -> tuple[Any, Any]:
    """Open the stores of a list whose every line is right; return their sheets, and nothing in the preview's place."""
    if contents is None:
        return no_update, no_update
    try:
        lines = services.desk.read(_text(contents))
        if any(line.wrong is not None for line in lines):
            return wrong(None, lang), no_update
        text = None if template is None else _text(template)
        return _sheets(services, [line.said for line in lines], text, lang), None
    except EXPECTED as error:
        return problem(error, lang), no_update


def _sheets(services: Services, stores: Sequence[Said], template: str | None, lang: Language) -> Any:
    codes: Sequence[Code] = services.desk.open(stores, template)
    names = {store["code"]: store["name"] or store["code"] for store in stores}
    zones = {store["code"]: store["timezone"] for store in stores}
    return code_sheets(codes, names, zones, services.desk.now(), lang)


def _from_a_list(lang: Language) -> Any:
    parts = [
        html.P(lang.t("A CSV file, one store a line. You see first how it is understood; nothing is done before.")),
        html.P(lang.t("The template chosen above goes to their boxes, too."), className="advice"),
        html.Pre(_EXAMPLE, className="example", tabIndex=0),
        file_button(
            lang.t("List of stores"), lang.t("Choose a CSV file"), id_="setup-list", accept=".csv",
            bytes_max=_LIST_BYTES_MAX,
        ),
        dcc.Loading(html.Div(id="setup-preview"), type="dot"),
        html.Div(
            [
                html.Button(lang.t("Open all of them"), id="setup-list-open", className="button", disabled=True),
                html.Button(
                    lang.t("Change those that are known"), id="setup-list-change", className="quiet", disabled=True
                ),
            ],
            className="act",
        ),
        html.P(
            [
                lang.t(
                    "To change many stores: save the list, edit it, and choose it here; an empty field stays as it is, "
                    "one that holds - alone is emptied. Opening gives the boxes of known stores new codes, changing "
                    "gives none."
                ),
                " ",
                html.A(lang.t("Save as CSV"), href=STORES_CSV, download="stores.csv"),
            ],
            className="advice",
        ),
    ]  # fmt: skip
    return section(lang.t("Many stores at once"), html.Div(parts, className="from-list"), name="list")


def _known(links: list[Any], lang: Language) -> Any:
    return section(lang.t("Stores and their boxes"), html.Ul(links, className="known-stores"), name="known")


def _text(contents: str) -> str:
    """Return an uploaded file's text: UTF-8, or as Excel in China writes it.

    Raises:
        SetUpError: neither.
    """
    try:
        raw = base64.b64decode(contents.partition(",")[2], validate=True)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("gb18030")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SetUpError(f"expected a text file: {error}", column="columns") from error
