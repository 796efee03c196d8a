"""A command to be typed elsewhere, with a button that copies it."""

from typing import Any

from dash import html

from dashboard.components.attributes import data
from dashboard.language import Language


def to_copy(command: str, lang: Language) -> Any:
    """Return the command and its button; the copying is the browser's (`assets/browser.js`)."""
    names = [html.Span(lang.t("Copy")), html.Span(lang.t("Copied"), role="status")]
    button = html.Button(names, type="button", className="quiet copy", **data(copies=command))
    return html.Span([html.Code(command), button], className="to-copy")
