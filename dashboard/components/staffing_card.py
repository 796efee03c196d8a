"""Staffing: who was there against who came, hour by hour of a usual week, and what each alias sold."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from babel.dates import format_date
from dash import html

from analytics.staff.staff_sales import StaffSales
from analytics.staff.staffing import StaffedHour, Staffing, Verdict
from dashboard.components.attributes import aria, data
from dashboard.components.figures import (
    empty,
    interval_text,
    joined,
    kpi,
    marked,
    scrolling,
    section,
    term,
    told,
    value_text,
)
from dashboard.components.movement import SHADES
from dashboard.language import NOTHING, Language

_SIGNS: Final[dict[Verdict, str]] = {"short": "▲", "spare": "▽", "enough": ""}
#: So many hours are named in words.
_NAMED: Final = 4
#: A Monday.
_MONDAY: Final = date(2024, 1, 1)
_DAY_H: Final = 24


def staffing_card(seen: Staffing, lang: Language, *, files: Any = None) -> Any:
    """Return figures, a week of hours, and those hours in words; nothing where nobody's hours were ever told."""
    if not seen.staff_hours.known:
        return ""
    title = lang.t("Staff against visitors")
    figures = html.Div([kpi(lang, one, note=_note(seen, one.definition_id, lang)) for one in seen.figures],
                       className="kpis kpis-staff")  # fmt: skip
    if not seen.hours:
        told: Any = empty(lang.t("A usual week needs three weeks that were counted."))
        return section(
            title, html.Div([figures, told]), unit=lang.t("last four full weeks"), files=files, name="staffing"
        )
    body = html.Div([figures, _week(seen.hours, lang), *_words(seen, lang)])
    return section(title, body, unit=lang.t("last four full weeks"), aside=_key(lang), files=files, name="staffing")


def staff_sales_card(sold: Sequence[StaffSales], currency: str, lang: Language, *, files: Any = None) -> Any:
    """Return what each alias sold, in the order of the aliases; nothing where none may be seen."""
    if not sold:
        return ""
    names = ("transactions", "net_sales", "atv", "upt", "sales_per_staff_hour")
    head = html.Tr([html.Th(lang.t("Staff")), *(html.Th(term(lang, one)) for one in names)])
    table = html.Table([html.Thead(head), html.Tbody([_staff(one, currency, lang) for one in sold])])
    note = lang.t("By alias, in no order of merit. Where two ranges overlap, the two are level.")
    body = html.Div([scrolling(table), html.P(note, className="advice")])
    title, unit = lang.t("Sales by staff"), lang.t("last four full weeks")
    return section(title, body, unit=unit, files=files, name="staff-sales")


def _note(seen: Staffing, definition_id: str, lang: Language) -> str | None:
    if definition_id == "star":
        return interval_text(lang, seen.star) or None
    if definition_id == "star_target":
        if seen.target is None:
            return lang.t("needs 6 of a weekday in 8 weeks")
        day = _weekday(seen.target.weekday, lang)
        return lang.t("{day}: {share} bought", day=day, share=lang.percent(seen.target.conversion))
    if definition_id == "power_hours" and seen.hours:
        return lang.t("of {n} a week", n=len(seen.hours))
    return None


def _week(hours: Sequence[StaffedHour], lang: Language) -> Any:
    first, last = min(one.hour for one in hours), max(one.hour for one in hours)
    most = max((one.visitors.value or 0.0 for one in hours), default=0.0) or 1.0
    cells = {(one.weekday, one.hour): one for one in hours}
    columns = range(first, last + 1)
    head = html.Tr([html.Td(), *(html.Th(f"{hour % _DAY_H}", scope="col") for hour in columns)])
    rows = [
        html.Tr(
            [html.Th(_weekday(weekday, lang), scope="row"),
             *(_cell(cells.get((weekday, hour)), most, lang) for hour in columns)]
        )
        for weekday in sorted({one.weekday for one in hours})
    ]  # fmt: skip
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="week", **aria(label=lang.t("Hours of a week")))
    return scrolling(table)


def _cell(one: StaffedHour | None, most: float, lang: Language) -> Any:
    if one is None:
        return html.Td()
    name = _said(one, lang)
    visitors = one.visitors.value
    if visitors is None:
        return html.Td(NOTHING, className="withheld", title=name, **aria(label=name))
    shade = 0 if not visitors else min(SHADES, 1 + int(SHADES * visitors / most))
    classes = f"shade-{shade}" + (" power" if one.power else "") + (f" {one.verdict}" if one.verdict else "")
    classes += "" if one.visitors.quality == "measured" else " map-part"
    sign = _SIGNS[one.verdict] if one.verdict else ""
    return html.Td(
        [told(lang, lang.number(visitors), one.visitors, html.P(name)), html.I(sign) if sign else None],
        className=classes,
        title=name,
        **aria(label=name),
        **data(hour=f"{one.weekday}-{one.hour}"),
    )


