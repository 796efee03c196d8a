"""Drawings as SVG, written anew from what is known to be harmless: shapes, texts, colours and nothing that acts.

A list of what may stay, not of what must go: scripts, links, styles, fonts and pictures from elsewhere are on none.
"""

import math
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from deploy.errors import FloorPlanError

_SVG: Final = "http://www.w3.org/2000/svg"
_NODES_MAX: Final = 20_000
#: Elements within each other.
_DEPTH_MAX: Final = 64
#: Letters of a value; of those that hold a whole outline in `_OUTLINES`.
_VALUE_MAX: Final = 1_000
_OUTLINE_MAX: Final = 200_000
_OUTLINES: Final = frozenset({"d", "points"})
#: Of a drawing's sides, in its own unit, and of where they begin; and how many times as long as the other one may be.
_SIDE_MAX: Final = 1e6
_RATIO_MAX: Final = 100
_SHAPES: Final = frozenset(
    {"g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "svg"}
)
#: Left out without a word: they draw nothing by themselves.
_SILENT: Final = frozenset({"title", "desc", "metadata", "defs"})
# No text fits these patterns in two ways: what does not fit is told in a time that grows with its length alone.
# Between two numbers stands a separator, unless the second one has a sign.
_DIGITS: Final = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER: Final = rf"[+-]?{_DIGITS}"
_UNIT: Final = r"(?:px|mm|cm|in|pt|%)?"
_LIST: Final = rf"\s*{_NUMBER}{_UNIT}(?:(?:[\s,]+[+-]?|[+-]){_DIGITS}{_UNIT})*[\s,]*"
_NUMBERS: Final = re.compile(_LIST)
_TURNED: Final = rf"(?:matrix|translate|scale|rotate|skewX|skewY)\({_LIST}\)"
_PATH: Final = re.compile(r"[MmZzLlHhVvCcSsQqTtAa0-9eE.,+\-\s]*")
_TURN: Final = re.compile(rf"\s*{_TURNED}(?:[\s,]*{_TURNED})*[\s,]*")
_COLOUR: Final = re.compile(r"none|#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,24}|rgba?\([\d\s.,%]+\)")
_WORD: Final = re.compile(r"[a-zA-Z0-9 ,.%-]{1,60}")
_ALLOWED: Final = {
    **dict.fromkeys(("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "dx", "dy",
                     "points", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity",
                     "font-size", "stroke-miterlimit", "stroke-dashoffset"), _NUMBERS),
    **dict.fromkeys(("fill", "stroke"), _COLOUR),
    **dict.fromkeys(("fill-rule", "stroke-linecap", "stroke-linejoin", "text-anchor", "font-family", "font-weight",
                     "font-style", "dominant-baseline", "display", "visibility"), _WORD),
    "d": _PATH,
    "transform": _TURN,
    "viewBox": _NUMBERS,
}  # fmt: skip


def clean_svg(image: bytes) -> tuple[bytes, float, float]:
    """Return the drawing written anew on white paper, and its width and height.

    Raises:
        FloorPlanError: it is no SVG, or holds what a drawing does not need; says what.
    """
    try:
        root = fromstring(image.decode("utf-8"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as error:
        raise FloorPlanError(f"SVG: it cannot be read: {error or type(error).__name__}", column="plan_svg") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise FloorPlanError(f"SVG: expected svg as the outermost element, got {root.tag}", column="plan_svg")
    left, top, width, height = _view(root)
    drawn = Element("svg", {"xmlns": _SVG, "viewBox": f"{left:g} {top:g} {width:g} {height:g}",
                            "width": f"{width:g}", "height": f"{height:g}"})  # fmt: skip
    paper = {"x": f"{left:g}", "y": f"{top:g}", "width": f"{width:g}", "height": f"{height:g}", "fill": "#ffffff"}
    SubElement(drawn, "rect", paper)
    budget = iter(range(_NODES_MAX))
    for child in root:
        _copied(child, drawn, budget, 1)
    return tostring(drawn, encoding="utf-8"), width, height


def _copied(node: Element, parent: Element, budget: Iterator[int], depth: int) -> None:
    if next(budget, None) is None:
        raise FloorPlanError(f"SVG: expected at most {_NODES_MAX} elements", column="plan_svg")
    if depth > _DEPTH_MAX:
        raise FloorPlanError(f"SVG: expected at most {_DEPTH_MAX} elements within each other", column="plan_svg")
    if not isinstance(node.tag, str) or not node.tag.startswith(f"{{{_SVG}}}"):
        return
    name = node.tag.removeprefix(f"{{{_SVG}}}")
    if name in _SILENT:
        return
    if name not in _SHAPES:
        raise FloorPlanError(f"SVG: expected shapes and texts, got <{name}>: export it as PNG", column="plan_svg")
    made = SubElement(parent, name, dict(_attributes(node)))
    if name in ("text", "tspan"):
        made.text = node.text
    for child in node:
        _copied(child, made, budget, depth + 1)


def _attributes(node: Element) -> Iterator[tuple[str, str]]:
    given = dict(node.attrib)
    for part in given.pop("style", "").split(";"):
        name, _, value = part.partition(":")
        given[name.strip()] = value.strip()
    for name, value in given.items():
        allowed = _ALLOWED.get(name)
        if allowed is None:
            continue
        most = _OUTLINE_MAX if name in _OUTLINES else _VALUE_MAX
        if len(value) > most:
            raise FloorPlanError(
                f"SVG: {name}: expected at most {most:,} letters, got {len(value):,}", column="plan_svg"
            )
        if allowed.fullmatch(value):
            yield name, value
        elif allowed is _COLOUR:
            # A gradient or a pattern: better not filled than black.
            yield name, "none"


def _view(root: Element) -> tuple[float, float, float, float]:
    box, *sides = (root.get(name, "")[:_VALUE_MAX] for name in ("viewBox", "width", "height"))
    if _NUMBERS.fullmatch(box):
        numbers = [float(one) for one in re.findall(_NUMBER, box)]
    else:
        found = [re.match(_NUMBER, side) for side in sides]
        numbers = [0.0, 0.0, *(float(one[0]) for one in found if one)]
    if len(numbers) != 4 or not _sensible(*numbers):  # noqa: PLR2004  # left, top, width, height
        raise FloorPlanError(
            f"SVG: expected a viewBox, or a width and a height, of 1 to {_SIDE_MAX:,.0f} a side, none of them "
            f"{_RATIO_MAX} times as long as the other",
            column="plan_svg",
        )
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _sensible(left: float, top: float, width: float, height: float) -> bool:
    if not all(map(math.isfinite, (left, top, width, height))):
        return False
    short, long = sorted((width, height))
    return short >= 1 and long <= min(_SIDE_MAX, short * _RATIO_MAX) and max(abs(left), abs(top)) <= _SIDE_MAX
