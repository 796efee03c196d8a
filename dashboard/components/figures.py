"""One figure on the screen: its name with the definition, its number, and a mark when it is not whole."""

import math
from collections.abc import Sequence
from typing import Any, Final

import dash_mantine_components as dmc
from dash import html

from analytics.definitions import DEFINITIONS, mark
from analytics.figure import Figure
from analytics.stores import Store
from dashboard.components.attributes import aria, data
from dashboard.language import NOTHING, UNITS, Language

Component = Any
_DIGITS = {"units per sale": 2, "people per hour": 1, "staff": 1}


def value_text(lang: Language, figure: Figure, *, currency: str | None = None, digits: int | None = None) -> str:
    """Return the figure's number in its unit; `NOTHING` where there is none."""
    if figure.value is None:
        return NOTHING
    unit = DEFINITIONS[figure.definition_id].unit
    if unit == "share":
        return lang.percent(figure.value, 1 if digits is None else digits)
    if unit == "seconds":
        return lang.duration(figure.value)
    if unit.startswith("money"):
        return lang.money(figure.value, currency or "XXX", digits=digits)
    return lang.number(figure.value, _DIGITS.get(unit, 0) if digits is None else digits)


def interval_text(lang: Language, figure: Figure, *, currency: str | None = None) -> str:
    """Return the interval as 18–29%; empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    unit = DEFINITIONS[figure.definition_id].unit
    if unit == "seconds":
        return f"{lang.duration(figure.low)}–{lang.duration(figure.high)}"
    if unit == "share":
        return f"{100 * figure.low:.0f}–{lang.percent(figure.high)}"
    if currency is not None:
        return f"{lang.money(figure.low, currency)}–{lang.money(figure.high, currency)}"
    digits = _DIGITS.get(unit, 0)
    return f"{lang.number(figure.low, digits)}–{lang.number(figure.high, digits)}"


def ranged(lang: Language, figure: Figure, *, currency: str | None = None, digits: int | None = None) -> Component:
    """Return the figure's number; pointing at it, or tapping it, shows what it is worth (`told`)."""
    return told(lang, value_text(lang, figure, currency=currency, digits=digits), figure, currency=currency)


def told(lang: Language, text: Component, figure: Figure, *more: Component, currency: str | None = None) -> Component:
    """Return what is shown of a figure; pointing at it, or tapping it, says what that is `worth`, and `more`."""
    if not figure.known:
        return text
    definition = DEFINITIONS[figure.definition_id]
    label = [
        html.Strong(lang.t(definition.name)),
        html.Span(f" · {lang.t(UNITS[definition.unit])}", className="tip-unit"),
        *(html.P(said) for said in worth(lang, figure, currency=currency)),
    ]
    return hint(text, [*label, *more])


def worth(lang: Language, figure: Figure, *, currency: str | None = None) -> tuple[str, ...]:
    """Return what is said beside every number: its formula, interval, how much was counted, and up to when."""
    between = interval_text(lang, figure, currency=currency)
    if between:
        interval = lang.t("In 95 of 100 cases the truth lies within {range}.", range=between)
    else:
        interval = lang.t("No interval is known.")
    formula = lang.t(DEFINITIONS[figure.definition_id].formula)
    return formula, interval, _counted(lang, figure), lang.t("As of {when}.", when=lang.moment(figure.as_of))


def worth_line(lang: Language, figure: Figure, store: Store) -> str:
    """Return in one line what is said beside a store's number, by the store's clock and in its currency."""
    return " ".join(worth(lang.at(store.zone), figure, currency=store.currency))


def _counted(lang: Language, figure: Figure) -> str:
    share = counted_text(lang, figure.completeness)
    if figure.completeness is None:
        return lang.t("How much of the time was counted is not known.")
    if figure.quality == "measured":
        return lang.t("Measured: {share} of the time was counted.", share=share)
    if figure.quality == "imputed":
        return lang.t("Estimated in part: {share} of the time was counted.", share=share)
    return lang.t("Partial: {share} of the time was counted.", share=share)


def counted_text(lang: Language, share: float | None) -> str:
    """Return a completeness, rounded down: what is not whole never reads as 100%."""
    return NOTHING if share is None else lang.percent(math.floor(share * 100 + 1e-9) / 100)


def part_text(lang: Language, figure: Figure) -> str:
    """Return in words how much of the time a figure stands on, where that is not all of it."""
    if figure.value is None or figure.quality == "measured" or figure.completeness is None:
        return ""
    return lang.t("{share} counted", share=counted_text(lang, figure.completeness))


def give_or_take(figure: Figure) -> int | None:
    """Return half the interval of a share in points, at least 1."""
    if figure.low is None or figure.high is None:
        return None
    return max(1, round(50 * (figure.high - figure.low)))


def term(lang: Language, definition_id: str, text: str | None = None) -> Component:
    """Return a KPI's name; pointing at it, or tapping it, shows formula, unit and trap."""
    definition = DEFINITIONS[definition_id]
    label = [
        html.Strong(lang.t(definition.name)),
        html.Span(f" · {lang.t(UNITS[definition.unit])}", className="tip-unit"),
        html.P(lang.t(definition.formula)),
        html.P(lang.t(definition.trap), className="tip-trap"),
    ]
    return hint(text or lang.t(definition.name), label)


