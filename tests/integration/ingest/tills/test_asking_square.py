"""A till that tells us and that we ask: signed notifications, its server over HTTP, a real database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.database import Database
from ingest.errors import TillsFileError
from ingest.tills.register import refusals, reports
from ingest.tills.serving import open_rounds
from tests.support import till_documents as documents
from tests.support.clocks import ManualClock
from tests.support.ledger import one, rows
from tests.support.till_servers import Asked, Said, till_server
from tests.support.tills_file import HOOK, KEY, NOW, asker, settings_of, square_file


def signed_square(order: str) -> tuple[bytes, dict[str, str]]:
    event = {"type": "order.updated", "data": {"object": {"order_updated": {"order_id": order, "version": 4}}}}
    body = json.dumps(event).encode()
    digest = hmac.new(KEY.encode(), HOOK.encode() + body, hashlib.sha256).digest()
    return body, {"x-square-hmacsha256-signature": base64.b64encode(digest).decode()}


class Square:
    """Square's server: orders by number, found by when they changed."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = {each["id"]: each for each in orders}
        self.trouble: list[Said] = []

    def __call__(self, asked: Asked) -> Said:
        assert asked.headers["authorization"] == "Bearer let-me-in"
        if self.trouble:
            return self.trouble.pop(0)
        if asked.path == "/v2/orders/search":
            since = asked.body["query"]["filter"]["date_time_filter"]["updated_at"]["start_at"]
            begin = datetime.fromisoformat(since)
            found = [each for each in self.orders.values() if datetime.fromisoformat(each["updated_at"]) >= begin]
            start = int(asked.body.get("cursor", 0))
            more = {"cursor": str(start + 2)} if len(found) > start + 2 else {}
            return Said({"orders": sorted(found, key=lambda each: each["updated_at"])[start : start + 2], **more})
        if asked.path == "/v2/labor/timecards/search":
            card = {
                "id": "T1", "location_id": "L1", "version": 2, "start_at": "2026-11-21T08:00:00Z",
                "end_at": "2026-11-21T16:30:00Z",
                "breaks": [{"start_at": "2026-11-21T12:00:00Z", "end_at": "2026-11-21T12:30:00Z", "is_paid": False}],
            }  # fmt: skip
            return Said({"timecards": [card]})
        order = self.orders.get(asked.path.rpartition("/")[2])
        return Said({"order": order}) if order else Said({"errors": []}, 404)


def test_a_signed_notification_brings_the_order_in_and_again_changes_nothing(
    store: str, tmp_path: Path, hearing: Callable[[Path], TestClient]
) -> None:
    square = Square(documents.square_order())
    with till_server(square) as server:
        file = square_file(tmp_path, server.url)
        client = hearing(file)
        for _ in range(2):
            body, headers = signed_square("CAISENgvlJ6jLWAzERDzjyHVybY")
            assert client.post("/v1/tills/square/events", content=body, headers=headers).status_code == 204
        clock = ManualClock(NOW)
        asker(store, file, clock).round()
    assert rows(store, "SELECT source, net::text, units FROM pos_order") == [("square", "18.00", 2)]
    assert rows(store, "SELECT product, units::text, net::text FROM pos_order_line") == [("MUG", "2.000", "18.00")]
    assert one(store, "SELECT count(*) FROM till_notice") == (0,)


@pytest.mark.parametrize("change", ["no header", "another key", "another body"])
def test_a_notification_that_is_not_signed_is_refused_and_asks_nothing(
    store: str, tmp_path: Path, hearing: Callable[[Path], TestClient], change: str
) -> None:
    client = hearing(square_file(tmp_path, "http://127.0.0.1:9"))
    body, headers = signed_square("X")
    if change == "no header":
        headers = {}
    elif change == "another key":
        headers = {"x-square-hmacsha256-signature": base64.b64encode(b"x" * 32).decode()}
    else:
        body = body.replace(b"X", b"Y")
    answer = client.post("/v1/tills/square/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:footfall:problem:not-signed")
    assert client.post("/v1/tills/nobody/events", content=body).status_code == 404
    assert one(store, "SELECT count(*) FROM till_notice") == (0,)


def test_what_changed_is_read_page_by_page_and_goes_on_where_it_was(store: str, tmp_path: Path) -> None:
    orders = [documents.square_order(id=f"O{number}", updated_at=f"2026-11-21T13:0{number}:00Z") for number in range(5)]
    square = Square(*orders)
    clock = ManualClock(NOW)
    with till_server(square) as server:
        file = square_file(tmp_path, server.url)
        first = asker(store, file, clock).round()
        assert (first.created, first.updated) == (5, 0)
        server.asked.clear()
        square.orders["O1"] = documents.square_order(
            id="O1", version=5, updated_at="2026-11-21T14:05:00Z", state="CANCELED"
        )
        clock.advance(3_600)
        again = asker(store, file, clock).round()
        assert again.updated == 1
        asked = server.asked[0].body["query"]["filter"]["date_time_filter"]["updated_at"]["start_at"]
        assert asked == "2026-11-21T13:04:00Z"
    assert one(store, "SELECT kind, version FROM pos_order WHERE external_id = 'O1'") == ("void", 5)


