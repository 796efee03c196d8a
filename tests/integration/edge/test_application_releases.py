"""Installing a version of the application beside the one that runs: real virtual environments, pip, no network."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from contract.releases import Manifest
from deploy.releases.building import build_application
from edge.errors import FetchingError, ReleaseError
from edge.releases import guard
from edge.releases.application import Versions
from tests.support.clocks import wait_until
from tests.support.wheels import footfall_wheel, wheel

ROOT = Path(__file__).resolve().parents[3]
#: Nothing is given up.
GO_ON = threading.Event()
NOW = datetime(2026, 11, 29, tzinfo=UTC)

pytestmark = pytest.mark.slow


def release(folder: Path, version: str, **how: str) -> tuple[Manifest, str, Path]:
    """A release of one wheel: its manifest, that one's digest, and the folder with its files."""
    footfall_wheel(folder / f"wheels-{version}", version, **how)
    out = folder / f"release-{version}"
    manifest = build_application(folder / f"wheels-{version}", out, now=NOW)
    return manifest, hashlib.sha256(msgspec.json.encode(manifest)).hexdigest(), out


def said(folder: Path) -> str:
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-I", "-m", "edge.releases.guard", str(folder), "--", "edge", "run"],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    ).stdout.strip()  # fmt: skip


def test_a_version_is_installed_offline_checked_tried_and_kept(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "box")
    names = []
    for number in ("0.2.0", "0.3.0", "0.4.0"):
        manifest, sha256, files = release(tmp_path, number)
        name = versions.install(manifest, sha256, files, GO_ON)
        assert versions.install(manifest, sha256, files, GO_ON) == name, "a second time it is there"
        versions.check(name, tmp_path / "site.toml", GO_ON)
        versions.begin_trial(name, sha256, cameras=["door"], prove_s=60)
        assert said(tmp_path / "box") == f"fake {number} runs"
        assert versions.running is None, "this very process is another"
        assert Versions(tmp_path / "box", prefix=tmp_path / "box" / "versions" / name).running == sha256
        versions.prove()
        names.append(name)
    assert sorted(path.name for path in (tmp_path / "box" / "versions").iterdir()) == names[-2:], "two are kept"


@pytest.mark.parametrize("trouble", ["a wheel that was changed", "a wheel that is missing", "a need that is not met"])
def test_what_cannot_be_installed_as_it_was_signed_is_refused_and_nothing_changes(tmp_path: Path, trouble: str) -> None:
    versions = Versions(tmp_path / "box")
    manifest, sha256, files = release(tmp_path, "0.2.0", needs="numpy" if "need" in trouble else "")
    (own,) = files.glob("*.whl")
    if "changed" in trouble:
        wheel(files, "footfall", "0.2.0", {"fake_footfall.py": "def main(): print('evil')"})
    elif "missing" in trouble:
        own.unlink()
    with pytest.raises(ReleaseError, match="installing its wheels failed"):
        versions.install(manifest, sha256, files, GO_ON)
    assert guard.current(tmp_path / "box") is None
    assert not list((tmp_path / "box" / "versions").glob("*/complete.json"))


def test_an_installation_is_given_up_at_once_when_the_box_stops(tmp_path: Path) -> None:
    manifest, sha256, files = release(tmp_path, "0.2.0")
    given_up = threading.Event()
    given_up.set()
    began_s = time.monotonic()
    with pytest.raises(FetchingError, match="given up"):
        Versions(tmp_path / "box").install(manifest, sha256, files, given_up)
    assert time.monotonic() - began_s < 5


def test_a_version_that_finds_the_site_file_wrong_is_refused(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "box")
    manifest, sha256, files = release(tmp_path, "0.2.0", check="sys.exit('camera door: no such model')")
    name = versions.install(manifest, sha256, files, GO_ON)
    with pytest.raises(ReleaseError, match="no such model"):
        versions.check(name, tmp_path / "site.toml", GO_ON)


@pytest.mark.parametrize("after_s", [0.3, 1.5, 3.0, 5.0])
def test_killed_in_the_middle_of_an_installation_the_old_version_runs_and_the_next_attempt_ends_well(
    tmp_path: Path, after_s: float
) -> None:
    versions = Versions(tmp_path / "box")
    first, first_sha, first_files = release(tmp_path, "0.2.0")
    versions.begin_trial(versions.install(first, first_sha, first_files, GO_ON), first_sha, cameras=[], prove_s=60)
    versions.prove()
    second, second_sha, files = release(tmp_path, "0.3.0")
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(second))
    script = (
        "import sys, threading, msgspec, pathlib\n"
        "from contract.releases import Manifest\n"
        "from edge.releases.application import Versions\n"
        "box, manifest, sha, files = map(pathlib.Path, sys.argv[1:])\n"
        "release = msgspec.json.decode(manifest.read_bytes(), type=Manifest)\n"
        "name = Versions(box).install(release, str(sha), files, threading.Event())\n"
        "Versions(box).begin_trial(name, str(sha), cameras=[], prove_s=60)\n"
    )
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", script, str(tmp_path / "box"), str(tmp_path / "manifest.json"), second_sha, str(files)],
        cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert said(tmp_path / "box") in ("fake 0.2.0 runs", "fake 0.3.0 runs")
    name = versions.install(second, second_sha, files, GO_ON)
    versions.begin_trial(name, second_sha, cameras=[], prove_s=60)
    assert said(tmp_path / "box") == "fake 0.3.0 runs"


def test_a_release_that_crash_loops_is_taken_back_to_the_version_before(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "box")
    good, good_sha, good_files = release(tmp_path, "0.2.0")
    versions.begin_trial(versions.install(good, good_sha, good_files, GO_ON), good_sha, cameras=[], prove_s=60)
    versions.prove()
    bad, bad_sha, bad_files = release(tmp_path, "0.3.0", run="raise SystemExit(3)")
    versions.begin_trial(versions.install(bad, bad_sha, bad_files, GO_ON), bad_sha, cameras=[], prove_s=60)
    answers = [said(tmp_path / "box") for _ in range(guard.STARTS_MAX + 1)]
    assert answers == [""] * guard.STARTS_MAX + ["fake 0.2.0 runs"]
    assert bad_sha in versions.failed
    assert guard.current(tmp_path / "box") == f"0.2.0-{good_sha[:12]}"
    assert json.loads((tmp_path / "box" / "failed.json").read_text())
    wait_until(lambda: versions.trial is None, what="the trial is over")
