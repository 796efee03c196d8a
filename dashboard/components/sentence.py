"""The answer: a sentence with the numbers in it, before any chart."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from dash import html

from analytics.comparison.network import Compared
from analytics.figure import Figure
from analytics.visits.kpis import Kpis
from analytics.visits.store_day import StoreDay
from analytics.visits.typical import DAYS_MIN
from dashboard.components.figures import give_or_take, interval_text, quality_mark, told
from dashboard.language import Language
from dashboard.reading.chain import NetworkView
from dashboard.reading.live import LiveView

#: A change this small is called "as many as".
SAME: float = 0.015


def store_answer(view: LiveView, lang: Language) -> Any:
    """Return the live page's answer."""
    seen = view.store_day
    if seen is None:
        return _lines(lang.t("Not open yet"), [_opening(view, lang)])
    visitors = seen.base.footfall
    if visitors.value is None:
        if seen.is_open:
            return _lines(lang.t("Nothing has been counted yet today"), [])
        day = lang.day(seen.day.business_date)
        head: Any = lang.t("Closed today") if seen.today is None else lang.t("Closed now")
        return _lines(head, [_opening(view, lang), lang.t("nothing was counted on {day}", day=day)])
    text = lang.many("{n} visitor", "{n} visitors", int(visitors.value))
    if seen.is_open:
        text = lang.t("{visitors} so far", visitors=text)
    parts = [
        _closed(view, seen, lang),
        _audited(visitors, lang),
        _against_usual(view, seen, lang),
        bought(seen.base, lang),
    ]
    return _lines([told(lang, text, visitors), quality_mark(lang, visitors)], parts, said=_said(seen.base, lang))


def _audited(visitors: Figure, lang: Language) -> str | None:
    """Return "405–433 by the audits of the doors"; None where they were not audited."""
    if visitors.low is None:
        return None
    low, _, high = interval_text(lang, visitors).partition("–")
    return lang.t("{low}–{high} in truth, by the doors' audits", low=low, high=high)


def bought(base: Kpis, lang: Language) -> str | None:
    """Return "23% bought, give or take 2"; None where it is not known."""
    conversion = base.conversion
    if conversion.value is None:
        return None
    share, margin = lang.percent(conversion.value), give_or_take(conversion)
    if margin is None:
        return lang.t("{share} bought", share=share)
    return lang.t("{share} bought, give or take {points}", share=share, points=margin)


def network_answer(view: NetworkView, lang: Language, against: str) -> Any:
    """Return the All stores page's answer; `against` names the comparison."""
    if not view.rows:
        return _lines(lang.t("No stores yet"), [lang.t("Register one with “footfall store add”.")])
    head, first, second = network_words(view, lang, against)
    base = view.total.now
    return _lines(
        [told(lang, head, base.footfall), quality_mark(lang, base.footfall)], first, second, _said(base, lang)
    )


def history_answer(seen: Compared, lang: Language, against: str) -> Any:
    """Return the answer of a store's page about a past period; `against` names the comparison."""
    head, parts = history_words(seen, lang, against)
    visitors = seen.now.footfall
    return _lines([told(lang, head, visitors), quality_mark(lang, visitors)], parts, said=_said(seen.now, lang))


def history_words(seen: Compared, lang: Language, against: str) -> tuple[str, list[str]]:
    """Return the answer as words: the headline, and what belongs to it."""
    visitors = seen.now.footfall
    if visitors.value is None:
        return lang.t("Nobody counted in this period"), []
    head = lang.many("{n} visitor", "{n} visitors", int(visitors.value))
    parts = [_audited(visitors, lang), _change_text(seen.visitors_change, against, lang), bought(seen.now, lang)]
    return head, _sentence(parts)


def network_words(view: NetworkView, lang: Language, against: str) -> tuple[str, list[str], list[str]]:
    """Return all stores' answer as words: the headline, and what belongs to it in two sentences."""
    visitors = view.total.now.footfall
    if visitors.value is None:
        return lang.t("Nobody counted in this period"), [], []
    text = lang.many("{n} visitor", "{n} visitors", int(visitors.value))
    head = lang.t("{visitors} in {stores}", visitors=text, stores=_stores(view, lang))
    parts = [_change_text(view.total.visitors_change, against, lang), bought(view.total.now, lang)]
    return head, _sentence(parts), _sentence([_sales(view, lang), _extremes(view, lang)])


