"""The funnel as bars to scale: how many reached each stage, and which share of the stage it is measured against."""

from typing import Any, Final

from dash import html

from analytics.definitions import mark
from analytics.visits.funnel import Funnel, Stage
from dashboard.components.attributes import data
from dashboard.components.figures import empty, interval_text, quality_mark, ranged, section, term
from dashboard.language import NOTHING, Language

#: What a stage's rate is a share of.
RATE_OF: Final = {"pass_by": mark("of the street"), "enter": mark("of visitors"), "buy": mark("of members")}


def funnel_bars(funnel: Funnel, lang: Language, *, note: Any = None, files: Any = None) -> Any:
    """Return the funnel, and a note under it; a stage that nobody counts keeps its place without a bar."""
    known = [stage.count.value for stage in funnel.stages if stage.count.value is not None]
    if not known:
        return section(lang.t("From the street to the till"), empty(lang.t("Nothing counted yet.")), name="funnel")
    top = max(*known, 1.0)
    rows = [_row(stage, top, lang) for stage in funnel.stages]
    return section(
        lang.t("From the street to the till"),
        html.Div([*rows, note], className="bars"),
        unit=lang.t("people, each stage counted on its own"),
        files=files,
        name="funnel",
    )


def _row(stage: Stage, top: float, lang: Language) -> Any:
    value = stage.count.value
    width = 0.0 if value is None else 100 * value / top
    return html.Div(
        [
            html.Div(term(lang, stage.count.definition_id), className="bar-name"),
            html.Div([ranged(lang, stage.count), quality_mark(lang, stage.count)], className="bar-count"),
            html.Div(
                html.Div(className=f"bar bar-{stage.name}", style={"width": f"{width:.2f}%"}) if value else None,
                className="bar-track",
            ),
            html.Div(_rate(stage, lang), className="bar-rate"),
        ],
        className="bar-row",
        **data(stage=stage.name),
    )


def _rate(stage: Stage, lang: Language) -> Any:
    rate = stage.rate
    if rate is None or stage.rate_of is None:
        return ""
    if rate.value is None:
        return NOTHING
    shown = [html.B(ranged(lang, rate, digits=0)), html.Span(lang.t(RATE_OF[stage.rate_of]), className="of")]
    interval = interval_text(lang, rate) if stage.name == "buy" else ""
    return [*shown, html.Span(interval, className="of") if interval else None]
