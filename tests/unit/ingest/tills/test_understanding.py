"""What each vendor's documents are understood as: sales, refunds on their own day, exchanges, voids, tests."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import DocumentError, NotYetError
from ingest.orders.bodies import OrderIn
from ingest.tills import lightspeed, odoo, poslog, shopify, square, toast
from ingest.tills.settings import (
    LightspeedSettings,
    OdooSettings,
    PosLogSettings,
    Secret,
    ShopifySettings,
    SquareSettings,
    ToastSettings,
)
from tests.support import till_documents as documents

SECRET = Secret(env="X")
SQUARE = SquareSettings(name="square", stores={"L1": "riverside"}, token=SECRET)
SHOPIFY = ShopifySettings(name="shopify", stores={"655441491": "riverside"}, url="https://x.example", token=SECRET)
LIGHTSPEED = LightspeedSettings(
    name="ls", stores={"outlet-1": "riverside"}, url="https://x.example", token=SECRET, currency="EUR"
)
TOAST = ToastSettings(
    name="toast", stores={"rest-1": "riverside"}, url="https://x.example", client_id="c", client_secret=SECRET
)
ODOO = OdooSettings(
    name="odoo",
    stores={"1": "riverside"},
    url="https://x.example",
    database="d",
    user="u",
    api_key=SECRET,
    currency="EUR",
)
POSLOG = PosLogSettings(
    name="poslog", folder="drop", stores={"0042": "riverside"}, currency="EUR", timezone="Europe/Berlin"
)


def amounts(order: OrderIn) -> tuple[str, str, str, str]:
    return str(order.gross), str(order.discount), str(order.tax), str(order.net)


def consistent(order: OrderIn) -> OrderIn:
    assert order.net == order.gross - order.discount
    assert sum((each.net for each in order.lines or []), Decimal(0)) in (order.net, Decimal(0))
    return order


# Square


def of_square(raw: Any, settings: SquareSettings = SQUARE) -> OrderIn:
    [order] = square.orders_of(raw, settings)
    return consistent(order)


def test_a_square_order_is_a_sale_without_tip_and_tax() -> None:
    order = of_square(documents.square_order())
    assert (order.kind, order.store, order.source, order.version, order.units) == ("sale", "riverside", "square", 4, 2)
    assert amounts(order) == ("20.00", "2.00", "1.44", "18.00")
    assert order.customer_ref == "CUST"
    assert [(each.product, str(each.units), str(each.net)) for each in order.lines or []] == [("MUG", "2.000", "18.00")]


def test_net_can_be_what_was_paid() -> None:
    settings = SquareSettings(name="square", stores={"L1": "riverside"}, token=SECRET, net_includes_tax=True)
    assert amounts(of_square(documents.square_order(), settings)) == ("21.44", "2.00", "1.44", "19.44")


def test_a_square_return_is_a_refund_that_names_its_sale() -> None:
    order = of_square(documents.square_return())
    assert (order.kind, order.original_external_id, order.units) == ("refund", "CAISENgvlJ6jLWAzERDzjyHVybY", -1)
    assert amounts(order) == ("-10.00", "-1.00", "-0.72", "-9.00")


def test_a_square_order_with_items_in_both_directions_is_an_exchange() -> None:
    back = documents.square_return()
    order = of_square(documents.square_order(returns=back["returns"], return_amounts=back["return_amounts"]))
    assert (order.kind, order.units, str(order.net)) == ("exchange", 1, "9.00")


def test_an_open_square_order_is_none_yet_and_a_cancelled_one_is_void() -> None:
    assert square.orders_of(documents.square_order(state="OPEN"), SQUARE) == []
    assert of_square(documents.square_order(state="CANCELED")).kind == "void"


def test_a_completed_square_order_whose_items_lag_behind_is_asked_for_again() -> None:
    with pytest.raises(NotYetError, match="still to come"):
        square.orders_of(documents.square_order(line_items=[]), SQUARE)


def test_what_is_sold_by_weight_is_one_piece() -> None:
    assert of_square(documents.square_order(line_items=[documents.square_line(quantity="1.375")])).units == 1


@pytest.mark.parametrize(
    ("fulfilment", "channel"), [("PICKUP", "pickup"), ("DELIVERY", "delivery"), ("SHIPMENT", "online")]
)
def test_square_says_where_an_order_went(fulfilment: str, channel: str) -> None:
    assert of_square(documents.square_order(fulfillments=[{"type": fulfilment}])).channel == channel


def test_yen_have_no_smaller_unit() -> None:
    line = documents.square_line(total_money=documents.money(500, "JPY"), total_tax_money=documents.money(0, "JPY"))
    raw = documents.square_order(
        line_items=[line], total_money=documents.money(500, "JPY"), total_tax_money=None, total_tip_money=None,
        total_discount_money=None,
    )  # fmt: skip
    assert str(of_square(raw).net) == "500"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"location_id": "elsewhere"}, "location_id: 'elsewhere' is none of this till's places"),
        ({"location_id": None}, "location_id: expected a value, got nothing"),
        ({"total_money": {"amount": 1.5, "currency": "USD"}}, "total_money: expected a whole number"),
        ({"closed_at": "yesterday"}, "closed_at: expected an instant, got 'yesterday'"),
        ({"closed_at": "2026-11-21T14:00:00"}, "closed_at: expected an instant with its offset"),
        ({"line_items": "none"}, "line_items: expected a list of objects, got str"),
        ({"total_money": {"amount": 1, "currency": "KWD"}}, "three places"),
    ],
)
def test_what_cannot_be_understood_says_where_and_what_came(changes: Any, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        square.orders_of(documents.square_order(**changes), SQUARE)
    assert says in str(caught.value)


# Shopify


def test_a_shopify_order_is_a_sale_without_tax_also_where_prices_hold_it() -> None:
    [order] = shopify.orders_of(documents.shopify_order(), SHOPIFY)
    consistent(order)
    assert (order.kind, order.channel, order.register_, order.staff_ref) == ("sale", "in_store", "12", "799407056")
    assert (str(order.net), str(order.tax), order.customer_ref) == ("90.00", "17.10", "207119551")
    assert [(each.product, str(each.net)) for each in order.lines or []] == [("LAMP-12", "90.00")]


def test_a_shopify_refund_belongs_to_its_own_day() -> None:
    raw = documents.shopify_order(financial_status="refunded", refunds=[documents.shopify_refund()])
    sale, refund = shopify.orders_of(raw, SHOPIFY)
    assert (sale.kind, refund.kind, refund.original_external_id) == ("sale", "refund", sale.external_id)
    assert refund.closed_at.isoformat() == "2026-11-25T10:00:00+01:00"
    assert (str(consistent(refund).net), refund.units) == ("-90.00", -1)


def test_shipping_that_is_paid_back_is_no_part_of_net() -> None:
    adjustments = [
        {"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "0.00"},
        {"kind": "refund_discrepancy", "amount": "-3.00", "tax_amount": "-0.48"},
    ]
    raw = documents.shopify_order(refunds=[documents.shopify_refund(order_adjustments=adjustments)])
    _, refund = shopify.orders_of(raw, SHOPIFY)
    assert str(refund.net) == "-93.00"


def test_a_shopify_order_counts_once_it_is_paid_and_is_void_when_called_off_before() -> None:
    assert shopify.orders_of(documents.shopify_order(financial_status="pending"), SHOPIFY) == []
    raw = documents.shopify_order(financial_status="voided", cancelled_at="2026-11-21T15:00:00+01:00")
    assert [order.kind for order in shopify.orders_of(raw, SHOPIFY)] == ["void"]
    [test] = shopify.orders_of(documents.shopify_order(test=True), SHOPIFY)
    assert test.is_test


def test_orders_of_the_web_shop_go_where_the_file_says_or_nowhere() -> None:
    raw = documents.shopify_order(location_id=None, source_name="web")
    assert shopify.orders_of(raw, SHOPIFY) == []
    settings = ShopifySettings(
        name="shopify", stores={"1": "riverside"}, url="https://x.example", token=SECRET, online_store="webshop"
    )
    [order] = shopify.orders_of(raw, settings)
    assert (order.store, order.channel) == ("webshop", "online")
    [pickup] = shopify.orders_of({**raw, "shipping_lines": [{"code": "Pickup in store"}]}, settings)
    assert pickup.channel == "pickup"


# Lightspeed


def test_a_lightspeed_sale_and_its_return() -> None:
    [sale] = lightspeed.orders_of(documents.lightspeed_sale(), LIGHTSPEED)
    assert amounts(consistent(sale)) == ("55.00", "5.00", "9.50", "50.00")
    line = {"product_id": "p1", "quantity": -1, "total_price": -25.0, "total_tax": -4.75, "total_discount": 0}
    raw = documents.lightspeed_sale(return_for=sale.external_id, total_price=-25.0, total_tax=-4.75, line_items=[line])
    [back] = lightspeed.orders_of(raw, LIGHTSPEED)
    assert (back.kind, back.original_external_id, back.units) == ("refund", sale.external_id, -1)
    assert amounts(consistent(back)) == ("-25.00", "0.00", "-4.75", "-25.00")


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("SAVED", []),
        ("LAYBY", []),
        ("VOIDED", ["void"]),
        ("ONACCOUNT_CLOSED", ["sale"]),
        ("PICKED_UP_CLOSED", ["sale"]),
    ],
)
def test_lightspeed_says_what_was_sold_by_its_status(status: str, kinds: list[str]) -> None:
    found = lightspeed.orders_of(documents.lightspeed_sale(status=status), LIGHTSPEED)
    assert [each.kind for each in found] == kinds


# Toast


def test_each_paid_check_of_a_toast_order_is_a_sale_of_its_business_day() -> None:
    second = documents.toast_check(guid="check-2", paymentStatus="OPEN")
    [order] = toast.orders_of(documents.toast_order(checks=[documents.toast_check(), second]), TOAST)
    assert amounts(consistent(order)) == ("22.00", "2.00", "1.60", "20.00")
    assert (str(order.business_date), order.external_id, order.staff_ref) == ("2026-11-21", "check-1", "waiter-1")
    assert [(each.product, each.category) for each in order.lines or []] == [("dish-1", "food")]


def test_a_toast_refund_has_its_own_business_day() -> None:
    payment = {
        "guid": "pay-1", "amount": 21.6, "refundStatus": "PARTIAL",
        "refund": {
            "refundAmount": 12.3, "refundDate": "2026-11-23T10:00:00.000+0000", "refundBusinessDate": 20261123,
        },
    }  # fmt: skip
    raw = documents.toast_order(checks=[documents.toast_check(payments=[payment])])
    _, refund = toast.orders_of(raw, TOAST)
    assert (refund.kind, str(refund.business_date), refund.original_external_id) == ("refund", "2026-11-23", "check-1")
    assert amounts(refund) == ("-11.50", "0", "-0.80", "-11.50")


@pytest.mark.parametrize("key", ["voided", "deleted"])
def test_a_toast_order_that_is_taken_back_is_void(key: str) -> None:
    assert [each.kind for each in toast.orders_of(documents.toast_order(**{key: True}), TOAST)] == ["void"]
    raw = documents.toast_order(checks=[documents.toast_check(**{key: True})])
    assert [each.kind for each in toast.orders_of(raw, TOAST)] == ["void"]


def test_toast_training_counts_nowhere() -> None:
    [order] = toast.orders_of(documents.toast_order(createdInTestMode=True), TOAST)
    assert order.is_test


# Odoo


def test_an_odoo_order_is_a_sale_with_categories_and_the_discount_that_its_lines_say() -> None:
    [order] = odoo.orders_of(documents.odoo_order(), ODOO)
    assert amounts(consistent(order)) == ("62.50", "12.50", "9.50", "50.00")
    assert order.closed_at.isoformat() == "2026-11-21T13:03:00+00:00"
    assert [(each.product, each.category) for each in order.lines or []] == [("LAMP-12", "Light")]
    assert (order.customer_ref, order.staff_ref, order.original_external_id) == ("9", "2", None)


def test_an_odoo_refund_an_exchange_a_draft_and_a_cancelled_order() -> None:
    [line] = documents.odoo_order()["lines"]
    back = {**line, "qty": -1.0, "discount": 0.0, "price_subtotal": -50.0}
    raw = documents.odoo_order(amount_total=-59.5, amount_tax=-9.5, lines=[back], refunded_order_id=[4700, "Shop/0000"])
    [refund] = odoo.orders_of(raw, ODOO)
    assert (refund.kind, refund.original_external_id, refund.units) == ("refund", "4700", -1)
    [exchange] = odoo.orders_of(documents.odoo_order(amount_total=0, amount_tax=0, lines=[line, back]), ODOO)
    assert exchange.kind == "exchange"
    assert odoo.orders_of(documents.odoo_order(state="draft"), ODOO) == []
    [void] = odoo.orders_of(documents.odoo_order(state="cancel"), ODOO)
    assert void.kind == "void"


# POSLog


def of_poslog(tmp_path: Path, *transactions: str, settings: PosLogSettings = POSLOG) -> list[poslog.Transaction]:
    path = tmp_path / "day.xml"
    path.write_text(documents.poslog(*transactions), encoding="utf-8")
    return list(poslog.transactions(path, settings))


def test_a_poslog_transaction_is_a_sale_in_the_till_s_zone(tmp_path: Path) -> None:
    sale = documents.poslog_transaction(documents.poslog_retail(documents.poslog_item()))
    [found] = of_poslog(tmp_path, sale, documents.poslog_transaction("<ControlTransaction/>", number=18))[:1]
    [order] = found.orders
    assert amounts(consistent(order)) == ("44.00", "4.00", "7.60", "40.00")
    assert order.closed_at.isoformat() == "2026-11-21T14:03:00+01:00"
    assert (order.external_id, order.register_, order.staff_ref) == ("0042-3-2026-11-21-17", "3", "7")
    assert [(each.product, each.category) for each in order.lines or []] == [("LAMP-12", "Light")]


def test_a_poslog_return_names_its_sale_and_a_void_takes_the_place_of_what_it_voids(tmp_path: Path) -> None:
    link = (
        "<TransactionLink><BusinessUnit><UnitID>0042</UnitID></BusinessUnit><WorkstationID>3</WorkstationID>"
        "<BusinessDayDate>2026-11-21</BusinessDayDate><SequenceNumber>17</SequenceNumber></TransactionLink>"
    )
    back = documents.poslog_item("Return", amount="20.00", quantity="1", more=link)
    returned = documents.poslog_transaction(documents.poslog_retail(back), number=30, date="2026-11-23")
    voiding = documents.poslog_transaction(f"<PostVoidTransaction>{link}</PostVoidTransaction>", number=31)
    refund, void = (each.orders[0] for each in of_poslog(tmp_path, returned, voiding))
    assert (refund.kind, refund.original_external_id, refund.units) == ("refund", "0042-3-2026-11-21-17", -1)
    assert amounts(refund) == ("-24.00", "-4.00", "-7.60", "-20.00")
    assert (void.kind, void.external_id) == ("void", "0042-3-2026-11-21-17")
    assert void.version > refund.version


def test_poslog_prices_that_hold_their_tax_give_it_up(tmp_path: Path) -> None:
    inside = documents.poslog_item().replace(
        "<Amount>7.60", "<IncludedInPriceFlag>true</IncludedInPriceFlag><Amount>7.60"
    )
    [found] = of_poslog(tmp_path, documents.poslog_transaction(documents.poslog_retail(inside)))
    assert str(found.orders[0].net) == "32.40"


@pytest.mark.parametrize(
    ("attributes", "status", "kinds"),
    [("CancelFlag='true'", "", ["void"]), ("", "TransactionStatus='Suspended'", []), ("", "", ["sale"])],
)
def test_poslog_says_what_became_of_a_transaction(
    tmp_path: Path, attributes: str, status: str, kinds: list[str]
) -> None:
    retail = documents.poslog_retail(documents.poslog_item(), attributes=status)
    [found] = of_poslog(tmp_path, documents.poslog_transaction(retail, attributes=attributes))
    assert [each.kind for each in found.orders] == kinds


def test_poslog_training_counts_nowhere(tmp_path: Path) -> None:
    retail = documents.poslog_retail(documents.poslog_item())
    [found] = of_poslog(tmp_path, documents.poslog_transaction(retail, attributes="TrainingModeFlag='true'"))
    assert found.orders[0].is_test


def test_one_wrong_transaction_of_a_poslog_does_not_spoil_the_others(tmp_path: Path) -> None:
    good = documents.poslog_transaction(documents.poslog_retail(documents.poslog_item()))
    wrong = good.replace("<ExtendedAmount>40.00", "<ExtendedAmount>forty")
    reasons = [each.reason for each in of_poslog(tmp_path, wrong, good)]
    assert reasons == ["ExtendedAmount: expected an amount, got 'forty'", None]


def test_a_poslog_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><POSLog>&a;</POSLog>')
    with pytest.raises(DocumentError, match="no POSLog"):
        list(poslog.transactions(path, POSLOG))
