"""What changed of past days after they were over: which figure, from what to what, why, and when."""

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from analytics.definitions import DEFINITIONS, mark, mark_many
from analytics.quality.restatements import Change, Reason, ReasonName, Restatement
from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.figures import about, joined, ranged, section
from dashboard.language import Language

#: In one form, or in two where its rows are counted.
TEXTS: Final[dict[ReasonName, str | tuple[str, str]]] = {
    "late_counts": mark_many("{n} count came late", "{n} counts came late"),
    "gap_filled": mark_many("{n} count filled a gap", "{n} counts filled a gap"),
    "late_uptime": mark("a box reported late how long it had watched"),
    "loss_stated": mark("a box stated a loss"),
    "audit_entered": mark("an audit was entered, which changes the ranges"),
    "order_late": mark_many("{n} order came late", "{n} orders came late"),
    "order_edited": mark_many("{n} order was edited", "{n} orders were edited"),
    "order_voided": mark_many("{n} order was voided", "{n} orders were voided"),
    "order_erased": mark_many("{n} order was erased on request", "{n} orders were erased on request"),
    "refund_late": mark_many("{n} refund came late", "{n} refunds came late"),
    "hours_changed": mark("the opening hours were changed"),
    "doors_changed": mark("lines or doors were set up anew"),
    "unexplained": mark("counted anew"),
}
#: The figures that are told, where they changed: others follow from them.
TOLD: Final = ("footfall", "passers_by", "transactions", "net_sales", "completeness")


def restated_panel(
    found: Sequence[Restatement], store: Store, lang: Language, *, instead: Any = None, files: Any = None
) -> Any:
    """Return a line per change, the latest first; nothing, or `instead` under the title, where nothing changed."""
    if not found:
        return "" if instead is None else section(restated_title(lang), instead, name="restated")
    rows = [_row(one, store, lang) for one in found]
    return section(restated_title(lang), html.Ul(rows), files=files, name="restated")


def restated_title(lang: Language) -> Any:
    """Return the card's title with what is behind it."""
    text = lang.t(
        "Figures of days that were over and changed since: what was seen then, what is known now, and why. Each is in "
        "its own unit."
    )
    return about(lang.t("What changed of past days"), lang.t("before → after"), text)


def reason_words(reason: Reason, lang: Language) -> str:
    """Return why a past day changed, in words."""
    text = TEXTS[reason.name]
    return lang.t(text) if isinstance(text, str) else lang.many(*text, reason.rows)


def _row(one: Restatement, store: Store, lang: Language) -> Any:
    changes = [_change(change, one, store, lang) for change in one.changes if change.definition_id in TOLD]
    if one.withheld:
        changes.append([lang.t("sales withheld: few orders of the day are gone")])
    why = joined([reason_words(reason, lang) for reason in one.reasons])
    seen, known = (
        f"{lang.short_day(at.astimezone(store.zone).date())} {lang.clock(at, store.zone)}"
        for at in (one.before_at, one.at)
    )
    return html.Li(
        [
            html.Div([lang.short_day(one.business_date), *(part for change in changes for part in (" · ", *change))]),
            html.Div(
                [why, " · ", lang.t("seen so on {seen}, changed on {known}", seen=seen, known=known)], className="of"
            ),
        ],
        **data(day=one.business_date.isoformat()),
    )


def _change(change: Change, one: Restatement, store: Store, lang: Language) -> list[Any]:
    before, after = (ranged(lang, told, currency=store.currency) for told in one.figures(change))
    return [f"{lang.t(DEFINITIONS[change.definition_id].name)} ", before, " → ", after]
