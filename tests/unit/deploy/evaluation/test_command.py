"""`footfall models evaluate` as its user calls it, on a clip that needs no weights: a dark block on a light floor."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from deploy.cli.models import app
from deploy.errors import RivalError, TruthError
from deploy.evaluation import run as running
from models.errors import UnknownModelError

#: The block's middle passes x = 160 at frame 33, from right to left.
LINE = {"name": "door", "a": [160, 0], "b": [160, 180], "anchor": "bbox centre"}
TRUE = LINE | {"crossings": [{"frame": 33, "direction": "right_to_left", "tol_frames": 4}]}


def write_corridor(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(60):
            image = np.full((180, 320, 3), 200, np.uint8)
            if number >= 10:
                x = 300 - (number - 10) * 6
                image[60:140, max(0, x - 15) : max(0, x + 15)] = 30
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    clips, truth = tmp_path / "clips", tmp_path / "truth"
    clips.mkdir()
    truth.mkdir()
    write_corridor(clips / "corridor.mp4")
    say(truth, video="films/corridor.mp4", fps=10, size=[320, 180], lines=[TRUE])
    return clips, truth


def say(folder: Path, **content: Any) -> None:
    (folder / "corridor.json").write_text(json.dumps(content))


def call(folders: tuple[Path, Path], *words: str) -> tuple[str, BaseException | None]:
    given = ["evaluate", "--clips", str(folders[0]), "--truth", str(folders[1]), "--model", "motion", *words]
    result = CliRunner().invoke(app, given)
    return result.stdout, result.exception


def test_every_tool_has_truth_predicted_and_matched_per_clip_and_rate(folders: tuple[Path, Path]) -> None:
    printed, _ = call(folders, "--no-rivals", "--fps", "full,10,5", "--json")
    result = json.loads(printed)
    for rate in ("full", "10", "5"):
        counted = result["footfall"]["clips"]["corridor"][rate]
        assert (counted["truth"], counted["predicted"], counted["matched"]) == (1, 1, 1)
        assert counted["lines"]["door"]["in"]["recall"]["n"] == 1
    assert result["object_counter"] is None
    assert result["reasons"]["object_counter"] == "left out, as was asked for"
    assert result["by_model"]["motion"]["footfall"] == result["footfall"]
    assert result["machine"]["cpus"] >= 1


def test_a_rival_is_held_against_the_same_truth(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def rival(name: str, clip: Path, lines: list[str], model: str, **words: Any) -> dict[str, Any]:
        asked.append((name, clip.name, lines, model, words["rates"]))
        if name == "object_counter":
            raise RivalError("Ultralytics cannot load motion")
        crossings = [
            {"line": "door", "direction": "out", "frame": 34},
            {"line": "door", "direction": "in", "frame": 50},
        ]
        rates = {rate: {"crossings": crossings, "frames": 60} for rate in words["rates"]}
        return {"rates": rates, "versions": {"supervision": "0.31"}}

    monkeypatch.setattr(running, "run_rival", rival)
    result = json.loads(call(folders, "--fps", "full", "--json")[0])
    assert asked[1] == ("trackers_linezone", "corridor.mp4", ["door=160,0,160,180,centre"], "motion", ("full",))
    assert (result["object_counter"], result["reasons"]) == (None, {"object_counter": "Ultralytics cannot load motion"})
    counted = result["trackers_linezone"]["clips"]["corridor"]["full"]
    assert (counted["predicted"], counted["matched"], counted["wrong_direction"], counted["invented"]) == (2, 0, 1, 1)


def test_people_read_tables_and_notes(folders: tuple[Path, Path]) -> None:
    printed, error = call(folders, "--no-rivals", "--fps", "full")
    assert error is None
    assert "1 / 1" in printed
    assert "corridor" in printed


def test_a_clip_without_truth_is_counted_against_nothing(folders: tuple[Path, Path]) -> None:
    write_corridor(folders[0] / "other.mp4")
    result = json.loads(call(folders, "--no-rivals", "--fps", "full", "--json")[0])
    counted = result["footfall"]["clips"]["other"]["full"]
    assert (counted["truth"], counted["predicted"], counted["matched"]) == (None, 1, None)
    assert "no truth" in result["clips"]["other"]["notes"][0]
    assert result["footfall"]["totals"]["full"]["truth"] == 1


def test_stays_and_people_inside_are_compared(folders: tuple[Path, Path]) -> None:
    half = [[0, 0], [160, 0], [160, 180], [0, 180]]
    visit = {"enter_frame": 33, "exit_frame": 58, "dwell_s": 2.5}
    zone = {"name": "left", "polygon": half, "anchor": "centre", "visits": [visit], "persons_inside_end": 0}
    say(folders[1], zones=[zone], presence=[{"first_visible": 10, "last_visible": 57}])
    result = json.loads(call(folders, "--no-rivals", "--fps", "full", "--json")[0])
    counted = result["footfall"]["clips"]["corridor"]["full"]
    assert counted["truth"] is None
    assert counted["zones"]["left"]["visits"]["matched"] == 1
    assert counted["zones"]["left"]["dwell"]["max_error_s"] < 1
    assert counted["occupancy"]["mean_error"] < 0.3


def test_box_truth_beside_a_truth_file_is_asked_of_trackeval(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (folders[1] / "corridor.mot.txt").write_text("11,1,285,60,30,80,1,1,1\n")
    words = ("--no-rivals", "--rivals-python", str(tmp_path / "nowhere"), "--fps", "full", "--json")
    counted = json.loads(call(folders, *words)[0])["footfall"]["clips"]["corridor"]["full"]
    assert (counted["matched"], counted["tracking"]["HOTA"]) == (1, None)
    assert "nowhere cannot be run" in counted["tracking"]["reason"]


def test_the_tables_replace_their_section_of_a_document_and_nothing_else(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    document = tmp_path / "accuracy.md"
    begin, end = "<!-- models evaluate: written by a command -->", "<!-- models evaluate: end -->"
    document.write_text(f"# Accuracy\n\nBefore.\n\n{begin}\nstale figures\n{end}\n\nAfter.\n")
    for _ in range(2):
        call(folders, "--no-rivals", "--fps", "full", "--write", str(document))
    text = document.read_text()
    assert text.startswith("# Accuracy\n\nBefore.\n\n")
    assert text.endswith(f"{end}\n\nAfter.\n")
    assert "stale" not in text
    assert text.count("| motion | corridor | full | 1 | 1 / 1 | – | – |") == 1


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (
            ["--fps", "abc"],
            TruthError,
            "--fps: expected `full` or frames per second up to 120, as in full,10,5; got 'abc'",
        ),
        (["--fps", "0"], TruthError, "got '0'"),
        (["--fps", "nan"], TruthError, "got 'nan'"),
        (["--model", "yolo99"], UnknownModelError, "no model `yolo99`"),
        (["--clips", "nowhere"], TruthError, "nowhere: no such folder of clips"),
        (["--truth", "nowhere"], TruthError, "nowhere: no such folder of truth"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_counted(
    folders: tuple[Path, Path], words: list[str], kind: type[Exception], told: str
) -> None:
    printed, error = call(folders, "--no-rivals", *words)
    assert (printed, type(error)) == ("", kind)
    assert told in str(error)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"lines": [TRUE], "size": [640, 480]}, "corridor.json: `size`: expected that of its clip"),
        ({"lines": [TRUE | {"a": [900, 0]}]}, "`line door`: expected point 1 inside the frame of 320 x 180"),
        (
            {"lines": [LINE | {"crossings": [{"frame": 3000, "direction": "in"}]}]},
            "`lines[0].crossings[0].frame`: expected a frame of its clip corridor.mp4, which has 60, got 3000",
        ),
        (
            {"lines": [TRUE], "occupancy_true": [{"frames": [0, 3000], "persons": 1}]},
            "corridor.json: `occupancy_true[0].frames[1]`: expected a frame of its clip",
        ),
        ({"lines": [TRUE], "video": 3}, "corridor.json: `video`: expected a text, got 3"),
    ],
)
def test_truth_that_does_not_fit_its_clip_is_refused(
    folders: tuple[Path, Path], content: dict[str, Any], told: str
) -> None:
    say(folders[1], **content)
    _, error = call(folders, "--no-rivals", "--fps", "full")
    assert isinstance(error, TruthError)
    assert told in str(error)


def test_what_looks_like_a_slip_in_the_truth_is_told_and_the_rest_is_left_alone(folders: tuple[Path, Path]) -> None:
    crossing = {"frame": 33, "direction": "right_to_left", "tolerance": 4, "seen_by": "me"}
    say(folders[1], video="nope.gif", fps=5, lines=[LINE | {"crossings": [crossing], "note": "-"}])
    given = ["evaluate", "--clips", str(folders[0]), "--truth", str(folders[1]), "--model", "motion", "--json"]
    result = CliRunner().invoke(app, [*given, "--no-rivals", "--fps", "full"])
    notes = json.loads(result.stdout)["clips"]["corridor"]["notes"]
    assert notes == [
        "corridor.json: `lines[0].crossings[0].tolerance` is left alone: `tol_frames` is meant?",
        "corridor.json: `video` is nope.gif; taken for corridor.mp4 by its stem",
        (
            "corridor.json: its frames per second are 5, those of corridor.mp4 10.000: its numbers of frames are taken "
            "for those of the clip"
        ),
    ]
    assert all(note in result.stderr for note in notes)


def test_a_truth_that_names_its_clip_with_something_before_it_is_no_doubt(folders: tuple[Path, Path]) -> None:
    say(folders[1], video="films/preview_corridor.mp4", fps=10.01, lines=[TRUE])
    printed, _ = call(folders, "--no-rivals", "--fps", "full", "--json")
    assert json.loads(printed)["clips"]["corridor"]["notes"] == []
