"""A drawing of proposed lines over a heat of paths, as SVG: made from numbers alone, no pixel of the camera in it."""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from edge.config import LineConfig
from edge.linting.shapes import normal
from edge.proposing.lines import Proposal
from edge.proposing.observing import Observed

_FONT: Final = 'font-family="sans-serif"'
_HEAT: Final = "#d9480f"
_PROPOSED: Final = "#1864ab"
_OWN: Final = "#868e96"


def draw(observed: Observed, proposals: Sequence[Proposal], own: Sequence[LineConfig] = ()) -> str:
    """Return an SVG of the picture's size: heat of paths, proposed lines their `in`, the site's own dashed."""
    width, height = observed.size
    unit = max(width, height) / 100
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT} font-size="{2.2 * unit:.1f}">',
        f'<rect width="{width}" height="{height}" fill="#f8f9fa"/>',
        *_heat(observed),
        *(part for line in own for part in _line(line, line.name, _OWN, unit, dashed=True)),
        *(part for one in proposals for part in _line(one.line, _label(one), _PROPOSED, unit)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _label(one: Proposal) -> str:
    return f"{one.line.name}: {one.came_in} in, {one.went_out} out"


def _heat(observed: Observed) -> list[str]:
    paths = observed.walked.paths
    rows, columns = paths.shape
    width, height = observed.size[0] / columns, observed.size[1] / rows
    most = float(paths.max()) or 1.0
    return [
        f'<rect x="{column * width:.1f}" y="{row * height:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{_HEAT}" fill-opacity="{0.1 + 0.7 * (float(paths[row, column]) / most) ** 0.5:.2f}"/>'
        for row, column in np.argwhere(paths > 0).tolist()
    ]


def _line(line: LineConfig, label: str, color: str, unit: float, *, dashed: bool = False) -> list[str]:
    (x0, y0), (x1, y1) = line.points
    u, v = normal(*line.points)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    tip = (x + 6 * unit * u, y + 6 * unit * v)
    dashes = f' stroke-dasharray="{unit:.1f}"' if dashed else ""
    stroke = f'stroke="{color}" stroke-width="{unit / 2:.1f}"'
    head = " ".join(
        f"{px:.1f},{py:.1f}"
        for px, py in (
            tip,
            *((tip[0] - 2 * unit * u + s * unit * v, tip[1] - 2 * unit * v - s * unit * u) for s in (1, -1)),
        )
    )
    side = {-1: "end", 0: "middle", 1: "start"}[round(u)]
    beyond = f'x="{tip[0] + unit * u:.1f}" y="{tip[1] + 2 * unit * v + unit:.1f}"'
    return [
        f'<line x1="{x0:g}" y1="{y0:g}" x2="{x1:g}" y2="{y1:g}" {stroke}{dashes}/>',
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{tip[0]:.1f}" y2="{tip[1]:.1f}" {stroke}/>',
        f'<polygon points="{head}" fill="{color}"/>',
        f'<text {beyond} fill="{color}" text-anchor="{side}">{escape(label)}</text>',
    ]
