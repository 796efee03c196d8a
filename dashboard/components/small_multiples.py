"""Small multiples: visitors by week of each store, or each region, side by side on one scale."""

from typing import Any, Final

from dash import dcc, html

from dashboard.components.figures import section
from dashboard.components.group_table import name_of, route_to, weeks_label
from dashboard.components.small_bars import small_bars
from dashboard.language import NOTHING, Language
from dashboard.reading.chain import NetworkView
from dashboard.routes import Route

#: Of more stores nobody compares each with each: their regions are shown.
STORES_MAX: Final = 120
_FEWEST: Final = 2


def small_multiples(view: NetworkView, here: Route, lang: Language) -> Any:
    """Return a chart for each store, or each group of very many; nothing where there are none to compare."""
    if len(view.rows) <= STORES_MAX:
        charts = [
            (row.store.name, here.to_store(row.store.code), row.weeks, ", ".join(_said(row.weeks, lang)))
            for row in view.rows
        ]
    else:
        groups = [group for group in view.groups if group.name]
        charts = [
            (name_of(group, lang), route_to(group, here), group.weeks, weeks_label(group, lang)) for group in groups
        ]
    top = max((week for _, _, weeks, _ in charts for week in weeks if week is not None), default=0.0)
    if len(charts) < _FEWEST or top <= 0:
        return ""
    cells = [
        html.Li(
            [
                dcc.Link(name, href=there.href(), className="multiple-name"),
                small_bars(weeks, top=top, label=label),
                html.Span(NOTHING if weeks[-1] is None else lang.number(weeks[-1]), className="multiple-last"),
            ]
        )
        for name, there, weeks, label in charts
    ]
    title = lang.t("13 weeks side by side")
    unit = lang.t("visitors a week, all from 0 to {top}", top=lang.number(top))
    return section(title, html.Ul(cells, className="multiples"), unit=unit, name="side-by-side")


def _said(weeks: tuple[float | None, ...], lang: Language) -> list[str]:
    return [NOTHING if week is None else lang.number(week) for week in weeks]