def test_what_a_notification_lost_the_daily_reading_brings_in(store: str, tmp_path: Path) -> None:
    square = Square(documents.square_order(id="SEEN", updated_at="2026-11-21T13:30:00Z"))
    clock = ManualClock(NOW)
    with till_server(square) as server:
        file = square_file(tmp_path, server.url)
        till = asker(store, file, clock)
        till.round()
        # Written down late by the till, with a moment that lies before where reading has come to.
        square.orders["LATE"] = documents.square_order(id="LATE", updated_at="2026-11-21T10:00:00Z")
        clock.advance(3_600)
        assert till.round().created == 0
        clock.advance(86_400)
        assert till.round().created == 1


def test_hours_worked_come_along(store: str, tmp_path: Path) -> None:
    with till_server(Square()) as server:
        asker(store, square_file(tmp_path, server.url), ManualClock(NOW)).round()
    assert rows(store, "SELECT source, ends_at - starts_at, break_min FROM staff_shift") == [
        ("square", timedelta(hours=8.5), 30)
    ]


def test_items_that_lag_behind_are_asked_for_until_they_are_there(store: str, tmp_path: Path) -> None:
    square = Square(documents.square_order(line_items=[]))
    clock = ManualClock(NOW)
    with till_server(square) as server:
        till = asker(store, square_file(tmp_path, server.url), clock)
        assert till.round().created == 0
        square.orders["CAISENgvlJ6jLWAzERDzjyHVybY"] = documents.square_order()
        assert till.round().created == 0, "not at once"
        clock.advance(10)
        assert till.round().created == 1


def test_a_till_that_is_away_is_asked_again_when_it_says_and_what_it_told_is_kept(store: str, tmp_path: Path) -> None:
    square = Square(documents.square_order())
    square.trouble = [Said({"errors": []}, 429, {"Retry-After": "120"})]
    clock = ManualClock(NOW)
    with till_server(square) as server:
        till = asker(store, square_file(tmp_path, server.url), clock)
        till.round()
        [report] = reports(Database(store))
        assert report.failing_since == NOW
        assert "429" in (report.failure or "")
        clock.advance(60)
        till.round()
        assert len(server.asked) == 1
        clock.advance(61)
        assert till.round().created == 1
    [report] = reports(Database(store))
    assert (report.failing_since, report.failure, report.orders) == (None, None, 1)


def test_a_token_that_is_refused_says_what_to_do(store: str, tmp_path: Path) -> None:
    with till_server(lambda _: Said({"errors": [{"code": "UNAUTHORIZED"}]}, 401)) as server:
        asker(store, square_file(tmp_path, server.url), ManualClock(NOW)).round()
    [report] = reports(Database(store))
    assert "is its token still good, and may it read orders?" in (report.failure or "")


def test_no_redirect_is_followed_with_the_token(store: str, tmp_path: Path) -> None:
    with till_server(lambda _: Said()) as elsewhere:
        moved = Said(status=302, headers={"Location": elsewhere.url})
        with till_server(lambda _: moved) as server:
            asker(store, square_file(tmp_path, server.url), ManualClock(NOW)).round()
        assert elsewhere.asked == []


def test_one_wrong_document_is_told_and_keeps_no_other_out(store: str, tmp_path: Path) -> None:
    euros = documents.square_order(id="WRONG", location_id="L9")
    foreign = documents.square_order(
        id="FOREIGN", total_money=documents.money(2144, "CHF"), line_items=[documents.square_line()]
    )
    with till_server(Square(documents.square_order(), euros, foreign)) as server:
        kept = asker(store, square_file(tmp_path, server.url), ManualClock(NOW)).round()
    assert kept.created == 1
    reasons = {each.document: each.reason for each in refusals(Database(store), "square", 10)}
    assert "none of this till's places" in reasons["WRONG"]
    assert "sells in USD" in reasons["FOREIGN"]


def test_the_example_shows_every_till_and_is_understood() -> None:
    from ingest.tills.settings import load_tills  # noqa: PLC0415 - beside its only use

    example = Path(__file__).resolve().parents[4] / "ingest" / "tills" / "tills.example.toml"
    kinds = {type(each).__struct_config__.tag for each in load_tills(example).tills}
    assert kinds == {"square", "shopify", "lightspeed", "toast", "odoo", "csv", "poslog"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("square", "sqare"), "sqare"),
        (("let-in", "let-in"), "TILL_NOTHING is not set"),
        (('"L1"', '"L1" = "x", "L2"'), ""),
        (("https://x.example", "http://x.example"), "expected https://"),
    ],
)
def test_a_wrong_file_of_tills_says_what_is_wrong(
    store: str, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    file = square_file(tmp_path, "https://x.example")
    text = file.read_text().replace(*change)
    if says.startswith("TILL_NOTHING"):
        text = text.replace("TILL_TOKEN", "TILL_NOTHING")
    file.write_text(text)
    if not says:
        assert len(open_rounds(file, settings_of(store), now=lambda: NOW)) == 1
        return
    with pytest.raises(TillsFileError) as caught:
        open_rounds(file, settings_of(store), now=lambda: NOW)
    assert says in str(caught.value)
