"""Paper: a sheet of A4 with words, bars and hatching on it, in points from its upper left corner.

Latin and Chinese letters come in faces of which the file holds what it uses (ReportLab's Vera, and `faces/`). A rarer
letter is named only (Adobe's STSong-Light, in Unicode): most readers have a face for it.
"""

import functools
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from dashboard.theme import PALETTES

WIDTH: Final = 595.0
HEIGHT: Final = 842.0
MARGIN: Final = 36.0
_LATIN: Final = "FootfallLatin"
_LATIN_BOLD: Final = "FootfallLatinBold"
_CHINESE: Final = "FootfallChinese"
_RARE: Final = "STSong-Light"
_CHINESE_FILE: Final = Path(__file__).parent / "faces" / "chinese.ttf"
#: Chinese has no bold face here: its strokes are drawn with a line of this share of their size.
_BOLD_LINE: Final = 0.03
_HATCH_STEP: Final = 3.0
_ELLIPSIS: Final = "…"
#: From here on letters are taken from the Chinese face where the Latin one has none.
_CJK_FROM: Final = 0x2E80

Align = Literal["left", "right", "centre"]
Ink = Literal["ink", "muted", "line", "accent", "soft", "usual", "warn", "surface", "band"]

#: As in `assets/footfall.css`.
_WARN: Final = "#9a4a00"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a sheet: its left and upper edge, its width and height, in points."""

    x: float
    y: float
    w: float
    h: float

    def columns(self, *shares: float, gap: float = 18.0) -> "list[Box]":
        """Return places side by side, with a gap between them."""
        free, x, made = self.w - gap * (len(shares) - 1), self.x, []
        for share in shares:
            w = free * share / sum(shares)
            made.append(Box(x, self.y, w, self.h))
            x += w + gap
        return made

    def below(self, taken: float) -> "Box":
        """Return what is left under the first `taken` points."""
        return Box(self.x, self.y + taken, self.w, max(0.0, self.h - taken))


class Paper:
    """Sheets that are drawn one after another; `finished` makes them a file. The same drawing gives the same bytes."""

    def __init__(self, *, title: str, language: str) -> None:
        _register_faces()
        self._made = io.BytesIO()
        self._canvas = Canvas(self._made, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang=language)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("Footfall")
        self._canvas.setCreator("Footfall")

    def end_sheet(self) -> None:
        """Go on with a new sheet."""
        self._canvas.showPage()

    def finished(self) -> bytes:
        """Return the file."""
        self._canvas.save()
        return self._made.getvalue()

    def text(
        self, x: float, y: float, said: str, size: float = 8.5, *, ink: Ink = "ink", bold: bool = False,
        align: Align = "left", within: float | None = None,
    ) -> float:  # fmt: skip
        """Write a line whose upper edge is `y`, shortened to `within` points; return its width."""
        said = said if within is None else shortened(said, size, within, bold=bold)
        width = width_of(said, size, bold=bold)
        x -= {"left": 0.0, "right": width, "centre": width / 2}[align]
        line = self._canvas.beginText(x, HEIGHT - y - 0.8 * size)
        line.setFillColor(_colour(ink))
        line.setStrokeColor(_colour(ink))
        for face, run in _runs(said, bold=bold):
            thick = bold and face in (_CHINESE, _RARE)
            line.setTextRenderMode(2 if thick else 0)
            line.setFont(face, size)
            line.textOut(run)
        self._canvas.saveState()
        self._canvas.setLineWidth(_BOLD_LINE * size)
        self._canvas.drawText(line)
        self._canvas.restoreState()
        return width

    def paragraph(
        self, box: Box, said: str, size: float = 8.5, *, ink: Ink = "ink", bold: bool = False, lines_max: int = 3
    ) -> float:
        """Write lines as wide as the box, as many as fit and no more than `lines_max`; return the height taken."""
        step = size * 1.35
        most = max(1, min(lines_max, int(box.h / step)))
        lines = broken(said, size, box.w, bold=bold)
        if len(lines) > most:
            lines = [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), size, box.w, bold=bold)]
        for index, line in enumerate(lines):
            self.text(box.x, box.y + index * step, line, size, ink=ink, bold=bold)
        return step * len(lines)

    def bar(self, x: float, y: float, w: float, h: float, *, ink: Ink = "accent") -> None:
        """Fill a rectangle."""
        self._canvas.setFillColor(_colour(ink))
        self._canvas.rect(x, HEIGHT - y - h, w, h, stroke=0, fill=1)

    def shade(self, x: float, y: float, w: float, h: float, strength: float) -> None:
        """Fill a rectangle with the accent, as strong as `strength` (0 to 1) over white."""
        full = _colour("accent")
        parts = (1 - strength * (1 - part) for part in (full.red, full.green, full.blue))
        self._canvas.setFillColor(Color(*parts))
        self._canvas.rect(x, HEIGHT - y - h, w, h, stroke=0, fill=1)

    def hatched(self, x: float, y: float, w: float, h: float, *, ink: Ink = "accent") -> None:
        """Hatch a rectangle, with an edge: what is estimated, or counted in part."""
        self._canvas.saveState()
        path = self._canvas.beginPath()
        path.rect(x, HEIGHT - y - h, w, h)
        self._canvas.clipPath(path, stroke=0, fill=0)
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(0.7)
        at = x - h
        while at < x + w:
            self._canvas.line(at, HEIGHT - y - h, at + h, HEIGHT - y)
            at += _HATCH_STEP
        self._canvas.restoreState()
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(0.5)
        self._canvas.rect(x, HEIGHT - y - h, w, h, stroke=1, fill=0)

    def rule(self, x: float, y: float, w: float, *, ink: Ink = "line", thick: float = 0.6) -> None:
        """Draw a level line."""
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(thick)
        self._canvas.line(x, HEIGHT - y, x + w, HEIGHT - y)


def width_of(said: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line is, in points."""
    return float(sum(pdfmetrics.stringWidth(run, face, size) for face, run in _runs(said, bold=bold)))


