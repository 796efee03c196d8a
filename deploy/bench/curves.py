"""Curves as a picture: small panels side by side, written as SVG by hand (a plotting library would be for this alone).

Colours are legible on light and on dark ground, and differ for the colour-blind (Okabe and Ito 2008).
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, TypeAlias

#: By name of the curve: its (x, y) points.
Curves: TypeAlias = Mapping[str, Sequence[tuple[float, float]]]

_COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00")
_PANEL: Final = (190.0, 170.0)
_MARGIN: Final = (46.0, 34.0, 14.0, 44.0)
_STYLE: Final = "font: 11px sans-serif"


def svg(panels: Mapping[str, Curves], *, x: Sequence[float], y: Sequence[float], x_name: str, y_name: str) -> str:
    """Return panels by title, all with ticks `x` and `y` (shown in per cent), first to last = whole axis."""
    left, top, right, bottom = _MARGIN
    width = left + len(panels) * (_PANEL[0] + right) + 4
    height = top + _PANEL[1] + bottom + 18
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{_STYLE}" role="img">',
        f"<title>{escape(y_name)} against {escape(x_name)}</title>",
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        f'<text x="4" y="14" fill="#333333">{escape(y_name)}</text>',
    ]
    for index, (title, curves) in enumerate(panels.items()):
        origin = (left + index * (_PANEL[0] + right), top)
        parts += _panel(title, curves, origin, x, y, first=index == 0)
    names = next(iter(panels.values()), {})
    parts += _legend(list(names), left, top + _PANEL[1] + 40, x_name)
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    title: str, curves: Curves, origin: tuple[float, float], x: Sequence[float], y: Sequence[float], *, first: bool
) -> list[str]:
    x0, y0 = origin
    wide, tall = _PANEL

    def across(value: float) -> float:
        return x0 + wide * (value - x[0]) / (x[-1] - x[0])

    def up(value: float) -> float:
        return y0 + tall * (1 - (min(value, y[-1]) - y[0]) / (y[-1] - y[0]))

    parts = [f'<text x="{x0 + wide / 2:g}" y="{y0 - 6:g}" text-anchor="middle" fill="#111111">{escape(title)}</text>']
    for tick in y:
        parts.append(f'<path d="M{x0:g} {up(tick):.1f}h{wide:g}" stroke="#dddddd"/>')
        if first:
            label = f'<text x="{x0 - 5:g}" y="{up(tick) + 4:.1f}" text-anchor="end" fill="#555555">{tick:.0%}</text>'
            parts.append(label)
    for tick in x:
        at = f'x="{across(tick):.1f}" y="{y0 + tall + 14:g}"'
        # The last stays within its panel: it would touch the next one's first.
        anchor = "end" if tick == x[-1] else "middle"
        parts.append(f'<text {at} text-anchor="{anchor}" fill="#555555">{tick * 100:g}</text>')
    for colour, points in zip(_COLOURS, curves.values(), strict=False):
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
    return parts


def _legend(names: Sequence[str], x0: float, y0: float, x_name: str) -> list[str]:
    parts = [f'<text x="{x0:g}" y="{y0:g}" fill="#333333">{escape(x_name)}</text>']
    at = x0 + 150
    for colour, name in zip(_COLOURS, names, strict=False):
        parts.append(f'<path d="M{at:g} {y0 - 4:g}h18" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(f'<text x="{at + 23:g}" y="{y0:g}" fill="#333333">{escape(name)}</text>')
        at += 45 + 7 * len(name)
    return parts
