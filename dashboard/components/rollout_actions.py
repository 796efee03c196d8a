"""What head office may do about roll-outs: halt, widen and take back the latest, and begin one. Each asks for a reason.

All of it is rows in the database. What needs the signed files of the depot, a release's first step, is a command.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import dash_mantine_components as dmc
from dash import html

from analytics.definitions import mark
from dashboard.components.attributes import data
from dashboard.components.copying import to_copy
from dashboard.language import Language
from dashboard.set_up.office import Rollout, RolloutAction, RolloutState, Standard

#: What a button of the page does.
Deed: TypeAlias = RolloutAction | Literal["widen", "start"]

#: Shares to begin with and to widen to.
SHARES: Final = (0.01, 0.1, 0.5, 1.0)
_LASTS: Final[tuple[RolloutState, ...]] = ("running", "paused", "stopped")
#: What may be done in each state, by its button and what it means.
_ACTIONS: Final[dict[RolloutAction, tuple[str, str, tuple[RolloutState, ...]]]] = {
    "pause": (mark("Pause"), mark("No further box gets it for now. Boxes that have it keep it."), ("running",)),
    "resume": (
        mark("Resume"),
        mark("It goes on. Where it has stopped by itself, the boxes that failed have their turn again."),
        ("paused", "stopped"),
    ),
    "end": (
        mark("End"),
        mark("Boxes that have it keep it, nobody else gets it. It cannot be resumed after that."),
        _LASTS,
    ),
    "back": (
        mark("Take back"),
        mark("All of its boxes get what they had before. Each applies that anew, which takes it up to a minute."),
        (*_LASTS, "finished", "ended"),
    ),
}
_RELEASE: Final = "footfall release rollout NAME VERSION --to 1%"


def rollout_actions(latest: Rollout | None, standards: Sequence[Standard], lang: Language) -> Any:
    """Return what may be done about the latest roll-out and what can be begun, each behind a second thought."""
    deeds = [] if latest is None else _about(latest, lang)
    return html.Div([*deeds, *_beginnings(latest, standards, lang)], className="act")


def _about(one: Rollout, lang: Language) -> list[Any]:
    more = [share for share in SHARES if share > one.share]
    widen = _widen(one, more, lang) if more and one.state in ("running", "paused") else None
    rest = [
        _deed(action, one.rollout_id, (lang.t(name), one.name), [lang.t(means)], lang)
        for action, (name, means, states) in _ACTIONS.items()
        if one.state in states
    ]
    return [each for each in (widen, *rest) if each is not None]


def _widen(one: Rollout, more: Sequence[float], lang: Language) -> Any:
    means = lang.t("More boxes get it, a few at once; those that have it keep it. It is at {share} now.",
                   share=lang.percent(one.share))  # fmt: skip
    return _deed("widen", one.rollout_id, (lang.t("Widen"), one.name), [means], lang, _shares("widen", more, lang))


def _beginnings(latest: Rollout | None, standards: Sequence[Standard], lang: Language) -> list[Any]:
    """Return the ways to begin one; while one is on its way only a newer version of the same standard takes its place.

    None at all while it is another that is on its way.
    """
    on_its_way = latest is not None and latest.state in _LASTS
    fit = [one for one in standards if not on_its_way or _replaces(one, latest)]
    found = [_start(fit, latest if on_its_way else None, lang)] if fit else []
    return found if on_its_way else [*found, _release(lang)]


def _replaces(one: Standard, latest: Rollout | None) -> bool:
    if latest is None or latest.part != "standard":
        return False
    name, _, number = latest.name.rpartition(" ")
    return one.name == name and one.number > int(number)


def _start(fit: Sequence[Standard], before: Rollout | None, lang: Language) -> Any:
    choices = [
        {"value": f"{one.name}:{one.number}", "label": f"{one.name} {one.number} · {one.at:%Y-%m-%d} · {one.by}"}
        for one in fit
    ]
    which = dmc.Select(
        id={"rollout-standard": "start"}, label=lang.t("Standard"), data=choices, value=choices[0]["value"],
        allowDeselect=False, searchable=True,
    )  # fmt: skip
    means = [lang.t("So many of the boxes get it, a few at once; it stops by itself when too many fail.")]
    if before is not None:
        means.append(lang.t("The roll-out of {name} ends with that.", name=before.name))
    return _deed(
        "start", 0, (lang.t("Roll out a standard"), ""), means, lang, html.Div(which, className="inline"),
        _shares("start", SHARES, lang),
    )  # fmt: skip


def _release(lang: Language) -> Any:
    why = lang.t(
        "A model or a version of the application lies signed in the depot, which is not within reach of this "
        "dashboard. On the server, with its name and version:"
    )
    way = html.Div([html.P(why), html.P(to_copy(_RELEASE, lang)), html.P(lang.t("After that it is widened here."))])
    return html.Details(
        [html.Summary(lang.t("Roll out a release")), way], className="sure by-command", **data(deed="release")
    )


def _shares(deed: Deed, shares: Sequence[float], lang: Language) -> Any:
    choices = [
        {"value": str(share), "label": lang.t("All boxes") if share == 1.0 else lang.percent(share)} for share in shares
    ]
    return dmc.SegmentedControl(id={"rollout-share": deed}, data=choices, value=choices[0]["value"])


def _deed(
    deed: Deed, rollout_id: int, words: tuple[str, str], means: Sequence[str], lang: Language, *fields: Any
) -> Any:
    name, subject = words
    why = dmc.TextInput(
        id={"rollout-why": deed}, label=lang.t("Why"), description=lang.t("Is written down with your name")
    )
    button = html.Button(
        lang.t("{action}: {name}", action=name, name=subject) if subject else lang.t("Begin"),
        id={"rollout-do": deed, "rollout": rollout_id},
        className="button danger" if deed == "back" else "button",
    )
    return html.Details(
        [html.Summary(name), html.Div([*map(html.P, means), *fields, html.Div([why, button], className="inline")])],
        className="sure",
        **data(deed=deed),
    )
