"""Visitors by business day: solid bars for what was counted, hatched on top for what is estimated, gaps for nothing."""

from typing import Any, Final

from dash import html

from analytics.definitions import DEFINITIONS
from dashboard.components.attributes import aria, data
from dashboard.components.figures import counted_text, empty, joined, section, term, told, value_text, worth
from dashboard.language import Language
from dashboard.reading.history import Day

#: With more days than this, only some are named.
_NAMED: Final = 14


def days_chart(days: tuple[Day, ...], lang: Language, *, files: Any = None) -> Any:
    """Return a bar per day."""
    title = term(lang, "footfall", lang.t("Visitors by day"))
    top = max((day.whole for day in days), default=0.0)
    if not top:
        return section(title, empty(lang.t("Nobody counted in this period")), unit=lang.t("people"), name="by-day")
    step = -(-len(days) // _NAMED)
    bars = [_bar(day, top, lang, named=index % step == 0) for index, day in enumerate(days)]
    body = html.Ol(bars, className="by-day-bars many" if len(days) > 2 * _NAMED + 3 else "by-day-bars")
    key = [html.Span([html.I(className="key-bar"), lang.t("counted")], className="key")]
    if any(day.torn for day in days):
        key.append(html.Span([html.I(className="key-part"), lang.t("counted in part")], className="key"))
    if any(day.estimated for day in days):
        key.append(html.Span([html.I(className="key-ahead"), lang.t("estimated")], className="key"))
    return section(title, body, unit=lang.t("people"), aside=key, files=files, name="by-day")


def _bar(day: Day, top: float, lang: Language, *, named: bool) -> Any:
    visitors, torn = day.base.footfall, day.torn
    name = lang.short_day(day.business_date)
    if visitors.value is None:
        said, parts = lang.t("{day}: not counted", day=name), []
    else:
        said = joined(
            [
                f"{name}: {lang.many('{n} visitor', '{n} visitors', int(visitors.value))}",
                lang.t("counted {share} of the time", share=counted_text(lang, visitors.completeness))
                if torn
                else None,
                lang.t("≈ {n} visitors estimated", n=lang.number(day.estimated)) if day.estimated else None,
            ]
        )
        parts = [html.I(className="bar-part" if torn else "bar-whole", style=_height(visitors.value, top))]
        if day.estimated:
            parts.insert(0, html.I(className="bar-estimated", style=_height(day.estimated, top)))
    number = told(lang, lang.number(visitors.value), visitors, *_more(day, lang)) if visitors.value is not None else "·"
    return html.Li(
        [
            html.B(number, className="by-day-number"),
            html.Div(parts, className="by-day-track"),
            html.Span(name if named else "", className="by-day-name"),
        ],
        title=said,
        **data(day=day.business_date.isoformat()),
        **aria(label=said),
    )


def _more(day: Day, lang: Language) -> list[Any]:
    """Return what is said below a day's visitors of those that were estimated beside them."""
    if day.imputed is None:
        return []
    name, number = lang.t(DEFINITIONS[day.imputed.definition_id].name), value_text(lang, day.imputed)
    return [html.P(html.Strong(f"{name} {number}")), *(html.P(said) for said in worth(lang, day.imputed))]


def _height(value: float, top: float) -> dict[str, str]:
    return {"height": f"{100 * value / top:.1f}%"}