def _said(one: StaffedHour, lang: Language) -> str:
    """Return an hour in words: when, who came, who was there and who was needed."""
    when = _when(one, lang)
    if one.withheld:
        return f"{when}: {lang.t('fewer than 5 people, or next to it: withheld')}"
    came = lang.t("{n} visitors", n=lang.number(one.visitors.value or 0.0))
    there = lang.t("{n} staff there", n=value_text(lang, one.on_floor))
    needed = ""
    if one.needed.known:
        between = f"{lang.number(one.needed.low or 0.0, 1)}–{lang.number(one.needed.high or 0.0, 1)}"
        needed = lang.t("{n} needed ({between})", n=value_text(lang, one.needed), between=between)
    power = lang.t("power hour") if one.power else ""
    return f"{when}: {joined([came, there, needed, power], ', ')}"


def staffing_words(seen: Staffing, lang: Language, *, most: int = _NAMED) -> list[tuple[str, str]]:
    """Return the hours that need somebody, and those that have somebody to spare, the furthest off first.

    Each as what stands in bold, and which hours, `most` of them; nothing in bold where no hour stands out.
    """
    short = [one for one in seen.hours if one.verdict == "short"]
    spare = [one for one in seen.hours if one.verdict == "spare"]
    found = []
    if short:
        ordered = sorted(short, key=lambda one: (one.on_floor.value or 0.0) - (one.needed.value or 0.0))
        found.append(("▲ " + lang.t("Too few staff"), _named(ordered[:most], len(ordered), lang)))
    if spare:
        ordered = sorted(spare, key=lambda one: (one.needed.value or 0.0) - (one.on_floor.value or 0.0))
        found.append(("▽ " + lang.t("Staff to spare"), _named(ordered[:most], len(ordered), lang)))
    if seen.target is not None and not found:
        found.append(("", lang.t("No hour is clearly short of staff, and none has staff to spare.")))
    return found


def _words(seen: Staffing, lang: Language) -> list[Any]:
    return [
        html.P(
            [html.Strong(title), " ", text] if title else text, className="advice staff-words" if title else "advice"
        )
        for title, text in staffing_words(seen, lang)
    ]


def _named(hours: Sequence[StaffedHour], of: int, lang: Language) -> str:
    named = [
        lang.t("{when} ({there} there, {needed} needed)", when=_when(one, lang), there=value_text(lang, one.on_floor),
               needed=value_text(lang, one.needed))
        for one in hours
    ]  # fmt: skip
    left = of - len(named)
    more = [lang.many("and {n} more hour", "and {n} more hours", left)] if left else []
    return joined([*named, *more])


def _key(lang: Language) -> Any:
    parts: Iterable[Any] = (
        html.I(className="key-power"), lang.t("power hour"), html.Span("▲", className="short"), lang.t("too few staff"),
        html.Span("▽"), lang.t("staff to spare"),
    )  # fmt: skip
    return html.Span(list(parts), className="key key-staff")


def _staff(one: StaffSales, currency: str, lang: Language) -> Any:
    name = lang.t("nobody named") if one.alias is None else one.alias
    if one.withheld:
        text = lang.t("fewer than 5 sales, or next to it: withheld")
        return html.Tr([html.Th(name), html.Td(text, colSpan=5, className="withheld")])
    between = interval_text(lang, one.atv, currency=currency)
    return html.Tr(
        [
            html.Th(name),
            html.Td(marked(lang, one.transactions)),
            html.Td(marked(lang, one.net_sales, currency=currency)),
            html.Td([*marked(lang, one.atv, currency=currency), html.Div(between, className="between")]),
            html.Td(marked(lang, one.upt)),
            html.Td(marked(lang, one.sales_per_staff_hour, currency=currency)),
        ],
        **data(alias=one.alias or ""),
    )


def _when(one: StaffedHour, lang: Language) -> str:
    """Return Mon 17–18, or 周一 17–18点."""
    return lang.t(
        "{day} {start}–{end}", day=_weekday(one.weekday, lang), start=one.hour % _DAY_H, end=(one.hour + 1) % _DAY_H
    )


def _weekday(weekday: int, lang: Language) -> str:
    return str(format_date(_MONDAY + timedelta(days=weekday - 1), "EEE", locale=lang.locale))
