"""What a box shows to Prometheus, where, and to whom."""

import socket
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract.messages import CameraHealth, Crashes
from edge.config import MetricsConfig, parse_site
from edge.errors import ConfigError
from edge.metrics.exposition import BoxState, exposition
from edge.metrics.service import open_metrics, wanted
from edge.publishing.presence import Readings

STATE = BoxState(
    cameras=[
        (CameraHealth(camera="door", state="up", fps=9.97), 123_456_789),
        (CameraHealth(camera="till", state="down", fps=0.0), 0),
    ],
    outbox_entries=17,
    broker_connected=True,
    readings=Readings(temperature_c=61.5, disk_free_mb=2_048, crashes=Crashes(ten_minutes=0, day=2)),
)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Return the values by name and camera, as Prometheus's own reader understands the page."""
    return {
        (one.name, one.labels.get("camera", "")): one.value
        for family in text_string_to_metric_families(text) for one in family.samples
    }  # fmt: skip


def test_cameras_outbox_broker_and_machine_are_told() -> None:
    seen = samples(exposition(STATE))
    assert seen["footfall_edge_camera_up", "door"] == 1
    assert seen["footfall_edge_camera_up", "till"] == 0
    assert seen["footfall_edge_camera_frames_per_second", "door"] == 9.97
    assert seen["footfall_edge_camera_frames_total", "door"] == 123_456_789
    assert seen["footfall_edge_outbox_entries", ""] == 17
    assert seen["footfall_edge_broker_connected", ""] == 1
    assert seen["footfall_edge_temperature_celsius", ""] == 61.5
    assert seen["footfall_edge_disk_free_bytes", ""] == 2_048_000_000
    assert seen["footfall_edge_crashes", ""] == 2
    assert seen["process_cpu_seconds_total", ""] > 0
    assert seen["process_start_time_seconds", ""] > 1_700_000_000


def test_what_is_not_known_is_left_out() -> None:
    seen = samples(exposition(BoxState([], 0, False, Readings())))
    assert {name for name, _ in seen if name.startswith("footfall_edge")} == {
        "footfall_edge_outbox_entries", "footfall_edge_broker_connected",
    }  # fmt: skip


def test_the_page_is_at_one_address_and_gone_with_the_agent() -> None:
    page = open_metrics(MetricsConfig(enabled=True, listen="127.0.0.1:0"), lambda: STATE, {})
    assert page is not None
    page.start()
    with urlopen(page.url, timeout=20) as answer:  # noqa: S310  # ours
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert samples(answer.read().decode())["footfall_edge_outbox_entries", ""] == 17
    with pytest.raises(HTTPError, match="404"):
        urlopen(page.url.replace("/metrics", "/"), timeout=20)  # noqa: S310  # ours
    page.stop()
    port = int(page.url.split(":")[2].removesuffix("/metrics"))
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nobody listens"


def test_it_is_off_unless_the_site_file_or_the_environment_asks_for_it() -> None:
    assert open_metrics(MetricsConfig(), lambda: STATE, {}) is None
    assert wanted(MetricsConfig(), {"FOOTFALL_METRICS_PORT": "9471"}).address == ("127.0.0.1", 9471)
    both = {"FOOTFALL_METRICS_PORT": "9471", "FOOTFALL_METRICS_HOST": "10.0.0.7"}
    assert wanted(MetricsConfig(enabled=True), both).address == ("10.0.0.7", 9471)


@pytest.mark.parametrize(
    "listen", ["8.8.8.8:9470", "[2001:4860:4860::8888]:9470", "localhost:9470", "127.0.0.1", "9470"]
)
def test_an_address_that_everybody_reaches_or_that_is_none_is_refused(listen: str) -> None:
    raw = {
        "store": "riverside", "device": "box", "metrics": {"enabled": True, "listen": listen},
        "cameras": [{"name": "door", "source": "usb:0"}],
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"metrics\.listen"):
        parse_site(raw, where="site.toml")
    with pytest.raises(ConfigError, match="FOOTFALL_METRICS_PORT"):
        wanted(MetricsConfig(), {"FOOTFALL_METRICS_HOST": "8.8.8.8", "FOOTFALL_METRICS_PORT": "9470"})


def test_a_port_that_is_taken_is_said_and_the_box_counts_on(caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        assert open_metrics(MetricsConfig(enabled=True, listen=listen), lambda: STATE, {}) is None
    assert "set another `listen` in [metrics]" in caplog.text
