"""Real clips, real weights, real counts: `footfall recount` against hand-made truth.

`tests/golden/recount.json` holds the errors that are known; a figure may get better, never worse.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.recount import app
from tests.support.extras import model_path
from tests.support.truth import load_truth, unmatched

pytestmark = pytest.mark.video

GOLDEN: dict[str, int] = json.loads((Path(__file__).parents[1] / "golden" / "recount.json").read_text("utf-8"))[
    "errors"
]
VTEST, ONE_BY_ONE = "vtest.avi", "one-by-one-person-detection.mp4"
#: How the truth files name a direction → how a line drawn as they draw it does.
DIRECTIONS = {"right_to_left": "in", "left_to_right": "out", "down": "in", "up": "out"}
SITE = """
store = "trial"
device = "box"
[[cameras]]
name = "clip"
source = "given on the command line"
anchor = "centre"
lines = [
  { name = "exit", points = [[600, 0], [600, 431]] },
  { name = "entry", points = [[0, 250], [560, 250]] },
]
zones = [{ name = "table", polygon = [[360, 340], [580, 340], [580, 431], [360, 431]], anchor = "foot" }]
"""


def recount(clip: Path, *words: str) -> dict[str, Any]:
    if not clip.exists():
        pytest.skip(f"no such clip here: {clip}")
    result = CliRunner().invoke(app, [str(clip), *words, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def line_errors(report: dict[str, Any], line: dict[str, Any], fps: float) -> tuple[int, int]:
    """(missed, invented) crossings of one line; analysing every n-th frame widens the tolerance by as many."""
    true = [(crossing["frame"], DIRECTIONS[crossing["direction"]]) for crossing in line["crossings"]]
    said = [(each["frame"], each["direction"]) for each in report["crossings"] if each["line"] == line["name"]]
    tolerance = line["crossings"][0]["tol_frames"] + 10 / fps - 1
    missed, invented = unmatched(said, true, tolerance)
    return len(missed), len(invented)


def road(data_folder: Path, weights: str, fps: float) -> tuple[int, int]:
    truth = load_truth(data_folder, VTEST)["lines"][0]
    words = ("--line", "road=340,180,340,370", "--anchor", "foot", "--model", model_path(data_folder, weights))
    report = recount(data_folder / "video" / VTEST, *words, "--fps", str(fps))
    return line_errors(report, truth, fps)


def shop(data_folder: Path, tmp_path: Path, weights: str, fps: float) -> tuple[dict[str, Any], dict[str, Any]]:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    words = ("--site", str(site), "--model", model_path(data_folder, weights), "--fps", str(fps))
    return recount(data_folder / "video" / ONE_BY_ONE, *words), load_truth(data_folder, ONE_BY_ONE)


def dwell_errors(report: dict[str, Any], truth: dict[str, Any]) -> list[float]:
    visits, facts = report["zones"]["table"]["visits"], truth["zones"][0]["visits"]
    assert len(visits) == len(facts)
    return [abs(visit["dwell_s"] - fact["dwell_s"]) for visit, fact in zip(visits, facts, strict=True)]


def check(name: str, errors: tuple[int, int]) -> None:
    assert sum(errors) <= GOLDEN[name], f"{name}: (missed, invented) {errors}, the ratchet allows {GOLDEN[name]}"


@pytest.mark.slow
def test_yolo11n_counts_the_crossroads_exactly(data_folder: Path) -> None:
    check("vtest yolo11n 10", road(data_folder, "yolo11n_int8_openvino_model", 10))


def test_yolo11n_counts_the_shop_exactly_and_its_stays_within_a_second(data_folder: Path, tmp_path: Path) -> None:
    # Five frames a second: half the work. The full rate is in the slow lane.
    report, truth = shop(data_folder, tmp_path, "yolo11n_int8_openvino_model", 5)
    for line in truth["lines"]:
        check(f"one-by-one {line['name']} yolo11n 5", line_errors(report, line, 5))
    assert max(dwell_errors(report, truth)) <= 1


def test_the_default_model_counts_the_crossroads(data_folder: Path) -> None:
    check("vtest yolox-nano 10", road(data_folder, "yolox_nano.onnx", 10))


def test_the_default_model_counts_the_shop(data_folder: Path, tmp_path: Path) -> None:
    report, truth = shop(data_folder, tmp_path, "yolox_nano.onnx", 10)
    for line in truth["lines"]:
        check(f"one-by-one {line['name']} yolox-nano 10", line_errors(report, line, 10))
    assert max(dwell_errors(report, truth)) <= 1


@pytest.mark.parametrize("weights", ["yolo11n_int8_openvino_model", "yolox_nano.onnx"])
def test_four_people_who_sit_all_the_time_are_four_long_stays(data_folder: Path, weights: str) -> None:
    clip = data_folder / "video" / "classroom.gif"
    report = recount(
        clip,
        "--zone",
        "room=0,0,480,0,480,270,0,270",
        "--anchor",
        "centre",
        "--model",
        model_path(data_folder, weights),
    )
    visits = report["zones"]["room"]["visits"]
    assert len(visits) == 4
    assert all(visit["exit_frame"] - visit["enter_frame"] >= report["frames"] - 5 for visit in visits)


@pytest.mark.parametrize("weights", ["yolo11n_int8_openvino_model", "yolox_nano.onnx"])
def test_an_empty_room_stays_empty(data_folder: Path, weights: str) -> None:
    clip = data_folder / "video" / "people-detection.gif"
    words = ("--zone", "room=0,0,480,0,480,270,0,270", "--line", "middle=240,0,240,270", "--anchor", "centre")
    report = recount(clip, *words, "--model", model_path(data_folder, weights), "--from-frame", "13")
    assert report["zones"]["room"]["visits"] == []
    assert report["crossings"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("yolo11n", "yolo11n_int8_openvino_model"),
        ("yolo26n", "yolo26n_int8_openvino_model"),
        ("yolox-nano", "yolox_nano.onnx"),
        ("retail-0013", "person-detection-retail-0013/person-detection-retail-0013.xml"),
    ],
)
@pytest.mark.parametrize("fps", [10, 5])
def test_no_model_counts_worse_than_it_did(
    data_folder: Path, tmp_path: Path, name: str, weights: str, fps: float
) -> None:
    check(f"vtest {name} {fps}", road(data_folder, weights, fps))
    report, truth = shop(data_folder, tmp_path, weights, fps)
    for line in truth["lines"]:
        check(f"one-by-one {line['name']} {name} {fps}", line_errors(report, line, fps))
    assert max(dwell_errors(report, truth)) <= 1


@pytest.mark.parametrize("weights", ["yolo11n_int8_openvino_model", "yolox_nano.onnx"])
def test_shoppers_who_hide_one_another_stay_three(data_folder: Path, weights: str) -> None:
    clip = data_folder / "video" / "store-aisle-detection.gif"
    words = ("--zone", "aisle=255,40,470,40,470,269,255,269", "--anchor", "centre")
    visits = recount(clip, *words, "--model", model_path(data_folder, weights))["zones"]["aisle"]["visits"]
    assert [visit["exit_frame"] >= 60 for visit in visits] == [True, True, True]
    assert 14 <= visits[2]["enter_frame"] <= 30, "the third comes in while the first two are there"


#: Who crosses x = 420 in vtest, where a lamp post with a sign hides them, (frame, direction): from the public track
#: annotation of the same film (PETS 2009 S2.L1 View_001 in MOT 2015), which is interpolated behind the post; three
#: places where our counts differ were looked at in the pictures (frames 48, 132 and 460 on), and bear it out. How many
#: and which way is sure; moments behind the post are good to a second.
POST = (
    (21, "in"), (54, "in"), (107, "out"), (153, "out"), (153, "in"), (173, "in"), (213, "in"), (247, "in"), (272, "in"),
    (281, "in"), (316, "out"), (338, "out"), (353, "out"), (353, "in"), (355, "out"), (470, "out"), (480, "in"),
    (551, "in"), (632, "in"), (685, "in"), (685, "out"), (699, "in"), (708, "out"), (744, "in"), (752, "out"),
    (768, "in"),
)  # fmt: skip
#: One man stands behind the sign and drifts from its left to its right (frames 48 to 103), and one comes in at the
#: line's lower end (787): auditors would differ on when, or whether. Counted or not, either is right.
OPEN = ((60, 105, "out"), (780, 794, "out"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "weights"), [("yolo11n", "yolo11n_int8_openvino_model"), ("yolox-nano", "yolox_nano.onnx")]
)
@pytest.mark.parametrize("fps", [10, 5])
def test_behind_the_lamp_post_no_more_are_lost_than_before(
    data_folder: Path, name: str, weights: str, fps: float
) -> None:
    words = ("--line", "post=420,180,420,370", "--anchor", "foot", "--model", model_path(data_folder, weights))
    report = recount(data_folder / "video" / VTEST, *words, "--fps", str(fps))
    said = [(each["frame"], each["direction"]) for each in report["crossings"]]
    missed, invented = unmatched(said, list(POST), 10)
    for since, until, direction in OPEN:
        here = [one for one in invented if one[1] == direction and since <= one[0] <= until]
        invented = [one for one in invented if one not in here[:1]]
    check(f"vtest post {name} {fps}", (len(missed), len(invented)))
