"""How far today's numbers can be relied on, in one line: the Trust page shows what stands behind it."""

from typing import Any

from dash import html

from analytics.figure import MEASURED_FROM, counted
from dashboard.components.attributes import data
from dashboard.components.figures import counted_text, told
from dashboard.language import Language
from dashboard.reading.live import LiveView


def trust_line(view: LiveView, lang: Language) -> Any:
    """Return what was counted so far, how many lines were audited and how many past days changed lately."""
    seen = view.store_day
    if seen is None:
        return ""
    share, lines = seen.base.footfall.completeness, seen.trust.lines
    audited = sum(line.last_at is not None for line in lines)
    changed = len({one.business_date for one in view.restated})
    parts = [
        told(lang, lang.t("{share} of the opening time counted", share=counted_text(lang, share)),
             counted(share, as_of=seen.base.footfall.as_of)) if share is not None else None,
        lang.t("{n} of {all} lines audited", n=audited, all=len(lines)) if lines else None,
        lang.many("{n} past day changed lately", "{n} past days changed lately", changed) if changed else None,
        lang.t("whether past days changed cannot be read at the moment") if "restated" in view.failed else None,
    ]  # fmt: skip
    torn = share is not None and share < MEASURED_FROM
    mark = html.I(className="half" if torn else "full") if share is not None else None
    return html.Span([mark, *(html.Span(part) for part in parts if part)], **data(line="trust"))
