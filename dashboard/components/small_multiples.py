"""Small multiples: visitors by week of each store, or each region, side by side on one scale."""

from dataclasses import dataclass
from typing import Any, Final

from dash import dcc, html

from analytics.comparison.network import Weeks
from dashboard.components.figures import section, term
from dashboard.components.group_table import name_of, route_to, weeks_label
from dashboard.components.small_bars import small_bars
from dashboard.language import NOTHING, Language
from dashboard.reading.chain import NetworkView
from dashboard.routes import Route

#: Of more stores nobody compares each with each: their regions are shown.
STORES_MAX: Final = 120
_FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Multiple:
    """One of the charts: whose it is, where its name leads, its weeks, and they in words."""

    name: str
    there: Route
    weeks: Weeks
    label: str


def multiples(view: NetworkView, here: Route, lang: Language) -> list[Multiple]:
    """Return a chart for each store, or for each group of very many."""
    if len(view.rows) <= STORES_MAX:
        return [
            Multiple(row.store.name, here.to_store(row.store.code), row.weeks, ", ".join(_said(row.weeks, lang)))
            for row in view.rows
        ]
    return [
        Multiple(name_of(group, lang), route_to(group, here), group.weeks, weeks_label(group, lang))
        for group in view.groups
        if group.name
    ]


def small_multiples(view: NetworkView, here: Route, lang: Language, *, files: Any = None) -> Any:
    """Return the charts side by side; nothing where there are none to compare."""
    charts = multiples(view, here, lang)
    top = max((week for one in charts for week in one.weeks if week is not None), default=0.0)
    if len(charts) < _FEWEST or top <= 0:
        return ""
    cells = [
        html.Li(
            [
                dcc.Link(one.name, href=one.there.href(), className="multiple-name"),
                small_bars(one.weeks, top=top, label=one.label),
                html.Span(_said(one.weeks[-1:], lang), className="multiple-last"),
            ]
        )
        for one in charts
    ]
    title = term(lang, "footfall", lang.t("13 weeks side by side"))
    unit = lang.t("visitors a week, all from 0 to {top}", top=lang.number(top))
    return section(title, html.Ul(cells, className="multiples"), unit=unit, files=files, name="side-by-side")


def _said(weeks: Weeks, lang: Language) -> list[str]:
    return [NOTHING if week is None else lang.number(week) for week in weeks]
