"""The guard in front of every page and callback: it knows who asks, and refuses what no page of ours sent.

Nothing but the sign-in page, its style sheet and the health check is answered to somebody who is not signed in.
"""

import logging
from typing import Any, Final
from urllib.parse import urlsplit

import flask
from werkzeug import Response
from werkzeug.middleware.proxy_fix import ProxyFix

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.errors import DatabaseError, DatabaseUnavailableError
from dashboard.accounts.register import Register
from dashboard.accounts.sessions import Sessions
from dashboard.accounts.viewer import Viewer
from dashboard.errors import ForbiddenError
from dashboard.routes import PASSWORD, SIGN_IN, SIGN_OUT
from dashboard.settings import DashboardSettings

_log = logging.getLogger(__name__)

CALLBACKS: Final = "/_dash-update-component"
_PUBLIC: Final = frozenset({SIGN_IN, "/healthz", "/assets/footfall.css", "/assets/browser.js", "/assets/favicon.svg"})
#: A longer path is none of ours: anybody may send one, and it is kept while they are away.
_PATH_MAX: Final = 1_000
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: A page that keeps asking for what it may not see is written down so often.
_REFUSAL_EVERY_S: Final = 60.0


class Guard:
    """Knows of each request who sent it. One per application."""

    def __init__(self, settings: DashboardSettings, sessions: Sessions, register: Register, clock: Clock) -> None:
        self._url = settings.dashboard_url
        self._proxies = settings.dashboard_proxies
        self._sessions = sessions
        self._register = register
        self._clock = clock
        self._said = Cache()
        self._public = set(_PUBLIC)
        self._by_token: set[str] = set()

    def install(self, server: flask.Flask) -> None:
        """Stand in front of `server`."""
        if self._proxies:
            n = self._proxies
            server.wsgi_app = ProxyFix(server.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
        server.before_request(self.check)

    def let_pass(self, *paths: str) -> None:
        """Answer these addresses to everybody, too: another door has to be found by who is outside."""
        self._public.update(paths)

    def let_in_by_token(self, path: str) -> None:
        """Answer an address to everybody, whatever page sent them: what they bring is their right to it."""
        self.let_pass(path)
        self._by_token.add(path)

    def check(self) -> Any:
        """Let the current request through (None), or answer it."""
        request = flask.request
        if request.method not in _SAFE and request.path not in self._by_token and not self._from_our_page():
            _log.warning("refused a request from another site", extra={"action": "cross_site"})
            return flask.Response("This request did not come from a page of ours.\n", 403, mimetype="text/plain")
        if request.path in self._public:
            return None
        token = request.cookies.get(self.cookie("session"))
        try:
            viewer = self._sessions.viewer(token, now=self._clock()) if token else None
        except (DatabaseUnavailableError, DatabaseError) as error:
            # The page's frame says so; whatever it would read asks `who` first, which raises this.
            flask.g.unknown = error
            return None
        if viewer is None:
            return self._unknown()
        if viewer.must_change and request.path not in (PASSWORD, SIGN_OUT):
            return flask.redirect(PASSWORD) if request.path != CALLBACKS else flask.Response(status=401)
        flask.g.viewer = viewer
        return None

    def who(self) -> Viewer:
        """Return who sent the current request.

        Raises:
            DatabaseUnavailableError, DatabaseError: it could not be looked up.
            ForbiddenError: nobody who is signed in.
        """
        error: Exception | None = flask.g.get("unknown")
        if error is not None:
            raise error
        viewer: Viewer | None = flask.g.get("viewer")
        if viewer is None:
            raise ForbiddenError("nobody is signed in")
        return viewer

    def refused(self, viewer: Viewer, subject: str) -> None:
        """Write down that a viewer may not see `subject`, once a minute for each."""

        def write() -> bool:
            _log.warning("%s may not see %s", viewer.login, subject, extra={"action": "refused"})
            self.note("refused", viewer, subject)
            return True

        self._said.get((viewer.account_id, subject), write, for_s=_REFUSAL_EVERY_S)

    def note(self, action: str, viewer: Viewer, subject: str) -> None:
        """Write a line of the audit log about what the viewer did with the current request."""
        now = self._clock()
        self._register.note(action, now=now, account_id=viewer.account_id, address=address(), subject=subject)

    @property
    def secure(self) -> bool:
        """Whether the browser speaks TLS, to us or to the proxy in front."""
        return flask.request.is_secure if self._url is None else self._url.scheme == "https"

    def origin(self) -> str:
        """Return the address that people type, without a path."""
        return (flask.request.host_url if self._url is None else str(self._url)).rstrip("/")

    def cookie(self, name: str) -> str:
        """Return a cookie's full name; with TLS one that browsers take from this host alone."""
        return ("__Host-" if self.secure else "") + f"footfall-{name}"

    def put_cookie(self, response: Response, name: str, value: str, *, most_s: float) -> None:
        """Have the browser keep a token that no script can read."""
        response.set_cookie(
            self.cookie(name), value, max_age=int(most_s), path="/", httponly=True, samesite="Lax", secure=self.secure
        )

    def drop_cookie(self, response: Response, name: str) -> None:
        """Have the browser forget a token."""
        response.delete_cookie(self.cookie(name), path="/", httponly=True, samesite="Lax", secure=self.secure)

    def _unknown(self) -> flask.typing.ResponseReturnValue:
        request = flask.request
        if request.method in _SAFE and not request.path.startswith("/_"):
            return flask.redirect(sign_in_href(request.full_path.rstrip("?")))
        return flask.Response(status=401)

    def _from_our_page(self) -> bool:
        """Return whether a changing request was sent by a page of this origin: browsers say so in their own words."""
        headers = flask.request.headers
        if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        sent = urlsplit(headers.get("Origin", ""))
        host = flask.request.host if self._url is None else urlsplit(str(self._url)).netloc
        return bool(sent.netloc) and sent.netloc == host


def sign_in_href(after: str) -> str:
    """Return the sign-in page's address; `after` is where to go from there."""
    return SIGN_IN if after in ("", "/") else flask.url_for("sign_in_page", next=after)


def local(path: str | None) -> str:
    """Return a path of our own to go to after signing in; anything else becomes the first page."""
    safe = (
        path is not None
        and len(path) <= _PATH_MAX
        and path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
    )
    return path if safe and path else "/"


def address() -> str:
    """Return where the current request comes from."""
    return flask.request.remote_addr or "unknown"
