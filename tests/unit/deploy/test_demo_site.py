"""The demo's site file and its rendered scene."""

from pathlib import Path

import pytest

from deploy.broker import Broker
from deploy.demo import assets
from deploy.demo.assets import Clip, ClipName, choose_clip, choose_model
from deploy.demo.scene import HEIGHT, WIDTH, render, truth
from deploy.demo.site import demo_site, write_site
from edge.config import AuditConfig, check_geometry, load_site
from edge.pipeline import build_pipeline
from edge.recount import recount
from edge.sources.opening import open_source
from models.errors import FetchError


@pytest.mark.parametrize(
    ("name", "size"), [("one-by-one", (768, 432)), ("vtest", (768, 576)), ("rendered", (WIDTH, HEIGHT))]
)
def test_each_clip_s_site_file_is_one_that_the_agent_reads(
    tmp_path: Path, name: ClipName, size: tuple[int, int]
) -> None:
    broker = Broker(tmp_path / "broker", port=1884, kind="iotcore")
    site = demo_site(Clip(name, tmp_path / "clip.mp4"), "yolox-nano", broker, tmp_path / "outbox.sqlite")
    write_site(site, tmp_path / "site.toml")
    assert load_site(tmp_path / "site.toml") == site
    check_geometry(site.cameras[0], size)


def test_the_demo_serves_an_audit_page_only_when_asked_to(tmp_path: Path) -> None:
    broker, clip = Broker(tmp_path / "broker", port=1884, kind="iotcore"), Clip("vtest", tmp_path / "clip.mp4")
    assert not demo_site(clip, "yolox-nano", broker, tmp_path / "outbox.sqlite").audit.enabled
    page = AuditConfig(enabled=True, listen="0.0.0.0:8090", pin_file=str(tmp_path / "audit-pin"))
    write_site(demo_site(clip, "yolox-nano", broker, tmp_path / "outbox.sqlite", audit=page), tmp_path / "site.toml")
    assert load_site(tmp_path / "site.toml").audit == page


def test_the_rendered_scene_counts_to_its_truth_without_any_weights(tmp_path: Path) -> None:
    clip = Clip("rendered", tmp_path / "scene.mp4")
    render(clip.path)
    broker = Broker(tmp_path / "broker", port=1884, kind="iotcore")
    camera = demo_site(clip, "motion", broker, tmp_path / "outbox.sqlite", loop=False).cameras[0]
    source = open_source(camera)
    counted = recount(source, build_pipeline(camera, frame_size=source.size))
    source.close()
    directions = [crossing.direction for crossing in counted.crossings]
    assert (directions.count("in"), directions.count("out")) == truth()


def test_a_clip_on_this_machine_is_taken_before_any_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vtest.avi").touch()
    monkeypatch.setattr(assets, "clip_folders", lambda: iter([tmp_path]))
    assert choose_clip(lambda _: None) == Clip("vtest", tmp_path / "vtest.avi")


def test_without_clip_and_net_the_scene_is_rendered_and_the_reasons_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(assets, "clip_folders", lambda: iter([]))
    monkeypatch.setattr(assets, "clip_cache", lambda: tmp_path)
    monkeypatch.setattr(assets, "fetch_file", _no_answer)
    clip = choose_clip(said.append)
    assert clip.name == "rendered"
    assert clip.path.stat().st_size > 0
    assert [line.split(":")[0] for line in said] == ["clip"] * 3
    assert "cannot be downloaded" in said[0]
    assert choose_model(said.append, clip) == "motion"


def test_without_weights_and_index_the_motion_detector_counts_and_says_how_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(assets, "locate", lambda _spec: None)
    monkeypatch.setattr(assets, "fetch", _no_answer)
    assert choose_model(said.append, Clip("vtest", tmp_path / "vtest.avi")) == "motion"
    assert len(said) == 3
    assert "rough" in said[-1]


def _no_answer(*_: object) -> None:
    raise FetchError("https://example.org/x: no answer: offline. Put it there by hand.")
