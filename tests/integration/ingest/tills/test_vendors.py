"""Every other vendor's signature, and how its server is asked."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from fastapi.testclient import TestClient

from tests.support import till_documents as documents
from tests.support.clocks import ManualClock
from tests.support.ledger import add_store, rows
from tests.support.till_servers import Asked, Said, till_server
from tests.support.tills_file import KEY, NOW, asker, tills_file


def test_each_vendor_s_signature_is_known(store: str, tmp_path: Path, hearing: Callable[[Path], TestClient]) -> None:
    def signature(signed: bytes) -> bytes:
        return hmac.new(KEY.encode(), signed, hashlib.sha256).digest()

    shopify = json.dumps({"id": 450789469}).encode()
    refund = json.dumps({"id": 1, "order_id": 77}).encode()
    lightspeed = urlencode({"payload": json.dumps({"id": "sale-1"})}).encode()
    toast = json.dumps({
        "timestamp": "2026-11-21T13:00:00.000Z", "details": {"restaurantGuid": "rest-1", "order": {"guid": "order-1"}},
    }).encode()  # fmt: skip
    url, secret = "http://127.0.0.1:9", '{ env = "TILL_KEY" }'
    kinds: list[tuple[str, Path, bytes, dict[str, str], str]] = []
    for kind, more, body, headers, number in (
        ("shopify", {}, shopify, {"x-shopify-hmac-sha256": base64.b64encode(signature(shopify)).decode(),
                                  "x-shopify-topic": "orders/updated"}, "450789469"),
        ("shopify", {}, refund, {"x-shopify-hmac-sha256": base64.b64encode(signature(refund)).decode(),
                                 "x-shopify-topic": "refunds/create"}, "77"),
        ("lightspeed", {"currency": '"EUR"'}, lightspeed,
         {"x-signature": f"signature={signature(lightspeed).hex()}, algorithm=HMAC-SHA256"}, "sale-1"),
        ("toast", {"token": "", "client_id": '"c"', "client_secret": secret}, toast,
         {"toast-signature": base64.b64encode(signature(toast + b"2026-11-21T13:00:00.000Z")).decode()},
         "rest-1/order-1"),
    ):  # fmt: skip
        folder = tmp_path / f"{kind}-{number.replace('/', '-')}"
        folder.mkdir()
        kinds.append((kind, tills_file(folder, kind, url, "rest-1", **more), body, headers, number))
    for kind, file, body, headers, number in kinds:
        client = hearing(file)
        assert client.post(f"/v1/tills/{kind}/events", content=body + b" ", headers=headers).status_code == 401, kind
        assert client.post(f"/v1/tills/{kind}/events", content=body, headers=headers).status_code == 204, kind
        assert (kind, number) in rows(store, "SELECT till, document FROM till_notice")


def test_shopify_is_read_along_its_links(store: str, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        assert asked.headers["x-shopify-access-token"] == "let-me-in"
        if "page_info" in asked.query:
            return Said({"orders": [documents.shopify_order(id=2)]})
        link = f'<{server.url}/admin/api/2026-07/orders.json?page_info=abc&limit=250>; rel="next"'
        return Said({"orders": [documents.shopify_order(id=1)]}, headers={"Link": link})

    with till_server(answer) as server:
        file = tills_file(tmp_path, "shopify", server.url, "655441491")
        add_store(store, "euro", currency="EUR")
        file.write_text(file.read_text().replace("riverside", "euro"))
        assert asker(store, file, ManualClock(NOW)).round().created == 2


def test_lightspeed_goes_on_after_the_highest_version_seen(store: str, tmp_path: Path) -> None:
    add_store(store, "euro", currency="EUR")
    sales = [documents.lightspeed_sale(id=f"s{number}", version=number) for number in (11, 12)]

    def answer(asked: Asked) -> Said:
        if asked.path == "/api/2.0/search":
            return Said({"data": sales[:2] if asked.query["offset"] == "0" else []})
        return Said({"data": [each for each in sales if each["version"] > int(asked.query["after"])]})

    clock = ManualClock(NOW)
    with till_server(answer) as server:
        file = tills_file(tmp_path, "lightspeed", server.url, "outlet-1", currency='"EUR"')
        file.write_text(file.read_text().replace("riverside", "euro"))
        till = asker(store, file, clock)
        assert till.round().created == 2
        sales.append(documents.lightspeed_sale(id="s13", version=13))
        clock.advance(3_600)
        assert till.round().created == 1
        assert [each.query["after"] for each in server.asked if each.path == "/api/2.0/sales"] == ["12", "13"]


def test_toast_is_asked_hour_by_hour_with_a_token_of_its_own(store: str, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path.endswith("/login"):
            assert asked.body["clientSecret"] == "let-me-in"
            return Said({"token": {"accessToken": "fresh"}})
        assert asked.headers["authorization"] == "Bearer fresh"
        assert asked.headers["toast-restaurant-external-id"] == "rest-1"
        if asked.path == "/labor/v1/timeEntries":
            return Said([{"guid": "e1", "inDate": "2026-11-21T10:00:00.000+0000", "outDate": None, "deleted": False}])
        first = len([each for each in server.asked if each.path == "/orders/v2/ordersBulk"]) == 1
        return Said([documents.toast_order()] if first else [])

    clock = ManualClock(datetime.now(UTC))
    with till_server(answer) as server:
        file = tills_file(
            tmp_path, "toast", server.url, "rest-1", token="", client_id='"c"', client_secret='{ env = "TILL_TOKEN" }',
        )  # fmt: skip
        assert asker(store, file, clock).round().created == 1
        logins = [each for each in server.asked if each.path.endswith("/login")]
    assert len(logins) == 1
    assert rows(store, "SELECT source, ends_at FROM staff_shift") == [("toast", None)]


def test_odoo_is_asked_over_json_rpc(store: str, tmp_path: Path) -> None:
    add_store(store, "euro", currency="EUR")
    raw = documents.odoo_order()
    [line] = raw["lines"]

    def answer(asked: Asked) -> Said:
        method, args = asked.body["params"]["method"], asked.body["params"]["args"]
        if method == "login":
            return Said({"result": 2})
        assert args[:3] == ["d", 2, "let-me-in"]
        model, verb = args[3:5]
        if verb == "search":
            return Said({"result": [4711]})
        found = {
            "pos.order": [{**raw, "lines": [1]}], "pos.order.line": [{k: v for k, v in line.items() if k != "product"}],
            "product.product": [line["product"]],
        }[model]  # fmt: skip
        return Said({"result": found})

    with till_server(answer) as server:
        file = tills_file(
            tmp_path, "odoo", server.url, "1", token="", webhook_key="", database='"d"', user='"u"',
            api_key='{ env = "TILL_TOKEN" }', currency='"EUR"',
        )  # fmt: skip
        file.write_text(file.read_text().replace("riverside", "euro"))
        assert asker(store, file, ManualClock(NOW)).round().created == 1
    assert rows(store, "SELECT product, category FROM pos_order_line") == [("LAMP-12", "Light")]
