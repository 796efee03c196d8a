"""Colours that Plotly needs as values; `assets/footfall.css` names the same (a test compares them)."""

from dataclasses import dataclass
from typing import Final, Literal

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour scheme: `accent` is what was measured here, `usual` and `band` what is usual."""

    surface: str
    ink: str
    muted: str
    line: str
    accent: str
    soft: str
    usual: str
    band: str


PALETTES: Final[dict[Scheme, Palette]] = {
    "light": Palette("#ffffff", "#15191e", "#5b6470", "#e2e6ea", "#1b5fb4", "#a9c8ee", "#8a94a1", "#e9edf1"),
    "dark": Palette("#12161b", "#e9edf1", "#9aa5b2", "#2b323b", "#78aefb", "#35558a", "#7c8794", "#232a32"),
}

FONT: Final = (
    'Inter, "Segoe UI", -apple-system, "Helvetica Neue", Roboto, Ubuntu, "Liberation Sans", Arial, "PingFang SC", '
    '"Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
)


def scheme(value: object) -> Scheme:
    """Return the scheme a browser named; light when it named none."""
    return "dark" if value == "dark" else "light"
