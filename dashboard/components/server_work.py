"""The server's own work that is not done in time, for those who may mend it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from analytics.definitions import mark
from analytics.fleet.jobs import JobKind, UnwellJob
from dashboard.components.attributes import data
from dashboard.language import Language

_WORK: Final[dict[JobKind, str]] = {
    "maintain": mark("Daily maintenance of the database"),
    "refresh": mark("Refreshing the rollup {of}"),
    "compress": mark("Compressing {of}"),
    "delete": mark("Deleting old rows of {of}"),
    "other": mark("The database's job {of}"),
}


def server_work(jobs: Sequence[UnwellJob], now: datetime, lang: Language) -> list[Any]:
    """Return a list with an entry per job; nothing where all is done."""
    return [html.Ul([_item(job, now, lang) for job in jobs], className="findings server-work")] if jobs else []


def _item(job: UnwellJob, now: datetime, lang: Language) -> Any:
    work = lang.t(_WORK[job.kind], of=job.of)
    if job.error is not None:
        said = lang.t("{work} fails", work=work)
    elif job.done_at is None:
        said = lang.t("{work} was never done", work=work)
    else:
        age = lang.duration((now - job.done_at).total_seconds())
        said = lang.t("{work} was last done {age} ago", work=work, age=age)
    advice = lang.t("Figures may lag behind, and rows stay longer than they should. On the server: footfall db jobs")
    text = [html.B(said), html.Span(advice, className="advice")]
    return html.Li([html.Span("!", className="sign act"), html.Div(text)], **data(job=job.kind))
