"""What the store's page says about its boxes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.fleet.devices import Device
from analytics.fleet.fleet import FleetBox, SetUp, Wanted
from analytics.quality.findings import device_findings
from analytics.stores import Store
from dashboard.components.device_list import badge, device_list
from dashboard.components.fleet_table import fleet_table, row_data
from dashboard.components.grid import PAGE
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


def shown(box: FleetBox) -> dict[str, Any]:
    (row,) = row_data(FleetView(NOW, ((SHOP, box),)), EN, search="", only="all", hrefs={})
    return row


@pytest.mark.parametrize(
    ("set_up", "said", "needed"),
    [("current", "as wanted", False), ("applied", "as wanted", False), ("pending", "on trial", False),
     ("refused", "not taken", True), ("rolled_back", "taken back", True)],
)  # fmt: skip
def test_the_fleet_tells_whether_a_box_runs_the_set_up_that_is_wanted(set_up: SetUp, said: str, needed: bool) -> None:
    wanted = Wanted(version=4, taken=4, standard="autumn 3", reason="a line crosses itself")
    box = FleetBox(1, a_box("door-box"), "enrolled", NOW + timedelta(days=9), None, set_up, wanted)
    row = shown(box)
    assert (row["set_up"], row["needed"]) == (f"{said} · autumn 3", needed)
    assert row["why"] == "a line crosses itself"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(), "its own: nothing is wanted"),
        (Wanted(version=2), "not taken yet"),
        (Wanted(version=2, taken=1), "not taken yet"),
        (Wanted(version=2, taken=2, edited=True), "changed on the box"),
        (Wanted(version=2, taken=2), "as wanted"),
    ],
)
def test_a_box_that_has_not_answered_for_the_latest_version_is_not_as_wanted(wanted: Wanted, said: str) -> None:
    assert shown(FleetBox(1, a_box("door-box"), "enrolled", NOW, None, "current", wanted))["set_up"] == said


@pytest.mark.parametrize(
    ("application", "state", "said"),
    [(None, None, "0.1.0"), ("footfall 0.1.0", None, "0.1.0"), ("footfall 0.2.0", "pending", "0.1.0 → 0.2.0"),
     ("footfall 0.2.0", "applied", "0.1.0")],
)  # fmt: skip
def test_the_version_that_is_wanted_stands_beside_the_one_that_runs(
    application: str | None, state: str | None, said: str
) -> None:
    wanted = Wanted(version=2, taken=2, application=application, application_state=state)
    assert shown(FleetBox(1, a_box("door-box"), "enrolled", NOW, None, "current", wanted))["version"] == said


def test_boxes_are_turned_over_page_by_page_however_many_come_later() -> None:
    view = FleetView(NOW, ((SHOP, FleetBox(1, a_box("box-1"), "enrolled", NOW, None, "current", Wanted())),))
    options = fleet_table(EN, row_data(view, EN, search="", only="all", hrefs={})).children.dashGridOptions
    assert options["pagination"] is True
    assert options["paginationPageSize"] == PAGE
    assert options["domLayout"] == "autoHeight", "it is as long as its page"
