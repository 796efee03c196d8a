"""Right now: who is in the shop, who waits and for how long."""

from typing import Any

from dash import html

from analytics.figure import Figure
from analytics.stores import Store
from analytics.visits.store_day import StoreDay
from dashboard.components.figures import interval_text, joined, kpi, section, told
from dashboard.language import Language


def now_panel(seen: StoreDay, store: Store, lang: Language, *, files: Any = None) -> Any:
    """Return occupancy and queue; a closed shop says so."""
    if not seen.is_open:
        body: Any = html.Div(html.P(lang.t("The shop is closed.")), className="empty")
        return section(lang.t("Right now"), body, name="now")
    inside, queue = seen.occupancy, seen.queue
    at = lang.clock(inside.since, store.zone)
    since = lang.t("counted since {at}", at=at)
    if inside.left_over:
        left = f"{'−' if inside.left_over < 0 else ''}{lang.number(abs(inside.left_over))}"
        since = lang.t("reset at {at}, {n} left over from the day before", at=at, n=left)
    drift = lang.t("corrected by {n}", n=inside.drift) if inside.drift else None
    body = html.Div(
        [
            kpi(lang, inside.people, note=joined([interval_text(lang, inside.people), since, drift])),
            kpi(lang, queue.length, note=_left(seen, lang)),
            kpi(lang, queue.wait_p50, note=_long_wait(seen, lang)),
            kpi(lang, queue.abandonment, digits=0, note=_few(queue.abandonment, seen, lang) or lang.t("today")),
        ],
        className="kpis kpis-now",
    )
    return section(lang.t("Right now"), body, aside=lang.clock(seen.now, store.zone), files=files, name="now")


def _long_wait(seen: StoreDay, lang: Language) -> Any:
    long = seen.queue.wait_p90
    if long.value is None:
        return _few(long, seen, lang)
    text = lang.t("one in ten over {wait}", wait=lang.duration(long.value))
    return told(lang, joined([text, interval_text(lang, long)]), long)


def _few(one: Figure, seen: StoreDay, lang: Language) -> str:
    return lang.t("fewer than 5 people: withheld") if one.definition_id in seen.queue.withheld else ""


def _left(seen: StoreDay, lang: Language) -> Any:
    joins = seen.queue.joins
    if joins.value is None:
        return ""
    return told(lang, lang.many("{n} has left it today", "{n} have left it today", int(joins.value)), joins)
