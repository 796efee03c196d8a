"""Colours as eyes see them: contrast by WCAG 2.2, and how far two are apart where a kind of cone is missing.

Missing cones after Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB; distances are CIE76's in CIELAB.
"""

import math
from typing import Final

_EYES: Final[dict[str, tuple[tuple[float, float, float], ...]]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
_XYZ: Final = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE: Final = (0.95047, 1.0, 1.08883)


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast of two colours (#rrggbb), 1 to 21."""
    light, dark = sorted((_times(_XYZ[1:2], _linear(one))[0], _times(_XYZ[1:2], _linear(other))[0]), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def apart(one: str, other: str, eye: str) -> float:
    """Return how far two colours (#rrggbb) are apart for an eye; 2 can just be told apart side by side."""
    return math.dist(_lab(one, eye), _lab(other, eye))


def _lab(colour: str, eye: str) -> tuple[float, float, float]:
    seen = [min(1.0, max(0.0, value)) for value in _times(_EYES[eye], _linear(colour))]
    x, y, z = (_f(value / white) for value, white in zip(_times(_XYZ, seen), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _f(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29


def _linear(colour: str) -> list[float]:
    values = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def _times(matrix: tuple[tuple[float, ...], ...], values: list[float]) -> list[float]:
    return [sum(factor * value for factor, value in zip(row, values, strict=True)) for row in matrix]
