"""Who the visitors are not: staff, who are left out; who only came back in; and who turned round at once."""

from typing import Any

from dash import html

from analytics.definitions import DEFINITIONS
from analytics.figure import Figure
from dashboard.components.attributes import data
from dashboard.components.figures import interval_text, quality_mark, told
from dashboard.language import Language


def who_came(staff: Figure, unique: Figure, bounce: Figure | None, lang: Language) -> Any:
    """Return one line of small print; nothing where none of these is told. `bounce` is of the weeks before."""
    parts = [part for part in (_staff(staff, lang), _unique(unique, lang), *_bounce(bounce, lang)) if part is not None]
    if not parts:
        return None
    between = [html.Span(" · ")] * (len(parts) - 1)
    line = [piece for pair in zip(parts, [*between, None], strict=True) for piece in pair if piece is not None]
    return html.Div(line, className="kpi-note", **data(note="who-came"))


def _staff(staff: Figure, lang: Language) -> Any:
    if not staff.value:
        return None
    text = lang.many("{n} staff entry left out", "{n} staff entries left out", int(staff.value))
    return _told(text, staff, lang)


def _unique(unique: Figure, lang: Language) -> Any:
    if unique.value is None:
        return None
    text = lang.t("{range} visitors without re-entries", range=interval_text(lang, unique))
    return _told(text, unique, lang)


def _bounce(bounce: Figure | None, lang: Language) -> list[Any]:
    """Return the share who turn round at once; it is of weeks, in which few days may have been counted in full."""
    if bounce is None or bounce.value is None:
        return []
    text = lang.t("{range} turn round at once", range=interval_text(lang, bounce))
    mark = quality_mark(lang, bounce)
    shown = _told(text, bounce, lang)
    return [shown if mark is None else html.Span([shown, " ", mark])]


def _told(text: str, figure: Figure, lang: Language) -> Any:
    """Return a figure's words, which take the place of its name: so what not to mistake it for is said here, too."""
    return told(lang, text, figure, html.P(lang.t(DEFINITIONS[figure.definition_id].trap), className="tip-trap"))