def _stores(view: NetworkView, lang: Language) -> str:
    """Return in how many stores somebody counted: the others are not zero."""
    counted = sum(row.compared.now.footfall.known for row in view.rows)
    stores = lang.many("{n} store", "{n} stores", len(view.rows))
    return stores if counted == len(view.rows) else lang.t("{n} of {stores}", n=counted, stores=stores)


def _sales(view: NetworkView, lang: Language) -> str | None:
    """Return net sales per currency: different ones are never added up."""
    sums: dict[str, float] = {}
    for row in view.rows:
        net = row.compared.now.net_sales.value
        if net is not None:
            sums[row.store.currency] = sums.get(row.store.currency, 0.0) + net
    if not sums:
        return None
    amounts = " + ".join(lang.money(sums[currency], currency, digits=0) for currency in sorted(sums))
    return lang.t("{amounts} net sales", amounts=amounts)


def _extremes(view: NetworkView, lang: Language) -> str | None:
    changes = [
        (row.compared.visitors_change, row.store.name) for row in view.rows if row.compared.visitors_change is not None
    ]
    if len(changes) < 2:  # noqa: PLR2004  # with one there is nothing to tell apart
        return None
    worst, best = min(changes), max(changes)
    values = {"best": best[1], "up": lang.change(best[0]), "worst": worst[1], "down": lang.change(worst[0])}
    if worst[0] >= 0:
        return lang.t("Up most: {best} ({up}); up least: {worst} ({down})", **values)
    if best[0] <= 0:
        return lang.t("Down least: {best} ({up}); down most: {worst} ({down})", **values)
    return lang.t("Up most: {best} ({up}); down most: {worst} ({down})", **values)


def _change_text(change: float | None, against: str, lang: Language) -> str | None:
    if change is None:
        return lang.t("not comparable with {against} yet", against=against)
    if abs(change) < SAME:
        return lang.t("as many as {against}", against=against)
    share = lang.percent(abs(change))
    if change < 0:
        return lang.t("{share} fewer than {against}", share=share, against=against)
    return lang.t("{share} more than {against}", share=share, against=against)


def _against_usual(view: LiveView, seen: StoreDay, lang: Language) -> str | None:
    typical, weekday = view.typical, lang.weekday(seen.day.business_date)
    if typical is None or typical.days < DAYS_MIN:
        known = 0 if typical is None else typical.days
        return lang.t("what is usual is known after {n} weeks ({known} so far)", n=DAYS_MIN, known=known)
    if view.change is None:
        if seen.is_open and seen.quarter_at - seen.day.opens_at < timedelta(minutes=15):
            return lang.t("too early to compare")
        return None
    return _change_text(view.change, lang.t("a usual {weekday}", weekday=weekday), lang)


def _closed(view: LiveView, seen: StoreDay, lang: Language) -> str | None:
    if seen.is_open:
        return None
    day = lang.day(seen.day.business_date)
    if seen.today is None:
        return lang.t("closed today, last open on {day}; {opening}", day=day, opening=_opening(view, lang))
    return lang.t("closed, last open on {day}; {opening}", day=day, opening=_opening(view, lang))


def _opening(view: LiveView, lang: Language) -> str:
    day, zone = view.next_opening, view.store.zone
    if day is None:
        return lang.t("no opening hours are set")
    if day.business_date == view.now.astimezone(zone).date():
        return lang.t("opens at {at}", at=lang.clock(day.opens_at, zone))
    return lang.t("opens {day} at {at}", day=lang.weekday(day.business_date), at=lang.clock(day.opens_at, zone))


def _said(base: Kpis, lang: Language) -> dict[str, Any]:
    """Return those parts of a sentence that state a figure, by their words, with what that is worth."""
    text = bought(base, lang)
    return {} if text is None else {text.casefold(): partial(told, lang, figure=base.conversion)}


def _lines(
    head: Any,
    parts: Sequence[str | None],
    more: Sequence[str | None] | None = None,
    said: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Return the headline and below it what belongs to it, in one or two lines that begin as sentences do."""
    second = html.P(_spans(more, said), className="lead more") if more else None
    return [html.H1(head), html.P(_spans(parts, said), className="lead"), second]


def _spans(parts: Sequence[str | None], said: Mapping[str, Any]) -> list[Any]:
    return [html.Span(said.get(part.casefold(), str)(part)) for part in _sentence(parts)]


def _sentence(parts: Sequence[str | None]) -> list[str]:
    """Return the parts that are there; the first begins as sentences do."""
    said = [part for part in parts if part]
    return [part[:1].upper() + part[1:] if index == 0 else part for index, part in enumerate(said)]
