"""What a service manager hears over its socket, and how well the units fence their programs in."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from edge.service_manager import TELL_EVERY_S, ServiceManager

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
EXPOSURE_MAX = 3.0


def test_it_hears_what_it_is_told(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)
        ServiceManager({"NOTIFY_SOCKET": address}).tell("WATCHDOG=1", "STATUS=2 of 2 cameras up")
        assert listener.recv(1_000) == b"WATCHDOG=1\nSTATUS=2 of 2 cameras up"


def test_without_one_or_with_one_that_went_nothing_happens(tmp_path: Path) -> None:
    ServiceManager({}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": "@nobody-listens-here"}).tell("READY=1")


def test_the_box_is_given_up_only_after_several_words_are_missing() -> None:
    unit = (UNITS / "footfall-edge.service").read_text(encoding="utf-8")
    watchdog = re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert watchdog is not None
    assert int(watchdog[1]) >= 5 * TELL_EVERY_S


@pytest.mark.parametrize("unit", ["footfall-edge.service", "footfall.service"])
def test_a_unit_fences_its_program_in(unit: str) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here: install systemd")
    # A program found on the path, a file of this repository.
    said = subprocess.run(  # noqa: S603
        [program, "security", "--offline=true", "--no-pager", str(UNITS / unit)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout)
    if level is None:
        pytest.skip(f"this systemd-analyze does not judge a file: {said.stderr.strip()}")
    assert float(level[1]) <= EXPOSURE_MAX
    assert "Unknown key" not in said.stderr
