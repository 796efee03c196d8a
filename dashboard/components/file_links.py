"""The ways to a table's files, beside the chart that shows it: one small arrow, which opens them."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from dash import html

from dashboard.components.attributes import aria, data
from dashboard.language import Language
from dashboard.routes import FILES, Route


def file_links(here: Route, what: str, lang: Language) -> Any:
    """Return links to a page's table as CSV and, where what writes it is installed, as an Excel file."""
    forms = [("csv", lang.t("CSV"))]
    if find_spec("xlsxwriter") is not None:
        forms.append(("xlsx", lang.t("Excel")))
    links = [html.A(name, href=file_href(here, what, form), download="", className="file-link") for form, name in forms]
    name = lang.t("Save what is shown")
    return html.Details(
        [html.Summary("⤓", title=name, **aria(label=name)), html.Div(links)], className="file-links", **data(table=what)
    )


def file_href(here: Route, what: str, form: str) -> str:
    """Return the address of a page's table: the page's own filters and language stay in it."""
    query = urlsplit(here.in_language(here.lang).href()).query
    named = {"store": here.store} if here.store else {}
    return f"{FILES}/{here.page}/{quote(what)}.{form}?{'&'.join(filter(None, (urlencode(named), query)))}"
