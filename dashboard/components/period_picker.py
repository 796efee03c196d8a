"""Which period is shown: links, so that each has an address."""

from datetime import date, timedelta
from typing import Any, Final

from dash import dcc, html

from analytics.definitions import mark
from analytics.periods import PERIODS, Period, PeriodName
from dashboard.components.calendar import calendar
from dashboard.language import Language
from dashboard.routes import Route

RANGE_ID: Final = "custom-range"
NAMES: Final[dict[PeriodName, str]] = {
    "today": mark("Today"),
    "yesterday": mark("Yesterday"),
    "this_week": mark("This week"),
    "last_week": mark("Last week"),
    "four_weeks": mark("4 weeks"),
    "custom": mark("Days"),
}
_AGAINST: Final[dict[PeriodName, str]] = {
    "today": mark("the same time last week"),
    "yesterday": mark("the same day a week before"),
    "this_week": mark("last week up to now"),
    "last_week": mark("the week before"),
    "four_weeks": mark("the 4 weeks before"),
    "custom": mark("the same weekdays before"),
}


def against(name: PeriodName, lang: Language) -> str:
    """Return what a period is compared with, in words."""
    return lang.t(_AGAINST[name])


def period_links(route: Route, chosen: PeriodName, shown: Period, lang: Language) -> Any:
    """Return the choices and which days they mean."""
    links = [
        dcc.Link(
            lang.t(NAMES[name]),
            href=route.to_period(name).href(),
            className="choice on" if name == chosen else "choice",
            id=f"period-{name}",
        )
        for name in PERIODS
        if name != "custom"
    ]
    return html.Div([html.Div(links, className="choices"), html.Span(dates(shown, lang), className="dates")])


def date_range(route: Route, today: date, lang: Language, *, range_id: str = RANGE_ID) -> Any:
    """Return the picker of a range of days."""
    chosen = route.first and route.last
    value = [route.first, route.last] if chosen else [None, None]
    return calendar(
        lang,
        id=range_id,
        type="range",
        value=[day and day.isoformat() for day in value],
        placeholder=lang.t("Days…"),
        maxDate=today.isoformat(),
        minDate=(today - timedelta(days=730)).isoformat(),
        valueFormat="D MMM YYYY" if lang.code == "en" else "YYYY年M月D日",
        allowSingleDateInRange=True,
        clearable=False,
        size="sm",
        className="range",
    )


def dates(shown: Period, lang: Language) -> str:
    """Return the days of a period in words."""
    first, last = lang.short_day(shown.first), lang.short_day(shown.last)
    return lang.day(shown.first) if shown.first == shown.last else f"{first} – {last}"
