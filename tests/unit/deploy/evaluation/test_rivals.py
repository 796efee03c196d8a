"""Rivals: how they are run, and that one which fails leaves null and a reason, never a figure."""

import stat
from pathlib import Path
from typing import Any

import pytest

from deploy.bench.rivals import environment
from deploy.bench.rivals.client import run_rival
from deploy.bench.rivals.environment import ENVIRONMENTS, interpreter
from deploy.bench.rivals.job import Job, Line, Tool, count, parse_line
from deploy.bench.rivals.object_counter import directions, loadable
from deploy.errors import RivalError
from edge.geometry import Segment
from tests.support.scenes import write_clip


def program(folder: Path, text: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def asked(python: Path) -> dict[str, Any]:
    return run_rival("object_counter", Path("clip.avi"), ["door=1,2,3,4"], "yolo11n", python=python)


def test_the_answer_is_the_last_line_that_a_runner_prints(tmp_path: Path) -> None:
    assert asked(program(tmp_path, """echo welcome; echo '{"rates": {}}'""")) == {"rates": {}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("echo first >&2; echo 'no such model' >&2; exit 3", "^no such model$"),
        ("exit 9", "object_counter ended with exit code 9"),
        ("echo done", "printed no JSON: 'done'"),
    ],
)
def test_a_runner_that_fails_says_why(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RivalError, match=told):
        asked(program(tmp_path, text))


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RivalError, match=r"nowhere cannot be run"):
        asked(tmp_path / "nowhere")


def test_an_environment_is_made_once_and_again_when_it_is_to_hold_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "_do", lambda *command: made.append(command))
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    (tmp_path / "trackeval").mkdir()
    for _ in range(2):
        assert interpreter("trackeval", folder=tmp_path) == tmp_path / "trackeval" / "bin" / "python"
    assert [command[1:3] for command in made] == [("-m", "venv"), ("-m", "pip"), ("-m", "pip")]
    assert "--no-deps" in made[2]
    monkeypatch.setitem(ENVIRONMENTS, "trackeval", environment.Environment(("numpy",)))
    interpreter("trackeval", folder=tmp_path)
    assert len(made) == 5


def test_what_pip_says_is_the_reason_why_an_environment_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(program(tmp_path, "echo 'ERROR: no such thing'; exit 1")))
    with pytest.raises(RivalError, match=r"^no such thing$"):
        interpreter("trackeval", folder=tmp_path / "rivals")
    assert not (tmp_path / "rivals" / "trackeval" / "footfall-installed.txt").exists()


def test_a_line_survives_its_way_through_the_command_line() -> None:
    line = Line("door = 2, left", (1.5, 2), (3, 4), "centre")
    assert parse_line(line.word) == line
    assert parse_line("door=1,2,3,4") == Line("door", (1, 2), (3, 4), "foot")
    with pytest.raises(ValueError, match="expected NAME=x1,y1,x2,y2"):
        parse_line("door=1,2,3")


@pytest.mark.parametrize("end", [(0, 100), (0, -100), (100, 0), (-100, 0), (100, 40), (-40, 100)])
def test_object_counters_in_goes_right_at_an_upright_line_and_down_at_another(end: tuple[float, float]) -> None:
    line = Line("door", (0, 0), end)
    upright = abs(end[0]) < abs(end[1])
    side = Segment(line.start, line.end).side((1, 0) if upright else (0, 1))
    assert directions(line) == (("in", "out") if side > 0 else ("out", "in"))


def test_object_counter_loads_only_what_ultralytics_made(tmp_path: Path) -> None:
    folder = tmp_path / "some_openvino_model"
    folder.mkdir()
    with pytest.raises(Exception, match="Ultralytics cannot load some_openvino_model"):
        loadable(str(folder))
    (folder / "metadata.yaml").touch()
    assert loadable(str(folder)) == folder
    for name in ("yolox_nano.onnx", "model.xml"):
        (tmp_path / name).touch()
        with pytest.raises(Exception, match=f"Ultralytics cannot load {name}"):
            loadable(str(tmp_path / name))
    with pytest.raises(Exception, match="no weights of gone"):
        loadable("gone")


class EveryFifth(Tool):
    """Counts someone in at every fifth frame that it sees."""

    def begin(self, fps: float) -> Any:
        del fps
        seen: list[int] = []

        def step(frame: Any) -> list[Any]:
            seen.append(frame.index)
            return [("door", "in")] if len(seen) % 5 == 0 else []

        return step


def test_a_crossing_is_told_by_the_number_of_its_frame_in_the_source(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=20, fps=10)
    job = Job(str(clip), (Line("door", (0, 0), (9, 9)),), "any", ("full", "10", "5"))
    rates = count(job, EveryFifth())["rates"]
    assert [each["frame"] for each in rates["full"]["crossings"]] == [4, 9, 14, 19]
    assert rates["10"] == rates["full"]
    assert [each["frame"] for each in rates["5"]["crossings"]] == [8, 18]
    assert (rates["5"]["in"], rates["5"]["out"], rates["5"]["frames"]) == ({"door": 2}, {"door": 0}, 10)
    assert rates["full"]["cpu_s_per_frame"] > 0


def test_whom_a_tool_followed_is_told_frame_by_frame_when_asked(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=4, fps=10)
    tool = EveryFifth()
    tool.followed = ([7], [[1.0, 2.0, 3.0, 4.0]])
    for asked_for in (True, False):
        job = Job(str(clip), (Line("door", (0, 0), (9, 9)),), "any", ("full",), tracks=asked_for)
        told = count(job, tool)["rates"]["full"].get("tracks")
        assert told == ([(frame, [7], [[1.0, 2.0, 3.0, 4.0]]) for frame in range(4)] if asked_for else None)
