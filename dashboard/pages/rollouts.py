"""Roll-outs: standards, models and versions on their way to the boxes, how far they are, and the way to halt one."""

from typing import Any, Final

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components.device_tabs import device_tabs
from dashboard.components.figures import empty
from dashboard.components.file_links import file_links
from dashboard.components.rollout_card import STATES, rollout_actions, rollout_card
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import Language, language_of
from dashboard.pages.page import Prints, Services, changed
from dashboard.routes import Route
from dashboard.set_up.office import Rollout

TICK_MS: Final = 5000


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
            html.Div(file_links(here, "rollouts", lang), className="table-file"),
            html.Div(id="rollouts-result"),
            html.Div(parts["actions"], id="rollouts-actions", className="rollouts-actions"),
            html.Div(parts["list"], id="rollouts-list", className="rollouts"),
        ],
        className="page set-up-page rollouts-page",
    )


def sections(services: Services, lang: Language) -> dict[str, Any]:
    """Return what stands in each place."""
    found = services.desk.rollouts()
    # Only the latest can be changed. Apart from the cards: nothing is drawn anew under somebody's hands.
    actions = rollout_actions(found[0], lang) if found and services.reading.may("accounts") else None
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
        State({"rollout-why": ALL}, "value"),
        State({"rollout-why": ALL}, "id"),
        State("rollouts-shown", "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], whys: list[str], ids: list[dict[str, str]], shown: dict[str, str]) -> list[Any]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return [no_update] * 5
        chosen = ctx.triggered_id
        why = next((why for why, id_ in zip(whys, ids, strict=True) if id_["rollout-why"] == chosen["rollout-do"]), "")
        return acted(services, chosen, (why or "").strip(), shown)


def refreshed(services: Services, shown: dict[str, str], prints: Prints | None) -> list[Any]:
    """Return what changed, and the prints; while the database is away what is there stays."""
    try:
        parts, fresh = changed(sections(services, language_of(shown["lang"])), prints)
    except EXPECTED:
        return [no_update] * 4
    return [*parts, fresh if fresh != prints else no_update]


def acted(services: Services, chosen: dict[str, Any], why: str, shown: dict[str, str]) -> list[Any]:
    """Change a roll-out; return what to say, and how it stands then."""
    lang = language_of(shown["lang"])
    if not why:
        return [wrong("rollout_why", lang)] + [no_update] * 4
    try:
        services.desk.change_rollout(int(chosen["rollout"]), chosen["rollout-do"], why)
        parts, fresh = changed(sections(services, lang), None)
    except EXPECTED as error:
        return [problem(error, lang)] + [no_update] * 4
    told = lang.t("Done: boxes hear of it within seconds, those that are offline when they are back.")
    return [said(told), *parts, fresh]


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
