"""How well the doors count: each line's audited accuracy, and whether the last finished day's sums meet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from analytics.definitions import DEFINITIONS
from analytics.quality.accuracy import LineAccuracy, accuracy, found, genuine, total
from analytics.quality.balance import Balance
from analytics.quality.trust import Trust
from analytics.statistics.miscount import Tally
from analytics.stores import Store
from analytics.visits.store_day import StoreDay
from dashboard.components.attributes import data
from dashboard.components.figures import empty, interval_text, joined, scrolling, section, term, told, value_text
from dashboard.language import Language

_MAKERS: Final = {"axis": "Axis", "milesight": "Milesight", "onvif": "ONVIF", "xovis": "Xovis"}


def trust_panel(seen: StoreDay, store: Store, lang: Language, *, files: Any = None) -> Any:
    """Return a row per line, entrances first; a line never audited says so."""
    title, trust = lang.t("How well the doors count"), seen.trust
    if not trust.lines:
        return section(title, empty(lang.t("No line counts here yet.")), name="trust")
    head = html.Tr(
        [
            html.Th(lang.t("Line")),
            html.Th(lang.t("In")),
            html.Th(lang.t("Out")),
            html.Th(lang.t("Last audit")),
        ]
    )
    rows = [_row(line, seen, store, lang) for line in trust.lines]
    table = html.Table([html.Thead(head), html.Tbody(rows)])
    body = html.Div([scrolling(table), *_notes(trust, seen.now, lang)])
    return section(title, body, aside=term(lang, "accuracy"), files=files, name="trust")


def _row(line: LineAccuracy, seen: StoreDay, store: Store, lang: Language) -> Any:
    if line.last_at is None:
        never = html.Td(lang.t("never audited"), colSpan=3, className="withheld")
        return html.Tr([_name(line, store, lang), never], **data(line=line.line))
    n = round(total(line.ins).truth + total(line.outs).truth)
    day = lang.short_day(line.last_at.astimezone(store.zone).date())
    tapped = lang.many("{n} person tapped", "{n} people tapped", n)
    return html.Tr(
        [
            _name(line, store, lang),
            *(_accuracy(tallies, seen, lang) for tallies in (line.ins, line.outs)),
            html.Td([joined([day, line.last_by]), html.Div(tapped, className="of")]),
        ],
        **data(line=line.line),
    )


def _name(line: LineAccuracy, store: Store, lang: Language) -> Any:
    """Return the line's name; of another maker's counter also whose it is, and whether staff are among its counts."""
    if line.maker is None:
        return html.Th(store.line_called(line.line))
    maker = _MAKERS.get(line.maker, line.maker)
    if line.with_staff:
        whose = lang.t("counter by {maker}, staff included", maker=maker)
    else:
        whose = lang.t("counter by {maker}, without staff", maker=maker)
    return html.Th([store.line_called(line.line), html.Div(whose, className="of")])


def _accuracy(tallies: Sequence[Tally], seen: StoreDay, lang: Language) -> Any:
    """Return the accuracy; pointing at it shows misses and doubles apart."""
    figure = accuracy(tallies, as_of=seen.now)
    parts = (found(tallies, as_of=seen.now), genuine(tallies, as_of=seen.now))
    apart = [
        html.P(f"{lang.t(DEFINITIONS[one.definition_id].name)} {value_text(lang, one)} ({interval_text(lang, one)})")
        for one in parts
        if one.known
    ]
    shown = value_text(lang, figure)
    return html.Td([told(lang, shown, figure, *apart), html.Div(interval_text(lang, figure), className="of")])


def _notes(trust: Trust, now: datetime, lang: Language) -> list[Any]:
    notes = []
    if not any(line.audits for line in trust.lines) and any(line.maker is None for line in trust.lines):
        how = lang.t("Open the audit page of the box on a phone: 15 minutes tell how well a door counts.")
        notes.append(html.P(how, className="advice"))
    if trust.balance is not None:
        notes.append(html.P([term(lang, "balance"), " · ", _balance(trust.balance, now, lang)], className="advice"))
    return notes


def _balance(balance: Balance, now: datetime, lang: Language) -> Any:
    figure = balance.figure(as_of=now)

    def signed(value: float) -> str:
        return ("−" if round(value) < 0 else "+" if round(value) > 0 else "") + lang.number(abs(value))

    said = lang.t(
        "{day}: {ins} in, {outs} out: {difference}. Between {low} and {high} the known errors explain it.",
        day=lang.short_day(balance.business_date), ins=lang.number(balance.ins), outs=lang.number(balance.outs),
        difference=signed(figure.value or 0.0), low=signed(balance.low), high=signed(balance.high),
    )  # fmt: skip
    return told(lang, said, figure)
