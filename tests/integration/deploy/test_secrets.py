"""Secrets go no further than they must: into no log, no error message, no file that others may read."""

import io
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from analytics.clock import utc_now
from contract.enrolment import EnrolmentCode
from deploy.cli.main import app
from deploy.trust.devices import events
from edge.agent import Agent
from edge.clock import SystemClock
from edge.config import load_site
from edge.doctor.examining import examine
from edge.enrolment import enrol, renew
from edge.errors import EdgeError
from ingest.database import Database
from ingest.orders.app import create_app
from ingest.orders.keys import create_key
from ingest.settings import OrdersSettings
from tests.support.clocks import wait_until
from tests.support.ingesting import running_ingest
from tests.support.mjpeg_server import PASSWORD, USER, running_camera
from tests.support.trusted import House

pytestmark = pytest.mark.skipif(shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None,
                                reason="Mosquitto is not installed")  # fmt: skip

WRONG = "wr0ng-passw0rd-of-nobody"
HASH_SECRET = "3fk9-qm2w-8zt4-x7rv-c6ub-5hnd-a1pe-y0sg"  # the test's own


class Overheard(logging.Handler):
    """All that any logger says, with each record's every field and traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.said.write(f"{self.format(record)} {record.__dict__}\n")


@pytest.fixture
def log() -> Iterator[Overheard]:
    handler, root = Overheard(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def box_of(house: House, folder: Path, camera: str) -> Path:
    """Enrol a box with a camera whose address holds a password."""
    folder.mkdir()
    enrol(house.code(), house.url, folder / "site.toml", source=camera, size=lambda: (320, 240))
    site = folder / "site.toml"
    text = site.read_text(encoding="utf-8").replace('model = "yolox-nano"', 'model = "motion"')
    site.write_text(text, encoding="utf-8")
    return site


@dataclass
class Leaks:
    """What was said anywhere, and which of the secrets stand in it."""

    log: Overheard
    capfd: pytest.CaptureFixture[str]
    told: list[str] = field(default_factory=list)

    def found(self, **secrets: str) -> list[str]:
        seen = self.capfd.readouterr()
        everything = "\n".join([self.log.said.getvalue(), *self.told, seen.out, seen.err])
        assert len(everything) > 200, "something was said"
        lines = everything.splitlines()
        # Where it stands, and not the secret itself.
        # Where one stands, and not the secret itself.
        return [
            f"{what}: {line[:200].replace(secret, '…')}"
            for what, secret in secrets.items()
            for line in lines
            if secret in line
        ]

    def command(self, *arguments: str, **environment: str) -> None:
        self.told.append(CliRunner().invoke(app, list(arguments), env=environment).output)


@pytest.fixture
def leaks(log: Overheard, capfd: pytest.CaptureFixture[str]) -> Leaks:
    return Leaks(log, capfd)


def test_neither_agent_nor_broker_nor_ingest_say_a_secret_whatever_goes_wrong(
    house: House, database: str, tmp_path: Path, leaks: Leaks
) -> None:
    with running_camera(login="basic") as camera:
        site = box_of(house, tmp_path / "box", camera.url(f"{USER}:{PASSWORD}@", f"/video?pwd={PASSWORD}"))
        identity = (tmp_path / "box" / "box.pem").read_text(encoding="ascii")
        stop = threading.Event()
        with running_ingest(database, house.broker.url(house.broker.server)):
            agent = Agent(load_site(site))
            thread = threading.Thread(target=agent.run, args=(stop,))
            thread.start()
            (worker,) = agent.cameras
            try:
                wait_until(lambda: agent.publisher.connected and worker.health().state == "up", what="it works")
                renew(load_site(site).broker)
                camera.manners.login = "digest"
                camera.manners.last = 0
                wait_until(lambda: worker._capture.fault is not None, what="the camera is down")
                house.office.revoke("riverside", "door-box")
                wait_until(lambda: not agent.publisher.connected, what="the broker has thrown it out")
            finally:
                stop.set()
                thread.join(20)
        leaks.told += [str(check) for check in examine(site, clock=SystemClock(), look_s=0.5, broker_timeout_s=2)]
        leaks.command("edge", "check-config", "--site", str(site), "--timeout", "2")
        leaks.command("device", "list", FOOTFALL_DATABASE_URL=database)
    assert "camera door down" in leaks.log.said.getvalue()
    private = identity.split("-----BEGIN CERTIFICATE")[0].splitlines()[1]
    assert leaks.found(
        camera=PASSWORD, server=house.broker.server.password, device=house.broker.device.password, key=private
    ) == []  # fmt: skip


def test_the_enrolment_service_says_no_code_good_or_bad(house: House, tmp_path: Path, leaks: Leaks) -> None:
    good, foreign = house.code(), EnrolmentCode.new(b"f" * 32)
    late = house.code("hilltop", lasts=timedelta(seconds=-1))
    for number, code in enumerate((good, good, late, foreign)):
        try:
            enrol(code, house.url, tmp_path / f"box-{number}" / "site.toml", source="usb:0", size=lambda: (320, 240))
        except EdgeError as error:
            leaks.told.append(str(error))
        leaks.command("edge", "enroll", str(code), "--server", house.url, "--site", str(tmp_path / f"again-{number}"))
    leaks.told += [str(event) for event in events(house.database, limit=100)]
    assert len(leaks.told) >= 6
    assert leaks.found(good=str(good), late=str(late), foreign=str(foreign)) == []


def test_servers_say_no_password_and_no_key_good_or_bad(house: House, database: str, leaks: Leaks) -> None:
    broker = house.broker.url(house.broker.server).replace(house.broker.server.password, WRONG)
    with running_ingest(database, broker, wait=False):
        wait_until(lambda: "refuses user" in leaks.log.said.getvalue(), what="ingest is refused")
    good = database.replace("@", f"{WRONG}@")
    for url in (
        good,
        f"postgresql://me:{WRONG}@127.0.0.1:1/none",
        f"mysql://a:{WRONG}@b",
        f"postgresql://a:{WRONG}/@b",
    ):
        leaks.command("verify", FOOTFALL_DATABASE_URL=url)
    key = create_key(Database(database), "till", store="riverside")
    settings = OrdersSettings.model_validate({"database_url": database, "hash_secret": HASH_SECRET})
    with TestClient(create_app(settings, now=utc_now)) as api:
        for header in (key, f"ffk_{WRONG}"):
            bearer = {"Authorization": f"Bearer {header}"}
            leaks.told.append(api.get("/v1/orders", headers=bearer).text)
            leaks.told.append(api.post("/v1/orders", content=b"{", headers=bearer).text)
    assert leaks.found(wrong=WRONG, key=key, hash_secret=HASH_SECRET) == []


def test_nobody_but_its_user_can_read_the_secrets_of_an_enrolled_box(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "box"
    with running_camera(login="basic") as camera:
        site = folder / "site.toml"
        folder.mkdir()
        enrol(house.code(), house.url, site, source=camera.url(f"{USER}:{PASSWORD}@"), size=lambda: (320, 240))
        renew(load_site(site).broker)
    marks = (b"PRIVATE KEY", PASSWORD.encode())
    holding = [path for path in folder.rglob("*") if path.is_file() and any(m in path.read_bytes() for m in marks)]
    assert {path.name for path in holding} == {"box.pem", "site.toml"}
    assert [path.name for path in holding if path.stat().st_mode & 0o077] == []


def test_a_first_site_file_is_its_user_s_alone(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    made = CliRunner().invoke(app, ["edge", "init", f"rtsp://user:{PASSWORD}@127.0.0.1:1/none", "--site", str(site)])
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert site.stat().st_mode & 0o077 == 0
