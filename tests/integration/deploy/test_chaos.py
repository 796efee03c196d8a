"""`make chaos` in its short form: each kind of fault about twice, on real processes."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.support.rtsp import INSTALLED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None,
        reason="Mosquitto is not installed",
    ),
    pytest.mark.skipif(not INSTALLED, reason="no RTSP server: pip install 'aio-rtsp-toolkit[server]'"),
]


@pytest.mark.timeout(420)
def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed_cut_stalled_or_filled() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--cycles", "16", "--seed", "4", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {name: said[name] for name in ("cycles", "lost", "doubled", "counts_equal", "verified")} == {
        "cycles": 16, "lost": 0, "doubled": 0, "counts_equal": True, "verified": True,
    }  # fmt: skip
    assert said["entries"] > 500
    assert said["people"] > 100
