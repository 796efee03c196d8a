"""Categories: where visitors stop against what is sold there."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash import html

from analytics.figure import Figure
from analytics.visits.categories import Category
from dashboard.components.attributes import data
from dashboard.components.figures import interval_text, marked, scrolling, section, term
from dashboard.language import NOTHING, Language

_COLUMNS: Final = ("category_visits", "dwell_p50", "category_orders", "category_conversion", "category_sales")


def categories_table(
    found: Sequence[Category], currency: str, lang: Language, *, called: Callable[[str], str] = str, files: Any = None
) -> Any:
    """Return a row per category, with the zones where it lies as they are `called`.

    Nothing where the till sends no lines and nobody said what lies where.
    """
    if not found:
        return ""
    head = html.Tr([html.Th(lang.t("Category")), *(html.Th(term(lang, one)) for one in _COLUMNS)])
    rows = [_row(one, [called(zone) for zone in one.zones], currency, lang) for one in found]
    table = html.Table([html.Thead(head), html.Tbody(rows)])
    notes = [lang.t("Stops and sales are counted apart: nobody is followed from one to the other.")]
    if any(one.category is not None and not one.zones for one in found):
        notes.append(lang.t("Where a category lies is said on the store's set-up page."))
    body = html.Div([scrolling(table), html.P(" ".join(notes), className="advice")])
    title, unit = lang.t("Categories"), lang.t("last four full weeks")
    return section(title, body, unit=unit, files=files, name="categories")


def _row(one: Category, zones: Sequence[str], currency: str, lang: Language) -> Any:
    name = lang.t("no category") if one.category is None else one.category
    where = html.Div(lang.listed(zones), className="between") if zones else None
    figures = {figure.definition_id: (figure, hide) for figure, hide in one.figures}
    return html.Tr(
        [html.Th([name, where]), *(_value(*figures[column], currency, lang) for column in _COLUMNS)],
        **data(category=one.category or ""),
    )


def _value(figure: Figure, hide: bool, currency: str, lang: Language) -> Any:
    if hide:
        return html.Td(
            lang.t("withheld"), className="withheld", title=lang.t("fewer than 5 people, or next to it: withheld")
        )
    if not figure.known:
        return html.Td(NOTHING)
    between = interval_text(lang, figure)
    digits = 0 if figure.definition_id == "category_conversion" else None
    number = marked(lang, figure, currency=currency, digits=digits)
    return html.Td([*number, html.Div(between, className="between") if between else None])
