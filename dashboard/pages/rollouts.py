"""Roll-outs: standards, models and versions on their way to the boxes, and the way to begin, widen and halt one."""

from dataclasses import dataclass
from typing import Any, Final, assert_never

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components.device_tabs import device_tabs
from dashboard.components.figures import empty
from dashboard.components.file_links import file_links
from dashboard.components.rollout_actions import Deed, rollout_actions
from dashboard.components.rollout_card import STATES, rollout_card
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.errors import SetUpError
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, changed
from dashboard.routes import Route
from dashboard.set_up.desk import Desk
from dashboard.set_up.office import Rollout

TICK_MS: Final = 5000


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be done about a roll-out, as filled in; `share` and `standard` as texts, "": no field."""

    deed: Deed
    rollout_id: int
    why: str
    share: str = ""
    standard: str = ""


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page.

    Raises:
        ForbiddenError: the viewer may not set up boxes.
    """
    services.reading.require("set_up")
    tabs = device_tabs(here, services.reading.who(), lang)
    if not services.desk.staffed:
        return html.Div(
            [tabs, html.H1(lang.t("Roll-outs")), wrong("office", lang)], className="page set-up-page rollouts-page"
        )
    parts = sections(services, lang)
    _, prints = changed(parts, None)
    return html.Div(
        [
            dcc.Interval(id="rollouts-tick", interval=TICK_MS),
            dcc.Store(id="rollouts-shown", data={"lang": lang.code}),
            dcc.Store(id="rollouts-prints", data=prints),
            tabs,
            html.Div(parts["answer"], id="rollouts-answer", className="answer"),
            html.Div(id="rollouts-result"),
            html.Div(
                [
                    html.Div(parts["actions"], id="rollouts-actions"),
                    html.Div(file_links(here, "rollouts", lang), className="table-file"),
                ],
                className="rollouts-actions",
            ),
            html.Div(parts["list"], id="rollouts-list", className="rollouts"),
        ],
        className="page set-up-page rollouts-page",
    )


def sections(services: Services, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    found = services.desk.rollouts()
    # Only the latest can be changed. Apart from the cards: nothing is drawn anew under somebody's hands.
    latest, desk = found[0] if found else None, services.desk
    actions = rollout_actions(latest, desk.standards(), lang) if desk.rolls_out else None
    cards = [rollout_card(one, lang) for one in found] or empty(
        lang.t("Nothing was rolled out yet."),
        html.P(lang.t("A standard: {command}", command="footfall config rollout start NAME --to 1%")),
        html.P(lang.t("A release: {command}", command="footfall release rollout NAME VERSION --to 1%")),
    )
    return {"answer": _answer(found, lang), "actions": actions, "list": cards}


def register(app: Dash, services: Services) -> None:
    """Register what keeps the page fresh, and its buttons."""

    @app.callback(
        Output("rollouts-answer", "children"),
        Output("rollouts-actions", "children"),
        Output("rollouts-list", "children"),
        Output("rollouts-prints", "data"),
        Input("rollouts-tick", "n_intervals"),
        State("rollouts-shown", "data"),
        State("rollouts-prints", "data"),
        prevent_initial_call=True,
    )
    def refresh(_tick: int, shown: dict[str, str], prints: Prints) -> list[Any]:
        return refreshed(services, shown, prints)

    @app.callback(
        Output("rollouts-result", "children"),
        Output("rollouts-answer", "children", allow_duplicate=True),
        Output("rollouts-actions", "children", allow_duplicate=True),
        Output("rollouts-list", "children", allow_duplicate=True),
        Output("rollouts-prints", "data", allow_duplicate=True),
        Input({"rollout-do": ALL, "rollout": ALL}, "n_clicks"),
        *(
            State({field: ALL}, property_)
            for field in ("rollout-why", "rollout-share", "rollout-standard")
            for property_ in ("value", "id")
        ),
        State("rollouts-shown", "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], *states: Any) -> list[Any]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return [no_update] * 5
        *fields, shown = states
        chosen = ctx.triggered_id
        why, share, standard = (
            _filled(values, ids, chosen["rollout-do"]) for values, ids in zip(fields[::2], fields[1::2], strict=True)
        )
        return acted(services, Wish(chosen["rollout-do"], int(chosen["rollout"]), why, share, standard), shown)


def refreshed(services: Services, shown: dict[str, str], prints: Prints | None) -> list[Any]:
    """Return what changed, and the prints; while the database is away what is there stays."""
    try:
        parts, fresh = changed(sections(services, language_of(shown["lang"])), prints)
    except EXPECTED:
        return [no_update] * 4
    return [*parts, fresh if fresh != prints else no_update]


def acted(services: Services, wish: Wish, shown: dict[str, str]) -> list[Any]:
    """Change or begin a roll-out; return what to say, and how it stands then."""
    lang = language_of(shown["lang"])
    if not wish.why:
        return [wrong("rollout_why", lang)] + [no_update] * 4
    try:
        _do(services.desk, wish)
        parts, fresh = changed(sections(services, lang), None)
    except EXPECTED as error:
        return [problem(error, lang)] + [no_update] * 4
    told = lang.t("Done: boxes hear of it within seconds, those that are offline when they are back.")
    return [said(told), *parts, fresh]


def _do(desk: Desk, wish: Wish) -> None:
    match wish.deed:
        case "start":
            desk.start_rollout(wish.standard, _share(wish.share), wish.why)
        case "widen":
            desk.widen_rollout(wish.rollout_id, _share(wish.share), wish.why)
        case "pause" | "resume" | "end" | "back":
            desk.change_rollout(wish.rollout_id, wish.deed, wish.why)
        case _:
            assert_never(wish.deed)


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SetUpError(f"expected a share, got {text!r}", column="rollout_share") from error


def _filled(values: list[str | None], ids: list[dict[str, str]], deed: str) -> str:
    """Return what stands in the field that belongs to a button; "" where there is none."""
    found = next((value for value, id_ in zip(values, ids, strict=True) if deed in id_.values()), None)
    return (found or "").strip()


def _answer(found: list[Rollout], lang: Language) -> Any:
    latest = found[0] if found else None
    if latest is None:
        return html.H1(lang.t("Roll-outs"))
    head = html.H1(f"{latest.name} {lang.t(STATES[latest.state])}")
    lead = lang.t("{n} of {all} boxes have it", n=lang.number(latest.runs), all=lang.number(latest.boxes))
    failed = len(latest.failed)
    spans = [html.Span(lead)]
    if failed:
        spans.append(html.Span(lang.many("{n} did not take it", "{n} did not take it", failed)))
    return [head, html.P(spans, className="lead")]
