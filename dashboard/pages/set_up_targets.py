"""Set-up of a store's targets: visitors, conversion and net sales by weekday, from a day on."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import dash_mantine_components as dmc
from babel.dates import get_day_names
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from analytics.definitions import mark
from analytics.stores import Store
from analytics.visits.targets import METRICS, WEEKDAYS, Metric, Plan, Targets
from dashboard.components.attributes import aria, data
from dashboard.components.calendar import calendar
from dashboard.components.figures import section
from dashboard.components.targets import amount
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import NOTHING, Language, language_of
from dashboard.pages.page import Services
from dashboard.set_up.office import TargetSaid

NAMES: Final[dict[Metric, str]] = {
    "visitors": mark("Visitors"),
    "conversion": mark("Conversion, %"),
    "net_sales": mark("Net sales"),
}
#: A rate is filled in as a percentage.
_PERCENT: Final = 100


def targets_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its targets; nothing for those who may not see figures."""
    if not services.reading.may("figures"):
        return None
    return section(
        lang.t("Targets"), html.Div(_body(services, store, lang), id="target-body", className="opening"), name="targets"
    )


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do."""

    @app.callback(
        Output("target-result", "children"),
        Output("target-body", "children", allow_duplicate=True),
        Input("target-save", "n_clicks"),
        State("target-from", "value"),
        State({"target": ALL, "day": ALL}, "value"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def save(_n: int | None, first: str | None, filled: list[Any], shown: dict[str, str]) -> Any:
        # The button is drawn anew with the form: that is no click.
        return saved(services, first, filled, shown) if _n else (no_update, no_update)

    @app.callback(
        Output("target-result", "children", allow_duplicate=True),
        Output("target-body", "children", allow_duplicate=True),
        Input({"withdraw": ALL, "from": ALL}, "n_clicks"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def withdraw(_clicks: list[int | None], shown: dict[str, str]) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        chosen = ctx.triggered_id
        return withdrawn(services, chosen["withdraw"], chosen["from"], shown)


def saved(services: Services, first: str | None, filled: Sequence[Any], shown: dict[str, str]) -> tuple[Any, Any]:
    """Have what was filled in hold from a day on; return what to say, and the form anew."""
    lang, code = language_of(shown["lang"]), shown["store"]
    try:
        store = services.reading.store(code)
        valid_from = date.fromisoformat((first or "")[:10])
        plans = _changed(_targets(services.desk.targets(code)), _plans(filled, valid_from), valid_from)
        if not plans:
            return wrong("target_same", lang), no_update
        services.desk.set_targets(code, plans)
        told = lang.t("Saved: they hold from {day} on.", day=lang.day(valid_from))
        return said(told), _body(services, store, lang)
    except (TypeError, ValueError):
        return wrong("target", lang), no_update
    except EXPECTED as error:
        return problem(error, lang), no_update


def withdrawn(services: Services, metric: Metric, first: str, shown: dict[str, str]) -> tuple[Any, Any]:
    """Take a plan back; return what to say, and the form anew."""
    lang, code = language_of(shown["lang"]), shown["store"]
    try:
        store = services.reading.store(code)
        services.desk.withdraw_target(code, metric, date.fromisoformat(first))
        return said(lang.t("Taken back: what held before goes on.")), _body(services, store, lang)
    except EXPECTED as error:
        return problem(error, lang), no_update


def _body(services: Services, store: Store, lang: Language) -> list[Any]:
    plans, today = services.desk.targets(store.code), services.desk.now().astimezone(store.zone).date()
    known = _targets(plans)
    advice = lang.t(
        "What a day should bring, by weekday. An empty field: no target. Targets hold from their first day until the "
        "next ones begin, so each month can have its own; days before keep those of their time."
    )
    return [
        html.P(advice),
        _week(known, store, today, lang),
        html.Div(
            [
                calendar(
                    lang, id="target-from", label=lang.t("They hold from"), value=today.isoformat(),
                    valueFormat="YYYY-MM-DD",
                    description=lang.t("From a past day on, the days since then are measured by them, too"),
                ),
                html.Button(lang.t("Save"), id="target-save", className="button"),
            ],
            className="inline",
        ),
        _list(plans, known, store, today, lang),
    ]  # fmt: skip


def _week(known: Targets, store: Store, today: date, lang: Language) -> Any:
    names = get_day_names("wide", locale=lang.locale)
    plans = {metric: known.plan(metric, today) for metric in METRICS}
    titles = {metric: lang.t(NAMES[metric]) for metric in METRICS}
    titles["net_sales"] += f" ({store.currency})"
    head = html.Div([html.Span(), *(html.Span(titles[metric]) for metric in METRICS)], className="target-row head")
    rows = [
        html.Div(
            [
                html.Span(str(names[day])),
                *(_field(metric, day, plans[metric], label=f"{names[day]}: {titles[metric]}") for metric in METRICS),
            ],
            className="target-row",
        )
        for day in range(WEEKDAYS)
    ]
    return html.Div([head, *rows], className="target-week")


def _field(metric: Metric, day: int, plan: Plan | None, *, label: str) -> Any:
    value = None if plan is None else plan.by_weekday[day]
    shown = "" if value is None else round(value * _PERCENT, 2) if metric == "conversion" else value
    return dmc.NumberInput(
        id={"target": metric, "day": day}, value=shown, min=0, hideControls=True,
        thousandSeparator=metric != "conversion", **aria(label=label),
    )  # fmt: skip


def _list(plans: Sequence[TargetSaid], known: Targets, store: Store, today: date, lang: Language) -> Any:
    items = []
    for one in sorted(plans, key=lambda one: (one.plan.valid_from, one.plan.metric), reverse=True):
        plan = one.plan
        holds = known.plan(plan.metric, today) == plan
        state = lang.t("holds now") if holds else lang.t("begins then") if plan.valid_from > today else lang.t("held")
        week = " · ".join(
            NOTHING if value is None else amount(plan.metric, value, store.currency, lang) for value in plan.by_weekday
        )
        name = lang.t(NAMES[plan.metric]).partition(",")[0].partition("，")[0]
        text = lang.t("{metric} from {day}", metric=name, day=plan.valid_from.isoformat())
        back = html.Button(
            lang.t("Withdraw"),
            id={"withdraw": plan.metric, "from": plan.valid_from.isoformat()},
            className="quiet",
            **aria(label=f"{lang.t('Withdraw')}: {text}"),
        )
        words = html.Div([html.B(f"{text}: "), week, html.Span(f" · {state} · {one.said_by}", className="advice")])
        items.append(html.Li([words, back], **data(plan=f"{plan.metric} {plan.valid_from}")))
    return html.Ul(items, className="plans") if items else None


def _plans(filled: Sequence[Any], valid_from: date) -> list[Plan]:
    """Return the plans that the fields say, which come day by day and within a day in the order of `METRICS`."""
    found = []
    for nth, metric in enumerate(METRICS):
        values = [None if each in (None, "") else float(each) for each in filled[nth :: len(METRICS)]]
        if metric == "conversion":
            values = [None if each is None else each / _PERCENT for each in values]
        found.append(Plan(metric, valid_from, tuple(values)))
    return found


def _changed(known: Targets, plans: Sequence[Plan], valid_from: date) -> list[Plan]:
    """Return those that say something else than what holds on that day already."""
    nothing = (None,) * WEEKDAYS
    held = {metric: known.plan(metric, valid_from) for metric in METRICS}
    return [
        plan for plan in plans if plan.by_weekday != (nothing if (was := held[plan.metric]) is None else was.by_weekday)
    ]


def _targets(plans: Sequence[TargetSaid]) -> Targets:
    return Targets(tuple(one.plan for one in plans))
