"""Alarms as a list: what it is, what to do, where, and from when to when."""

from typing import Any, Final

from dash import dcc, html

from analytics.fleet.alarms import Alarm
from analytics.stores import Store
from dashboard.components.attention import finding_item, finding_texts
from dashboard.components.figures import empty
from dashboard.language import NOTHING, Language
from dashboard.reading.fleet import AlarmsView
from dashboard.routes import Alarms

#: More are found by a store's name.
SHOWN_MAX: Final = 200


def chosen_alarms(view: AlarmsView, only: Alarms) -> list[tuple[Store, Alarm]]:
    """Return the alarms of a choice."""
    if only == "ended":
        return [(store, one) for store, one in view.alarms if one.ended_at is not None]
    lasting = [(store, one) for store, one in view.alarms if one.ended_at is None]
    return lasting if only == "open" else [each for each in lasting if each[1].finding.severity == "act"]


def fitting_alarms(
    view: AlarmsView, lang: Language, *, only: Alarms, search: str
) -> list[tuple[Store, Alarm, tuple[str, str]]]:
    """Return the alarms of a choice that fit `search`, words of stores, boxes or alarms, each with its texts."""
    words = search.casefold().split()
    found = []
    for store, alarm in chosen_alarms(view, only):
        said, advice = finding_texts(alarm.finding, view.now, store, lang, hours=NOTHING)
        text = f"{store.name} {store.code} {store.region or ''} {said}".casefold()
        if all(word in text for word in words):
            found.append((store, alarm, (said, advice)))
    return found


def alarm_list(view: AlarmsView, lang: Language, *, only: Alarms, search: str, hrefs: dict[str, str]) -> Any:
    """Return the alarms of a choice that fit `search`; `hrefs` are the stores'."""
    found = fitting_alarms(view, lang, only=only, search=search)
    if not found:
        return empty(_none(only, lang) if not search.split() else lang.t("No alarm fits these words."))
    items = [
        finding_item(
            alarm.finding,
            texts,
            _where(store, alarm, view, lang, hrefs.get(store.code)),
            over=alarm.ended_at is not None,
        )
        for store, alarm, texts in found[:SHOWN_MAX]
    ]
    more = len(found) - len(items)
    rest = html.P(lang.t("{n} more: narrow them down.", n=lang.number(more)), className="advice") if more else None
    return html.Div([html.Ul(items, className="findings alarms"), rest])


def _where(store: Store, alarm: Alarm, view: AlarmsView, lang: Language, href: str | None) -> Any:
    name = html.Span(store.name) if href is None else dcc.Link(store.name, href=href)
    return html.Span([name, " · ", _times(store, alarm, view, lang)], className="advice alarm-where")


def _times(store: Store, alarm: Alarm, view: AlarmsView, lang: Language) -> str:
    since = lang.when(alarm.since, view.now, store.zone)
    if alarm.ended_at is None:
        return lang.t("since {at}", at=since)
    lasted = lang.duration((alarm.ended_at - alarm.since).total_seconds())
    until = lang.when(alarm.ended_at, view.now, store.zone)
    return lang.t("{at} – {until}, {duration}", at=since, until=until, duration=lasted)


def _none(only: Alarms, lang: Language) -> str:
    if only == "ended":
        return lang.t("Nothing ended in the last seven days.")
    return lang.t("Nothing needs you.") if only == "open" else lang.t("Nothing has to be acted on.")
