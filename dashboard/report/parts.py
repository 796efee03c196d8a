"""What every part of a report has: a heading with its unit, and words where there is nothing to show."""

from typing import Final

from dashboard.report.paper import Box, Paper

HEADING_PT: Final = 17.0
BODY_PT: Final = 8.0


def heading(paper: Paper, box: Box, title: str, unit: str = "") -> Box:
    """Write a part's title and unit over a hairline; return what is left below."""
    used = paper.text(box.x, box.y, title, 9.5, bold=True, within=box.w)
    if unit:
        paper.text(box.x + used + 6, box.y + 1.5, unit, 7.5, ink="muted", within=max(0.0, box.w - used - 6))
    paper.rule(box.x, box.y + 13, box.w)
    return box.below(HEADING_PT)


def nothing(paper: Paper, box: Box, said: str) -> None:
    """Write why there is nothing."""
    paper.paragraph(box.below(4), said, BODY_PT, ink="muted")
