"""What a simulated box says about itself agrees with what happens in its store."""

from dataclasses import replace

from contract.codec import encode
from deploy.simulation.days import to_instant
from deploy.simulation.fleet import FRONT_BOX, SIDE_BOX
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.presence import VirtualDevice
from edge.publishing.presence import live_of, status_of
from tests.support.clocks import ManualClock
from tests.support.memory_outbox import MemoryOutbox
from tests.support.simulation import NO_OUTAGES, happened, simulated


def test_people_in_a_zone_are_those_who_are_staying_there() -> None:
    store = simulated(model=NO_OUTAGES)
    stays = happened(store).zones[0]
    moment = int(stays.start_ms[3])
    device = VirtualDevice(store, FRONT_BOX, ManualClock(to_instant(moment)))
    expected = int(((stays.start_ms <= moment) & (stays.end_ms > moment)).sum())
    assert device.people()["new-arrivals"] == expected > 0
    assert {camera.state for camera in device.cameras()} == {"up"}


def test_a_dark_camera_is_down_and_says_nothing_about_its_zones() -> None:
    store = simulated(model=replace(DEFAULT_MODEL, outage_share=1.0))
    dark = store.outages(happened(store), FRONT_BOX)["floor"]
    device = VirtualDevice(store, FRONT_BOX, ManualClock(to_instant(dark.start_ms)))
    assert {camera.camera: camera.state for camera in device.cameras()}["floor"] == "down"
    assert "new-arrivals" not in device.people()


def test_status_and_live_keep_the_contract_day_and_night() -> None:
    store = simulated()
    for box in (FRONT_BOX, SIDE_BOX):
        for hours in range(0, 48, 3):
            clock = ManualClock(to_instant(happened(store).day.opens_ms + hours * 3_600_000))
            device, outbox = VirtualDevice(store, box, clock), MemoryOutbox()
            encode(status_of(device, outbox, "online", clock.now()))
            encode(live_of(device, outbox, clock.now()))
