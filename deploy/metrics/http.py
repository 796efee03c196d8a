"""What HTTP services are asked: by the route's template, never by the path, so that nobody can make new series."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    import flask

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: The route of what leads nowhere.
NO_ROUTE: Final = "(none)"
_BUG: Final = 500


class HttpMetrics:
    """Requests by method, route and status, and how long they took, in a registry of their own."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self.monotonic = monotonic
        self._requests = Counter(
            "footfall_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._duration = Histogram(
            "footfall_http_request_duration_seconds", "From a request's first byte to the answer's end.",
            ["method", "route"], registry=self.registry,
        )  # fmt: skip

    def observe(self, method: str, route: str | None, status: int, took_s: float) -> None:
        """Note one answer."""
        known = method if method in _METHODS else "OTHER"
        self._requests.labels(known, route or NO_ROUTE, str(status)).inc()
        self._duration.labels(known, route or NO_ROUTE).observe(took_s)


class MeasuredAsgi:
    """ASGI middleware around a FastAPI application."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _BUG  # what is answered outside of here where something is raised
        started = self._metrics.monotonic()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            took_s = self._metrics.monotonic() - started
            self._metrics.observe(scope["method"], getattr(scope.get("route"), "path", None), status, took_s)


def measure_pages(pages: "flask.Flask", metrics: HttpMetrics) -> None:
    """Measure a Flask application from its first look at a request, the guard's included."""
    import flask  # noqa: PLC0415  # the APIs are measured where no pages are installed

    def start() -> None:
        flask.g.metrics_started = metrics.monotonic()

    def observe(response: "flask.Response") -> "flask.Response":
        rule = flask.request.url_rule
        took_s = metrics.monotonic() - flask.g.get("metrics_started", metrics.monotonic())
        metrics.observe(flask.request.method, rule.rule if rule else None, response.status_code, took_s)
        return response

    first: list[Any] = pages.before_request_funcs.setdefault(None, [])
    first.insert(0, start)
    pages.after_request(observe)
