"""The agent from pictures on a disk to an ingest behind a real broker."""

import threading
import urllib.request
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import cv2
import msgspec
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract.entries import Audit, CameraUptime, Crossing, Register, ZoneVisit
from edge.agent import Agent, model_slug
from edge.config import (
    AuditConfig,
    BrokerConfig,
    CameraConfig,
    LineConfig,
    MetricsConfig,
    OutboxConfig,
    SiteConfig,
    ZoneConfig,
)
from edge.counting.heat import Warmth
from edge.events import Event, LineCrossed, ZoneLeft
from edge.frames import Frame
from edge.pipeline import CameraPipeline
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.fake_ingest import FakeIngest
from tests.support.servers import RunningBroker

FRAMES = 20


class EveryFifth:
    """A pipeline without a detector: someone crosses at every fifth frame, and one stay is open at the end."""

    zones = ("table",)

    def process(self, frame: Frame) -> list[Event]:
        if frame.index % 5:
            return []
        return [LineCrossed("front-door", "in" if frame.index % 10 else "out", frame.index, frame.time_s)]

    def people_in(self, zone: str) -> int:
        assert zone == "table"
        return 1

    def take_heat(self, *, rest: bool = False) -> Warmth | None:
        del rest
        return None

    def waiting(self) -> dict[str, tuple[int, int]]:
        return {}

    def finish(self) -> list[Event]:
        return [ZoneLeft("table", 0, FRAMES - 1, 3.8, 3.8, censored=True)]


def build(camera: CameraConfig, frame_size: tuple[int, int]) -> CameraPipeline:
    assert (camera.name, frame_size) == ("door", (64, 48))
    return cast("CameraPipeline", EveryFifth())


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(FRAMES):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.zeros((48, 64, 3), np.uint8))
    return folder


def site_of(pictures: Path, broker: RunningBroker, tmp_path: Path) -> SiteConfig:
    url = urlsplit(broker.device_url)
    (tmp_path / "password").write_text(url.password or "", encoding="utf-8")
    camera = CameraConfig(
        name="door",
        source=str(pictures),
        lines=(LineConfig(name="front-door", points=((10, 0), (10, 40))),),
        zones=(ZoneConfig(name="table", polygon=((0, 0), (9, 0), (9, 9))),),
    )
    return SiteConfig(
        store="riverside",
        device="door-box",
        broker=BrokerConfig(
            host=broker.host, port=broker.port, username=url.username, password_file=str(tmp_path / "password")
        ),
        outbox=OutboxConfig(path=str(tmp_path / "outbox.sqlite")),
        cameras=(camera,),
    )


