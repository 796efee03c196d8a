"""Both APIs against their own descriptions: every example runs, nothing that they allow ends in a 5xx, and every number
is a figure with all that must be said beside it, or has a reason why not.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from analytics.definitions import DEFINITIONS
from ingest.database import Database
from ingest.orders.keys import create_key
from tests.integration.api.conftest import Kept
from tests.support.kpi_api import bearer, reader_key
from tests.support.tills import orders_api

ATTRIBUTES: Final = {
    "value", "low", "high", "quality", "completeness", "definition", "version", "unit", "as_of", "withheld",
}  # fmt: skip
#: Counted one by one by something that no audit judges, or a figure of a usual week that is told in whole steps.
_TILL: Final = "the till counts every one of them"
_ZONES: Final = "audits tap who crosses a line: nobody audits zones"
_SPLIT: Final = "money that the till counted, told apart; how well visitors are counted is said of them"
_WEEK: Final = "a count of hours, or told in whole people or halves so that no single day can be read from it"
WITHOUT_INTERVAL: Final[dict[str, str]] = {
    "transactions": _TILL, "net_sales": _TILL, "repeat_sales": _TILL, "category_orders": _TILL,
    "category_sales": _TILL, "category_units": _TILL,
    "engaged": _ZONES, "queue_joins": _ZONES, "category_visits": _ZONES, "zone_visits": _ZONES,
    "steps": "a lower bound by its definition",
    "queue_length": _ZONES, "queue_mean": _ZONES, "warmth": _ZONES,
    "staff": "an audit does not tell staff from visitors",
    "sales_per_staff_hour": _TILL,
    "staff_hours": "hours are what the time clock says", "completeness": "seconds are what the box says",
    "change_sales": _TILL, "change_visitors": _SPLIT, "change_mix": _SPLIT, "change_conversion": _SPLIT,
    "change_basket": _SPLIT, "change_rest": _TILL,
    "like_for_like": "of the visitors of two years, whose own audits are said of each", "outlier": "a count of stores",
    "power_hours": _WEEK, "usual_visitors": _WEEK, "staff_on_floor": _WEEK,
}  # fmt: skip
#: These have one where what it rests on is known: audits of every line, 200 orders.
SOMETIMES: Final[dict[str, str]] = {
    "footfall": "only where every door was audited within 90 days",
    "leavers": "as visitors", "occupancy": "only where every door was audited both ways", "buying_units": "as visitors",
    "passers_by": "only where the street's line was audited, which here it was not",
    "star": "as visitors; that of an hour is told in whole people",
    "wait_p50": "only from 20 waits on", "wait_p90": "only from 100 on",
    "atv": "only from 200 orders on", "upt": "as the average sale", "aur": "as the average sale",
    "spv": "as visitors and the average sale",
}  # fmt: skip
WITHOUT_COMPLETENESS: Final[dict[str, str]] = dict.fromkeys(
    ("accuracy", "audit_found", "audit_genuine"), "of people who were tapped, not of opening time"
)
#: Numbers that are none of the store's figures.
NO_FIGURES: Final[dict[str, str]] = {
    "period.days": "the calendar", "period.days_withheld": "what the answer leaves out",
    "previous.pairs": "how many days were compared", "previous.shift_days": "the calendar",
    "previous.change.visitors": "of two figures in the answer", "previous.change.net_sales": "of two figures in it",
    "held_back": "what the answer leaves out", "known_share": "how much the ways are worth",
    **dict.fromkeys(
        ("estimates.hours", "estimates.visitors", "estimates.low", "estimates.high", "estimates.off"),
        "what the estimated visitors of the KPIs are made of",
    ),
    "rows.hour": "the clock",
    "judged_hours": "what the forecast's error rests on", "lines.audits": "what the accuracy rests on",
    **dict.fromkeys(
        ("explained.share", "like_for_like.sales.share", "stores.share", "met.share", "today.share", "month.share"),
        "of two figures in the answer",
    ),
    **dict.fromkeys(
        ("explained.stores", "like_for_like.stores", "like_for_like.of", "like_for_like.sales.stores",
         "stores.place.of", "stores.place.level_with", "stores.place_among_peers.of",
         "stores.place_among_peers.level_with"), "a count of stores",
    ),
    "stores.period.days": "the calendar", "stores.period.days_withheld": "what the answer leaves out",
    **dict.fromkeys(("plans.by_weekday", "met.target", "today.target", "month.target"), "what somebody wants"),
    **dict.fromkeys(("met.days", "today.days", "month.days"), "over how many days"),
    "hours.hour": "the clock", "hours.weekday": "the calendar", "hours.weeks": "what the usual week rests on",
}  # fmt: skip


#: Answered, yet without a value in stores of five weeks.
YOUNG: Final[dict[str, str]] = {
    "star_target": "eight weeks of each weekday", "staff_needed": "follows from the target",
    "hours_short": "follows from the target", "hours_spare": "follows from the target",
    "footfall_imputed": "no camera was dark", "like_for_like": "a year", "outlier": "more stores than two",
    "queue_wait_p50": "five who were served in the last half hour", "queue_wait_p90": "as the median",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(kept: Kept) -> list[tuple[str, dict[str, str], Any]]:
    """Every example with its answer, asked by a key that sees all."""
    key = bearer(reader_key(kept.url, staff=True))
    asked = []
    for path, query in questions(kept.client.get("/openapi.json").json()):
        answer = kept.client.get(path, params=query, headers=key)
        assert answer.status_code == 200, (path, query, answer.text)
        json = answer.headers["content-type"] == "application/json" and path != "/v1/metrics"
        asked.append((path, query, answer.json() if json else None))
    return asked


def questions(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (path, query) of every example of every parameter, and each path as it is without any."""
    for path, item in described["paths"].items():
        parameters = item["get"].get("parameters", [])
        for place in (one for one in parameters if one["in"] == "path"):
            path = path.replace("{%s}" % place["name"], place["schema"]["examples"][0])  # noqa: PLW2901, UP031
        yield path, {}
        for one in parameters:
            if one["in"] == "query":
                for example in examples(one):
                    yield path, {one["name"]: example}


