"""Zones: how many stopped in each and how long they stayed."""

from collections.abc import Callable
from typing import Any

from dash import html

from analytics.visits.store_day import ZoneDay
from dashboard.components.figures import empty, marked, scrolling, section, term
from dashboard.language import Language


def zones_table(
    zones: tuple[ZoneDay, ...], lang: Language, *, called: Callable[[str], str] = str, files: Any = None
) -> Any:
    """Return a row per zone, as it is `called`; one with too few people says so instead of its numbers."""
    title = lang.t("Where they stopped")
    if not zones:
        return section(title, empty(lang.t("No zones are drawn in this shop.")), name="zones")
    head = html.Tr(
        [
            html.Th(lang.t("Zone")),
            *(html.Th(term(lang, one)) for one in ("zone_visits", "engagement", "dwell_p50", "dwell_p90")),
        ]
    )
    table = html.Table([html.Thead(head), html.Tbody([_row(zone, called(zone.zone), lang) for zone in zones])])
    return section(title, scrolling(table), files=files, name="zones")


def _row(zone: ZoneDay, name: str, lang: Language) -> Any:
    if zone.withheld:
        text = lang.t("fewer than 5 people, or next to it: withheld")
        return html.Tr([html.Th(name), html.Td(text, colSpan=4, className="withheld")])
    return html.Tr(
        [
            html.Th(name),
            html.Td(marked(lang, zone.visits)),
            html.Td(marked(lang, zone.engagement, digits=0)),
            html.Td(marked(lang, zone.dwell_p50)),
            html.Td(marked(lang, zone.dwell_p90)),
        ]
    )
