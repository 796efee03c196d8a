"""`make soak` in its short form, and that what it looks with would see a leak."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.soak.growth import grown, slope


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None, reason="Mosquitto is not installed"
)
@pytest.mark.timeout(420)
def test_nothing_that_a_box_holds_grows_in_some_hours_of_its_cameras_time() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--minutes", "2.5", "--speed", "72", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["camera_hours"] > 2.5
    assert said["crossings"] > 1_000


def test_a_leak_of_a_megabyte_an_hour_is_seen_through_what_comes_and_goes() -> None:
    hours = [number / 100 for number in range(300)]
    resting = [120.0 + 5 * (number % 7 == 0) for number in range(300)]
    leaking = [resting[number] + hours[number] for number in range(300)]
    assert slope(hours, resting) == pytest.approx(0.0, abs=0.05)
    assert slope(hours, leaking) == pytest.approx(1.0, abs=0.05)


def test_a_thread_that_stays_is_growth_and_one_that_comes_and_goes_is_none() -> None:
    assert grown([11, 14, 11, 12, 14, 11, 13, 11, 14]) == 0
    assert grown([11, 14, 11, 12, 14, 12, 13, 12, 14]) == 1
