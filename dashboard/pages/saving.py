"""Files that pages hand out: who may not have one is told so, and who had one stands in the log."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Final

import flask
from dash import Dash

from analytics.errors import BusyError, DatabaseError, DatabaseUnavailableError, StoreUnknownError
from analytics.tables import UTF8_MARK, csv_lines, xlsx
from dashboard.components.figures import UNREAD
from dashboard.errors import FileUnknownError, ForbiddenError, SetUpError, UnreadError
from dashboard.language import Language, language
from dashboard.pages.page import Services
from dashboard.routes import FILES, REPORT, PageName, Route, route
from dashboard.tables.page import TABLES, store_of, table

PDF: Final = "application/pdf"
_FORMS: Final = {
    "csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
#: What a file's name has nothing of: it stands between quotes in a line of its own.
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Saved:
    """A file: its name, its kind and its bytes."""

    name: str
    media_type: str
    body: bytes


def answered(make: Callable[[], Saved]) -> flask.Response:
    """Answer a file, or why there is none, in the language that was asked for."""
    _, lang = asked("stores", None)
    try:
        saved = make()
    except ForbiddenError:
        return _said(403, lang.t("Not for this account"))
    except (StoreUnknownError, FileUnknownError, SetUpError) as error:
        return _said(404, lang.t("There is no such page."), f"{error}")
    except ModuleNotFoundError as error:
        return _said(501, f"This needs {error.name}, which is not installed: pip install '.[report]' on the server.")
    except DatabaseUnavailableError:
        return _said(503, lang.t("The server cannot reach its numbers right now. Try again in a moment."))
    except (UnreadError, DatabaseError, BusyError):
        return _said(503, lang.t(UNREAD))
    name = _NOT_IN_NAMES.sub("-", saved.name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return flask.Response(saved.body, mimetype=saved.media_type, headers=headers)


def asked(page: PageName, code: str | None) -> tuple[Route, Language]:
    """Return the page whose numbers a request for a file asks for: its filters and language in the address."""
    accepted, query = flask.request.headers.get("Accept-Language", ""), flask.request.query_string.decode()
    path = Route(page, "en", code).href()
    here = replace(route(path, query, accepted=accepted), page=page, store=code)
    return here, language(here.lang)


def register(app: Dash, services: Services) -> None:
    """Register the report of a store, and every page's tables."""
    rule = app.server.add_url_rule
    rule(f"{REPORT}/<code>.pdf", "report", lambda code: answered(lambda: _report(services, code)))
    rule(f"{FILES}/<page>/<what>.<form>", "file", lambda page, what, form: answered(
        lambda: _table(services, page, what, form)
    ))  # fmt: skip


def _table(services: Services, page: str, what: str, form: str) -> Saved:
    known = next((one for one, _ in TABLES if one == page), None)
    if known is None or form not in _FORMS:
        raise FileUnknownError(f"expected a page's table as {' or '.join(_FORMS)}, got {page}/{what}.{form}")
    code = store_of(known, what, flask.request.args.get("store"))
    # Looked up: what an address says gets into no name and no log unless there is such a store, and it is the viewer's.
    here, lang = asked(known, None if code is None else services.reading.store(code).code)
    made = table(services, here, what, lang)
    body = xlsx(made) if form == "xlsx" else UTF8_MARK + csv_lines([made.columns, *made.rows])
    days = f"{here.first}-{here.last}" if here.first and here.last else here.period or ""
    name = "-".join(filter(None, (here.store or "all", what, days)))
    if known == "log":
        services.note("log_saved", services.reading.who(), f"{len(made.rows)} lines")
    else:
        services.note("table_saved", services.reading.who(), f"{page} {name}")
    return Saved(f"{name}.{form}", _FORMS[form], body)


def can_print() -> bool:
    """Return whether what draws reports is installed here: the extra `report`."""
    return find_spec("reportlab") is not None


def _report(services: Services, code: str) -> Saved:
    from dashboard.report.sheet import report_pdf  # noqa: PLC0415  # half of what pages need at their start; few print

    here, lang = asked("history", code)
    view = services.reading.report(code, here.period, here.first, here.last)
    shown = view.history.period
    body = report_pdf([view], lang, link=services.origin())
    services.note("report_saved", services.reading.who(), f"{code} {shown.first} – {shown.last}")
    return Saved(f"{code}-{shown.first}-{shown.last}.pdf", PDF, body)


def _said(status: int, *lines: str) -> flask.Response:
    return flask.Response("".join(f"{line}\n" for line in lines), status, mimetype="text/plain")
