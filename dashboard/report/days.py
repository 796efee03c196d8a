"""Visitors by day: solid where they were counted, hatched where in part or estimated, a mark at what is usual."""

from typing import Final

from dashboard.language import Language
from dashboard.reading.history import Day
from dashboard.reading.report import ReportView
from dashboard.report.paper import Box, Paper
from dashboard.report.parts import heading, nothing

_NAMED_MAX: Final = 14
_NAMED_OF_MANY: Final = 9
_NUMBERED_MAX: Final = 31
_SPARE: Final = 0.28
_KEY_PT: Final = 7.0


def draw_days(paper: Paper, box: Box, view: ReportView, lang: Language) -> None:
    """Draw a bar for each day."""
    days = view.history.days
    inner = heading(paper, box, lang.t("Visitors by day"), lang.t("people"))
    usual = [view.usual.get(day.business_date.weekday()) for day in days]
    top = max((max(day.whole, told or 0.0) for day, told in zip(days, usual, strict=True)), default=0.0)
    if not any(day.base.footfall.known or day.estimated for day in days) or not top:
        nothing(paper, inner, lang.t("Nobody counted in this period"))
        return
    _key(paper, box, days, lang, usual=any(usual))
    step, floor = inner.w / len(days), inner.y + inner.h - 12
    tall = floor - inner.y - 12
    every = 1 if len(days) <= _NAMED_MAX else -(-len(days) // _NAMED_OF_MANY)
    for index, (day, told) in enumerate(zip(days, usual, strict=True)):
        place = Box(inner.x + (index + _SPARE / 2) * step, inner.y, step * (1 - _SPARE), floor - inner.y)
        _bar(paper, place, day, told, tall / top)
        if len(days) <= _NUMBERED_MAX:
            above = max(day.whole, told or 0.0) * tall / top
            _number(paper, place, day, above, lang)
        if index % every == 0:
            name = lang.short_day(day.business_date)
            said = f"{lang.weekdays()[day.business_date.weekday()]} {name}" if len(days) <= _NAMED_MAX else name
            paper.text(place.x + place.w / 2, floor + 3, said, 7, ink="muted", align="centre")
    paper.rule(inner.x, floor, inner.w, ink="usual")


def _bar(paper: Paper, place: Box, day: Day, usual: float | None, scale: float) -> None:
    floor, counted = place.y + place.h, day.base.footfall.value
    tall, more = (counted or 0.0) * scale, day.estimated * scale
    if counted and day.torn:
        paper.bar(place.x, floor - tall, place.w, tall, ink="soft")
        paper.hatched(place.x, floor - tall, place.w, tall)
    elif counted:
        paper.bar(place.x, floor - tall, place.w, tall)
    if more:
        paper.hatched(place.x, floor - tall - more, place.w, more, ink="usual")
    if usual:
        paper.rule(place.x - 2, floor - usual * scale, place.w + 4, ink="ink", thick=1.1)


def _number(paper: Paper, place: Box, day: Day, above: float, lang: Language) -> None:
    counted = day.base.footfall.value
    size = 7.5 if place.w > 2 * _KEY_PT else 5.5
    said = "·" if counted is None else lang.number(counted)
    paper.text(place.x + place.w / 2, place.y + place.h - above - size - 3, said, size, align="centre")


def _key(paper: Paper, box: Box, days: tuple[Day, ...], lang: Language, *, usual: bool) -> None:
    """Say what the marks mean, from the right edge leftwards."""
    x, y = box.x + box.w, box.y + 1.5
    torn, estimated = any(day.torn for day in days), any(day.estimated for day in days)
    shown = [("usual", lang.t("usual for the weekday"), usual), ("estimated", lang.t("estimated"), estimated),
             ("part", lang.t("counted in part"), torn), ("whole", lang.t("counted"), True)]  # fmt: skip
    for kind, said, wanted in shown:
        if not wanted:
            continue
        x -= paper.text(x, y, said, 7.5, ink="muted", align="right") + _KEY_PT + 4
        if kind == "usual":
            paper.rule(x, y + 4, _KEY_PT, ink="ink", thick=1.1)
        elif kind == "whole":
            paper.bar(x, y, _KEY_PT, _KEY_PT)
        else:
            paper.hatched(x, y, _KEY_PT, _KEY_PT, ink="usual" if kind == "estimated" else "accent")
        x -= 10
