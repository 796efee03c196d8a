"""The benchmark of a camera, on the rendered scene."""

from pathlib import Path

from deploy.bench.edge import run
from deploy.demo.scene import HEIGHT, WIDTH, render


def test_the_camera_benchmark_measures_each_model_and_says_which_cannot_run(tmp_path: Path) -> None:
    clip = tmp_path / "scene.mp4"
    render(clip)
    result = run(clip, models=["motion", str(tmp_path / "none.onnx")], frames=20)
    assert (result["frames"], result["size"]) == (20, [WIDTH, HEIGHT])
    assert result["models"]["motion"]["pipeline_ms"] > 0
    assert 0 < result["models"]["motion"]["core_share_at_5_fps"] < 1
    assert "no model at" in result["models"][str(tmp_path / "none.onnx")]["not_run"]