def shortened(said: str, size: float, within: float, *, bold: bool = False) -> str:
    """Return a line no wider than `within`, with an ellipsis where something was cut off."""
    if width_of(said, size, bold=bold) <= within:
        return said
    while said and width_of(said + _ELLIPSIS, size, bold=bold) > within:
        said = said[:-1]
    return said.rstrip() + _ELLIPSIS


def broken(said: str, size: float, within: float, *, bold: bool = False) -> list[str]:
    """Return a text as lines: broken at spaces, and anywhere between Chinese letters."""
    lines, line = [], ""
    for word in _words(said):
        if line and width_of(line + word.rstrip(), size, bold=bold) > within:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(said: str) -> Iterator[str]:
    word = ""
    for letter in said:
        wide = ord(letter) >= _CJK_FROM
        # A full stop does not begin a line.
        if wide and word and unicodedata.category(letter)[0] != "P":
            yield word
            word = ""
        word += letter
        if letter == " ":
            yield word
            word = ""
    if word:
        yield word


def _runs(said: str, *, bold: bool) -> list[tuple[str, str]]:
    """Return a line as runs of one face each; a letter that no face has is written as the nearest that one has."""
    latin = _LATIN_BOLD if bold else _LATIN
    faces = [_face(letter, latin) for letter in unicodedata.normalize("NFC", said)]
    return [(face, "".join(letter for _, letter in run)) for face, run in groupby(faces, key=lambda one: one[0])]


def _face(letter: str, latin: str) -> tuple[str, str]:
    if ord(letter) in _letters(_LATIN):
        return latin, letter
    if ord(letter) in _letters(_CHINESE):
        return _CHINESE, letter
    plain = unicodedata.normalize("NFKD", letter)[0]
    if ord(letter) < _CJK_FROM and ord(plain) in _letters(_LATIN):
        return latin, plain
    return _RARE, letter


@functools.cache
def _letters(face: str) -> frozenset[int]:
    _register_faces()
    return frozenset(pdfmetrics.getFont(face).face.charToGlyph)


@functools.cache
def _register_faces() -> None:
    for name, file in ((_LATIN, "Vera.ttf"), (_LATIN_BOLD, "VeraBd.ttf"), (_CHINESE, str(_CHINESE_FILE))):
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFont(UnicodeCIDFont(_RARE))


@functools.cache
def _colour(ink: Ink) -> Color:
    return HexColor(_WARN if ink == "warn" else getattr(PALETTES["light"], ink))
