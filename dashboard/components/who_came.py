"""Who the visitors are not: staff, who are left out, and how many would be left without those who only came back in."""

from typing import Any

from dash import html

from analytics.visits.store_day import StoreDay
from dashboard.components.attributes import data
from dashboard.components.figures import interval_text, term
from dashboard.language import Language


def who_came(seen: StoreDay, lang: Language) -> Any:
    """Return one line of small print; nothing where neither staff nor re-entries are told."""
    parts = [part for part in (_staff(seen, lang), _unique(seen, lang)) if part is not None]
    if not parts:
        return None
    between = [html.Span(" · ")] * (len(parts) - 1)
    line = [piece for pair in zip(parts, [*between, None], strict=True) for piece in pair if piece is not None]
    return html.Div(line, className="kpi-note", **data(note="who-came"))


def _staff(seen: StoreDay, lang: Language) -> Any:
    entries = seen.base.staff.value
    if not entries:
        return None
    text = lang.many("{n} staff entry left out", "{n} staff entries left out", int(entries))
    return term(lang, "staff", text)


def _unique(seen: StoreDay, lang: Language) -> Any:
    unique = seen.unique_visits
    if unique.value is None:
        return None
    text = lang.t("{range} visitors without re-entries", range=interval_text(lang, unique))
    return term(lang, "unique_visits", text)
