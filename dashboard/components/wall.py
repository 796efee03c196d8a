"""A store's day as a wall shows it: few figures, large enough to be read across the shop."""

from typing import Any

from dash import html

from analytics.figure import Figure
from dashboard.components.attention import day_hours, finding_texts
from dashboard.components.attributes import data
from dashboard.components.figures import give_or_take, quality_mark, ranged
from dashboard.language import Language
from dashboard.reading.live import LiveView


def wall_figures(view: LiveView, lang: Language) -> Any:
    """Return who is in the shop, who waits and for how long, and how many bought; a closed shop says so."""
    seen = view.store_day
    if seen is None or not seen.is_open:
        return html.P(lang.t("The shop is closed."), className="wall-closed")
    conversion = seen.base.conversion
    margin = give_or_take(conversion)
    figures = [
        _figure(seen.occupancy.people, lang.t("In the shop now"), lang),
        _figure(seen.queue.length, lang.t("In the queue"), lang),
        _figure(seen.queue.wait_p50, lang.t("Typical wait"), lang),
        _figure(conversion, lang.t("Conversion"), lang, more=None if margin is None else f"±{margin}"),
    ]
    return html.Div(figures, className="wall-figures")


def wall_attention(view: LiveView, lang: Language) -> Any:
    """Return the most urgent finding with what to do, and how many more there are; a calm line without any."""
    seen = view.store_day
    urgent = [] if seen is None else [one for one in seen.findings if one.severity == "act"]
    if seen is None or not urgent:
        return html.P([html.Span("✓", className="sign ok"), lang.t("Nothing needs you.")], **data(wall="calm"))
    said, advice = finding_texts(urgent[0], seen.now, view.store, lang, hours=day_hours(seen, view.store, lang))
    more = len(urgent) - 1
    return html.P(
        [
            html.Span("!", className="sign act"),
            html.B(said),
            html.Span(advice),
            html.Span(lang.t("{n} more on the store's page", n=more), className="of") if more else None,
        ],
        **data(finding=urgent[0].code),
    )


def _figure(figure: Figure, name: str, lang: Language, *, more: str | None = None) -> Any:
    digits = 0 if figure.definition_id == "conversion" else None
    return html.Div(
        [
            html.Div(name, className="wall-name"),
            html.Div(
                [
                    ranged(lang, figure, digits=digits),
                    html.Span(more, className="wall-more") if more else None,
                    quality_mark(lang, figure),
                ],
                className="wall-value" if figure.known else "wall-value nothing",
            ),
        ],
        **data(kpi=figure.definition_id),
    )
