"""Both APIs against their own descriptions: every example runs, and nothing that they allow ends in a 5xx."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from ingest.database import Database
from ingest.orders.keys import create_key
from tests.integration.api.conftest import Kept
from tests.support.kpi_api import bearer
from tests.support.tills import orders_api


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


def test_every_example_runs(kept: Kept) -> None:
    described = kept.client.get("/openapi.json").json()
    asked = list(questions(described))
    assert len(asked) > 40
    for path, query in asked:
        answer = kept.client.get(path, params=query, headers=kept.head_office)
        assert answer.status_code == 200, (path, query, answer.text)


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
