"""What a box says about its cameras' pictures, as findings."""

from analytics.fleet.devices import Device
from analytics.quality.findings import Finding, device_findings
from tests.support.clocks import ManualClock

NOW = ManualClock().now()
BOX = Device(
    code="box-1",
    state="online",
    heard_at=NOW,
    version="0.1.0",
    model=None,
    queue_depth=0,
    cameras=(("door", False, 10.0, "moved"), ("yard", False, 9.0, "dark"), ("till", True, 9.0, "blurred")),
    temperature_c=None,
    disk_free_mb=None,
    clock_offset_s=None,
)


def test_what_is_wrong_with_a_picture_is_said_in_place_of_a_dark_camera() -> None:
    found = device_findings([BOX], now=NOW)
    assert found == [Finding("camera_moved", "door"), Finding("camera_dark", "yard"), Finding("camera_blurred", "till")]
    assert [finding.severity for finding in found] == ["act", "act", "watch"]


def test_in_a_closed_shop_it_may_be_dark() -> None:
    assert {finding.code for finding in device_findings([BOX], now=NOW, is_open=False)} == {
        "camera_moved", "camera_blurred",
    }  # fmt: skip
