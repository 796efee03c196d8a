"""A box in the shop gets a new version of itself: real broker, database, enrolment service, processes, environments."""

import json
import os
import signal
import site
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from contract.releases import ApplicationRelease
from edge.releases.guard import STARTS_MAX
from tests.support.clocks import wait_until
from tests.support.ingesting import running_ingest
from tests.support.ledger import one
from tests.support.releasing import Office, keeping
from tests.support.scenes import write_clip
from tests.support.trusted import House, running_house
from tests.support.wheels import footfall_wheel

ROOT = Path(__file__).resolve().parents[2]
#: A version that is this very software under another number: it finds the rest where this test runs.
OURSELVES = f"import site; site.addsitedir({site.getsitepackages()[0]!r}); from deploy.cli.main import main; main()"

pytestmark = pytest.mark.slow

SITE = """
[[cameras]]
name = "door"
source = "{clip}"
loop = true
model = "motion"
  [[cameras.lines]]
  name = "front-door"
  points = [[80, 10], [80, 110]]
"""


class Unit:
    """What systemd does with the box's unit: the guard is started again whenever it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.codes: list[int] = []
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run)

    def kill(self) -> None:
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    @contextmanager
    def running(self) -> Iterator["Unit"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()
            self._thread.join(60)

    def _run(self) -> None:
        guard = [sys.executable, "-I", "-m", "edge.releases.guard", str(self.folder / "releases"), "--"]
        command = [*guard, "edge", "run", "--site", str(self.folder / "site.toml")]
        while not self._stopping.is_set():
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - ourselves
                    command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
                )
                self.codes.append(self._process.wait())
            self._stopping.wait(0.3)


@pytest.fixture
def house(server_folder: Path, database: str) -> Iterator[House]:
    folder = server_folder / f"air-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@pytest.fixture
def unit(house: House, tmp_path: Path) -> Unit:
    folder = tmp_path / "box"
    house.enrol(folder)
    clip = write_clip(tmp_path / "clip.mp4", frames=60, walker=True)
    written = (folder / "site.toml").read_text(encoding="utf-8")
    (folder / "site.toml").write_text(written.split("[[cameras]]")[0] + SITE.format(clip=clip), encoding="utf-8")
    return Unit(folder)


@pytest.mark.timeout(900)
def test_a_box_takes_a_new_version_keeps_it_and_gives_a_bad_one_back(
    house: House, database: str, unit: Unit, tmp_path: Path
) -> None:
    office = Office(house, tmp_path, database)
    footfall_wheel(tmp_path / "good", "77.1", run=OURSELVES, check=OURSELVES)
    footfall_wheel(tmp_path / "bad", "77.2", run="sys.exit(1)")
    footfall_wheel(tmp_path / "wrong", "77.3", check="sys.exit('site.toml: nothing I like')")
    footfall_wheel(tmp_path / "old", "0.0.1")

    def state(wanted: str) -> bool:
        return office.told("application").get("state") == wanted

    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeping(house, database), ingesting, unit.running():
        office.want(application=ApplicationRelease(manifest=office.application(tmp_path / "good"), prove_minutes=3))
        wait_until(lambda: state("applied"), what="the good version stays", within_s=300)
        assert 75 in unit.codes, "it ended itself to be started anew"
        assert one(database, "SELECT version FROM device_status") == ("77.1",)

        unit.kill()  # the power goes; nothing is on trial
        wait_until(lambda: unit.codes[-1] == -9, what="it is started again")

        office.want(application=ApplicationRelease(manifest=office.application(tmp_path / "bad"), prove_minutes=3))
        wait_until(lambda: state("rolled_back"), what="the bad version is taken back", within_s=300)
        told = office.told("application")
        assert f"it ended {STARTS_MAX} times before it had proven itself" in told["reason"]
        assert one(database, "SELECT version FROM device_status") == ("77.1",)

        office.want(application=ApplicationRelease(manifest=office.application(tmp_path / "wrong")))
        wait_until(lambda: state("refused"), what="one that likes not the site file is refused", within_s=300)
        assert "nothing I like" in office.told("application")["reason"]

        office.want(application=ApplicationRelease(manifest=office.application(tmp_path / "old")))
        wait_until(lambda: "older" in office.told("application").get("reason", ""), what="an old one is refused")
    assert one(database, "SELECT count(*) > 0 FROM crossing") == (True,)
    assert one(database, "SELECT count(*) FROM ledger_missing") == (0,)
    current = json.loads((unit.folder / "releases" / "current" / "complete.json").read_text(encoding="utf-8"))
    assert current["version"] == "77.1"
