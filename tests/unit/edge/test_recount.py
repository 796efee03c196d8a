"""Recounting: the words of the command line, the report, and how it says no."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from deploy.cli.recount import app
from edge.config import LineConfig, ZoneConfig
from edge.errors import ConfigError, EdgeError, SourceError
from edge.recount_setup import camera_for, parse_line, parse_zone
from models.errors import UnknownModelError

SITE = """
store = "riverside"
device = "box"
[[cameras]]
name = "door"
source = "rtsp://10.0.0.20/stream"
loop = true
fps = 5
model = "motion"
lines = [{ name = "door", points = [[1, 2], [3, 4]], anchor = "centre" }]
zones = [{ name = "table", polygon = [[0, 0], [9, 0], [9, 9]] }]
"""


def camera(video: str = "clip.mp4", **words: Any) -> Any:
    given: dict[str, Any] = {"lines": [], "zones": [], "anchor": None, "model": None, "fps": None}
    return camera_for(video, words.pop("site", None), words.pop("camera", None), **(given | words))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


@pytest.fixture
def corridor(tmp_path: Path) -> Path:
    """Sixty images: a dark block walks from right to left over a light floor, ten frames in."""
    folder = tmp_path / "corridor"
    folder.mkdir()
    for number in range(60):
        image = np.full((180, 320, 3), 200, np.uint8)
        if number >= 10:
            x = 300 - (number - 10) * 6
            image[60:140, max(0, x - 15) : max(0, x + 15)] = 30
        cv2.imwrite(str(folder / f"{number:03}.png"), image)
    return folder


def run(*words: str) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(app, [*words])
    return result.exit_code, result.stdout, result.exception


def test_a_line_is_a_name_and_two_points() -> None:
    assert parse_line("door=340,180,340,370.5") == LineConfig(name="door", points=((340, 180), (340, 370.5)))
    assert parse_zone("right aisle=0,0,9,0,9,9") == ZoneConfig(name="right aisle", polygon=((0, 0), (9, 0), (9, 9)))


@pytest.mark.parametrize("word", ["door", "door=", "=1,2,3,4", "door=1,2,3", "door=1,2,3,4,5,6", "door=a,b,c,d"])
def test_another_word_is_refused_with_the_form(word: str) -> None:
    with pytest.raises(ConfigError, match=r"--line.*NAME=x1,y1,x2,y2"):
        parse_line(word)


@pytest.mark.parametrize("word", ["table=1,2,3,4", "table=1,2,3,4,5", "table"])
def test_a_zone_needs_three_corners(word: str) -> None:
    with pytest.raises(ConfigError, match="--zone"):
        parse_zone(word)


def test_the_site_file_gives_everything_but_the_clip(site: Path) -> None:
    chosen = camera("clip.mp4", site=site)
    assert (chosen.source, chosen.loop, chosen.fps, chosen.model) == ("clip.mp4", False, 5, "motion")
    assert chosen.lines[0].anchor == "centre"
    assert chosen.zones[0].anchor is None


def test_words_stand_above_the_site_file(site: Path) -> None:
    chosen = camera(site=site, lines=["door=5,6,7,8", "side=1,1,2,2"], anchor="foot", model="yolox-nano", fps=10.0)
    assert [line.points for line in chosen.lines] == [((5, 6), (7, 8)), ((1, 1), (2, 2))]
    assert {shape.anchor for shape in (*chosen.lines, *chosen.zones)} == {"foot"}
    assert (chosen.model, chosen.fps) == ("yolox-nano", 10)


def test_of_several_cameras_one_must_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(SITE + '[[cameras]]\nname = "till"\nsource = "usb:0"\nzones = []\n')
    with pytest.raises(ConfigError, match=r"one of door, till.*Give --camera"):
        camera(site=path)
    assert camera(site=path, camera="door").name == "door"


def test_nothing_to_count_is_refused() -> None:
    with pytest.raises(ConfigError, match="Give --line, --zone or --site"):
        camera()


def test_a_clip_is_recounted_to_one_json_object(corridor: Path) -> None:
    line, zone = "--line=door=160,0,160,180", "--zone=floor=180,20,319,20,319,179,180,179"
    status, printed, _ = run(str(corridor), line, zone, "--model", "motion", "--json")
    assert status == 0
    report = json.loads(printed)
    assert list(report) == [
        "video", "model", "frames", "fps", "lines", "crossings", "zones", "groups", "staff", "queues", "flows", "heat",
    ]  # fmt: skip
    assert (report["video"], report["model"], report["frames"], report["fps"]) == (str(corridor), "motion", 60, 10)
    assert report["lines"] == {"door": {"in": 1, "out": 0}}
    assert (report["groups"], report["staff"]) == ({"door": 1.0}, None)
    assert (report["queues"], report["flows"]) == ({}, [{"from": None, "to": "floor", "people": 1}])
    seconds = sum(report["heat"]["person_s"])
    assert (report["heat"]["columns"], report["heat"]["rows"]) == (32, 18)
    assert seconds == pytest.approx(5, abs=1), "fifty frames at ten a second"
    (crossing,) = report["crossings"]
    assert (crossing["line"], crossing["direction"]) == ("door", "in")
    assert crossing["frame"] == pytest.approx(33, abs=2)
    assert crossing["at_s"] == pytest.approx(crossing["frame"] / 10, abs=0.06)
    (visit,) = report["zones"]["floor"]["visits"]
    assert visit["dwell_s"] == pytest.approx((visit["exit_frame"] - visit["enter_frame"]) / 10)


def test_a_queue_with_a_till_is_recounted_with_its_outcome(corridor: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("""
store = "riverside"
device = "box"
[[cameras]]
name = "till"
source = "usb:0"
model = "motion"
zones = [{ name = "queue", role = "queue", polygon = [[180, 20], [300, 20], [300, 179], [180, 179]], \
served_towards = [150, 140], engaged_after_s = 0 },
         { name = "shelf", polygon = [[40, 20], [140, 20], [140, 179], [40, 179]] }]
