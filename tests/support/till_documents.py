"""Documents as vendors' interfaces describe them, written for these tests; builders with named defaults."""

from typing import Any

Raw = dict[str, Any]


def money(amount: int, currency: str = "USD") -> Raw:
    return {"amount": amount, "currency": currency}


def square_line(**changes: Any) -> Raw:
    return {
        "uid": "u1", "name": "Mug", "quantity": "2", "catalog_object_id": "MUG", "item_type": "ITEM",
        "base_price_money": money(1000), "gross_sales_money": money(2000), "total_tax_money": money(144),
        "total_discount_money": money(200), "total_money": money(1944), **changes,
    }  # fmt: skip


def square_order(**changes: Any) -> Raw:
    return {
        "id": "CAISENgvlJ6jLWAzERDzjyHVybY", "location_id": "L1", "state": "COMPLETED", "version": 4,
        "created_at": "2026-11-21T12:59:00Z", "updated_at": "2026-11-21T13:03:30Z", "closed_at": "2026-11-21T13:03:00Z",
        "customer_id": "CUST", "line_items": [square_line()], "total_money": money(2144), "total_tax_money": money(144),
        "total_discount_money": money(200), "total_tip_money": money(200), "total_service_charge_money": money(0),
        **changes,
    }  # fmt: skip


def square_return(**changes: Any) -> Raw:
    """A return without anything sold."""
    back = {
        "uid": "r1", "source_line_item_uid": "u1", "name": "Mug", "quantity": "1", "catalog_object_id": "MUG",
        "total_tax_money": money(72), "total_discount_money": money(100), "total_money": money(972),
    }  # fmt: skip
    return square_order(**{
        "id": "RETURN1", "line_items": [], "total_money": money(0), "total_tax_money": money(0),
        "total_discount_money": money(0), "total_tip_money": money(0),
        "returns": [{"uid": "x", "source_order_id": "CAISENgvlJ6jLWAzERDzjyHVybY", "return_line_items": [back]}],
        "return_amounts": {
            "total_money": money(972), "tax_money": money(72), "discount_money": money(100), "tip_money": money(0),
            "service_charge_money": money(0),
        },
        **changes,
    })  # fmt: skip


def shopify_order(**changes: Any) -> Raw:
    return {
        "id": 450789469, "name": "#1001", "source_name": "pos", "location_id": 655441491, "user_id": 799407056,
        "device_id": 12, "created_at": "2026-11-21T14:01:00+01:00", "processed_at": "2026-11-21T14:03:00+01:00",
        "updated_at": "2026-11-21T14:03:05+01:00", "cancelled_at": None, "financial_status": "paid", "test": False,
        "currency": "EUR", "taxes_included": True, "total_line_items_price": "119.00", "total_discounts": "11.90",
        "subtotal_price": "107.10", "total_tax": "17.10", "total_price": "107.10",
        "customer": {"id": 207119551, "email": "somebody@example.com"}, "shipping_lines": [], "refunds": [],
        "line_items": [{
            "id": 1, "sku": "LAMP-12", "product_id": 5, "variant_id": 6, "title": "Lamp", "quantity": 1,
            "price": "119.00", "discount_allocations": [{"amount": "11.90"}], "tax_lines": [{"price": "17.10"}],
        }],
        **changes,
    }  # fmt: skip


def shopify_refund(**changes: Any) -> Raw:
    return {
        "id": 929361463, "order_id": 450789469, "created_at": "2026-11-25T10:00:00+01:00",
        "processed_at": "2026-11-25T10:00:00+01:00", "user_id": 3, "order_adjustments": [],
        "refund_line_items": [{
            "quantity": 1, "line_item_id": 1, "subtotal": 107.10, "total_tax": 17.10, "line_item": {"sku": "LAMP-12"},
        }],
        **changes,
    }  # fmt: skip


def lightspeed_sale(**changes: Any) -> Raw:
    return {
        "id": "06bf537b-c783-11e6", "outlet_id": "outlet-1", "register_id": "reg-1", "user_id": "user-1",
        "customer_id": "cust-1", "status": "CLOSED", "version": 7_000_001, "return_for": None, "deleted_at": None,
        "sale_date": "2026-11-21T13:03:00+00:00", "total_price": 50.0, "total_tax": 9.5,
        "line_items": [{
            "id": "l1", "product_id": "p1", "quantity": 2, "total_price": 50.0, "total_tax": 9.5, "total_discount": 5.0,
            "status": "CONFIRMED",
        }],
        **changes,
    }  # fmt: skip


