"""The agent on a box whose root is read-only: it writes in its state folder and nowhere else."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contract.entries import CameraUptime
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.fake_ingest import FakeIngest
from tests.support.mjpeg_server import Camera, running_camera
from tests.support.servers import RunningBroker

#: Everything is read-only in a mount namespace of its own, but for the folder $1; then the rest is run.
_LOCKED = """
set -e
mount --bind "$1" "$1"
awk '{print $2}' /proc/self/mounts | while read -r place; do
    case "$place" in "$1"|/proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
done
! touch / 2>/dev/null && ! touch "$2" 2>/dev/null || { echo "not read-only"; exit 97; }
shift 2
exec "$@"
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state folder."""
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def camera() -> Iterator[Camera]:
    with running_camera(fps=10) as running:
        yield running


@pytest.fixture
def locked(state: Path, tmp_path: Path) -> list[str]:
    """The words before a command that lock everything but the state folder."""
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("needs root and unshare, to make a mount namespace")
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _LOCKED, "sh", str(state), str(tmp_path)]
    tried = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if tried.returncode:
        pytest.skip(f"no mount namespace can be made here: {tried.stderr.strip() or tried.stdout.strip()}")
    return words


@pytest.mark.slow
def test_the_agent_counts_reports_and_stops_where_only_its_state_folder_can_be_written(
    state: Path, locked: list[str], camera: Camera, broker: RunningBroker
) -> None:
    url = urlsplit(broker.device_url)
    (state / "password").write_text(url.password or "", encoding="utf-8")
    (state / "site.toml").write_text(
        f'store = "riverside"\ndevice = "door-box"\n[broker]\nport = {broker.port}\nusername = "{url.username}"\n'
        f'password_file = "password"\n[[cameras]]\nname = "door"\nsource = "{camera.url()}"\nmodel = "motion"\n'
        '[[cameras.lines]]\nname = "front-door"\npoints = [[160, 20], [160, 220]]\n',
        encoding="utf-8",
    )
    program = [sys.executable, "-c", "from deploy.cli.main import main; main()"]
    heard = FakeIngest(broker.server_url)
    heard.start()
    before = {path.name for path in state.iterdir()}
    # As the unit has it: nothing of the caller's home or temporary folders.
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
    agent = subprocess.Popen(  # noqa: S603  # ours, no shell of others
        [*locked, *program, "edge", "run", "--site", str(state / "site.toml")], cwd=state, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: any(one.state == "online" for one in heard.statuses), what="it is online", within_s=60)
        wait_until(lambda: heard.statuses[-1].cameras[0].state == "up", what="its camera is up", within_s=30)
        agent.send_signal(signal.SIGTERM)
        said, _ = agent.communicate(timeout=60)
    finally:
        agent.kill()
        agent.wait()
        heard.stop()
    assert agent.returncode == 0, said
    assert "Read-only" not in said
    outbox = SqliteOutbox(state / "footfall-outbox.sqlite")
    kept = outbox.pending()
    outbox.close()
    assert kept is not None
    assert any(isinstance(entry, CameraUptime) for entry in kept.entries), "what it counted is kept"
    wrote = {path.name for path in state.iterdir()} - before
    assert wrote >= {"footfall-outbox.sqlite", "footfall-outbox.sqlite.starts", "footfall-outbox.sqlite.epoch"}
    assert all(name.startswith("footfall-outbox.sqlite") for name in wrote), wrote
