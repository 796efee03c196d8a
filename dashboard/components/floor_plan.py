"""The floor plan: where visitors spent their time and which ways they took, drawn on a plan of the shop.

A drawing is paper: on it everything keeps its light colours, whatever the page's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from dash import dcc, html

from analytics.visits.floor_plan import FloorPlan, Point, Way, warmth_on_plan, ways
from analytics.visits.movement import Movement
from analytics.visits.store_day import ZoneDay
from dashboard.components.attributes import aria
from dashboard.components.figures import joined, section, term, value_text
from dashboard.components.movement import Called, heat_key
from dashboard.language import Language
from dashboard.routes import PLANS
from dashboard.theme import FONT, PALETTES, Palette, Scheme

GRAPH_ID: Final = "plan-graph"
#: Widths of arrows in pixels: of few people, and what the most add.
_THIN, _THICK = 1.5, 6.0
#: Ways there and back lie beside each other, so far apart as a share of the plan.
_APART: Final = 0.012


@dataclass(frozen=True, slots=True)
class OnPlan:
    """What is drawn: the plan of the store with this code, what was seen in it, and what its zones are called."""

    plan: FloorPlan
    code: str
    seen: Movement | None
    zones: Sequence[ZoneDay]
    called: Called = str

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways that can be drawn."""
        return ways(self.plan, self.seen.steps) if self.seen is not None else ()


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws on a plan in its own coordinates, in one language and colours."""

    chart: go.Figure
    plan: FloorPlan
    lang: Language
    palette: Palette
    called: Called


def plan_title(lang: Language) -> str:
    """Return the title of the plan's card."""
    return lang.t("On the floor plan")


def floor_card(on: OnPlan, lang: Language, colours: Scheme, *, files: Any = None) -> Any:
    """Return the plan with what was seen on it, and what is not drawn in words."""
    plan, seen = on.plan, on.seen
    figure = floor_figure(on, lang, colours)
    graph = dcc.Graph(
        id=GRAPH_ID, figure=figure, config={"displayModeBar": False, "responsive": True},
        style={"aspectRatio": f"{plan.width:g} / {plan.height:g}"}, className="plan-graph",
    )  # fmt: skip
    drawn, told = on.ways, seen.steps if seen is not None else ()
    left = len(told) - len(drawn)
    notes = [
        lang.many("{n} way is not on the plan", "{n} ways are not on the plan", left) if left else None,
        lang.t("No camera is placed on the plan: time spent is not drawn.") if not plan.placed.cameras else None,
        None if plan.placed.zones else lang.t("No zone is placed on the plan yet."),
    ]
    said = joined(notes)
    key: list[Any] = [
        heat_key(lang),
        term(lang, "warmth", lang.t("time spent")),
        term(lang, "steps", lang.t("arrows: people")),
    ]  # fmt: skip
    body = [
        html.Div(graph, role="img", className="plan", **aria(label=_label(on, lang))),
        html.P(said, className="advice") if said else None,
    ]
    return section(plan_title(lang), html.Div(body), aside=key, files=files, name="floor-plan")


def floor_figure(on: OnPlan, lang: Language, colours: Scheme) -> go.Figure:
    """Return the drawing: the room, warmth, zones with how many stopped, ways as arrows as wide as they are used."""
    plan = on.plan
    palette = PALETTES["light" if plan.has_image else colours]
    chart = go.Figure(layout=_layout(plan, on.code, palette))
    pen = _Pen(chart, plan, lang, palette, on.called)
    if on.seen is not None and (warmth := _warmth(plan, on.seen, palette)) is not None:
        chart.add_trace(warmth)
    days = {one.zone: one for one in on.zones}
    for name, points in plan.placed.zones.items():
        _zone(pen, on.called(name), points, days.get(name))
    for (x0, y0), (x1, y1) in plan.placed.lines.values():
        chart.add_shape(type="line", x0=x0 * plan.width, y0=y0 * plan.height, x1=x1 * plan.width, y1=y1 * plan.height,
                        line={"color": palette.ink, "width": 4})  # fmt: skip
    top = max((way.step.people for way in on.ways), default=1)
    for way in on.ways:
        _arrow(pen, way, top)
    for name, points in plan.placed.zones.items():
        _name(pen, on.called(name), points, days.get(name))
    return chart


def _warmth(plan: FloorPlan, seen: Movement, palette: Palette) -> go.Heatmap | None:
    found = warmth_on_plan(plan, seen.warmth)
    if found is None or not np.nansum(found):
        return None
    rows, columns = found.shape
    # The root lets aisles be seen beside the till's hot spot, as in the cameras' pictures.
    share = np.sqrt(found / np.nanmax(found))
    red, green, blue = (int(palette.accent[at : at + 2], 16) for at in (1, 3, 5))
    return go.Heatmap(
        z=[[None if np.isnan(one) or one < 0.05 else round(float(one), 2) for one in row] for row in share],  # noqa: PLR2004  # not to be seen
        x0=plan.width / columns / 2, dx=plan.width / columns, y0=plan.height / rows / 2, dy=plan.height / rows,
        zmin=0, zmax=1, showscale=False, hoverinfo="skip", zsmooth=False,
        colorscale=[[0, f"rgba({red},{green},{blue},0.04)"], [1, f"rgba({red},{green},{blue},0.72)"]],
    )  # fmt: skip


