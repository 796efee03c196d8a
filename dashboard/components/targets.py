"""How far a store is with its targets: the figure, its target, and a bar between them."""

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from analytics.definitions import DEFINITIONS
from analytics.visits.targets import DEFINITION_OF, Metric, Progress
from dashboard.components.attributes import aria, data
from dashboard.components.figures import joined, section, term, told
from dashboard.language import NOTHING, Language


def amount(metric: Metric, value: float, currency: str, lang: Language) -> str:
    """Return a target or what was reached of it, in its unit."""
    if metric == "conversion":
        return lang.percent(value, 1)
    return lang.money(value, currency, digits=0) if metric == "net_sales" else lang.number(value)


def targets_strip(
    progress: Sequence[Progress],
    currency: str,
    lang: Language,
    *,
    days: bool = False,
    title: str | None = None,
    files: Any = None,
) -> Any:
    """Return the strip; nothing without targets. With `days` it says over how many days that are over."""
    if not progress:
        return None
    body = html.Div([_target(one, currency, lang, days=days) for one in progress], className="kpis kpis-targets")
    return section(title or lang.t("Targets"), body, files=files, name="targets")


def month_strip(progress: Sequence[Progress], currency: str, lang: Language, *, files: Any = None) -> Any:
    """Return the strip of the month so far, which names its days; nothing without targets."""
    if not progress:
        return None
    title = lang.t("Targets, {days}", days=month_days(progress, lang))
    return targets_strip(progress, currency, lang, days=True, title=title, files=files)


def month_days(progress: Sequence[Progress], lang: Language) -> str:
    """Return the days that some targets are of as “1 Nov to 20 Nov”."""
    dates = [day for one in progress for day in one.dates]
    return lang.t("{first} to {last}", first=lang.short_day(min(dates)), last=lang.short_day(max(dates)))


def met_text(progress: Sequence[Progress], currency: str, lang: Language) -> str:
    """Return how far some days are as one line: “Visitors 5,800 of 6,000 (97%) · …”."""
    return " · ".join(
        lang.t(
            "{name} {reached} of {target} ({share})",
            name=lang.t(DEFINITIONS[DEFINITION_OF[one.metric]].name),
            reached=amount(one.metric, one.value, currency, lang),
            target=amount(one.metric, one.target, currency, lang),
            share=lang.percent(one.share),
        )
        for one in progress
        if one.value is not None and one.share is not None
    )


def _target(one: Progress, currency: str, lang: Language, *, days: bool) -> Any:
    target = amount(one.metric, one.target, currency, lang)
    reached = NOTHING
    if one.value is not None:
        reached = told(lang, amount(one.metric, one.value, currency, lang), one.reached, currency=currency)
    half = html.Span(className="half", role="img", **aria(label=lang.t("partial"))) if one.partial else None
    notes = [
        _away(one, lang),
        lang.t("usually {share} by now", share=lang.percent(one.due)) if one.due is not None else None,
        lang.many("{n} day", "{n} days", one.days) if days else None,
    ]
    return html.Div(
        [
            html.Div(term(lang, DEFINITION_OF[one.metric]), className="kpi-name"),
            html.Div(
                [reached, half, html.Span(lang.t("of {target}", target=target), className="of-target")],
                className="kpi-value",
            ),
            _bar(one),
            html.Div(joined(notes), className="kpi-note"),
        ],
        className="kpi",
        **data(target=one.metric),
    )


def _away(one: Progress, lang: Language) -> str | None:
    if one.value is None or one.share is None:
        return None
    if one.metric != "conversion":
        return lang.t("{share} of the target", share=lang.percent(one.share))
    points = 100 * (one.value - one.target)
    if abs(points) < _SAME_POINTS:
        return lang.t("on target")
    number = lang.number(abs(points), 1)
    return lang.t("{n} points above", n=number) if points > 0 else lang.t("{n} points below", n=number)


#: A rate this near to its target is on it, in points.
_SAME_POINTS: Final = 0.05


def _bar(one: Progress) -> Any:
    """Return the way to the target; a tick where one usually is by now. The words beside it say the same."""
    share = min(1.0, one.share or 0.0)
    tick = None
    if one.due is not None:
        tick = html.I(style={"left": f"{100 * min(1.0, one.due):.1f}%"})
    return html.Div(
        [html.Span(style={"width": f"{100 * share:.1f}%"}), tick], className="target-bar", **aria(hidden="true")
    )
