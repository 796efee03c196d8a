"""The day map on paper: visitors by weekday and hour, darker where more came."""

from typing import Final

from dashboard.components.day_map import SHADES, Field, busiest_words, fields
from dashboard.language import NOTHING, Language
from dashboard.reading.history import HistoryView
from dashboard.report.paper import Box, Paper
from dashboard.report.parts import heading, nothing

_NAME_PT: Final = 34.0
_HEAD_PT: Final = 11.0
_ROW_MAX_PT: Final = 14.5
#: Shades as (ink, share of full strength); the last is written on in white.
_INKS: Final = (0.0, 0.16, 0.34, 0.55, 0.82)
_WHITE_FROM: Final = 3


def draw_hours(paper: Paper, box: Box, seen: HistoryView, lang: Language) -> None:
    """Draw a row for each weekday, and say which hour is the busiest."""
    found = fields(seen.cells, seen.store)
    inner = heading(paper, box, lang.t("Busy hours of the week"), lang.t("visitors an hour, on average"))
    said = busiest_words(found, lang)
    if said is None:
        few = any(field.withheld for field in found.values())
        nothing(paper, inner, lang.t("fewer than 5 people, or next to it: withheld") if few else
                lang.t("Nothing counted yet."))  # fmt: skip
        return
    paper.text(box.x + box.w, box.y + 1.5, said, 7.5, align="right", within=box.w * 0.55)
    hours = range(min(hour for _, hour in found), max(hour for _, hour in found) + 1)
    days, top = sorted({day for day, _ in found}), max(field.visitors or 0.0 for field in found.values())
    step, tall = (inner.w - _NAME_PT) / len(hours), min(_ROW_MAX_PT, (inner.h - _HEAD_PT) / len(days))
    for column, hour in enumerate(hours):
        paper.text(inner.x + _NAME_PT + (column + 0.5) * step, inner.y, f"{hour % 24}", 7, ink="muted", align="centre")
    for row, day in enumerate(days):
        y = inner.y + _HEAD_PT + row * tall
        paper.text(inner.x, y + 3, lang.weekdays()[day], 7.5)
        for column, hour in enumerate(hours):
            place = Box(inner.x + _NAME_PT + column * step, y, step - 1, tall - 1)
            _cell(paper, place, found.get((day, hour)), top, lang)


def _cell(paper: Paper, place: Box, field: Field | None, top: float, lang: Language) -> None:
    if field is None:
        return
    middle, line = place.x + place.w / 2, place.y + (place.h - 7) / 2 + 0.5
    if field.visitors is None:
        paper.text(middle, line, NOTHING if field.withheld else "·", 7, ink="muted", align="centre")
        return
    shade = min(SHADES, int(SHADES * field.visitors / top)) if top else 0
    paper.shade(place.x, place.y, place.w, place.h, _INKS[shade])
    if field.counted < field.times:
        paper.hatched(place.x, place.y, place.w, place.h, ink="surface" if shade >= _WHITE_FROM else "usual")
    said = lang.number(field.visitors)
    paper.text(middle, line, said, 7, ink="surface" if shade >= _WHITE_FROM else "ink", align="centre")