def _zone(pen: _Pen, name: str, points: Sequence[Point], day: ZoneDay | None) -> None:
    plan = pen.plan
    ring = [*points, points[0]]
    pen.chart.add_scatter(
        x=[x * plan.width for x, _ in ring], y=[y * plan.height for _, y in ring], mode="lines", fill="toself",
        fillcolor="rgba(0,0,0,0)", line={"color": pen.palette.ink, "width": 1.5}, hoveron="fills", hoverinfo="text",
        text=_said(name, day, pen.lang), name=name, showlegend=False,
    )  # fmt: skip


def _said(name: str, day: ZoneDay | None, lang: Language) -> str:
    if day is None:
        return name
    if day.withheld:
        return f"{name}: {lang.t('fewer than 5 people, or next to it: withheld')}"
    stops = lang.t("{n} stops", n=value_text(lang, day.visits))
    stay = lang.t("half stayed under {time}", time=value_text(lang, day.dwell_p50)) if day.dwell_p50.known else None
    part = lang.t("counted in part") if day.visits.known and day.visits.quality != "measured" else None
    return f"{name}: {joined([stops, stay, part])}"


def _name(pen: _Pen, name: str, points: Sequence[Point], day: ZoneDay | None) -> None:
    plan, palette = pen.plan, pen.palette
    left, top = min(x for x, _ in points), min(y for _, y in points)
    count = "" if day is None or day.withheld or not day.visits.known else f" {value_text(pen.lang, day.visits)}"
    part = " ◐" if count and day is not None and day.visits.quality != "measured" else ""
    pen.chart.add_annotation(
        x=left * plan.width, y=top * plan.height, xanchor="left", yanchor="top", showarrow=False,
        text=f"<b>{name}</b>{count}{part}", font={"color": palette.ink, "size": 12}, bgcolor=palette.surface,
        opacity=0.9, borderpad=2, hovertext=_said(name, day, pen.lang),
    )  # fmt: skip


def _arrow(pen: _Pen, way: Way, top: int) -> None:
    chart, plan, lang, palette = pen.chart, pen.plan, pen.lang, pen.palette
    (x0, y0), (x1, y1) = (
        (x * plan.width, y * plan.height) for x, y in (way.start, way.end)
    )  # fmt: skip
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
    aside = _APART * max(plan.width, plan.height) / length
    by_x, by_y = (y1 - y0) * aside, -(x1 - x0) * aside
    width = _THIN + _THICK * way.step.people / top
    chart.add_annotation(
        x=x1 + by_x, y=y1 + by_y, ax=x0 + by_x, ay=y0 + by_y, xref="x", yref="y", axref="x", ayref="y", text="",
        showarrow=True, arrowhead=2, arrowsize=max(0.5, 2.2 / width), arrowwidth=width, arrowcolor=palette.ink,
        opacity=0.6, standoff=10, startstandoff=6,
    )  # fmt: skip
    ends = _ends(way, lang, pen.called)
    chart.add_annotation(
        x=x0 + 0.4 * (x1 - x0) + by_x, y=y0 + 0.4 * (y1 - y0) + by_y, showarrow=False,
        text=lang.number(way.step.people), font={"color": palette.ink, "size": 12}, bgcolor=palette.surface,
        opacity=0.9, borderpad=1, hovertext=f"{' → '.join(ends)}: {lang.number(way.step.people)}",
    )  # fmt: skip


def _ends(way: Way, lang: Language, called: Called) -> tuple[str, str]:
    """Return what a way's two ends are called."""
    start, end = (lang.t("outside") if one is None else called(one) for one in (way.step.from_zone, way.step.to_zone))
    return start, end


def _label(on: OnPlan, lang: Language) -> str:
    drawn = on.ways
    known = [one for one in on.zones if not one.withheld and one.visits.value is not None]
    said = [lang.t("Floor plan")]
    if known:
        most = max(known, key=lambda one: one.visits.value or 0.0)
        said.append(lang.t("most stopped at {zone}", zone=on.called(most.zone)))
    if drawn:
        start, end = _ends(drawn[0], lang, on.called)
        said.append(lang.t("most went from {start} to {end}", start=start, end=end))
    return joined(said)


def _layout(plan: FloorPlan, code: str, palette: Palette) -> dict[str, Any]:
    plain = not plan.has_image
    grid = {"showgrid": plain, "gridcolor": palette.line, "dtick": 1 if max(plan.width, plan.height) <= 60 else 10}  # noqa: PLR2004  # lines that can be told apart
    axis = {"showticklabels": False, "zeroline": False, "fixedrange": True, "constrain": "domain", "showline": plain,
            "linecolor": palette.usual, "mirror": True, **grid}  # fmt: skip
    image = {
        "source": f"{PLANS}/{code}?v={plan.version}", "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": plan.width,
        "sizey": plan.height, "sizing": "stretch", "layer": "below", "xanchor": "left", "yanchor": "top",
    }  # fmt: skip
    return {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": palette.ink},
        "hoverlabel": {"bgcolor": palette.surface, "bordercolor": palette.line, "font": {"color": palette.ink}},
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        "images": [] if plain else [image],
        "xaxis": {**axis, "range": [0, plan.width]},
        "yaxis": {**axis, "range": [plan.height, 0], "scaleanchor": "x"},
    }
