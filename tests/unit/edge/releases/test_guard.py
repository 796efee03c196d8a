"""The guard: which version runs, and back where a new one does not prove itself, whenever the power goes."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.releases import guard

ROOT = Path(__file__).resolve().parents[4]


def version(folder: Path, name: str, program: str = "print('runs')") -> str:
    """A version whose `footfall` is a script of ours."""
    home = folder / "versions" / name
    (home / "bin").mkdir(parents=True)
    script = home / "bin" / "footfall"
    script.write_text(f"#!{sys.executable}\nimport os, sys, time\n{program}\n", encoding="utf-8")
    script.chmod(0o755)
    (home / "complete.json").write_text(json.dumps({"manifest": f"of {name}"}), encoding="utf-8")
    return name


def trial(folder: Path, name: str, previous: str | None, **more: object) -> None:
    guard.write(folder / "trial.json", {"version": name, "manifest": f"of {name}", "previous": previous, **more})


def start(folder: Path, *command: str, within_s: float = 20.0) -> subprocess.CompletedProcess[str]:
    """Start the guard as systemd would."""
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-I", "-m", "edge.releases.guard", str(folder), "--", *(command or ("--version",))],
        capture_output=True, text=True, timeout=within_s, check=False, cwd=ROOT,
    )  # fmt: skip


def test_without_any_release_the_version_that_was_installed_by_hand_runs(tmp_path: Path) -> None:
    done = start(tmp_path / "nothing here yet")
    assert done.stdout.startswith("footfall "), done


def test_the_current_version_runs_with_the_words_that_were_given(tmp_path: Path) -> None:
    version(tmp_path, "2", "print(sys.argv[1:], os.environ['FOOTFALL_RELEASES'])")
    guard.switch(tmp_path, "2")
    assert start(tmp_path, "edge", "run").stdout.strip() == f"['edge', 'run'] {tmp_path}"


def test_a_version_that_was_not_installed_to_its_end_never_runs(tmp_path: Path) -> None:
    version(tmp_path, "2")
    (tmp_path / "versions" / "2" / "complete.json").unlink()
    guard.switch(tmp_path, "2")
    assert start(tmp_path).stdout.startswith("footfall ")


def test_a_version_whose_interpreter_is_gone_gives_way_to_the_one_installed_by_hand(tmp_path: Path) -> None:
    version(tmp_path, "2")
    (tmp_path / "versions" / "2" / "bin" / "footfall").write_text("#!/nowhere/python\n", encoding="utf-8")
    guard.switch(tmp_path, "2")
    done = start(tmp_path)
    assert done.stdout.startswith("footfall ")
    assert "cannot be started" in done.stderr


@pytest.mark.parametrize("program", ["sys.exit(1)", "import nothing_of_that_name", "os.abort()"])
def test_a_version_that_ends_again_and_again_is_taken_back(tmp_path: Path, program: str) -> None:
    version(tmp_path, "1", "print('the first')")
    version(tmp_path, "2", program)
    trial(tmp_path, "2", "1")
    guard.switch(tmp_path, "2")
    for _ in range(guard.STARTS_MAX):
        assert start(tmp_path).returncode != 0
    done = start(tmp_path)
    assert done.stdout.strip() == "the first"
    assert "ended 3 times before it had proven itself" in json.loads((tmp_path / "failed.json").read_text())["of 2"]
    assert start(tmp_path).stdout.strip() == "the first", "and stays away"


def test_a_version_that_cannot_even_be_started_is_taken_back(tmp_path: Path) -> None:
    version(tmp_path, "2")
    (tmp_path / "versions" / "2" / "bin" / "footfall").unlink()
    trial(tmp_path, "2", None)
    guard.switch(tmp_path, "2")
    assert [start(tmp_path).returncode for _ in range(guard.STARTS_MAX)] == [1, 1, 1]
    assert start(tmp_path).stdout.startswith("footfall ")


def test_a_version_that_runs_but_does_not_prove_itself_in_time_is_ended_and_taken_back(tmp_path: Path) -> None:
    version(tmp_path, "1", "print('the first')")
    version(tmp_path, "2", "time.sleep(60)")
    guard.write(tmp_path / "lacks.json", {"lacks": "camera door is not up"})
    trial(tmp_path, "2", "1", prove_s=0.5)
    guard.switch(tmp_path, "2")
    began_s = time.monotonic()
    assert start(tmp_path).returncode == -15
    assert time.monotonic() - began_s < 15
    assert start(tmp_path).stdout.strip() == "the first"
    assert json.loads((tmp_path / "failed.json").read_text())["of 2"].endswith("it lacked: camera door is not up")


def test_a_version_that_has_proven_itself_is_left_alone(tmp_path: Path) -> None:
    version(tmp_path, "2", f"os.unlink({str(tmp_path / 'trial.json')!r}); time.sleep(1.5); print('still here')")
    trial(tmp_path, "2", None, prove_s=0.5)
    guard.switch(tmp_path, "2")
    assert start(tmp_path).stdout.strip() == "still here"


@pytest.mark.parametrize("steps", range(5))
def test_a_power_cut_between_any_two_steps_of_a_switch_ends_with_one_version_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """The power goes after so many changes of the disk, in the switch and in taking back."""
    version(tmp_path, "1", "print('one')")
    version(tmp_path, "2", "print('two')")
    guard.switch(tmp_path, "1")

    class PowerCutError(Exception):
        pass

    left = steps

    def cut(_folder: Path) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCutError

    monkeypatch.setattr(guard, "_settle", cut)
    try:
        trial(tmp_path, "2", "1", starts=0)
        guard.switch(tmp_path, "2")
        guard.take_back(tmp_path, guard.read(tmp_path / "trial.json") or {}, "a test")
    except PowerCutError:
        pass
    monkeypatch.undo()
    assert guard.choose(tmp_path) in ("1", "2")
    chosen = guard.choose(tmp_path)
    said = start(tmp_path).stdout.strip()
    assert said == {"1": "one", "2": "two"}[str(chosen)]
