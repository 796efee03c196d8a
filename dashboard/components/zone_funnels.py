"""The funnel of each zone: who came by it, who stopped, what was sold of what lies there, and to whom again."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash import html

from analytics.visits.zone_funnel import ZoneFunnel, ZoneStage
from dashboard.components.attributes import data
from dashboard.components.figures import marked, scrolling, section, term
from dashboard.language import NOTHING, Language

#: The columns: what is counted of each stage.
_COLUMNS: Final = ("zone_visits", "engaged", "category_orders", "repeat_sales")


def zone_funnels_table(
    found: Sequence[ZoneFunnel], lang: Language, *, called: Callable[[str], str] = str, files: Any = None
) -> Any:
    """Return a row per zone, as it is `called`, each share under its count; nothing where no zone is drawn."""
    if not found:
        return ""
    head = html.Tr([html.Th(lang.t("Zone")), *(html.Th(term(lang, one)) for one in _COLUMNS)])
    table = html.Table([html.Thead(head), html.Tbody([_row(one, called(one.zone), lang) for one in found])])
    notes = [lang.t("Shares are of the column before. Each is counted on its own: nobody is followed.")]
    notes += [
        lang.t(
            "{zone}: more sales than visits. A category may lie elsewhere, too, or the camera miss stays.",
            zone=called(one.zone),
        )
        for one in found
        if one.excess is not None
    ]
    body = html.Div([scrolling(table), html.P(" ".join(notes), className="advice")])
    title, unit = lang.t("From the shelf to the till"), lang.t("last four weeks")
    return section(title, body, unit=unit, files=files, name="zone-funnels")


def _row(one: ZoneFunnel, name: str, lang: Language) -> Any:
    what = html.Div(lang.listed(one.categories), className="between") if one.categories else None
    return html.Tr([html.Th([name, what]), *(_cell(stage, lang) for stage in one.stages)], **data(zone=one.zone))


def _cell(stage: ZoneStage, lang: Language) -> Any:
    if stage.withheld:
        return html.Td(
            lang.t("withheld"), className="withheld", title=lang.t("fewer than 5 people, or next to it: withheld")
        )
    if not stage.count.known:
        return html.Td(NOTHING)
    share = stage.rate
    shown = None if share is None or not share.known else html.Div(marked(lang, share, digits=0), className="between")
    return html.Td([*marked(lang, stage.count), shown], **data(stage=stage.name))
