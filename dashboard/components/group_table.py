"""Regions, and within them formats, as a tree: each added up from its stores' own days, each a link to its stores."""

from collections.abc import Sequence
from typing import Any, Final

from dash import dcc, html

from analytics.comparison.groups import Group
from analytics.figure import counted
from dashboard.components.figures import (
    counted_text,
    interval_bar,
    quality_mark,
    ranged,
    scrolling,
    section,
    term,
    told,
)
from dashboard.components.small_bars import small_bars
from dashboard.language import NOTHING, Language
from dashboard.routes import Route

#: A longer tree shows its regions alone; each one's page shows its formats.
ROWS_MAX: Final = 24


def group_table(groups: Sequence[Group], here: Route, lang: Language, *, files: Any = None) -> Any:
    """Return a row per region with its formats below it, or per format of the region that is shown; nothing for one."""
    if len(groups) < 2 and not any(group.parts for group in groups):  # noqa: PLR2004  # one group is the page itself
        return ""
    names = [term(lang, one) for one in ("footfall", "conversion", "atv", "net_sales", "completeness")]
    heads = [lang.t("Stores"), *names, lang.t("13 weeks")]
    head = html.Tr([html.Th(""), *(html.Th(one) for one in heads)])
    scale = max([0.4, *(group.compared.now.conversion.high or 0.0 for group in groups)])
    rows = [
        _row(group, route_to(group, here), scale, lang)
        if part is None
        else _row(part, here.among(group.name, part.name), scale, lang, inner=True)
        for group, part in shown_groups(groups)
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="groups")
    return section(groups_title(here, lang), scrolling(table), files=files, name="by-region")


def groups_title(here: Route, lang: Language) -> str:
    """Return what the stores that are shown are grouped by."""
    return lang.t("By kind of shop") if here.region else lang.t("By region")


def shown_groups(groups: Sequence[Group]) -> list[tuple[Group, Group | None]]:
    """Return the tree's rows: (group, None), and (group, part) for each part of it where there is room for them."""
    whole = len(groups) + sum(len(group.parts) for group in groups) <= ROWS_MAX
    return [(group, part) for group in groups for part in (None, *(group.parts if whole else ()))]


def route_to(group: Group, here: Route) -> Route:
    """Return the route to a region's stores, or in a region to those of a format."""
    return here.among(here.region, group.name) if here.region else here.among(group.name, here.format)


def name_of(group: Group, lang: Language) -> str:
    """Return a group's name; what is not set says so."""
    return group.name or lang.t("not set")


def weeks_label(group: Group, lang: Language) -> str:
    """Return in words what a group's small bars show."""
    weeks = ", ".join(NOTHING if week is None else lang.number(week) for week in group.weeks)
    counted = lang.t("{n} of {all} stores were counted in every week", n=group.weeks_of, all=len(group.rows))
    return f"{weeks} ({counted})"


def _row(group: Group, there: Route, scale: float, lang: Language, *, inner: bool = False) -> Any:
    base, compared, currency = group.compared.now, group.compared, group.currency
    sold = ranged(lang, base.net_sales, currency=currency, digits=0) if currency else NOTHING
    paid = ranged(lang, base.atv, currency=currency) if currency else NOTHING
    why = group.why
    name = name_of(group, lang)
    link = dcc.Link(name, href=there.href()) if group.name else name
    top = max((week or 0.0 for week in group.weeks), default=0.0)
    whole = counted(base.footfall.completeness, as_of=base.footfall.as_of)
    return html.Tr(
        [
            html.Th(link, className="inner" if inner else None),
            html.Td(lang.number(len(group.rows))),
            html.Td([ranged(lang, base.footfall), " ", _changed(compared.visitors_change, lang)]),
            html.Td(
                [
                    interval_bar(base.conversion, scale=scale),
                    ranged(lang, base.conversion),
                ],
                className="bought",
            ),
            html.Td(paid),
            html.Td([sold, " ", _changed(None if why is None else why.share, lang)]),
            html.Td([told(lang, counted_text(lang, whole.value), whole), " ", quality_mark(lang, base.footfall)]),
            html.Td(small_bars(group.weeks, top=top, label=weeks_label(group, lang))),
        ]
    )


def _changed(change: float | None, lang: Language) -> Any:
    return html.Span("" if change is None else lang.change(change), className="group-change")
