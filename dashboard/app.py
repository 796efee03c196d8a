"""The app: one Dash application over one database."""

import logging
from typing import Any, Final

import dash_mantine_components as dmc
import flask
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update, set_props

from analytics.cache import Cache
from analytics.clock import Clock, utc_now
from analytics.database import Database
from analytics.errors import AnalyticsError, DatabaseUnavailableError, StoreUnknownError
from dashboard.accounts.desk import AccountDesk
from dashboard.accounts.register import Register
from dashboard.accounts.sessions import Lasts, Sessions
from dashboard.accounts.signing_in import Door
from dashboard.accounts.viewer import Viewer
from dashboard.components.frame import BANNER_ID, TAG_ID, THEME_ID, frame, message, no_database, skeleton, trouble
from dashboard.components.store_tabs import store_tabs
from dashboard.components.tool_tabs import tool_tabs
from dashboard.compression import compressed
from dashboard.errors import ForbiddenError
from dashboard.guard import Guard, address
from dashboard.language import Language, language
from dashboard.mail.confirming import Confirmations
from dashboard.mail.page import MailPages
from dashboard.mail.subscriptions import Subscriptions
from dashboard.oidc.setting_up import oidc_entrance
from dashboard.pages import (
    alarms,
    devices,
    history,
    log,
    rollouts,
    saving,
    set_up,
    set_up_details,
    set_up_names,
    set_up_peers,
    set_up_pictures,
    set_up_plan,
    set_up_store,
    set_up_targets,
    set_up_zones,
    store,
    stores,
    trust,
    user,
    users,
    wall,
)
from dashboard.pages.page import Services
from dashboard.reading.pages import pages_reading
from dashboard.reading.warming import keep_warm
from dashboard.routes import Route, route
from dashboard.set_up.desk import Desk
from dashboard.set_up.office import StoreOffice
from dashboard.settings import DashboardSettings
from dashboard.sign_in import Entrance
from dashboard.theme import FONT, Scheme, scheme
from dashboard.viewing import ViewerReading

_log = logging.getLogger(__name__)

