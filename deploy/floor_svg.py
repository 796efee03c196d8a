"""Drawings as SVG, written anew from what is known to be harmless: shapes, texts, colours and nothing that acts.

A list of what may stay, not of what must go: scripts, links, styles, fonts and pictures from elsewhere are on none.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from deploy.errors import FloorPlanError

_SVG: Final = "http://www.w3.org/2000/svg"
_NODES_MAX: Final = 20_000
_SHAPES: Final = frozenset(
    {"g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "svg"}
)
#: Left out without a word: they draw nothing by themselves.
_SILENT: Final = frozenset({"title", "desc", "metadata", "defs"})
_NUMBER: Final = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBERS: Final = re.compile(rf"\s*(?:{_NUMBER}(?:px|mm|cm|in|pt|%)?[\s,]*)+")
_PATH: Final = re.compile(r"[MmZzLlHhVvCcSsQqTtAa0-9eE.,+\-\s]*")
_TURN: Final = re.compile(rf"(?:\s*(?:matrix|translate|scale|rotate|skewX|skewY)\((?:\s*{_NUMBER}[\s,]*)+\)[\s,]*)+")
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
        _copied(child, drawn, budget)
    return tostring(drawn, encoding="utf-8"), width, height


def _copied(node: Element, parent: Element, budget: Iterator[int]) -> None:
    if next(budget, None) is None:
        raise FloorPlanError(f"SVG: expected at most {_NODES_MAX} elements", column="plan_svg")
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
        _copied(child, made, budget)


def _attributes(node: Element) -> Iterator[tuple[str, str]]:
    given = dict(node.attrib)
    for part in given.pop("style", "").split(";"):
        name, _, value = part.partition(":")
        given[name.strip()] = value.strip()
    for name, value in given.items():
        allowed = _ALLOWED.get(name)
        if allowed is None:
            continue
        if allowed.fullmatch(value):
            yield name, value
        elif allowed is _COLOUR:
            # A gradient or a pattern: better not filled than black.
            yield name, "none"


def _view(root: Element) -> tuple[float, float, float, float]:
    box = root.get("viewBox")
    if box is not None and _NUMBERS.fullmatch(box):
        numbers = [float(one) for one in re.findall(_NUMBER, box)]
    else:
        sides = [re.match(_NUMBER, root.get(side, "")) for side in ("width", "height")]
        numbers = [0.0, 0.0, *(float(one[0]) for one in sides if one)]
    if len(numbers) != 4 or min(numbers[2:]) <= 0:  # noqa: PLR2004  # left, top, width, height
        raise FloorPlanError("SVG: expected a viewBox, or a width and a height above 0", column="plan_svg")
    return numbers[0], numbers[1], numbers[2], numbers[3]
