"""The bar: real clips, real weights, each crossing held against hand-made truth, beside the rivals where they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.bench.rivals.client import RIVALS
from deploy.bench.rivals.environment import environments_folder
from deploy.cli.models import app
from tests.support.extras import model_path

pytestmark = pytest.mark.video


def evaluate(data_folder: Path, *words: str, clips: Path | None = None) -> dict[str, Any]:
    folders = ["--clips", str(clips or data_folder / "video"), "--truth", str(data_folder / "truth")]
    result = CliRunner().invoke(app, ["evaluate", *folders, "--json", *words], catch_exceptions=False)
    assert result.exit_code == 0
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_truth_file_finds_its_clip_though_it_names_another_and_its_people_are_found(
    data_folder: Path, tmp_path: Path
) -> None:
    clip = data_folder / "video" / "store-aisle-detection.gif"
    (tmp_path / clip.name).symlink_to(clip)
    model = model_path(data_folder, "yolox_nano.onnx")
    result = evaluate(data_folder, "--model", model, "--no-rivals", "--fps", "full,5", clips=tmp_path)
    assert sorted(result["truth_without_clip"]) == ["one-by-one-person-detection.json", "vtest.json"]
    for counted in result["footfall"]["clips"]["store-aisle-detection"].values():
        assert counted["truth"] is None
        [zone] = counted["zones"].values()
        assert zone["inside_end"]["error"] == 0
        assert counted["occupancy"]["mean_error"] < 0.6


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_yolo11n_finds_every_crossing_and_no_other_and_misses_none_at_five_frames(data_folder: Path) -> None:
    result = evaluate(data_folder, "--model", model_path(data_folder, "yolo11n_int8_openvino_model"), "--no-rivals")
    totals = result["footfall"]["totals"]
    for rate in ("full", "10"):
        assert (totals[rate]["predicted"], totals[rate]["matched"]) == (totals[rate]["truth"], totals[rate]["truth"])
    assert totals["5"]["matched"] == totals["5"]["truth"]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_default_model_makes_at_most_one_error_at_ten_frames(data_folder: Path) -> None:
    model = model_path(data_folder, "yolox_nano.onnx")
    [sums] = evaluate(data_folder, "--model", model, "--no-rivals", "--fps", "10")["footfall"]["totals"].values()
    assert sum(sums[kind] for kind in ("missed", "double", "wrong_direction", "invented")) <= 1


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_no_rival_is_better_with_the_same_weights_in_the_same_run(data_folder: Path) -> None:
    missing = [rival for rival in RIVALS if not (environments_folder() / rival / "footfall-installed.txt").is_file()]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; `footfall models evaluate` installs them once")
    result = evaluate(data_folder, "--model", model_path(data_folder, "yolo11n_int8_openvino_model"))
    for rival in RIVALS:
        for rate, theirs in result[rival]["totals"].items():
            ours = result["footfall"]["totals"][rate]
            assert ours["matched"] >= theirs["matched"], f"{rival} at {rate}"
            assert ours["predicted"] - ours["matched"] <= theirs["predicted"] - theirs["matched"], f"{rival} at {rate}"
