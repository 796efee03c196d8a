"""The words of truth files: which way someone went, and which point of a person is meant."""

import re
from typing import Final

from contract.types import Direction
from deploy.evaluation.reading import Node
from edge.config import Anchor
from edge.geometry import Segment

#: Where a word leads, in image coordinates: x to the right, y down.
_WAYS: Final = {
    "left_to_right": (1.0, 0.0),
    "right_to_left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "left": (-1.0, 0.0),
    "rightward": (1.0, 0.0),
    "leftward": (-1.0, 0.0),
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
    "upward": (0.0, -1.0),
    "downward": (0.0, 1.0),
    "bottom_to_top": (0.0, -1.0),
    "top_to_bottom": (0.0, 1.0),
}
_PLAIN: Final[dict[str, Direction]] = {"in": "in", "out": "out"}
_ANCHORS: Final[dict[str, Anchor]] = {
    "centre": "centre",
    "bbox_centre": "centre",
    "box_centre": "centre",
    "bottom_centre": "foot",
    "bbox_bottom_centre": "foot",
    "box_bottom_centre": "foot",
    "foot": "foot",
    "feet": "foot",
}
#: A way that is nearly along the line does not cross it: at less than about 6 degrees the word is a slip.
_LEAST_ACROSS: Final = 0.1


def is_direction(word: str) -> bool:
    """Return whether `word` names a way across a line."""
    return _plain(word) in _WAYS or _plain(word) in _PLAIN


def direction_of(node: Node, word: str, line: Segment) -> Direction:
    """Return which way across `line` the `word` of a truth file means.

    `in` and `out` are ours: `in` towards the right-hand side of someone who walks from a to b.

    Raises:
        TruthError: no known word, or a way along the line instead of across it.
    """
    plain = _plain(word)
    if plain in _PLAIN:
        return _PLAIN[plain]
    if plain not in _WAYS:
        raise node.wrong(f"one of {', '.join((*_WAYS, *_PLAIN))}", word)
    x, y = _WAYS[plain]
    across = line.side((line.a[0] + x, line.a[1] + y))
    if abs(across) < _LEAST_ACROSS:
        raise node.wrong(f"a way across the line from {line.a} to {line.b}", f"{word}, which runs along it")
    return "in" if across > 0 else "out"


def anchor_of(node: Node, word: str) -> Anchor:
    """Return the counted point that `word` means.

    Raises:
        TruthError: no known word.
    """
    plain = _plain(word).replace("center", "centre")
    if plain not in _ANCHORS:
        raise node.wrong('"foot" (or "bbox bottom-centre") or "centre" (or "bbox centre")', word)
    return _ANCHORS[plain]


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().lower())
