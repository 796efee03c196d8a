"""The words of a report: what changed and why, staff, what needs somebody, and how far to trust the numbers."""

from typing import Final

from analytics.definitions import DEFINITIONS
from analytics.figure import MEASURED_FROM
from analytics.quality.reliance import LineDays, counted_share
from analytics.staff.staffing import Staffing
from dashboard.components.attention import day_hours, finding_texts
from dashboard.components.figures import counted_text, interval_text
from dashboard.components.period_picker import against
from dashboard.components.staffing_card import staffing_words
from dashboard.components.why_changed import change_sentence, effects_text
from dashboard.language import Language
from dashboard.reading.history import HistoryView
from dashboard.reading.report import ReportView
from dashboard.report.paper import Box, Paper
from dashboard.report.parts import BODY_PT, heading, nothing

_GAP_PT: Final = 3.0
#: Of hours so many fit into two lines.
_HOURS_MAX: Final = 2
_FOUND_MAX: Final = 3
_LINES_MAX: Final = 4
_STRIP_PT: Final = 9.0


def draw_changes(paper: Paper, box: Box, seen: HistoryView, lang: Language) -> None:
    """Say by how much net sales changed, and what of it came from visitors, conversion and basket."""
    inner = heading(paper, box, lang.t("What changed and why"), seen.store.currency)
    if seen.why is None:
        nothing(paper, inner, lang.t("No sales to compare with."))
        return
    head = change_sentence(seen.why, seen.store.currency, against(seen.name, lang), lang)
    taken = paper.paragraph(inner, head, BODY_PT, bold=True, lines_max=2) + _GAP_PT
    paper.paragraph(inner.below(taken), effects_text(seen.why, seen.store.currency, lang), BODY_PT, lines_max=3)


def draw_staffing(paper: Paper, box: Box, seen: Staffing, lang: Language) -> None:
    """Say which hours want more staff, and which have some to spare."""
    inner = heading(paper, box, lang.t("Staff against visitors"), lang.t("four weeks up to then"))
    if not seen.staff_hours.known:
        nothing(paper, inner, lang.t("Nobody's hours are known here."))
        return
    told = staffing_words(seen, lang, most=_HOURS_MAX)
    if not told and seen.hours:
        needed = lang.t("needs 6 of a weekday in 8 weeks")
        nothing(paper, inner, f"{lang.t(DEFINITIONS[seen.star_target.definition_id].name)}: {needed}")
    elif not told:
        nothing(paper, inner, lang.t("A usual week needs three weeks that were counted."))
    y = 0.0
    for title, text in told:
        if title:
            y += paper.paragraph(inner.below(y), title, BODY_PT, bold=True, lines_max=1)
        y += paper.paragraph(inner.below(y), text, BODY_PT, lines_max=2 if len(told) > 1 else 4) + _GAP_PT


def draw_needs(paper: Paper, box: Box, view: ReportView, lang: Language) -> None:
    """Say what needs somebody now, the most urgent first."""
    live = view.live
    local = live.now.astimezone(live.store.zone)
    at = f"{lang.short_day(local.date())} {local:%H:%M}"
    inner = heading(paper, box, lang.t("What needs you"), lang.t("as of {at}", at=at))
    seen = live.store_day
    if seen is None or not seen.findings:
        nothing(paper, inner, lang.t("Nothing needs you."))
        return
    y, hours = 0.0, day_hours(seen, live.store, lang)
    for finding in seen.findings[:_FOUND_MAX]:
        title, advice = finding_texts(finding, live.now, live.store, lang, hours=hours)
        y += paper.paragraph(inner.below(y), title, BODY_PT, bold=True, lines_max=2)
        y += paper.paragraph(inner.below(y), advice, 7.5, ink="muted", lines_max=2) + _GAP_PT
    left = len(seen.findings) - _FOUND_MAX
    if left > 0:
        paper.paragraph(inner.below(y), lang.many("and {n} more", "and {n} more", left), 7.5, ink="muted", lines_max=1)


def draw_trust(paper: Paper, box: Box, view: ReportView, lang: Language) -> None:
    """Say how much was counted, door by door, what is estimated, and what the audits make of it."""
    inner = heading(paper, box, lang.t("How far to trust it"), lang.t("share of the opening time"))
    if not view.lines:
        nothing(paper, inner, lang.t("No past day yet: the first finished day shows here."))
        return
    y = 0.0
    for line in view.lines[:_LINES_MAX]:
        _strip(paper, inner.below(y), line, view.live.store.line_called(line.line), lang)
        y += _STRIP_PT + 4
    left = len(view.lines) - _LINES_MAX
    notes = [lang.many("and {n} more door", "and {n} more doors", left)] if left > 0 else []
    notes.append(lang.t("{share} of the opening time counted", share=counted_text(lang, counted_share(view.lines))))
    estimated, hours = (sum(values) for values in zip(*((one.estimated, one.estimated_h) for one in view.lines),
                                                      strict=True))  # fmt: skip
    if hours:
        notes.append(lang.t("≈ {n} visitors estimated for {hours} h without a camera", n=lang.number(estimated),
                            hours=lang.number(hours, 1)))  # fmt: skip
    visitors = view.history.compared.now.footfall
    if visitors.low is not None:
        notes.append(lang.t("{range} visitors in truth, by the doors' audits", range=interval_text(lang, visitors)))
    else:
        notes.append(lang.t("The doors were not audited enough to give a range."))
    paper.paragraph(inner.below(y), " · ".join(notes), 7.5, ink="muted", lines_max=4)


def _strip(paper: Paper, place: Box, line: LineDays, called: str, lang: Language) -> None:
    """Draw a door's days as boxes that are filled as far as they were counted."""
    name, days, share = place.columns(0.28, 0.54, 0.18, gap=6)
    paper.text(name.x, name.y + 0.5, called, 7.5, within=name.w)
    step = days.w / max(1, len(line.days))
    for index, day in enumerate(line.days):
        x, w = days.x + index * step, max(0.8, step - 1)
        whole = day.share >= MEASURED_FROM
        tall = _STRIP_PT * (1.0 if whole else day.share)
        paper.bar(x, days.y, w, _STRIP_PT, ink="band")
        paper.bar(x, days.y + _STRIP_PT - tall, w, tall, ink="accent" if whole else "soft")
        if day.estimated_h:
            paper.hatched(x, days.y, w, _STRIP_PT - tall, ink="usual")
    paper.text(share.x + share.w, share.y + 0.5, counted_text(lang, counted_share([line])), 7.5, bold=True,
               align="right")  # fmt: skip
