"""A new set-up on a real agent: applied without losing a count, taken back when it makes a camera blind."""

import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from contract.control import Standard
from edge.config import load_site, standard_file
from edge.control.probation import Pace
from edge.control.site_files import digest
from edge.control.trial import settle
from tests.support.clocks import wait_until
from tests.support.controlled_agent import ControlledAgent, cameras, counted, prepare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path)
    return tmp_path


def fps_of(folder: Path) -> float | None:
    return load_site(folder / "site.toml").cameras[0].fps


def test_a_new_site_is_applied_without_losing_a_count_and_only_what_changed_begins_anew(folder: Path) -> None:
    with ControlledAgent(folder).running() as box:
        box.counting()
        epoch = box.agent.outbox.epoch
        door, side = box.agent.cameras
        wait_until(lambda: box.tally["front-door"] > 4, what="the door counts")
        box.desire(2, site=cameras(folder, fps=5))
        report = box.until("applied", 2)
        assert (report.running, report.edited, report.site_sha256) == (
            2,
            False,
            digest(box.site_file.read_text("utf-8")),
        )
        assert [worker is each for worker, each in zip(box.agent.cameras, (door, side), strict=True)] == [False, True]
        before = box.tally["front-door"]
        wait_until(lambda: box.tally["front-door"] > before, what="the door counts again")
        assert box.agent.outbox.epoch == epoch
    assert fps_of(folder) == 5
    assert counted(folder) == box.tally, "each crossing that a camera decided is in the ledger once"


def test_a_set_up_that_makes_a_camera_blind_is_taken_back(folder: Path) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    with ControlledAgent(folder).running() as box:
        box.counting()
        box.desire(2, site=cameras(folder, fps=5))
        box.until("applied", 2)
        text = box.site_file.read_text(encoding="utf-8")
        box.desire(3, site=cameras(folder, door="another-camera.mp4"))
        report = box.until("rolled_back", 3)
        assert (report.reason or "").startswith("camera door, up before, is down since the change: ")
        assert "no such video file" in (report.reason or "")
        assert (report.running, report.edited) == (2, False)
        box.counting()
        assert box.site_file.read_text(encoding="utf-8") == text
    assert counted(folder) == box.tally


def test_a_pipeline_that_cannot_be_built_is_named(folder: Path) -> None:
    # Nobody knows how large the pictures of the new clip are: only building it shows that the line lies beside them.
    (folder / "other.mp4").write_bytes((folder / "clip.mp4").read_bytes())
    with ControlledAgent(folder, real=True).running() as box:
        box.counting()
        box.desire(2, site=cameras(folder, door="other.mp4", line="[[80, 10], [80, 900]]"))
        report = box.until("rolled_back", 2)
        assert "since the change: camera door:" in (report.reason or "")
        assert "inside the frame of 160 x 120 pixels" in (report.reason or "")
        box.counting()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("10], [80, 110]", "10], [80, 900]"), "inside the frame of 160 x 120 pixels"),
        (("loop", "lop"), "unknown"),
        (('model = "motion"', 'model = "yolox-nano-of-tomorrow"'), "yolox-nano-of-tomorrow"),
        (("[[cameras]]", 'store = "hilltop"\n[[cameras]]'), "without store, device, broker, outbox"),
        (("[[cameras]]", "[outbox]\nkeep_days = 1\n[[cameras]]"), "without store, device, broker, outbox"),
        (("[[cameras]]", "[[cameras"), "expected TOML"),
    ],
)
def test_what_the_box_could_not_count_with_is_refused_and_nothing_is_touched(
    folder: Path, change: tuple[str, str], reason: str
) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    with ControlledAgent(folder).running() as box:
        box.counting()
        workers = list(box.agent.cameras)
        box.desire(2, site=cameras(folder).replace(*change, 1))
        report = box.until("refused", 2)
        assert reason in (report.reason or "")
        assert list(box.agent.cameras) == workers
        assert report.running is None
    assert (folder / "site.toml").read_text(encoding="utf-8") == text


def test_what_a_person_changed_at_the_box_is_replaced_only_if_asked_for(folder: Path) -> None:
    with ControlledAgent(folder).running() as box:
        box.counting()
        edited = box.site_file.read_text(encoding="utf-8").replace("[[40, 10]", "[[44, 10]")
        box.site_file.write_text(edited, encoding="utf-8")
        wait_until(lambda: box.report.edited, what="the edit is reported")
        box.desire(2, site=cameras(folder, fps=5))
        assert "--replace-local-edits" in (box.until("refused", 2).reason or "")
        assert box.site_file.read_text(encoding="utf-8") == edited
        box.desire(3, site=cameras(folder, fps=5), site_over=digest(edited))
        assert not box.until("applied", 3).edited
        # The next version brings the same text, and a standard: what was edited in between stays.
        later = box.site_file.read_text(encoding="utf-8").replace("[[40, 10]", "[[44, 10]")
        box.site_file.write_text(later, encoding="utf-8")
        standard = Standard(name="autumn", number=1, settings='[cameras."*"]\nfps = 4\n')
        box.desire(4, site=cameras(folder, fps=5), site_over=digest(edited), standard=standard)
        assert box.until("applied", 4).edited
        assert box.site_file.read_text(encoding="utf-8") == later
    assert [camera.fps for camera in load_site(folder / "site.toml").cameras] == [4, 4]


