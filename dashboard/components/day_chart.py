"""Visitors per 15 minutes: today's as bars, over the band of what is usual for the weekday.

The figure is plain data: it is drawn for every store that somebody looks at, each second, and Plotly's own objects take
most of that time to check what no user can have written.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
from dash import dcc, html

from analytics import columns as c
from analytics.days import BUCKET
from analytics.stores import Store
from analytics.visits.hours import Hour
from analytics.visits.store_day import StoreDay
from analytics.visits.typical import DAYS_MIN, TypicalDay, slot_instants
from dashboard.components.figures import interval_text, value_text
from dashboard.language import Language
from dashboard.theme import FONT, PALETTES, Palette, Scheme

#: Below this share of a quarter-hour counted, its bar is drawn as a part.
PART_BELOW: Final = 0.9
_HALF: Final = BUCKET / 2
#: A gap from so long on is called one.
_NAMED_GAP: Final = timedelta(minutes=90)
GRAPH_ID: Final = "store-graph"
#: A figure as Plotly's script takes it: `data` and `layout`.
Chart = dict[str, Any]


def day_chart(figure: Chart, *, graph_id: str = GRAPH_ID, height: str = "264px") -> Any:
    """Return the chart as a component that keeps its size."""
    return dcc.Graph(
        id=graph_id,
        figure=figure,
        config={"displayModeBar": False, "responsive": True, "doubleClick": False, "showAxisDragHandles": False},
        className="graph",
        style={"height": height},
    )


def chart_key(seen: StoreDay, typical: TypicalDay | None, lang: Language, *, hours_failed: bool = False) -> Any:
    """Return what the chart's shapes mean, beside its title; and that its bars do not tell who bought, if so."""
    weekday = lang.weekday(seen.day.business_date)
    shown = lang.t("today") if seen.is_open else lang.short_day(seen.day.business_date)
    parts = [html.Span([html.I(className="key-bar"), shown], className="key")]
    if typical is not None and typical.days >= DAYS_MIN:
        text = lang.t("a usual {weekday} ({n} weeks)", weekday=weekday, n=typical.days)
        parts.append(html.Span([html.I(className="key-band"), text], className="key"))
    if hours_failed:
        parts.append(html.Span(lang.t("who bought cannot be read at the moment"), className="key", role="status"))
    return parts


def day_figure(
    seen: StoreDay,
    typical: TypicalDay | None,
    store: Store,
    lang: Language,
    scheme: Scheme,
    *,
    hours: Sequence[Hour] = (),
) -> Chart:
    """Return the figure. Times stand on the store's wall clock; a quarter-hour nobody looked at is a gap.

    Pointing at a bar also tells how many bought of those who came in within its hour, one of `hours`.
    """
    palette = PALETTES[scheme]
    layout, traces, shapes, notes, top = _layout(seen, store, palette), [], [], [], 4.0
    if typical is not None and len(typical.slots):
        top = max(top, float(typical.slots[c.HIGH].max()))
        shapes.append(_band(typical, seen, store, palette))
        traces.append(_usual(typical, seen, store, lang, palette))
    bars = seen.buckets
    if bars[c.INS].notna().any():
        top = max(top, float(bars[c.INS].max()))
        traces.append(_bars(bars, store, lang, palette, hours))
    for begin, end in gaps(bars):
        shapes.append(_gap(begin, end, store, palette))
        if end - begin >= _NAMED_GAP:
            notes.append(_gap_name(begin, end, store, lang, palette))
    layout |= {"shapes": shapes, "annotations": notes}
    layout["yaxis"]["range"] = [0, top * 1.12]
    return {"data": traces, "layout": layout}


def gaps(buckets: pd.DataFrame) -> list[tuple[datetime, datetime]]:
    """Return the runs of quarter-hours that nobody looked at, as (begin, end)."""
    found: list[tuple[datetime, datetime]] = []
    for bucket, ins in zip(buckets[c.BUCKET], buckets[c.INS], strict=True):
        if not pd.isna(ins):
            continue
        begin = bucket.to_pydatetime()
        if found and found[-1][1] == begin:
            begin = found.pop()[0]
        found.append((begin, bucket.to_pydatetime() + BUCKET))
    return found


def _bars(bars: pd.DataFrame, store: Store, lang: Language, palette: Palette, hours: Sequence[Hour]) -> Chart:
    counted = (bars[c.UP_S] / bars[c.EXPECTED_S]).fillna(1.0)
    running = bars[c.BUCKET] == bars[c.BUCKET].iloc[-1]
    lost = bars[c.LOST]
    whole = ((counted >= PART_BELOW) | running) & ~lost
    text = [
        lang.t("{begin}–{end}: {visitors}", begin=lang.clock(at, store.zone), end=lang.clock(at + BUCKET, store.zone),
               visitors=lang.many("{n} visitor", "{n} visitors", int(ins)) if not pd.isna(ins) else "")
        + ("" if ok else "<br>" + _part_of(share, lang, lost=gone))
        + _bought(at, hours, store, lang)
        for at, ins, ok, share, gone in zip(bars[c.BUCKET], bars[c.INS], whole, counted, lost, strict=True)
    ]  # fmt: skip
    return {
        "type": "bar",
        "x": [_axis(at, store, _HALF) for at in bars[c.BUCKET]],
        "y": [None if pd.isna(ins) else float(ins) for ins in bars[c.INS]],
        "width": BUCKET / timedelta(milliseconds=1) * 0.72,
        "marker": {
            "color": [palette.accent if ok else palette.soft for ok in whole],
            "line": {"color": palette.accent, "width": [0 if ok else 1 for ok in whole]},
            "cornerradius": 2,
        },
        "hovertext": text,
        "hoverinfo": "text",
        "showlegend": False,
    }


