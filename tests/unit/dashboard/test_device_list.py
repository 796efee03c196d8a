"""What the store's page says about its boxes."""

from datetime import UTC, datetime

from analytics.devices import Device
from analytics.findings import device_findings
from analytics.stores import Store
from dashboard.components.device_list import badge, device_list
from dashboard.language import language
from tests.support.component_text import text_of

SHOP = Store(1, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
EN = language("en")


def a_box(code: str, *, revoked: bool = False) -> Device:
    return Device(code, "online", NOW, "0.1.0", None, 0, (), None, None, None, revoked=revoked)


def test_a_revoked_box_says_so_and_never_that_it_is_live() -> None:
    gone, there = a_box("gone", revoked=True), a_box("there")
    assert text_of(badge((gone,), SHOP, NOW, EN)).strip() == "revoked"
    assert text_of(badge((gone, there), SHOP, NOW, EN)).strip() == "live"
    assert "revoked" in text_of(device_list((gone, there), SHOP, NOW, EN))


def test_a_revoked_box_asks_for_nobody_s_attention() -> None:
    assert device_findings([a_box("gone", revoked=True)], now=NOW) == []