def test_a_standard_on_trial_makes_nobody_s_edits_head_office_s(folder: Path) -> None:
    with ControlledAgent(folder, pace=Pace(watch_s=60, patience_s=3)).running() as box:
        box.counting()
        edited = box.site_file.read_text(encoding="utf-8").replace("[[40, 10]", "[[44, 10]")
        box.site_file.write_text(edited, encoding="utf-8")
        box.desire(2, standard=Standard(name="autumn", number=1, settings='[cameras."*"]\nfps = 4\n'))
        wait_until(lambda: fps_of(folder) == 4, what="the standard is on trial")
        assert box.until("pending", 2).edited
        box.desire(3, site=cameras(folder))
        assert "--replace-local-edits" in (box.until("refused", 3).reason or "")
        assert box.site_file.read_text(encoding="utf-8") == edited


def test_a_standard_lies_over_the_store_s_own_and_goes_again(folder: Path) -> None:
    settings = '[cameras."*"]\nfps = 4\n[cameras.door]\nfps = 6\n[cameras."*".lines."*"]\nanchor = "centre"\n'
    text = (folder / "site.toml").read_text(encoding="utf-8")
    with ControlledAgent(folder).running() as box:
        box.counting()
        box.desire(2, standard=Standard(name="autumn", number=3, settings=settings))
        box.until("applied", 2)
        assert [camera.fps for camera in box.agent.cameras.configured] == [6, 4]
        assert box.agent.cameras.configured[0].lines[0].anchor == "centre"
        assert box.agent.cameras.configured[0].lines[0].points == ((80, 10), (80, 110))
    assert (folder / "site.toml").read_text(encoding="utf-8") == text
    with ControlledAgent(folder).running() as again:
        again.counting()
        assert [camera.fps for camera in again.agent.cameras.configured] == [6, 4]
        again.desire(2, standard=Standard(name="autumn", number=3, settings=settings))
        again.desire(3)
        again.until("applied", 3)
        assert not standard_file(folder / "site.toml").exists()
        assert [camera.fps for camera in again.agent.cameras.configured] == [10, 10]
        again.desire(4)
        assert again.until("current", 4).running == 4


def test_a_standard_that_no_store_can_have_is_refused(folder: Path) -> None:
    with ControlledAgent(folder).running() as box:
        box.counting()
        box.desire(2, standard=Standard(name="bad", number=1, settings='[cameras."*"]\nsource = "usb:0"\n'))
        assert "unknown field `source`" in (box.until("refused", 2).reason or "")


def test_a_newer_version_takes_the_place_of_one_on_probation_and_falls_back_behind_it(folder: Path) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    with ControlledAgent(folder, pace=Pace(watch_s=60, patience_s=3)).running() as box:
        box.counting()
        box.desire(2, site=cameras(folder, fps=5))
        box.until("pending", 2)
        wait_until(lambda: fps_of(folder) == 5, what="version 2 is on trial")
        assert not box.report.edited
        box.desire(3, site=cameras(folder, door="another-camera.mp4"))
        assert box.until("rolled_back", 3).running is None
        assert box.site_file.read_text(encoding="utf-8") == text


def test_a_stop_on_probation_puts_the_old_set_up_back_tries_once_more_and_then_gives_up(folder: Path) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    slow = Pace(watch_s=60, patience_s=3)
    with ControlledAgent(folder, pace=slow).running() as box:
        box.counting()
        box.desire(2, site=cameras(folder, fps=5))
        wait_until(lambda: fps_of(folder) == 5, what="version 2 is on trial")
        settle(box.site_file)
        assert fps_of(folder) == 5, "a second start beside the running agent touches nothing"
    settle(folder / "site.toml")
    assert (folder / "site.toml").read_text(encoding="utf-8") == text
    with ControlledAgent(folder, pace=slow).running() as box:
        report = box.until("rolled_back", 2)
        assert "started anew 2 times" in (report.reason or "")
    assert (folder / "site.toml").read_text(encoding="utf-8") == text


def test_what_was_interrupted_once_is_tried_again(folder: Path) -> None:
    with ControlledAgent(folder, pace=Pace(watch_s=60, patience_s=3)).running() as box:
        box.counting()
        box.desire(2, site=cameras(folder, fps=5))
        wait_until(lambda: fps_of(folder) == 5, what="version 2 is on trial")
    with ControlledAgent(folder).running() as again:
        assert again.until("applied", 2).running == 2
    assert fps_of(folder) == 5
    assert counted(folder) == box.tally + again.tally


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_kill_9_in_the_middle_of_applying_leaves_the_old_set_up_or_the_new_one(folder: Path, seed: int) -> None:
    old = (folder / "site.toml").read_text(encoding="utf-8")
    (folder / "desired.toml").write_text(cameras(folder, fps=5), encoding="utf-8")
    rng = random.Random(seed)  # noqa: S311  # when to kill, no secret
    for cycle in range(2):
        child = subprocess.Popen(  # noqa: S603  # ours, no shell
            [sys.executable, "-m", "tests.support.controlled_agent", str(folder), "0.3"], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        if cycle == 0:
            assert child.stdout.readline() == b"desired\n"
        with suppress(subprocess.TimeoutExpired):
            child.wait(rng.uniform(0, 1.2))
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        child.stdout.close()
    (folder / "desired.toml").unlink()
    with ControlledAgent(folder).running() as box:
        box.counting()
        wait_until(lambda: box.decided, what="a decision", within_s=30)
        report = box.report
        text = box.site_file.read_text(encoding="utf-8")
        fps = [camera.fps for camera in box.agent.cameras.configured]
        known = {("applied", 5.0), ("rolled_back", 10.0), ("current", 10.0)}
        assert (report.state, fps[0]) in known, (report, fps)
        assert (text == old) == (fps[0] == 10)
    counted(folder)