def _bought(at: pd.Timestamp, hours: Sequence[Hour], store: Store, lang: Language) -> str:
    """Return how many bought of those who came in within the hour of a bar; nothing where that is not known.

    Of an hour of few it is told together with those beside it.
    """
    hour = next((one for one in hours if one.from_at <= max(at.to_pydatetime(), hours[0].from_at) < one.until), None)
    told = None if hour is None else hour.together or hour
    if told is None or told.conversion_lagged.value is None:
        return ""
    begin, end = (lang.clock(one, store.zone) for one in (told.from_at, told.until))
    share = value_text(lang, told.conversion_lagged, digits=0)
    text = lang.t(
        "{begin}–{end}: {share} of those who came in bought ({range})",
        begin=begin, end=end, share=share, range=interval_text(lang, told.conversion_lagged),
    )  # fmt: skip
    return f"<br>{text}"


def _part_of(share: float, lang: Language, *, lost: bool) -> str:
    if lost:
        return lang.t("A box lost some of what it counted here.")
    return lang.t("Only {share} of the opening time was counted.", share=lang.percent(share))


def _usual(typical: TypicalDay, seen: StoreDay, store: Store, lang: Language, palette: Palette) -> Chart:
    slots = typical.slots
    at = slot_instants(store, seen.day.business_date, slots[c.SLOT].tolist())
    text = [
        lang.t("{at}: usually {n} ({low} to {high})", at=lang.clock(one, store.zone), n=lang.number(median),
               low=lang.number(low), high=lang.number(high))
        for one, median, low, high in zip(at, slots[c.MEDIAN], slots[c.LOW], slots[c.HIGH], strict=True)
    ]  # fmt: skip
    return {
        "type": "scatter", "mode": "lines", "x": [_axis(one, store, _HALF) for one in at],
        "y": slots[c.MEDIAN].tolist(), "hovertext": text, "hoverinfo": "text", "showlegend": False,
        "line": {"color": palette.usual, "width": 1.5, "shape": "spline", "smoothing": 0.6},
    }  # fmt: skip


def _band(typical: TypicalDay, seen: StoreDay, store: Store, palette: Palette) -> dict[str, Any]:
    """Return the band as a shape: only shapes can lie beneath bars."""
    slots = typical.slots
    at = slot_instants(store, seen.day.business_date, slots[c.SLOT].tolist())
    x = [f"{_wall(one, store) + _HALF:%Y-%m-%d_%H:%M}" for one in at]
    upper = [f"{one},{value:.2f}" for one, value in zip(x, slots[c.HIGH], strict=True)]
    lower = [f"{one},{value:.2f}" for one, value in zip(x, slots[c.LOW], strict=True)]
    path = "M" + "L".join([*upper, *reversed(lower)]) + "Z"
    return {"type": "path", "path": path, "fillcolor": palette.band, "line": {"width": 0}, "layer": "below"}


def _gap(begin: datetime, end: datetime, store: Store, palette: Palette) -> dict[str, Any]:
    return {
        "type": "line", "x0": _axis(begin, store), "x1": _axis(end, store), "y0": 0, "y1": 0,
        "line": {"color": palette.muted, "width": 2, "dash": "dot"},
    }  # fmt: skip


def _gap_name(begin: datetime, end: datetime, store: Store, lang: Language, palette: Palette) -> dict[str, Any]:
    return {
        "x": _axis(begin, store, (end - begin) / 2), "y": 0, "yanchor": "bottom", "text": lang.t("not counted"),
        "showarrow": False, "font": {"color": palette.muted, "size": 12},
    }  # fmt: skip


def _layout(seen: StoreDay, store: Store, palette: Palette) -> dict[str, Any]:
    begin, end = _wall(seen.day.opens_at, store), _wall(seen.day.closes_at, store)
    return {
        "margin": {"l": 32, "r": 8, "t": 8, "b": 28},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": palette.muted},
        "hoverlabel": {"bgcolor": palette.surface, "bordercolor": palette.line, "font": {"color": palette.ink}},
        "hovermode": "closest",
        "dragmode": False,
        "bargap": 0,
        "uirevision": "day",
        "xaxis": {
            "type": "date",
            "range": [begin.isoformat(), end.isoformat()], "tickformat": "%H:%M", "dtick": _tick_ms(end - begin),
            "tick0": begin.replace(minute=0).isoformat(), "showgrid": False, "linecolor": palette.line,
            "fixedrange": True, "ticks": "outside", "tickcolor": palette.line, "ticklen": 4, "tickangle": 0,
        },
        "yaxis": {
            "rangemode": "tozero", "gridcolor": palette.line, "zeroline": True, "zerolinecolor": palette.line,
            "fixedrange": True, "nticks": 5, "tickformat": ",d",
        },
    }  # fmt: skip


def _tick_ms(span: timedelta) -> int:
    hours = 2 if span <= timedelta(hours=15) else 4
    return hours * 3_600_000


def _wall(at: datetime, store: Store) -> datetime:
    """Return what the store's wall clock shows, as Plotly wants it: without a zone."""
    return at.astimezone(store.zone).replace(tzinfo=None)


def _axis(at: datetime, store: Store, later: timedelta = timedelta(0)) -> str:
    """Return the place of a moment on the axis, or of one so much later."""
    return (_wall(at, store) + later).isoformat()