def toast_check(**changes: Any) -> Raw:
    return {
        "guid": "check-1", "paymentStatus": "CLOSED", "amount": 20.0, "taxAmount": 1.6, "totalAmount": 24.6,
        "closedDate": "2026-11-22T06:30:00.000+0000", "voided": False, "deleted": False, "appliedDiscounts": [],
        "selections": [{
            "guid": "s1", "item": {"guid": "dish-1"}, "salesCategory": {"guid": "food"}, "displayName": "Soup",
            "quantity": 2.0, "price": 20.0, "tax": 1.6, "voided": False,
            "appliedDiscounts": [{"discountAmount": 2.0}],
        }],
        "payments": [{"guid": "pay-1", "amount": 21.6, "tipAmount": 3.0, "refundStatus": "NONE"}],
        "customer": {"guid": "guest-1", "email": "guest@example.com"}, **changes,
    }  # fmt: skip


def toast_order(**changes: Any) -> Raw:
    return {
        "guid": "order-1", "restaurantGuid": "rest-1", "businessDate": 20261121, "source": "In Store",
        "openedDate": "2026-11-22T05:10:00.000+0000", "modifiedDate": "2026-11-22T06:31:00.000+0000",
        "server": {"guid": "waiter-1"}, "createdDevice": {"id": "till-3"}, "voided": False, "deleted": False,
        "createdInTestMode": False, "checks": [toast_check()], **changes,
    }  # fmt: skip


def odoo_order(**changes: Any) -> Raw:
    return {
        "id": 4711, "name": "Shop/0001", "pos_reference": "00001-001-0001", "date_order": "2026-11-21 13:03:00",
        "write_date": "2026-11-21 13:03:10", "state": "done", "amount_total": 59.5, "amount_tax": 9.5,
        "config_id": [1, "Riverside till"], "partner_id": [9, "Somebody"], "user_id": [2, "Clerk"],
        "refunded_order_id": False,
        "lines": [{
            "id": 1, "order_id": [4711, "Shop/0001"], "product_id": [31, "Lamp"], "qty": 1.0, "discount": 20.0,
            "price_unit": 62.5, "price_subtotal": 50.0, "price_subtotal_incl": 59.5,
            "product": {"id": 31, "default_code": "LAMP-12", "categ_id": [4, "Light"]},
        }],
        **changes,
    }  # fmt: skip


def poslog(*transactions: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" MajorVersion="6">' + "".join(transactions)
        + "</POSLog>"
    )  # fmt: skip


def poslog_transaction(body: str, *, number: int = 17, attributes: str = "", date: str = "2026-11-21") -> str:
    return (
        f"<Transaction {attributes}><BusinessUnit><UnitID>0042</UnitID></BusinessUnit>"
        f"<WorkstationID>3</WorkstationID><SequenceNumber>{number}</SequenceNumber>"
        f"<BusinessDayDate>{date}</BusinessDayDate><BeginDateTime>{date}T14:01:00</BeginDateTime>"
        f"<EndDateTime>{date}T14:03:00</EndDateTime><OperatorID>7</OperatorID><CurrencyCode>EUR</CurrencyCode>"
        f"{body}</Transaction>"
    )


def poslog_item(kind: str = "Sale", *, amount: str = "40.00", quantity: str = "2", more: str = "") -> str:
    return (
        f"<LineItem><SequenceNumber>1</SequenceNumber><{kind}><ItemID>LAMP-12</ItemID>"
        f"<MerchandiseHierarchy Level='Department'>Light</MerchandiseHierarchy>"
        f"<ExtendedAmount>{amount}</ExtendedAmount>"
        f"<ExtendedDiscountAmount>4.00</ExtendedDiscountAmount><Quantity>{quantity}</Quantity>"
        f"<Tax><Amount>7.60</Amount></Tax>{more}</{kind}></LineItem>"
    )


def poslog_retail(*items: str, attributes: str = "") -> str:
    return f"<RetailTransaction {attributes}>{''.join(items)}</RetailTransaction>"