def test_a_clip_is_counted_and_every_entry_is_received(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    site = site_of(pictures, broker, tmp_path)
    ingest = FakeIngest(broker.server_url)
    ingest.start()
    for run in (1, 2):
        agent = Agent(site, build=build, settings=PublisherSettings(receipt_grace_s=0.2))
        agent.run(threading.Event())
        assert agent.waiting == 0
        crossings = cast("list[Crossing]", ingest.of_kind(Crossing))
        assert [crossing.direction for crossing in crossings] == ["out", "in", "out", "in"] * run
        assert len(ingest.of_kind(ZoneVisit)) == run
        last = cast("Register", ingest.of_kind(Register)[-1])
        assert (last.in_total, last.out_total) == (2 * run, 2 * run), "registers go on over a restart"
        assert ingest.of_kind(CameraUptime)
    wait_until(lambda: ingest.statuses[-1].state == "stopped", what="the status `stopped`")
    assert [zone.role for zone in ingest.statuses[0].zones] == ["engagement"]
    assert ingest.lives[-1].lines[0].in_total == 4
    ingest.stop()


def test_an_agent_shows_prometheus_how_it_is_doing_and_nobody_s_counts(
    broker: RunningBroker, pictures: Path, tmp_path: Path
) -> None:
    site = msgspec.structs.replace(
        site_of(pictures, broker, tmp_path), metrics=MetricsConfig(enabled=True, listen="127.0.0.1:0")
    )
    seen: dict[str, float] = {}

    class Asking(EveryFifth):
        def process(self, frame: Frame) -> list[Event]:
            if frame.index == 15:
                assert agent.metrics is not None
                with urllib.request.urlopen(agent.metrics.url, timeout=60) as answer:  # noqa: S310  # ours
                    families = list(text_string_to_metric_families(answer.read().decode()))
                seen.update({one.name: one.value for family in families for one in family.samples})
            return super().process(frame)

    ingest = FakeIngest(broker.server_url)
    ingest.start()
    agent = Agent(
        site, build=lambda _camera, _size: cast("CameraPipeline", Asking()),
        settings=PublisherSettings(receipt_grace_s=0.2),
    )  # fmt: skip
    assert agent.metrics is not None
    agent.run(threading.Event())
    ingest.stop()
    assert seen["footfall_edge_camera_frames_total"] == 15
    assert seen["footfall_edge_outbox_entries"] >= 0
    assert seen["footfall_edge_broker_connected"] in (0, 1)
    assert {
        name for name in seen if not name.startswith(("footfall_edge_", "footfall_build_info", "process_"))
    } == set()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(agent.metrics.url, timeout=5)  # noqa: S310  # as above


def test_an_agent_without_a_broker_counts_and_stops(pictures: Path, broker: RunningBroker, tmp_path: Path) -> None:
    broker.stop()
    stop = threading.Event()
    agent = Agent(site_of(pictures, broker, tmp_path), build=build)
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    wait_until(lambda: agent.outbox.last_seq >= 6, what="crossings in the outbox")
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert agent.waiting >= 6


def test_an_audit_compares_taps_with_what_the_cameras_counted_meanwhile(pictures: Path, tmp_path: Path) -> None:
    camera = CameraConfig(
        name="door", source=str(pictures), lines=(LineConfig(name="front-door", points=((10, 0), (10, 40))),),
        zones=(ZoneConfig(name="table", polygon=((0, 0), (9, 0), (9, 9))),),
    )  # fmt: skip
    site = SiteConfig(
        store="riverside", device="door-box", broker=BrokerConfig(port=1), cameras=(camera,),
        outbox=OutboxConfig(path=str(tmp_path / "outbox.sqlite")),
        audit=AuditConfig(enabled=True, listen="127.0.0.1:0"),
    )  # fmt: skip
    stop = threading.Event()
    agent = Agent(site, build=build)
    assert agent.audit is not None
    agent.audit.audits.begin("phone", "front-door", "jd", 15)
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    heard = agent._heard
    wait_until(lambda: len(heard.crossings("front-door")) == 4, what="four crossings overheard")
    with urllib.request.urlopen(agent.audit.url, timeout=5) as page:  # noqa: S310 - our own address
        assert page.status == 200
    stop.set()
    thread.join(20)
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    run = outbox.pending()
    outbox.close()
    assert run is not None
    (audit,) = [entry for entry in run.entries if isinstance(entry, Audit)]
    assert (audit.line, audit.auditor, audit.complete) == ("front-door", "jd", False), "the agent's stop cut it short"


def test_a_page_that_cannot_be_served_does_not_stop_the_counting(pictures: Path, tmp_path: Path) -> None:
    camera = CameraConfig(name="door", source=str(pictures))
    site = SiteConfig(
        store="riverside", device="door-box", cameras=(camera,), outbox=OutboxConfig(path=str(tmp_path / "outbox")),
        audit=AuditConfig(enabled=True, pin_file=str(tmp_path / "nowhere")),
    )  # fmt: skip
    agent = Agent(site, build=build)
    assert agent.audit is None
    agent.outbox.close()


@pytest.mark.parametrize(
    ("model", "slug"),
    [
        ("yolox-nano", "yolox-nano"),
        ("/models/My Model_v2.onnx", "my-model_v2"),
        ("yolo11n_int8_openvino_model", "yolo11n_int8_openvino_model"),
        ("/models/人.onnx", None),
    ],
)
def test_a_model_is_named_by_a_slug(model: str, slug: str | None) -> None:
    assert model_slug(model) == slug