RETRY_MS: Final = 2000
#: So many are read at once: more would share the same processors, and keep those waiting whose answer is there.
READ_AT_ONCE: Final = 2
#: All stores together take seconds, a floor's weeks a while: each have a turn of their own, and keep no page waiting.
SLOW_AT_ONCE: Final = 1
FLOORS_AT_ONCE: Final = 1
#: Connections to the database for the pages, and as many for who asks: most requests need one for a moment.
CONNECTIONS_MAX: Final = 8
#: Bytes of a request: a floor plan of 5 MB as base64 with what else the page says, the largest that a page sends.
BODY_MAX: Final = 8_000_000
#: What `assets/browser.js` tells of the browser's colours before the first page is drawn.
SCHEME_COOKIE: Final = "footfall-scheme"
#: Pages about boxes, stores and people instead of figures.
_TOOLS: Final = ("devices", "alarms", "rollouts", "set_up", "users", "log")
_OF_DEVICES: Final = {"devices": devices, "alarms": alarms, "rollouts": rollouts}
#: Pages that are drawn anew over another period; the others change their numbers in place.
_DRAWN_ANEW: Final = frozenset({"trust", "history"})
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_INDEX: Final = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_app(
    settings: DashboardSettings, *, clock: Clock = utc_now, office: StoreOffice | None = None, warm: bool = False
) -> Dash:
    """Return the application; `app.server` is its WSGI callable. Connects when the first page is asked for.

    `office` is what its set-up pages have done; without one they say so. With `warm` a thread of its own prepares the
    first page's answer before somebody asks.
    """
    at_once = min(settings.dashboard_threads, CONNECTIONS_MAX)
    database = Database(settings.dsn, clock=clock, connections=at_once + 2)
    accounts = Database(settings.dsn, clock=clock, connections=at_once, writes=True)
    sessions, register = Sessions(accounts, Lasts(settings.idle, settings.session)), Register(accounts)
    guard = Guard(settings, sessions, register, clock)
    cache = Cache(at_once=READ_AT_ONCE, slow_at_once=SLOW_AT_ONCE, put_off_at_once=FLOORS_AT_ONCE)
    read = pages_reading(database, cache, clock)
    if warm:
        keep_warm(read)
    reading = ViewerReading(read, guard.who, guard.refused)
    services = Services(
        reading, Desk(office, reading, guard.note, clock), AccountDesk(register, reading, address, clock),
        guard.note, guard.origin,
    )  # fmt: skip
    app = Dash(
        __name__,
        title="Footfall",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        index_string=_INDEX,
        on_error=_unforeseen,
        hooks={"request_pre": "window.footfallTicks.asked", "request_post": "window.footfallTicks.answered"},
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = _root()
    _register_shell(app, services)
    _register_browser(app)
    pages = (store, history, wall, trust, stores, devices, set_up, set_up_store, set_up_peers, set_up_pictures)
    more = (set_up_plan, set_up_details, set_up_names, set_up_targets, set_up_zones)
    for each in (*pages, *more, alarms, rollouts, users, user, log, saving):
        each.register(app, services)
    guard.install(app.server)
    oidc = oidc_entrance(settings, guard, accounts, sessions, clock)
    Entrance(guard, Door(accounts, sessions), sessions, register, clock, oidc).install(app.server)
    if oidc:
        oidc.install(app.server)
    MailPages(guard, Subscriptions(accounts, settings.mail_domains), Confirmations(accounts), clock).install(app.server)
    _register_server(app.server, database, guard)
    return app


def page(services: Services, here: Route, colours: Scheme) -> Any:
    """Return the whole page of an address, as far as the viewer may see it.

    Raises:
        DatabaseUnavailableError: the database does not answer.
    """
    lang, viewer = language(here.lang), services.reading.who()
    try:
        everyone = services.reading.stores()
        if here.page == "stores" and not viewer.may("figures") and viewer.may("devices"):
            here = here.to_devices()
        if here.page == "stores" and len(everyone) == 1:
            here = here.to_store(everyone[0].code)
        others = {
            "stores": _stores_page,
            "trust": _trust_page,
            **dict.fromkeys(_TOOLS, _tool_page),
        }
        if here.page == "history":
            return _history_page(services, here, lang, viewer, colours)
        if here.page in others:
            return others[here.page](services, here, lang, viewer)
        live = services.reading.live(here.store or "")
    except StoreUnknownError:
        there_is_none = lang.t("There is no store “{code}”.", code=here.store) if here.store else ""
        text = there_is_none or lang.t("There is no such page.")
        return _only_said(here, lang, viewer, lang.t("Not found"), text)
    except ForbiddenError:
        text = lang.t("Your account does not show this page. Head office can change that.")
        return _only_said(here, lang, viewer, lang.t("Not for this account"), text)
    if here.page == "wall":
        return wall.layout(live, here, lang, *wall.drawn(services, live, lang, colours))
    return frame(
        here,
        lang,
        store.layout(live, here, lang, *store.drawn(services, live, lang, colours)),
        tabs=store_tabs(here, live.store.code, lang),
        title=live.store.name,
        picker=store.picker(live, lang),
        alone=len(everyone) == 1,
        viewer=viewer,
    )


def _stores_page(services: Services, here: Route, lang: Language, viewer: Viewer) -> Any:
    title = lang.t("All stores")
    heading = html.Span(title, className="store-name")
    body = stores.layout(services, here, lang)
    return frame(here, lang, body, title=title, picker=heading, alone=True, viewer=viewer)


def _trust_page(services: Services, here: Route, lang: Language, viewer: Viewer) -> Any:
    body = trust.layout(services, here, lang)
    if here.store is None:
        heading = html.Span(lang.t("Trust"), className="store-name")
        return frame(here, lang, body, title=lang.t("Trust"), picker=heading, alone=True, viewer=viewer)
    return _of_a_store(services, here, lang, viewer, body)


def _history_page(services: Services, here: Route, lang: Language, viewer: Viewer, colours: Scheme) -> Any:
    return _of_a_store(services, here, lang, viewer, history.layout(services, here, lang, colours))


def _of_a_store(services: Services, here: Route, lang: Language, viewer: Viewer, body: Any) -> Any:
    live = services.reading.live(here.store or "")
    tabs, alone = store_tabs(here, live.store.code, lang), len(live.others) == 1
    return frame(
        here, lang, body, title=live.store.name, picker=store.picker(live, lang), alone=alone, viewer=viewer, tabs=tabs
    )


def _tool_page(services: Services, here: Route, lang: Language, viewer: Viewer) -> Any:
    if here.page in _OF_DEVICES:
        body = _OF_DEVICES[here.page].layout(services, here, lang)
        title, whole = lang.t("Devices"), here.to_devices()
    else:
        pages = {"users": user if here.store else users, "log": log}
        tool = pages.get(here.page, set_up_store if here.store else set_up)
        body = [tool_tabs(here, viewer, lang), tool.layout(services, here, lang)]
        title, whole = lang.t("Set-up"), here.to_set_up()
    heading = dcc.Link(title, href=whole.href(), className="store-name plain-link")
    return frame(here, lang, body, title=title, picker=heading, alone=True, viewer=viewer)


def _only_said(here: Route, lang: Language, viewer: Viewer, title: str, text: str) -> Any:
    link = dcc.Link(lang.t("All stores"), href=here.to_stores().href())
    return frame(here, lang, message(title, text, link), title=title, viewer=viewer)


def no_page(here: Route, banner: Any) -> Any:
    """Return what is shown while there is nothing to show: why, and that it comes by itself."""
    lang = language(here.lang)
    text = lang.t("The page comes by itself as soon as its numbers can be read.")
    body = [banner, message(lang.t("One moment"), text)]
    return frame(here, lang, body, title="Footfall", alone=True)


def _root() -> Any:
    return dmc.MantineProvider(
        id="provider",
        theme={"fontFamily": FONT, "primaryColor": "blue", "defaultRadius": 4},
        children=[
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Interval(id="retry", interval=RETRY_MS, disabled=True),
            dcc.Store(id="scheme-choice", storage_type="local", data="auto"),
            dcc.Store(id="scheme-system"),
            dcc.Store(id="scheme"),
            dcc.Store(id="shell-key"),
            html.Div(skeleton(), id="shell"),
        ],
    )


def _register_shell(app: Dash, services: Services) -> None:
    @app.callback(
        Output("shell", "children"),
        Output("shell-key", "data"),
        Output("retry", "disabled"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("retry", "n_intervals"),
        State("scheme", "data"),
        State("shell-key", "data"),
    )
    def show(pathname: str, search: str, _retry: int | None, colours: str | None, key: str | None) -> Any:
        here = route(pathname, search, accepted=flask.request.headers.get("Accept-Language", ""))
        return shown(services, here, scheme(colours or flask.request.cookies.get(SCHEME_COOKIE)), key)


def shown(services: Services, here: Route, colours: Scheme, key: str | None) -> tuple[Any, Any, bool]:
    """Return the shell's content, its key and whether retrying may rest; a page that is there already stays."""
    wanted = f"{here.page} {here.store} {here.lang} {here.alarms}"
    if here.page == "stores":
        wanted += f" {here.region} {here.format}"
    if here.page in _DRAWN_ANEW:
        wanted += f" {here.period} {here.first} {here.last}"
    if key == wanted:
        return no_update, no_update, True
    try:
        return page(services, here, colours), wanted, True
    except DatabaseUnavailableError as error:
        return no_page(here, no_database(error.since, language(here.lang))), None, False
    except AnalyticsError as error:
        _log.error("a page cannot be drawn", exc_info=error, extra={"action": "page_failed"})
        return no_page(here, trouble(language(here.lang))), None, False


def _register_browser(app: Any) -> None:
    """Register what the browser does itself (`assets/browser.js`); Dash gives this method no types."""
    app.clientside_callback(
        ClientsideFunction("footfall", "colours"),
        Output("scheme", "data"),
        Output("provider", "forceColorScheme"),
        Input("scheme-choice", "data"),
        Input("scheme-system", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("footfall", "nextChoice"),
        Output("scheme-choice", "data"),
        Input(THEME_ID, "n_clicks"),
        State("scheme-choice", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("footfall", "fullScreen"), Output(wall.FULL_ID, "disabled"), Input(wall.FULL_ID, "n_clicks")
    )
    app.clientside_callback(
        ClientsideFunction("footfall", "tag"), Output(TAG_ID, "modified_timestamp"), Input(TAG_ID, "data")
    )


def _register_server(server: flask.Flask, database: Database, guard: Guard) -> None:
    server.config["MAX_CONTENT_LENGTH"] = BODY_MAX

    @server.errorhandler(413)
    def too_large(_error: Exception) -> flask.Response:
        text = f"Too large: expected a file of at most 5 MB, and {BODY_MAX:,} bytes with all that is sent beside it.\n"
        return flask.Response(text, 413, mimetype="text/plain")

    @server.after_request
    def protect(response: flask.Response) -> flask.Response:
        response.headers.update(_HEADERS)
        if response.mimetype == "image/svg+xml":
            # A drawing that was opened by its address is a document: nothing in it may act.
            response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        if response.mimetype in ("text/html", "application/json"):
            response.headers["Cache-Control"] = "no-store"
        if guard.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return compressed(response)

    @server.get("/healthz")
    def healthz() -> dict[str, str | None]:
        """Alive; says whether the database is too, which a restart of this process would not mend."""
        try:
            with database.connection() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                return {"status": "ok", "database": "up", "since": None}
        except DatabaseUnavailableError as error:
            return {"status": "degraded", "database": "down", "since": error.since.isoformat()}


def _unforeseen(error: Exception) -> None:
    """Log what nobody foresaw and say so on the page: the one place where any error is caught."""
    _log.error("a callback failed", exc_info=error, extra={"action": "callback_failed"})
    accepted = flask.request.headers.get("Accept-Language", "") if flask.has_request_context() else ""
    set_props(BANNER_ID, {"children": trouble(language(route("/", "", accepted=accepted).lang))})