def examples(parameter: dict[str, Any]) -> list[str]:
    schema = parameter["schema"]
    return [str(each) for each in schema.get("examples", schema.get("enum", []))]


def test_every_example_runs(told: list[tuple[str, dict[str, str], Any]]) -> None:
    assert len(told) > 40


def test_every_metric_of_the_registry_is_answered(told: list[tuple[str, dict[str, str], Any]]) -> None:
    found = [one for _, _, body in told for one in figures(body)]
    answered = {one["definition"] for one in found}
    assert answered == DEFINITIONS.keys(), "some documented question answers each metric"
    assert sorted(answered - {one["definition"] for one in found if one["value"] is not None}) == sorted(YOUNG)


def figures(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        if "definition" in body and "value" in body:
            yield body
        else:
            for one in body.values():
                yield from figures(one)
    elif isinstance(body, list):
        for one in body:
            yield from figures(one)


def loose(body: Any, place: str = "") -> Iterator[str]:
    """Where a number stands that is no figure."""
    if isinstance(body, dict):
        if not ("definition" in body and "value" in body):
            for name, one in body.items():
                yield from loose(one, f"{place}.{name}" if place else name)
    elif isinstance(body, list):
        for one in body:
            yield from loose(one, place)
    elif isinstance(body, int | float) and not isinstance(body, bool):
        yield place


def test_every_figure_of_every_answer_says_all_of_itself(
    kept: Kept, told: list[tuple[str, dict[str, str], Any]]
) -> None:
    metrics = {one["id"]: one for one in kept.client.get("/v1/metrics", headers=kept.head_office).json()["metrics"]}
    bare: set[str] = set()
    ranged: set[str] = set()
    for path, query, body in told:
        assert set(loose(body)) <= set(NO_FIGURES), (path, query)
        for one in figures(body):
            assert set(one) == ATTRIBUTES, (path, one)
            meant = metrics[one["definition"]]
            assert (one["unit"], one["version"]) == (meant["unit"], meant["version"])
            assert one["quality"] in {"measured", "partial", "imputed", "manual"}
            assert datetime.fromisoformat(one["as_of"]).tzinfo is not None
            assert (one["low"] is None) == (one["high"] is None)
            if one["value"] is not None:
                assert one["completeness"] is not None or one["definition"] in WITHOUT_COMPLETENESS, (path, one)
                (bare if one["low"] is None else ranged).add(one["definition"])
    assert bare <= set(WITHOUT_INTERVAL) | set(SOMETIMES), "an interval is missing without a stated reason"
    assert sorted(ranged & set(WITHOUT_INTERVAL)) == [], "a reason is stated that is none"
    assert {"footfall", "conversion", "atv", "spv", "star", "category_conversion", "engagement_rate"} <= ranged


def test_the_description_names_every_status_that_is_answered(kept: Kept) -> None:
    described = kept.client.get("/openapi.json").json()["paths"]["/v1/stores/{store}/kpis"]["get"]["responses"]
    assert {"200", "304", "401", "403", "404", "406", "422", "429", "503"} <= set(described)


QUIET = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def attack(application: Any, headers: dict[str, str]) -> int:
    """Ask everything that the description allows, and what it does not; return how many questions."""
    asked = 0
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @QUIET
        def ask(case: schemathesis.Case[Any]) -> None:
            nonlocal asked
            asked += 1
            answer = case.call(headers=headers)
            case.validate_response(
                answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
            )

        given(case=operation.as_strategy())(ask)()
    return asked


@pytest.mark.slow
def test_nothing_that_the_kpi_api_allows_ends_in_a_5xx(kept: Kept) -> None:
    assert attack(kept.client.app, kept.head_office) > 100


@pytest.mark.slow
def test_nothing_that_the_orders_api_allows_ends_in_a_5xx(kept: Kept) -> None:
    database = Database(kept.url)
    key = create_key(database, "a till")
    database.close()
    with orders_api(kept.url, key=key) as till:
        assert attack(till.app, bearer(key)) > 50  # three questions
