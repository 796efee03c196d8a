"""Small bars: a few numbers in a row as one small picture, in the page's own colour."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from dashboard.components.attributes import aria

_HIGH = 100


def small_bars(values: Sequence[float | None], *, top: float, label: str) -> Any:
    """Return bars from 0 to `top`, the scale that charts side by side share; a gap where nothing is known."""
    wide = 8
    bars = "".join(
        f"M{wide * place} {_HIGH}v{-max(2, round(_HIGH * value / top))}h{wide - 2}V{_HIGH}z"
        for place, value in enumerate(values)
        if value is not None and top > 0
    )
    picture = svg(f'<path d="{bars}"/>', width=wide * len(values) - 2, height=_HIGH)
    return html.Span(className="small-bars", role="img", style=picture, **aria(label=label))


def svg(drawn: str, *, width: float, height: float) -> dict[str, str]:
    """Return the style of an element that shows `drawn` in its own background colour, stretched over all of it."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
    url = f'url("data:image/svg+xml,{quote(f"{head}{drawn}</svg>", safe=" =/:")}")'
    return {"maskImage": url, "WebkitMaskImage": url}