def hint(text: Component, label: Component) -> Component:
    """Return text with an explanation on pointing, focus or touch."""
    return dmc.Tooltip(
        html.Span(text, className="term", tabIndex=0),
        label=label,
        multiline=True,
        w=280,
        withArrow=True,
        classNames={"tooltip": "tip"},
        boxWrapperProps={"style": {"display": "inline"}},
        events={"hover": True, "focus": True, "touch": True},
    )


def quality_mark(lang: Language, figure: Figure) -> Component | None:
    """Return the half-filled mark of a partial figure, the hatched one of an estimated; nothing for a whole one."""
    if figure.value is None or figure.quality == "measured":
        return None
    if figure.quality == "imputed":
        text = lang.t("Hours without a camera are estimated in it.")
        return hint(html.Span(className="hatched-mark", role="img", **aria(label=lang.t("estimated"))), text)
    if figure.completeness is None:
        text = lang.t("How much of the time was counted is not known.")
    else:
        text = lang.t("Only {share} of the opening time was counted.", share=counted_text(lang, figure.completeness))
    return hint(html.Span(className="half", role="img", **aria(label=lang.t("partial"))), text)


def marked(
    lang: Language, figure: Figure, *, currency: str | None = None, digits: int | None = None
) -> list[Component]:
    """Return the figure's number, its interval on pointing, and its mark where it is not whole: a table's cell."""
    mark = quality_mark(lang, figure)
    number = ranged(lang, figure, currency=currency, digits=digits)
    return [number] if mark is None else [number, " ", mark]


def kpi(
    lang: Language, figure: Figure, *, currency: str | None = None, note: Component = None, digits: int | None = None
) -> Component:
    """Return a figure as a card without walls: name, number, mark, note."""
    return html.Div(
        [
            html.Div(term(lang, figure.definition_id), className="kpi-name"),
            html.Div(
                [ranged(lang, figure, currency=currency, digits=digits), quality_mark(lang, figure)],
                className="kpi-value" if figure.known else "kpi-value nothing",
            ),
            html.Div(note, className="kpi-note"),
        ],
        className="kpi",
        **data(kpi=figure.definition_id),
    )


def interval_bar(figure: Figure, *, scale: float) -> Component | None:
    """Return ├──●──┤ for a share, on an axis from 0 to `scale`."""
    if figure.value is None or figure.low is None or figure.high is None or scale <= 0:
        return None

    def place(share: float) -> float:
        return 100 * min(1.0, share / scale)

    low, high = place(figure.low), place(figure.high)
    return html.Div(
        [
            html.Span(className="interval-range", style={"left": f"{low:.1f}%", "width": f"{high - low:.1f}%"}),
            html.Span(className="interval-dot", style={"left": f"{place(figure.value):.1f}%"}),
        ],
        className="interval",
        **aria(hidden="true"),
    )


def about(title: str, unit: str, *texts: str) -> Component:
    """Return a title that says, pointed at or tapped, what its card shows and in which unit; as `term` does a KPI."""
    label = [html.Strong(title), html.Span(f" · {unit}", className="tip-unit"), *(html.P(text) for text in texts)]
    return hint(title, label)


def section(
    title: Component,
    body: Component,
    *,
    unit: str | None = None,
    aside: Component = None,
    files: Component = None,
    name: str = "",
) -> Component:
    """Return a titled part of a page; `files` are the ways to what it shows."""
    parts = [html.Div(heading(title, unit=unit, aside=aside, files=files), className="heading"), body]
    return html.Section(parts, className=f"part {name}".strip())


def heading(
    title: Component, *, unit: str | None = None, aside: Component = None, files: Component = None
) -> list[Component]:
    """Return what stands above a chart: its title, its unit, what its shapes mean, and the ways to its file."""
    shown: list[Component] = [html.H2(title)]
    if unit:
        shown.append(html.Span(unit, className="unit"))
    if aside is not None:
        shown.append(html.Div(aside, className="aside"))
    if files is not None:
        shown.append(files)
    return shown


#: What stands in the place of numbers that could not be read.
UNREAD: Final = mark(
    "This cannot be read at the moment; the rest of the page can. It is in the log, and is tried again."
)


def unread(title: Component, lang: Language, *, name: str = "") -> Component:
    """Return a card whose numbers could not be read, while the rest of its page can."""
    return section(title, html.Div(html.P(lang.t(UNREAD)), className="empty unread", role="status"), name=name)


def scrolling(table: Any) -> Any:
    """Return a table that scrolls within its section where it is wider: by keyboard, too."""
    return html.Div(table, className="scroll", tabIndex=0)


def empty(text: str, *more: Component) -> Component:
    """Return what stands where there is nothing to show yet, and why."""
    return html.Div([html.P(text), *more], className="empty")


def joined(parts: Sequence[str | None], by: str = " · ") -> str:
    """Return the parts that are there, joined."""
    return by.join(part for part in parts if part)
