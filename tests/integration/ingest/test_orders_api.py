"""The orders API against a real database."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.database import Database
from ingest.orders.bodies import EXAMPLES
from ingest.orders.body_limit import BODY_BYTES_MAX
from ingest.orders.keys import listed_keys, revoke_key
from tests.support.ledger import add_store, count, one, rows
from tests.support.tills import NOW, new_key, order, orders_api


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["outcome"] for each in answer.json()["orders"]]


def problem(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:footfall:problem:")
    return body


def test_an_order_is_kept_once_however_often_it_is_posted(store: str, api: TestClient) -> None:
    assert outcomes(api.post("/v1/orders", json=order())) == ["created"]
    assert outcomes(api.post("/v1/orders", json=order())) == ["ignored"]
    assert one(store, "SELECT gross::text, net::text, units FROM pos_order") == ("64.90", "59.90", 3)


def test_the_highest_version_is_kept_in_whatever_order_they_come(store: str, api: TestClient) -> None:
    assert outcomes(api.post("/v1/orders", json=order(version=2, units=2))) == ["created"]
    assert outcomes(api.post("/v1/orders", json=order(version=1, units=1))) == ["ignored"]
    assert outcomes(api.post("/v1/orders", json=order(version=3, units=4, kind="void"))) == ["updated"]
    assert one(store, "SELECT version, units, kind FROM pos_order") == (3, 4, "void")


def differing(answer: Any) -> list[tuple[bool, int]]:
    assert answer.status_code == 200, answer.text
    return [(each["differs"], each["kept_version"]) for each in answer.json()["orders"]]


@pytest.mark.parametrize(
    "change", [{"units": 4}, {"register": "till-2"}, {"closed_at": "2026-11-21T14:03:01+01:00"}, {"customer_ref": "c"}]
)
def test_other_content_under_the_version_that_is_kept_is_said(
    store: str, api: TestClient, change: dict[str, Any]
) -> None:
    assert differing(api.post("/v1/orders", json=order(version=2))) == [(False, 2)]
    same = order(version=2, closed_at="2026-11-21T13:03:00Z", gross="64.9")
    assert differing(api.post("/v1/orders", json=same)) == [(False, 2)]
    changed = api.post("/v1/orders", json=order(version=2, **change))
    assert (outcomes(changed), differing(changed)) == (["ignored"], [(True, 2)])
    assert differing(api.post("/v1/orders", json=order(version=1, **change))) == [(True, 2)]
    assert differing(api.post("/v1/orders", json=order(version=3, **change))) == [(False, 3)]
    assert one(store, "SELECT version FROM pos_order") == (3,)


def test_other_content_within_one_batch_is_said(store: str, api: TestClient) -> None:
    answer = api.post("/v1/orders", json=[order(), order(), order(units=9)])
    assert outcomes(answer) == ["created", "ignored", "ignored"]
    assert differing(answer) == [(False, 1), (False, 1), (True, 1)]
    assert one(store, "SELECT units FROM pos_order") == (3,)


def test_of_one_batch_only_the_highest_version_counts(store: str, api: TestClient) -> None:
    batch = [order(version=1, units=1), order(version=3, units=3), order(version=2, units=2), order(external_id="A-2")]
    assert outcomes(api.post("/v1/orders", json=batch)) == ["ignored", "created", "ignored", "created"]
    assert one(store, "SELECT units FROM pos_order WHERE external_id = 'A-1'") == (3,)


def test_a_batch_with_one_wrong_order_stores_nothing_and_names_it(store: str, api: TestClient) -> None:
    batch = [order(), order(external_id="A-2", currency="USD", net="1.00"), order(external_id="A-3", store="nowhere")]
    body = problem(api.post("/v1/orders", json=batch), 422)
    assert [(each["index"], each["field"]) for each in body["errors"]] == [(1, "currency"), (1, "net"), (2, "store")]
    assert "sells in EUR, got USD" in body["errors"][0]["message"]
    assert "64.90 - 5.00 = 59.90, got 1.00" in body["errors"][1]["message"]
    assert "footfall store add nowhere" in body["errors"][2]["message"]
    assert count(store, "pos_order") == 0


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"closed_at": "2026-11-21T14:03:00"}, "closed_at", "with its offset"),
        ({"closed_at": 1_700_000_000}, "closed_at", "expected text"),
        ({"closed_at": "yesterday"}, "closed_at", "yesterday"),
        ({"kind": "refund"}, "gross", "what goes back is negative"),
        ({"kind": "refund", "gross": "-1", "discount": "0", "net": "-1"}, "units", "what goes back is negative"),
        ({"gross": "-64.90", "discount": "-5.00", "net": "-59.90"}, "gross", "is it a refund?"),
        ({"gross": "64.905"}, "gross", "2 decimal places"),
        ({"net": "NaN"}, "net", "finite"),
        ({"currency": "eur"}, "currency", "pattern"),
        ({"units": 2.5}, "units", "2.5"),
        ({"external_id": "A\x00"}, "external_id", "pattern"),
        ({"external_id": ""}, "external_id", "at least 1"),
        ({"version": -1}, "version", "greater than or equal to 0"),
        ({"business_date": "2025-11-21"}, "business_date", "expected the day of closed_at"),
        ({"face_embedding": [0.1, 0.2]}, "face_embedding", "not a field of an order"),
        ({"visitor_id": "v-17"}, "visitor_id", "not a field of an order"),
        ({"order_id": 1}, "order_id", "not a field of an order"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(
    store: str, api: TestClient, change: dict[str, Any], field: str, words: str
) -> None:
    body = problem(api.post("/v1/orders", json=[order(external_id="good"), order(**change)]), 422)
    errors = {each["field"]: each for each in body["errors"]}
    assert errors[field]["index"] == 1
    assert words in errors[field]["message"]
    assert count(store, "pos_order") == 0


def test_a_missing_field_is_named(api: TestClient) -> None:
    incomplete = order()
    del incomplete["units"]
    (error,) = problem(api.post("/v1/orders", json=incomplete), 422)["errors"]
    assert (error["index"], error["field"], error["message"]) == (0, "units", "Field required")


def test_what_is_no_json_is_said_so(api: TestClient) -> None:
    answer = api.post("/v1/orders", content=b"{store", headers={"Content-Type": "application/json"})
    assert "not JSON" in problem(answer, 400)["detail"]


def test_a_batch_beyond_the_bounds_is_refused(api: TestClient) -> None:
    problem(api.post("/v1/orders", json=[order()] * 1_001), 422)
    problem(api.post("/v1/orders", json=[]), 422)
    large = b'{"store": "' + b"x" * BODY_BYTES_MAX + b'"}'
    assert "post fewer orders" in problem(api.post("/v1/orders", content=large), 413)["detail"]


def test_a_customer_reference_is_kept_only_as_a_keyed_hash(store: str, api: TestClient) -> None:
    api.post("/v1/orders", json=[order(customer_ref="card-77120"), order(external_id="A-2", customer_ref="card-77120")])
    hashes = rows(store, "SELECT DISTINCT customer_ref FROM pos_order")
    assert len(hashes) == 1
    assert len(hashes[0][0]) == 64
    assert hashes[0][0] != hashlib.sha256(b"card-77120").hexdigest()
    assert "card-77120" not in str(rows(store, "SELECT pos_order::text FROM pos_order"))
    api.post("/v1/orders", json=order(external_id="A-3", source="other-till", customer_ref="card-77120"))
    assert len(rows(store, "SELECT DISTINCT customer_ref FROM pos_order")) == 2


def test_the_business_date_follows_the_stores_calendar(store: str, api: TestClient) -> None:
    rows(store, "UPDATE store_hours SET closes_min = 1560")  # until 2 in the morning
    rows(store, "SELECT fill_store_calendar(store_id, DATE '2026-11-01', DATE '2026-11-30') FROM store")
    moments = {
        "evening": ("2026-11-20T23:30:00+01:00", date(2026, 11, 20)),
        "night": ("2026-11-21T01:30:00+01:00", date(2026, 11, 20)),
        "closing-up": ("2026-11-21T02:20:00+01:00", date(2026, 11, 20)),
        "noon": ("2026-11-21T11:00:00Z", date(2026, 11, 21)),
        "beyond-the-calendar": ("2030-05-05T22:30:00Z", date(2030, 5, 6)),
    }
    api.post("/v1/orders", json=[order(external_id=name, closed_at=at) for name, (at, _) in moments.items()])
    stored = dict(rows(store, "SELECT external_id, business_date FROM pos_order"))
    assert stored == {name: day for name, (_, day) in moments.items()}
    api.post("/v1/orders", json=order(external_id="said", business_date="2026-11-22"))
    assert one(store, "SELECT business_date FROM pos_order WHERE external_id = 'said'") == (date(2026, 11, 22),)


def test_pages_hold_each_order_once_in_order_of_closing(api: TestClient) -> None:
    sent = [order(external_id=f"A-{n}", closed_at=f"2026-11-21T14:{n % 7:02d}:00Z") for n in range(23)]
    api.post("/v1/orders", json=sent)
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": "5", **({"cursor": cursor} if cursor else {})}
        body = api.get("/v1/orders", params=parameters).json()
        seen += body["orders"]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert sorted(each["external_id"] for each in seen) == sorted(each["external_id"] for each in sent)
    assert [each["closed_at"] for each in seen] == sorted(each["closed_at"] for each in seen)


def test_orders_are_filtered_by_store_and_moment(store: str, api: TestClient) -> None:
    add_store(store, "hilltop")
    api.post(
        "/v1/orders",
        json=[
            order(external_id="early", closed_at="2026-11-21T09:00:00Z"),
            order(external_id="late", closed_at="2026-11-21T10:00:00Z"),
            order(external_id="elsewhere", closed_at="2026-11-21T09:30:00Z", store="hilltop"),
        ],
    )

    def found(**parameters: str) -> list[str]:
        return [each["external_id"] for each in api.get("/v1/orders", params=parameters).json()["orders"]]

    assert found(store="riverside") == ["early", "late"]
    assert found(**{"from": "2026-11-21T09:30:00Z"}) == ["elsewhere", "late"]
    assert found(to="2026-11-21T10:00:00Z") == ["early", "elsewhere"]
    problem(api.get("/v1/orders", params={"from": "2026-11-21T09:30:00"}), 422)


@pytest.mark.parametrize("cursor", ["nonsense", "bnVsbA", "W10", "WyIyMDI2LTExLTIxIiwgMV0"])
def test_a_cursor_that_is_none_of_ours_is_refused(api: TestClient, cursor: str) -> None:
    assert "take next_cursor" in problem(api.get("/v1/orders", params={"cursor": cursor}), 400)["detail"]


def test_one_order_is_read_in_its_highest_version(api: TestClient) -> None:
    api.post("/v1/orders", json=order(version=2, register="till-1"))
    body = api.get("/v1/orders/till/A-1").json()
    assert (body["version"], body["register"], body["net"], body["store"]) == (2, "till-1", "59.90", "riverside")
    problem(api.get("/v1/orders/till/A-2"), 404)


def test_without_a_good_key_nothing_is_told(store: str) -> None:
    key = new_key(store)
    database = Database(store)
    for wrong in ("", "ffk_guessed", key[:-1] + ("A" if key[-1] != "A" else "B")):
        with orders_api(store, key=wrong) as api:
            answer = api.post("/v1/orders", json=order())
            assert problem(answer, 401)["type"].endswith("unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
            problem(api.get("/v1/orders"), 401)
    with orders_api(store, key=key) as api:
        assert api.get("/v1/orders").status_code == 200
        assert revoke_key(database, key[:12]) == "a till"
        problem(api.get("/v1/orders"), 401)
    assert [each.revoked_at is None for each in listed_keys(database)] == [False]
    database.close()
    assert key not in str(rows(store, "SELECT api_key::text FROM api_key"))


def test_a_stores_key_neither_writes_nor_reads_another_store(store: str, api: TestClient) -> None:
    add_store(store, "hilltop")
    api.post("/v1/orders", json=order())
    with orders_api(store, key=new_key(store, store="hilltop")) as till:
        body = problem(till.post("/v1/orders", json=[order(store="hilltop", external_id="H-1"), order()]), 403)
        assert [(each["index"], each["field"]) for each in body["errors"]] == [(1, "store")]
        assert till.get("/v1/orders").json()["orders"] == []
        problem(till.get("/v1/orders/till/A-1"), 404)
        taken_over = problem(till.post("/v1/orders", json=order(store="hilltop", version=9)), 409)
        assert "give each store's till its own source" in taken_over["errors"][0]["message"]
    assert one(store, "SELECT version FROM pos_order") == (1,)


def test_the_examples_in_the_description_run(api: TestClient) -> None:
    described = api.get("/openapi.json").json()["paths"]["/v1/orders"]["post"]
    examples = described["requestBody"]["content"]["application/json"]["examples"]
    assert examples.keys() == EXAMPLES.keys()
    for example in examples.values():
        assert set(outcomes(api.post("/v1/orders", json=example["value"]))) == {"created"}
    assert set(described["responses"]) >= {"200", "401", "403", "409", "413", "422", "503"}


def test_health_follows_the_database(api: TestClient) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    with orders_api_without_database() as lost:
        answer = lost.get("/healthz")
        assert "does not answer" in problem(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "5"


def orders_api_without_database() -> Any:
    return orders_api("postgresql://footfall:no-such@127.0.0.1:9/footfall", key="ffk_any")


def test_a_connection_lost_while_idle_is_opened_again(store: str, api: TestClient) -> None:
    assert outcomes(api.post("/v1/orders", json=order())) == ["created"]
    rows(
        store,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'footfall-orders'",
    )
    assert outcomes(api.post("/v1/orders", json=order(external_id="A-2"))) == ["created"]


def test_an_order_from_the_future_is_refused(store: str, api: TestClient) -> None:
    tomorrow = order(closed_at=(NOW + timedelta(hours=24)).isoformat())
    assert outcomes(api.post("/v1/orders", json=tomorrow)) == ["created"]
    beyond = order(external_id="A-2", closed_at=(NOW + timedelta(hours=24, seconds=1)).isoformat())
    (error,) = problem(api.post("/v1/orders", json=beyond), 422)["errors"]
    assert error["field"] == "closed_at"
    assert "ahead of the server's clock 2030-06-01T12:00:00+00:00, got 2030-06-02T12:00:01" in error["message"]
    assert count(store, "pos_order") == 1


def test_no_page_needs_another_server(api: TestClient) -> None:
    problem(api.get("/docs"), 404)
    problem(api.get("/redoc"), 404)
    assert api.get("/openapi.json").status_code == 200


def test_an_unknown_path_is_a_problem_too(api: TestClient) -> None:
    problem(api.get("/v2/orders"), 404)
    problem(api.delete("/v1/orders"), 405)


LINE = {"product": "lamp-12", "category": "light", "units": "1", "net": "59.90"}
LINES = "SELECT product, category, units::text, net::text FROM pos_order_line ORDER BY line_no"


def test_lines_come_along_and_a_later_version_says_them_anew(store: str, api: TestClient) -> None:
    other = {"product": "mug", "units": "0.750", "net": "-3.00"}
    assert outcomes(api.post("/v1/orders", json=order(lines=[LINE, other]))) == ["created"]
    assert rows(store, LINES) == [("lamp-12", "light", "1.000", "59.90"), ("mug", None, "0.750", "-3.00")]
    assert outcomes(api.post("/v1/orders", json=order(version=2, lines=[other]))) == ["updated"]
    assert rows(store, LINES) == [("mug", None, "0.750", "-3.00")]
    assert outcomes(api.post("/v1/orders", json=order(version=3))) == ["updated"]
    assert rows(store, LINES) == []


def test_lines_that_come_later_under_the_same_version_are_kept_once(store: str, api: TestClient) -> None:
    assert outcomes(api.post("/v1/orders", json=order())) == ["created"]
    for _ in range(2):
        assert outcomes(api.post("/v1/orders", json=order(lines=[LINE]))) == ["ignored"]
        assert rows(store, LINES) == [("lamp-12", "light", "1.000", "59.90")]
    assert outcomes(api.post("/v1/orders", json=order(version=0, lines=[LINE, LINE]))) == ["ignored"]
    assert len(rows(store, LINES)) == 1