""")
    _, printed, _ = run(str(corridor), "--site", str(path), "--json")
    report = json.loads(printed)
    (wait,) = report["queues"]["queue"]
    assert wait["outcome"] == "served"
    assert wait["wait_s"] == pytest.approx(1.7, abs=0.4)
    assert report["zones"]["queue"]["visits"] == []
    assert report["flows"] == [{"from": "queue", "to": "shelf", "people": 1}]
    _, printed, _ = run(str(corridor), "--site", str(path))
    assert "served" in printed
    assert "█" in printed


def test_a_range_of_frames_keeps_the_numbers_of_the_source(corridor: Path) -> None:
    line = "--line=door=160,0,160,180"
    _, printed, _ = run(str(corridor), line, "--model", "motion", "--json", "--from-frame", "5", "--until-frame", "50")
    report = json.loads(printed)
    assert report["frames"] == 45
    assert report["crossings"][0]["frame"] == pytest.approx(33, abs=2)
    _, printed, _ = run(str(corridor), line, "--model", "motion", "--json", "--until-frame", "20")
    assert json.loads(printed)["crossings"] == []


def test_people_read_tables(corridor: Path) -> None:
    status, printed, _ = run(str(corridor), "--line=door=160,0,160,180", "--model", "motion")
    assert status == 0
    assert "door" in printed
    assert "60 frames at 10 per second" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["--line=door=0,0,999,0", "--model=motion"], ConfigError, "point 2 inside the frame of 320 x 180"),
        (["--line=door=0,0,99,0", "--model=yolo99"], UnknownModelError, "expected one of"),
        (["--line=door=0,0,99,0", "--model=motion", "--from-frame=600"], SourceError, "the last one read was 59"),
    ],
)
def test_what_cannot_be_is_told(corridor: Path, words: list[str], error: type[Exception], said: str) -> None:
    _, _, raised = run(str(corridor), *words)
    assert isinstance(raised, error)
    assert said in str(raised)


def test_an_unreadable_video_is_told(tmp_path: Path) -> None:
    _, _, raised = run(str(tmp_path / "absent.mp4"), "--line=door=0,0,99,0")
    assert isinstance(raised, EdgeError)
    assert "no such video file" in str(raised)
