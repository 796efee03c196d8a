"""A box whose agent is killed again and again says so: to the broker, to the register, to the doctor."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from analytics.clock import utc_now
from contract.messages import Crashes
from deploy.trust.devices import listed_devices
from edge.clock import SystemClock
from edge.doctor.examining import examine
from ingest.database import Database
from tests.support.clocks import wait_until
from tests.support.fake_ingest import FakeIngest
from tests.support.ingesting import running_ingest
from tests.support.ledger import add_store
from tests.support.servers import RunningBroker


@pytest.fixture
def site(tmp_path: Path, broker: RunningBroker) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(5):
        cv2.imwrite(str(pictures / f"{number}.png"), np.full((48, 64, 3), 90, np.uint8))
    url = urlsplit(broker.device_url)
    (tmp_path / "password").write_text(url.password or "", encoding="utf-8")
    path = tmp_path / "site.toml"
    path.write_text(
        f'store = "riverside"\ndevice = "door-box"\n[broker]\nport = {broker.port}\nusername = "{url.username}"\n'
        f'password_file = "password"\n[[cameras]]\nname = "door"\nsource = "{pictures}"\nloop = true\n'
        'model = "motion"\n'
        '[[cameras.lines]]\nname = "front-door"\npoints = [[32, 4], [32, 44]]\n',
        encoding="utf-8",
    )
    return path


def start(site: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from deploy.cli.main import main; main()", "edge", "run", "--site", str(site)]
    with (site.parent / "agent.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))  # noqa: S603  # ours, no shell


@pytest.mark.slow
def test_an_agent_that_is_killed_again_and_again_says_so_until_somebody_looks(
    site: Path, broker: RunningBroker, database: str
) -> None:
    add_store(database)
    heard = FakeIngest(broker.server_url)
    heard.start()
    with running_ingest(database, broker.server_url):
        for crashes in (0, 1, 2, 3):
            before = len(heard.statuses)
            agent = start(site)
            try:
                wait_until(
                    lambda before=before: any(one.state == "online" for one in heard.statuses[before:]),  # type: ignore[misc]  # bound now
                    what=f"start {crashes} is online", within_s=60,
                )  # fmt: skip
            finally:
                agent.kill()
                agent.wait()
        wait_until(
            lambda: [each.crashes_10_min for each in listed_devices(Database(database), now=utc_now())] == [3],
            what="the register knows",
        )
    heard.stop()
    told = [one.crashes for one in heard.statuses if one.state == "online"]
    assert told[-1] == Crashes(ten_minutes=3, day=3)
    assert not any(told[:3]), "one or two are power cuts, and an older server understands the status"
    (agent_check,) = [check for check in examine(site, clock=SystemClock(), look_s=0.5) if check.about == "agent"]
    assert agent_check.grade == "error"
