"""The benchmark of a camera, on the rendered scene."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.bench import edge as bench
from deploy.bench.camera_clip import camera_clip
from deploy.bench.edge import Wanted, run
from deploy.cli.bench import app
from deploy.demo.scene import HEIGHT, WIDTH, render
from deploy.errors import BenchError, RivalError
from edge.sources.file import FileSource
from tests.support.scenes import START, write_clip


def test_the_camera_benchmark_sets_us_beside_the_floor(tmp_path: Path) -> None:
    clip = tmp_path / "scene.mp4"
    render(clip)
    result = CliRunner().invoke(
        app, ["edge", "--clip", str(clip), "--model", "motion", "--fps", "2", "--no-rivals", "--json"]
    )
    figures = json.loads(result.stdout)
    assert (figures["size"], figures["fps"]) == ([WIDTH, HEIGHT], 2)
    assert figures["core_share"] == pytest.approx(figures["cpu_s_per_frame"] * 2, abs=1e-4)
    assert figures["floor_core_share"] > 0
    assert figures["rss_mb"] > 30
    assert figures["levers"] == {"gate": True, "region": True}
    assert figures["rivals"] == {"object_counter": None, "trackers_linezone": None}


def test_a_rival_that_cannot_run_here_is_null_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RivalError("no package index")

    monkeypatch.setattr(bench, "run_rival", refuse)
    figures = bench.rivals(Wanted(tmp_path, (), "motion", 5), ["a=0,0,1,1"], lambda _: None)
    assert figures["object_counter"] == {"cpu_s_per_frame": None, "rss_mb": None, "reason": "no package index"}


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no such video file"):
        run(Wanted(tmp_path / "none.mp4", (), "motion", 5, rivals=False))


def test_a_clip_like_a_cameras_is_made_once(tmp_path: Path) -> None:
    origin = write_clip(tmp_path / "small.mp4", frames=4)
    made = camera_clip(origin, tmp_path / "bench")
    source = FileSource(made, started_at=START)
    assert (source.size, source.fps) == ((1920, 1080), 25)
    assert len(list(source)) == 4
    written = made.stat().st_mtime_ns
    assert camera_clip(origin, tmp_path / "bench").stat().st_mtime_ns == written
