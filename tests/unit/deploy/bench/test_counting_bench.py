"""The benchmark of counting: what it measures, and the section that it writes."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from deploy.bench.counting import TOOLS, Plan, row, run
from deploy.bench.counting_report import curves, section, write
from deploy.bench.document import replace_section
from deploy.cli.bench import app
from deploy.simulation.tracks.scoring import Errors

SMALL = Plan(duration_s={"sparse door": 60, "loiterers": 40}, recalls=(0.8, 1.0), rates_fps=(5.0, 10.0))


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    return run(SMALL)


def test_every_cell_says_what_each_tool_missed_invented_and_turned_round(result: dict[str, Any]) -> None:
    cells = result["cells"]
    assert len(cells) == SMALL.cells
    assert {"scene", "recall", "fps", "n", *TOOLS} == set(cells[0])
    for cell in cells:
        for tool in TOOLS:
            figures = cell[tool]
            assert figures["rate"] == pytest.approx(
                (figures["missed"] + figures["extra"] + figures["wrong_way"]) / cell["n"], abs=1e-4
            )


def test_the_same_plan_gives_the_same_figures(result: dict[str, Any]) -> None:
    assert run(SMALL)["cells"] == result["cells"]


def test_a_line_without_rules_invents_crossings_where_people_loiter(result: dict[str, Any]) -> None:
    cells = [cell for cell in result["cells"] if cell["scene"] == "loiterers"]
    assert all(cell["one_sided"]["extra"] > 3 * cell["footfall"]["extra"] for cell in cells)


def test_a_rate_has_its_interval_even_beyond_one() -> None:
    assert row(Errors(100, 2, 1, 0))["interval"] == pytest.approx([0.01025, 0.08452])
    low, high = row(Errors(100, 50, 100, 0))["interval"]
    assert low < 1.5 < high
    assert row(Errors(0, 0, 3, 0)) == {"missed": 0, "extra": 3, "wrong_way": 0, "rate": None, "interval": None}


def test_the_section_shows_every_scene_and_every_rate(result: dict[str, Any]) -> None:
    text = section(result, SMALL)
    assert "| sparse door |" in text
    assert "| recall | 5 fps | 10 fps |" in text
    assert f"{result['crossings']:,} true crossings in {SMALL.cells} cells" in text


def test_the_picture_is_a_curve_per_rate_and_scene(result: dict[str, Any]) -> None:
    picture = ET.fromstring(curves(result["cells"]))  # noqa: S314 - our own text
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 4


def test_writing_twice_changes_only_the_own_section(result: dict[str, Any], tmp_path: Path) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text("# Title\n\nBefore.\n", encoding="utf-8")
    write(result, SMALL, document)
    replace_section(document, "other", "Other.")
    once = document.read_text(encoding="utf-8")
    write(result, SMALL, document)
    assert document.read_text(encoding="utf-8") == once
    assert once.startswith("# Title\n\nBefore.\n")
    assert "Other." in once
    assert (tmp_path / "images" / "counting-errors.svg").exists()


@pytest.mark.slow
def test_the_quick_command_prints_one_json_object() -> None:
    outcome = CliRunner().invoke(app, ["counting", "--quick", "--json"])
    assert outcome.exit_code == 0, outcome.output
    assert json.loads(outcome.stdout)["counting"]["crossings"] > 400
