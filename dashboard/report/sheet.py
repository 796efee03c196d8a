"""A store's report: one sheet of A4 over any period, in the order in which somebody reads it.

Every figure is the Look back page's own; what is withheld there is withheld here.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from analytics.periods import Period
from dashboard.components.period_picker import against
from dashboard.components.sentence import history_words
from dashboard.language import Language
from dashboard.reading.report import ReportView
from dashboard.report.days import draw_days
from dashboard.report.hours import draw_hours
from dashboard.report.paper import HEIGHT, MARGIN, WIDTH, Box, Paper
from dashboard.report.reasons import draw_changes, draw_needs, draw_staffing, draw_trust
from dashboard.report.stages import draw_funnel, draw_sales

_WIDE: Final = WIDTH - 2 * MARGIN
_WEEK_DAYS: Final = 7
_SEPARATOR: Final = " · "


def report_pdf(views: Sequence[ReportView], lang: Language, *, title: str | None = None, link: str = "") -> bytes:
    """Return a PDF with a sheet for each view; `link` is the dashboard's address, where it is known."""
    named = title or lang.t("Store report")
    if len(views) == 1:
        named = f"{views[0].history.store.name}{_SEPARATOR}{period_words(views[0].history.period, lang)}"
    paper = Paper(title=named, language=lang.tag)
    for view in views:
        _draw(paper, view, lang, link)
        paper.end_sheet()
    return paper.finished()


def period_words(shown: Period, lang: Language) -> str:
    """Return the days, and the week's number where they are one."""
    first, last = lang.short_day(shown.first), lang.short_day(shown.last)
    if shown.first == shown.last:
        days = _day(shown.first, lang)
    elif shown.first.year == shown.last.year:
        days = lang.t("{first} – {last} {year}", first=first, last=last, year=shown.last.year)
    else:
        days = f"{_day(shown.first, lang)} – {_day(shown.last, lang)}"
    if (shown.last - shown.first).days + 1 == _WEEK_DAYS and shown.first.weekday() == 0:
        return lang.t("Week {n}, {days}", n=shown.first.isocalendar().week, days=days)
    return days


def _day(day: date, lang: Language) -> str:
    return lang.t("{day} {year}", day=lang.short_day(day), year=day.year)


def _draw(paper: Paper, view: ReportView, lang: Language, link: str) -> None:
    seen = view.history
    y = _head(paper, view, lang)
    y += _answer(paper, view, lang, Box(MARGIN, y, _WIDE, 60)) + 10
    draw_days(paper, Box(MARGIN, y, _WIDE, 128), view, lang)
    y += 142
    left, right = Box(MARGIN, y, _WIDE, 136).columns(0.58, 0.42)
    draw_funnel(paper, left, seen.funnel, lang)
    draw_sales(paper, right, seen.compared.now, seen.store, lang)
    y += 150
    draw_hours(paper, Box(MARGIN, y, _WIDE, 136), seen, lang)
    y += 150
    left, right = Box(MARGIN, y, _WIDE, 84).columns(0.5, 0.5)
    draw_changes(paper, left, seen, lang)
    draw_staffing(paper, right, view.staffing, lang)
    y += 98
    left, right = Box(MARGIN, y, _WIDE, HEIGHT - MARGIN - 22 - y).columns(0.5, 0.5)
    draw_needs(paper, left, view, lang)
    draw_trust(paper, right, view, lang)
    _foot(paper, view, lang, link)


def _head(paper: Paper, view: ReportView, lang: Language) -> float:
    seen = view.history
    paper.text(MARGIN, MARGIN, seen.store.name, 17, bold=True, within=_WIDE * 0.52)
    paper.text(WIDTH - MARGIN, MARGIN + 2, period_words(seen.period, lang), 10, align="right", within=_WIDE * 0.46)
    paper.text(WIDTH - MARGIN, MARGIN + 16, seen.store.region or "", 8, ink="muted", align="right", within=_WIDE * 0.46)
    paper.rule(MARGIN, MARGIN + 30, _WIDE, ink="ink", thick=0.8)
    return MARGIN + 38


def _answer(paper: Paper, view: ReportView, lang: Language, box: Box) -> float:
    head, parts = history_words(view.history.compared, lang, against(view.history.name, lang))
    paper.text(box.x, box.y, head, 15, bold=True, within=box.w)
    taken = 21.0
    if parts:
        taken += paper.paragraph(box.below(taken), _SEPARATOR.join(parts), 9.5, ink="muted", lines_max=2)
    return taken


def _foot(paper: Paper, view: ReportView, lang: Language, link: str) -> None:
    y, seen = HEIGHT - MARGIN - 10, view.history
    paper.rule(MARGIN, y - 5, _WIDE)
    made = lang.t("As known on {at}", at=f"{seen.now.astimezone(seen.store.zone):%Y-%m-%d %H:%M}")
    note = lang.t("Ranges hold the truth 95 times in 100. Hatched: estimated, or counted in part.")
    paper.text(MARGIN, y, made + _SEPARATOR + note, 7, ink="muted", within=_WIDE * 0.78)
    paper.text(WIDTH - MARGIN, y, link.removeprefix("https://") or "Footfall", 7, ink="muted", align="right",
               within=_WIDE * 0.2)  # fmt: skip
