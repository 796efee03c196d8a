"""A roll-out as a card: what it is, how many boxes have it, which failed and why, and what to do next."""

from datetime import UTC, datetime
from typing import Any, Final

from dash import html

from analytics.definitions import mark
from dashboard.components.attributes import aria, data
from dashboard.components.figures import scrolling, section
from dashboard.components.rollout_words import written_words
from dashboard.language import NOTHING, Language
from dashboard.set_up.office import Failed, Rollout, RolloutState

STATES: Final[dict[RolloutState, str]] = {
    "running": mark("under way"),
    "paused": mark("paused"),
    "stopped": mark("has stopped by itself"),
    "finished": mark("finished"),
    "ended": mark("was ended"),
    "taken back": mark("was taken back"),
}
PARTS_NAMES: Final = {"standard": mark("Standard"), "model": mark("Model"), "application": mark("Application")}
_NEXT: Final[dict[RolloutState, str]] = {
    "running": mark("It goes on by itself, and stops when more boxes than {most} fail."),
    "paused": mark("No further box gets it; who has it keeps it. Resume it, end it, or take it back."),
    "stopped": mark(
        "Too many boxes did not take it, so nobody else gets it. Read why below; then resume it, or take it back."
    ),
    "finished": mark("Every box has decided. Nothing to do."),
    "ended": mark("Who has it keeps it, nobody else gets it. Nothing to do."),
    "taken back": mark("Its boxes have again what they had before. Nothing to do."),
}
_WIDER: Final = mark(
    "It goes on by itself, and stops when more boxes than {most} fail. If all is well, head office widens it."
)
_FINISHED_FAILED: Final = mark("Every box has decided, but not all took it: read why below.")
_OUTCOMES: Final = {"refused": mark("not taken"), "rolled_back": mark("taken back")}


def rollout_card(one: Rollout, lang: Language) -> Any:
    """Return the card."""
    parts = [
        html.P([html.B(_stage(one, lang)), " · ", _since(one, lang)]),
        _bar(one, lang),
        html.P(_next(one, lang), className="advice"),
        html.P(_last(one, lang), className="advice"),
        _failed(one.failed, lang) if one.failed else None,
    ]
    title = f"{lang.t(PARTS_NAMES[one.part])} {one.name}"
    state = html.Span(lang.t(STATES[one.state]), className=f"rollout-state {one.state.replace(' ', '-')}")
    return html.Div(
        section(title, html.Div(parts), aside=state, name="rollout"),
        **data(rollout=str(one.rollout_id), state=one.state),
    )


def _stage(one: Rollout, lang: Language) -> str:
    whose = (
        lang.t("of all boxes")
        if one.stores is None
        else lang.t("of the boxes of {stores}", stores=lang.listed(one.stores))
    )
    return lang.t(
        "{share} {whose}: {n} of {all}",
        share=lang.percent(one.share), whose=whose, n=lang.number(one.boxes), all=lang.number(one.eligible),
    )  # fmt: skip


def _since(one: Rollout, lang: Language) -> str:
    at = _moment(one.started_at)
    return lang.t("begun {at} by {who}", at=at, who=one.started_by or NOTHING)


def _last(one: Rollout, lang: Language) -> str:
    who = one.changed_by or lang.t("by itself")
    at = _moment(one.changed_at)
    return f"{at} · {who}" + (f": {written_words(one.said, lang)}" if one.said else "")


def _moment(at: datetime) -> str:
    """Return it in UTC: boxes of many time zones are concerned."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _next(one: Rollout, lang: Language) -> str:
    if one.state == "finished" and one.failed:
        return lang.t(_FINISHED_FAILED)
    text = _WIDER if one.state == "running" and one.share < 1 else _NEXT[one.state]
    return lang.t(text, most=lang.number(one.failures_max))


def _bar(one: Rollout, lang: Language) -> Any:
    refused = sum(each.outcome == "refused" for each in one.failed)
    counts = (
        ("runs", lang.t("have it"), one.runs),
        ("pending", lang.t("try it"), one.pending),
        ("waiting", lang.t("wait for their turn or are offline"), one.waiting),
        ("refused", lang.t("did not take it"), refused),
        ("rolled-back", lang.t("took it back"), len(one.failed) - refused),
    )
    # What it was that a box shows by its place and its words, not by colour alone.
    stretches = [
        html.Span(className=f"stretch {name}", style={"flexGrow": n}, title=f"{lang.number(n)} {words}")
        for name, words, n in counts
        if n
    ]
    legend = [
        html.Li([html.I(className=f"stretch {name}"), html.B(lang.number(n)), f" {words}"], **data(count=name))
        for name, words, n in counts
    ]
    return html.Div(
        [
            html.Div(stretches, className="rollout-bar", **aria(hidden="true")),
            html.Ul(legend, className="rollout-counts"),
        ]
    )


def _failed(failed: tuple[Failed, ...], lang: Language) -> Any:
    head = [lang.t("Box"), lang.t("State"), lang.t("Why, in its own words")]
    rows = [
        html.Tr(
            [
                html.Td(f"{each.store}/{each.device}"),
                html.Td(lang.t(_OUTCOMES[each.outcome])),
                html.Td(each.reason or NOTHING),
            ]
        )
        for each in failed
    ]
    table = html.Table([html.Thead(html.Tr([html.Th(each) for each in head])), html.Tbody(rows)], className="preview")
    return scrolling(table)
