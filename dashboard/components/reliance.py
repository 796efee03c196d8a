"""What was counted of past days: a strip of days for each door, filled as far as somebody looked."""

import math
from datetime import datetime
from typing import Any

from dash import html

from analytics.figure import MEASURED_FROM, counted
from analytics.quality.reliance import LineDay, LineDays, counted_share
from dashboard.components.attributes import aria, data
from dashboard.components.figures import counted_text, empty, joined, section, term, told
from dashboard.language import Language
from dashboard.reading.trust import StoreTrust


def reliance_panel(seen: StoreTrust, lang: Language, *, files: Any = None) -> Any:
    """Return a row per entrance line, its days as boxes that are filled as far as the day was counted."""
    title = term(lang, "completeness", lang.t("Counted day by day"))
    if not seen.lines:
        text = lang.t("No past day yet: the first finished day shows here.")
        return section(title, empty(text), name="reliance")
    key = [
        html.Span([html.I(className="day-whole"), lang.t("counted in full")], className="key"),
        html.Span([html.I(className="day-part"), lang.t("in part")], className="key"),
        html.Span([html.I(className="day-part hatched-day"), lang.t("missing hours estimated")], className="key"),
    ]
    rows = [_row(line, seen.live.store.line_called(line.line), seen.live.now, lang) for line in seen.lines]
    ends = html.Div(
        [html.Span(lang.short_day(seen.lines[0].days[0].business_date)), html.Span(_last(seen, lang))],
        className="days-ends",
    )
    body = html.Div([*rows, ends], className="days-rows")
    return section(title, body, unit=lang.t("share of the opening time"), aside=key, files=files, name="reliance")


def _last(seen: StoreTrust, lang: Language) -> str:
    return lang.short_day(seen.lines[0].days[-1].business_date)


def _row(line: LineDays, name: str, as_of: datetime, lang: Language) -> Any:
    estimated = None
    if line.estimated_h:
        estimated = lang.t(
            "≈ {n} visitors estimated for {hours} h without a camera",
            n=lang.number(line.estimated), hours=lang.number(line.estimated_h, 1),
        )  # fmt: skip
    torn, share = sum(day.share < MEASURED_FROM for day in line.days), counted_share([line])
    short = lang.many("{n} day not in full", "{n} days not in full", torn) if torn else lang.t("every day in full")
    return html.Div(
        [
            html.Div(html.B(name), className="days-name"),
            html.Div([_day(day, lang) for day in line.days], className="days"),
            html.Div(
                [
                    html.B(told(lang, counted_text(lang, share), counted(share, as_of=as_of))),
                    html.Span(short, className="of"),
                ],
                className="days-share",
            ),
            html.Div(estimated, className="days-note of") if estimated else None,
        ],
        className="days-row",
        **data(line=line.line),
    )


def _day(day: LineDay, lang: Language) -> Any:
    said = joined(
        [
            f"{lang.short_day(day.business_date)}: {counted_text(lang, day.share)}",
            lang.t("≈ {n} visitors estimated", n=lang.number(day.estimated)) if day.estimated_h else None,
        ]
    )
    whole = day.share >= MEASURED_FROM
    kind = "day-whole" if whole else "day-part hatched-day" if day.estimated_h else "day-part"
    # A day that was counted for an hour shows a sliver, one not counted at all an empty box.
    height = 100 if whole else max(math.floor(100 * day.share), 4 if day.share > 0 else 0)
    filled = html.I(style={"height": f"{height}%"})
    return html.Span(
        filled, className=kind, title=said, role="img", **aria(label=said), **data(day=f"{day.business_date}")
    )
