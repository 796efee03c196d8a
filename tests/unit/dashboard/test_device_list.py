"""What the store's page says about its boxes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.fleet.devices import Device
from analytics.fleet.fleet import FleetBox, SetUp
from analytics.quality.findings import device_findings
from analytics.stores import Store
from dashboard.components.device_list import badge, device_list
from dashboard.components.fleet_table import row_data
from dashboard.language import language
from dashboard.reading.fleet import FleetView
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


@pytest.mark.parametrize(
    ("ten_minutes", "day", "codes"), [(0, 0, []), (2, 5, ["crashes"]), (3, 5, ["crash_loop"]), (9, 60, ["crash_loop"])]
)
def test_a_box_that_crashes_is_told_and_a_loop_is_told_as_one(ten_minutes: int, day: int, codes: list[str]) -> None:
    box = replace(a_box("door-box"), crashes_10_min=ten_minutes, crashes_24_h=day)
    assert [finding.code for finding in device_findings([box], now=NOW)] == codes
    between = replace(box, state="stopped", heard_at=NOW - timedelta(seconds=20))
    assert [finding.code for finding in device_findings([between], now=NOW)] == [*codes, "device_stopped"]
    gone = replace(box, state="offline", heard_at=NOW - timedelta(hours=2))
    assert [finding.code for finding in device_findings([gone], now=NOW)] == ["device_offline"]


@pytest.mark.parametrize(
    ("set_up", "said", "needed"),
    [(None, "–", False), ("current", "as wanted", False), ("applied", "as wanted", False),
     ("pending", "on trial", False), ("refused", "not taken", True), ("rolled_back", "taken back", True)],
)  # fmt: skip
def test_the_fleet_tells_whether_a_box_runs_the_set_up_that_is_wanted(
    set_up: SetUp | None, said: str, needed: bool
) -> None:
    box = FleetBox(1, a_box("door-box"), "enrolled", NOW + timedelta(days=9), None, set_up)
    (row,) = row_data(FleetView(NOW, ((SHOP, box),)), EN, search="", only="all", hrefs={})
    assert (row["set_up"], row["needed"]) == (said, needed)
