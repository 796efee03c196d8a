"""A part of the agent that hangs ends it with a clear word, and what it counted before is kept."""

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import pytest

from edge.agent import Agent
from edge.config import BrokerConfig, CameraConfig, LineConfig, OutboxConfig, SiteConfig
from edge.counting.heat import Warmth
from edge.errors import StuckError
from edge.events import Event, LineCrossed
from edge.frames import Frame
from edge.publishing.sqlite_outbox import SqliteOutbox
from edge.service_manager import ServiceManager

if TYPE_CHECKING:
    from edge.pipeline import CameraPipeline


class HangsAtTheThird:
    """A pipeline whose detector's library does not return from the third frame."""

    zones = ()

    def __init__(self, hold: threading.Event) -> None:
        self._hold = hold

    def process(self, frame: Frame) -> list[Event]:
        if frame.index == 2:
            self._hold.wait(30)
        return [LineCrossed("front-door", "in", frame.index, frame.time_s)]

    def take_heat(self, *, rest: bool = False) -> Warmth | None:
        del rest
        return None

    def waiting(self) -> dict[str, tuple[int, int]]:
        return {}

    def finish(self) -> list[Event]:
        return []


@pytest.fixture
def site(tmp_path: Path) -> SiteConfig:
    for number in range(5):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), np.zeros((48, 64, 3), np.uint8))
    line = LineConfig(name="front-door", points=((10, 0), (10, 40)))
    return SiteConfig(
        store="riverside",
        device="door-box",
        broker=BrokerConfig(port=1),
        outbox=OutboxConfig(path=str(tmp_path / "outbox.sqlite")),
        cameras=(CameraConfig(name="door", source=str(tmp_path), lines=(line,)),),
    )


def test_a_detector_that_hangs_ends_the_agent_with_a_clear_word(site: SiteConfig, tmp_path: Path) -> None:
    hold = threading.Event()
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)
        agent = Agent(
            site,
            build=lambda *_: cast("CameraPipeline", HangsAtTheThird(hold)),
            manager=ServiceManager({"NOTIFY_SOCKET": address}),
            stuck_s=0.5,
        )
        threading.Timer(3.0, hold.set).start()
        with pytest.raises(StuckError, match="camera door: its thread has not come round"):
            agent.run(threading.Event())
        assert listener.recv(1_000) == b"READY=1"
        assert listener.recv(1_000).startswith(b"WATCHDOG=1\nSTATUS=")
        assert listener.recv(1_000) == b"STOPPING=1"
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    assert outbox.totals()["front-door"].in_total >= 2, "what was counted before is kept"
    outbox.close()
