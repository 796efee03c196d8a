"""The uniform's colour and the marker on real people: a colour that one of them wears finds that one only."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.recount import app

pytestmark = [pytest.mark.video, pytest.mark.slow]

#: In vtest one woman wears a red jacket and one man a blue one; nobody wears the others. In the other clip nobody does.
WORN = {"red": "#c8102e", "blue": "#1250b0"}
#: How often they cross the road's line: she at frames 497 and 670, seen in the pictures.
CROSSED = {"red": 2, "blue": 1}
NOT_WORN = ["#f26a1b", "#f2c500", "#1b8f3a", "#6a2a9c"]


def recount(data_folder: Path, folder: Path, clip: str, line: str, staff: str) -> dict[str, Any]:
    video, weights = data_folder / "video" / clip, data_folder / "models" / "yolox_nano.onnx"
    for path in (video, weights):
        if not path.exists():
            pytest.skip(f"not here: {path}")
    site = folder / "site.toml"
    site.write_text(
        f'store = "trial"\ndevice = "box"\n[staff]\n{staff}\n[[cameras]]\nname = "clip"\nsource = "clip"\n{line}\n',
        encoding="utf-8",
    )
    words = [str(video), "--site", str(site), "--model", str(weights), "--fps", "7", "--json"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def staff_crossings(report: dict[str, Any]) -> int:
    assert all(crossing["staff"] is not None for crossing in report["crossings"]), "a rule is set: everybody is judged"
    said = sum(crossing["staff"] for crossing in report["crossings"])
    assert said == sum(row["counted"] for row in report["staff"])
    return int(said)


@pytest.mark.parametrize("colour", WORN)
def test_who_wears_the_colour_is_told_among_walkers(data_folder: Path, tmp_path: Path, colour: str) -> None:
    line = 'lines = [{ name = "road", points = [[340, 180], [340, 370]] }]'
    report = recount(data_folder, tmp_path, "vtest.avi", line, f'uniform = ["{WORN[colour]}"]')
    assert staff_crossings(report) == CROSSED[colour]
    assert {row["rule"] for row in report["staff"]} == {"colour"}


def test_a_colour_that_nobody_wears_and_a_marker_find_nobody(data_folder: Path, tmp_path: Path) -> None:
    rules = f"uniform = {json.dumps(NOT_WORN)}\nmarker = 7"
    line = 'lines = [{ name = "road", points = [[340, 180], [340, 370]] }]'
    assert staff_crossings(recount(data_folder, tmp_path, "vtest.avi", line, rules)) == 0
    line = 'anchor = "centre"\nlines = [{ name = "exit", points = [[600, 0], [600, 431]] }]'
    clip = "one-by-one-person-detection.mp4"
    assert staff_crossings(recount(data_folder, tmp_path, clip, line, rules)) == 0
