"""The funnel plot: each store's conversion over its visitors, between the limits of what is usual."""

import math
from collections.abc import Sequence
from typing import Any, Final

from dash import dcc, html

from analytics.comparison.network import StoreRow
from analytics.comparison.ranking import Limits, funnel_of, judged
from dashboard.components.attributes import aria
from dashboard.components.figures import about, section, value_text
from dashboard.components.small_bars import svg
from dashboard.language import Language
from dashboard.routes import Route

_WIDE: Final = 800
_HIGH: Final = 280
#: Points of each limit's curve.
_STEPS: Final = 48
#: So many stores are named in the plot; the list below it names all.
_NAMED: Final = 8


def funnel_plot(rows: Sequence[StoreRow], here: Route, lang: Language, *, files: Any = None) -> Any:
    """Return the plot and the stores beyond the limits; nothing with too few stores to say what is usual."""
    limits = funnel_of([row.compared.now for row in rows])
    if limits is None:
        return ""
    points = [(row, *counts) for row in rows if (counts := judged(row.compared.now)) is not None]
    plane = _Plane([visitors for *_, visitors in points], [sales / came for _, sales, came in points], limits)
    out = [(row, sales, came) for row, sales, came in points if row.outlier is not None]
    usual = [(came, sales / came) for row, sales, came in points if row.outlier is None]
    drawn: list[Any] = [
        _layer("funnel-limits", "".join(_line(plane, limits, side) for side in (0, 1)), 1.5),
        _layer("funnel-middle", f"M0 {plane.y(limits.usual):.1f}H{_WIDE}", 1.5),
        _layer("funnel-stores", "".join(f"M{plane.x(came):.1f} {plane.y(rate):.1f}h0" for came, rate in usual), 5),
        *(_named(row, plane, sales, came, here, told=place < _NAMED) for place, (row, sales, came) in enumerate(out)),
        html.Span(lang.percent(plane.top), className="funnel-top"),
        html.Span(lang.percent(0), className="funnel-zero"),
    ]
    few, many = (lang.number(one) for one in (plane.fewest, plane.most))
    axis = html.Div([html.Span(few), html.Span(lang.t("visitors")), html.Span(many)], className="funnel-axis")
    label = lang.t("{n} of {all} stores lie beyond the limits", n=len(out), all=len(points))
    text = lang.t(
        "Small stores stray more by chance alone, so the limits open towards the left. Beyond them lie three in a "
        "thousand stores by chance; the usual difference between stores is allowed for."
    )
    drawn.append(html.Span(role="img", className="funnel-layer", **aria(label=label)))
    plot = html.Div(drawn, className="funnel-plot")
    body = html.Div([plot, axis, *_list(out, here, lang)])
    unit = lang.t("bought, by visitors")
    return section(about(lang.t("Unusual stores"), unit, text), body, unit=unit, files=files, name="unusual")


class _Plane:
    """Where a number of visitors and a conversion lie, in the plot's own units; visitors on a logarithmic scale."""

    def __init__(self, visitors: Sequence[float], rates: Sequence[float], limits: Limits) -> None:
        self.fewest, self.most = min(visitors), max(*visitors, min(visitors) * 1.5)
        self.top = min(1.0, math.ceil(20 * max(*rates, limits.at(self.fewest)[1])) / 20)

    def x(self, visitors: float) -> float:
        """Return the distance from the left."""
        return _WIDE * math.log(visitors / self.fewest) / math.log(self.most / self.fewest)

    def y(self, rate: float) -> float:
        """Return the distance from the top."""
        return _HIGH * (1 - rate / self.top)


def _line(plane: _Plane, limits: Limits, side: int) -> str:
    steps = [plane.fewest * (plane.most / plane.fewest) ** (step / _STEPS) for step in range(_STEPS + 1)]
    return "M" + "L".join(f"{plane.x(one):.1f} {plane.y(limits.at(one)[side]):.1f}" for one in steps)


def _layer(name: str, path: str, width: float) -> Any:
    drawn = (
        f'<path d="{path}" fill="none" stroke="black" stroke-width="{width}" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke"/>'
    )
    return html.Span(className=f"funnel-layer {name}", style=svg(drawn, width=_WIDE, height=_HIGH))


def _named(row: StoreRow, plane: _Plane, sales: float, came: float, here: Route, *, told: bool) -> Any:
    left, top = 100 * plane.x(came) / _WIDE, 100 * plane.y(sales / came) / _HIGH
    half = 50
    side = "left" if left > half else "right"
    text = html.Span(row.store.name, className=side) if told else None
    style = {"left": f"{left:.1f}%", "top": f"{top:.1f}%"}
    return dcc.Link(
        text, href=here.to_store(row.store.code).href(), className="funnel-out", style=style, title=row.store.name
    )


def _list(out: Sequence[tuple[StoreRow, float, float]], here: Route, lang: Language) -> list[Any]:
    """Return those beyond the limits in words, as the plot shows them to eyes alone."""
    if not out:
        return [html.P(lang.t("No store lies beyond the limits."), className="note")]
    lines = []
    for side, head in (("high", lang.t("Unusually high")), ("low", lang.t("Unusually low"))):
        links = [
            dcc.Link(f"{row.store.name} {value_text(lang, row.compared.now.conversion)}",
                     href=here.to_store(row.store.code).href())
            for row, _, _ in out
            if row.outlier == side
        ]  # fmt: skip
        if links:
            lines.append(html.P([html.Strong(f"{head}: "), *_joined(links)], className="outliers"))
    return lines


def _joined(links: Sequence[Any]) -> list[Any]:
    return [part for link in links for part in (link, " · ")][:-1]
