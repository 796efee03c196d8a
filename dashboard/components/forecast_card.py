"""Expected visitors of the next days: a forecast, drawn so that nobody takes it for something counted."""

from typing import Any

from dash import html

from analytics.forecast.forecasters import LIGHTGBM
from analytics.forecast.keeping import KeptForecast
from analytics.forecast.panel import HISTORY_MIN
from analytics.forecast.stores import Expected
from dashboard.components.attributes import aria, data
from dashboard.components.figures import about, empty, section
from dashboard.language import Language


def forecast_card(kept: KeptForecast | None, lang: Language, *, files: Any = None) -> Any:
    """Return expected visitors by day with 80 % intervals, or why there are none; nothing before the first run."""
    if kept is None:
        return ""
    title = forecast_title(lang)
    if not kept.days:
        return section(title, empty(_why_none(kept, lang)), name="forecast")
    top = max(day.high_80 or day.visitors for day in kept.days) or 1.0
    columns = html.Ol([_day(day, top, lang) for day in kept.days], className="ahead")
    key = html.Span([html.I(className="key-ahead"), lang.t("forecast, not counted")], className="key")
    body = html.Div([columns, html.P(_note(kept, lang), className="advice")], className="ahead-card")
    return section(title, body, unit=lang.t("people"), aside=key, files=files, name="forecast")


def forecast_title(lang: Language) -> Any:
    """Return the card's title with what is behind it."""
    text = lang.t(
        "Visitors as the store's own history lets expect them, and the range that held 8 of 10 days. None of it is "
        "counted yet."
    )
    return about(lang.t("Expected visitors"), lang.t("people"), text)


def _day(day: Expected, top: float, lang: Language) -> Any:
    visitors = lang.number(day.visitors)
    name = lang.short_day(day.at)
    between = ""
    whisker: list[Any] = []
    if day.low_80 is not None and day.high_80 is not None:
        between = f"{lang.number(day.low_80)}–{lang.number(day.high_80)}"
        ends = {"bottom": _percent(day.low_80, top), "height": _percent(day.high_80 - day.low_80, top)}
        whisker = [html.I(className="ahead-range", style=ends)]
    said = lang.t("{day}: {n} visitors expected, {between} in 8 of 10 cases", day=name, n=visitors, between=between)
    bar = html.Div(className="ahead-bar", style={"height": _percent(day.visitors, top)})
    return html.Li(
        [
            html.Strong(visitors),
            html.Div([bar, *whisker], className="ahead-track"),
            html.Span(between, className="ahead-between"),
            html.Span(name),
        ],
        title=said if between else f"{name}: {visitors}",
        **data(day=day.at.isoformat()),
        **aria(label=said if between else f"{name}: {visitors}"),
    )


def _percent(value: float, top: float) -> str:
    return f"{100 * value / top:.1f}%"


def _why_none(kept: KeptForecast, lang: Language) -> str:
    if kept.reason == "too_new":
        return lang.t(
            "A forecast needs {needed} days of history; this store has {n}.", needed=HISTORY_MIN, n=kept.history_days
        )
    return lang.t("No forecast: nothing was counted in full over the last ten weeks.")


def _model(kept: KeptForecast, lang: Language) -> str:
    if kept.model == LIGHTGBM:
        return lang.t("weekly pattern and learned trees")
    return lang.t("weekly pattern, season and holidays")


def _note(kept: KeptForecast, lang: Language) -> str:
    said = [
        lang.t("The line holds 8 of 10 days."),
        lang.t("From this store's own history up to {day}: {model}.", day=lang.short_day(kept.first_day),
               model=_model(kept, lang)),
    ]  # fmt: skip
    if kept.judged.off is not None:
        off = lang.percent(kept.judged.off)
        said.append(lang.t("Forecasts of the last four weeks were off by {off} an hour.", off=off))
    return " ".join(said)
