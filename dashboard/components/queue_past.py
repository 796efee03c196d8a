"""Queues over a period: what waiting was like, in all and by the hour of the day."""

from typing import Any

from dash import html

from analytics.figure import Figure
from analytics.visits.queue_hours import QueueHour, QueuePast
from dashboard.components.attributes import aria, data
from dashboard.components.figures import empty, interval_text, joined, kpi, section, told, value_text
from dashboard.language import NOTHING, Language


def queue_panel(seen: QueuePast | None, lang: Language, *, whole: bool, files: Any = None) -> Any:
    """Return the period's waits, and a column for each hour; nothing at all in a shop without a queue.

    `whole`: the waits of all days of the period are still kept.
    """
    if seen is None:
        return ""
    title, total = lang.t("At the till: queueing"), seen.total
    if not total.joins.value:
        said = lang.t("Nobody queued in this period.") if total.joins.known else lang.t("Nothing counted yet.")
        return section(title, empty(said), name="queue-past")
    figures = (total.joins, total.mean, total.wait_p50, total.wait_p90, total.abandonment)
    cards = html.Div([kpi(lang, one, note=_between(one, lang), digits=_digits(one.definition_id))
                      for one in figures], className="kpis kpis-queue")  # fmt: skip
    top = max((one.queue.wait_p90.value or 0.0 for one in seen.hours), default=0.0)
    columns = html.Ol([_hour(one, top, lang) for one in seen.hours], className="waits")
    note = None if whole else html.P(
        lang.t("Single waits are kept for 90 days: from {day} on.", day=lang.short_day(seen.since)), className="advice"
    )  # fmt: skip
    key = [
        html.Span([html.I(className="key-bar"), lang.t("Half waited less")], className="key"),
        html.Span([html.I(className="key-long"), lang.t("Nine in ten waited less")], className="key"),
    ]
    unit = lang.t("wait, by the hour of the day")
    return section(title, html.Div([cards, columns, note]), unit=unit, aside=key, files=files, name="queue-past")


def _between(one: Figure, lang: Language) -> str | None:
    """Return the interval where both its ends do not read the same: two minutes to two minutes says nothing."""
    text = interval_text(lang, one)
    ends = text.split("–")
    return None if not text or ends[0] == ends[-1] else text


def _digits(definition_id: str) -> int | None:
    return {"queue_mean": 1, "abandonment": 0}.get(definition_id)


def _hour(one: QueueHour, top: float, lang: Language) -> Any:
    said, half, long = _said(one, lang), one.queue.wait_p50, one.queue.wait_p90
    name = html.Span(f"{one.hour % 24}")
    if half.value is None or long.value is None:
        return html.Li(
            [html.B(NOTHING if one.withheld else "·"), html.Div(className="waits-track"), name],
            className="waits-none", title=said, **aria(label=said), **data(hour=str(one.hour)),
        )  # fmt: skip
    part = "" if half.quality == "measured" else " bar-part"
    track = [
        html.I(className="waits-long", style={"height": f"{100 * long.value / top:.1f}%"}),
        html.I(className=f"waits-half{part}", style={"height": f"{100 * half.value / top:.1f}%"}),
    ]
    return html.Li(
        [
            html.B(told(lang, lang.duration(half.value), half, html.P(said))),
            html.Div(track, className="waits-track"),
            name,
        ],
        title=said, **aria(label=said), **data(hour=str(one.hour)),
    )  # fmt: skip


def _said(one: QueueHour, lang: Language) -> str:
    """Return an hour in words: waits, length, who gave up, how many queued."""
    when = f"{one.hour % 24:02d}:00–{(one.hour + 1) % 24:02d}:00"
    seen = one.queue
    if one.withheld:
        return f"{when}: {lang.t('fewer than 5 people, or next to it: withheld')}"
    if not seen.joins.value:
        nobody = lang.t("nobody queued") if seen.joins.known else lang.t("not counted")
        return f"{when}: {nobody}"
    half, long = seen.wait_p50.value, seen.wait_p90.value
    waited = lang.t("half waited under {half}, nine in ten under {long}", half=lang.duration(half or 0.0),
                    long=lang.duration(long or 0.0))  # fmt: skip
    parts = [
        None if half is None else waited,
        lang.many("{n} person queued", "{n} people queued", int(seen.joins.value)),
        lang.t("{n} in line on average", n=value_text(lang, seen.mean, digits=1)) if seen.mean.known else None,
        lang.t("{share} gave up", share=value_text(lang, seen.abandonment, digits=0))
        if seen.abandonment.known
        else None,
        lang.t("counted in part") if seen.joins.quality != "measured" else None,
    ]
    return f"{when}: {joined(parts)}"
