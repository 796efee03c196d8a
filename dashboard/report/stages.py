"""The funnel and the till: how many reached each stage, what they bought, and between which ends that lies."""

from typing import Final

from analytics.definitions import DEFINITIONS
from analytics.stores import Store
from analytics.visits.funnel import Funnel, Stage
from analytics.visits.kpis import Kpis
from dashboard.components.figures import interval_text, part_text, value_text
from dashboard.components.funnel_bars import RATE_OF
from dashboard.language import NOTHING, Language
from dashboard.report.paper import Box, Ink, Paper
from dashboard.report.parts import BODY_PT, heading, nothing

_STAGE_PT: Final = 19.0
_ROW_PT: Final = 19.0


def draw_funnel(paper: Paper, box: Box, funnel: Funnel, lang: Language) -> None:
    """Draw a bar for each stage; one that nobody counts keeps its place."""
    inner = heading(paper, box, lang.t("From the street to the till"), lang.t("people, each stage counted on its own"))
    known = [stage.count.value for stage in funnel.stages if stage.count.value is not None]
    if not known:
        nothing(paper, inner, lang.t("Nothing counted yet."))
        return
    for index, stage in enumerate(funnel.stages):
        _stage(paper, Box(inner.x, inner.y + 2 + index * _STAGE_PT, inner.w, _STAGE_PT), stage, max(*known, 1.0), lang)


def _stage(paper: Paper, place: Box, stage: Stage, top: float, lang: Language) -> None:
    name, count, bar, rate = place.columns(0.23, 0.13, 0.22, 0.42, gap=6)
    value = stage.count.value
    paper.text(name.x, name.y + 3, lang.t(DEFINITIONS[stage.count.definition_id].name), BODY_PT, within=name.w)
    paper.text(count.x + count.w, count.y + 3, value_text(lang, stage.count), BODY_PT, bold=True, align="right")
    if value:
        width = bar.w * value / top
        draw = paper.bar if stage.count.quality == "measured" else paper.hatched
        draw(bar.x, bar.y + 2, width, 10, ink="usual" if stage.name == "pass_by" else "accent")
    between = interval_text(lang, stage.count)
    if stage.rate is None or stage.rate_of is None:
        paper.text(rate.x, rate.y + 3, between, 7, ink="muted", within=rate.w)
        return
    if stage.rate.value is None:
        paper.text(rate.x, rate.y + 3, NOTHING, BODY_PT, ink="muted")
        return
    used = paper.text(rate.x, rate.y + 3, value_text(lang, stage.rate, digits=0), BODY_PT, bold=True)
    said = " ".join([lang.t(RATE_OF[stage.rate_of]), interval_text(lang, stage.rate)]).strip()
    paper.text(rate.x + used + 4, rate.y + 3.5, said, 7, ink="muted", within=rate.w - used - 4)


def draw_sales(paper: Paper, box: Box, base: Kpis, store: Store, lang: Language) -> None:
    """Write the till's figures, each with its range."""
    inner = heading(paper, box, lang.t("Sales"), store.currency)
    figures = (base.conversion, base.net_sales, base.transactions, base.atv, base.upt, base.spv)
    for index, one in enumerate(figures):
        y = inner.y + 5 + index * _ROW_PT
        money = store.currency if DEFINITIONS[one.definition_id].unit.startswith("money") else None
        paper.text(inner.x, y, lang.t(DEFINITIONS[one.definition_id].name), BODY_PT, within=inner.w * 0.38)
        ink: Ink = "ink" if one.known else "muted"
        said = value_text(lang, one, currency=money)
        paper.text(inner.x + inner.w * 0.66, y - 0.5, said, 9, bold=True, align="right", ink=ink)
        note = interval_text(lang, one, currency=money) or part_text(lang, one)
        paper.text(inner.x + inner.w, y + 0.5, note, 7, ink="muted", align="right", within=inner.w * 0.33)
