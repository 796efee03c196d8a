"""The stage of a chaos run: a whole installation of real processes on this machine, and the network between them.

    RTSP server ══► box ══► [proxy] ══TLS══► Mosquitto ◄══ [proxy] ══ ingest ══ [proxy] ══► PostgreSQL
                     │
                  outbox on a small disk of its own

Whoever ends by itself is started again, as systemd would; ingest, broker and database must never need it.
"""

import json
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import av
import msgspec

from deploy.demo.scene import FPS, render
from deploy.demo.site import write_site
from deploy.process import Process
from edge.config import CameraConfig, LineConfig, OutboxConfig, SiteConfig, ZoneConfig, load_site
from tests.chaos.box import is_procession, put
from tests.support.clocks import wait_until
from tests.support.disks import mount_small, unmount
from tests.support.installation import Installation
from tests.support.procession import camera_of
from tests.support.proxy import Proxy
from tests.support.rtsp import RtspServer, write_h264

if TYPE_CHECKING:
    from datetime import datetime

STORE, DEVICE = "riverside", "door-box"
CALM_STORE: Final = "hilltop"
PROCESSIONS: Final = ("hall-a", "hall-b")
#: The real camera's name.
DOOR: Final = "door"
_DOOR_SIZE: Final = (320, 180)
_DISK_MB: Final = 48
_READY_S: Final = 60.0


class Stage:
    """Everything that runs. `disk` is the outbox's own file system, or None where none can be mounted."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.beside = folder / "beside"
        self.beside.mkdir()
        self.installation = Installation(folder, stack)
        self.url, self.house = self.installation.url, self.installation.house
        self.camera = _camera(folder / "clips", stack)
        self.links = {
            "box-broker": Proxy(self.house.tls_port),
            "ingest-broker": Proxy(self.house.broker.port),
            "ingest-database": Proxy(self.installation.postgres.port),
        }
        for link in self.links.values():
            stack.callback(link.close)
        self.disk, self.why_no_disk = _disk(folder / "disk", stack)
        self.site = self._site(folder / "box", STORE, (self.disk or folder) / "outbox.sqlite")
        write_site(self.site, folder / "box" / "chaos.toml")
        self.calm_site = self._calm_site()
        self.ingest = self.installation.ingest(
            broker_port=self.links["ingest-broker"].port, database_port=self.links["ingest-database"].port
        )
        self.box = self.installation.process(
            "box", "tests.chaos.box", str(folder / "box" / "chaos.toml"), str(self.beside)
        )
        #: What is right of the box's clock: its minute ends soon after the start, so that its first register, beside
        #: which `footfall verify` holds what was counted since, comes before anything goes wrong.
        self.clock_s = 52.0 - time.time() % 60
        put(self.beside / "clock", str(self.clock_s))
        for process in (self.ingest, self.box):
            stack.callback(process.stop)
            process.spawn()
        #: How often the box ended by itself, as on a disk that is full when it starts.
        self.box_ended = 0
        #: Who is meant to be down now.
        self.keep_down: set[str] = set()
        #: When the camera was silent: begin and end.
        self.stalls: list[tuple[datetime, datetime]] = []

    @property
    def processes(self) -> Mapping[str, Process]:
        """What may be killed, by name."""
        return {
            "box": self.box,
            "ingest": self.ingest,
            "broker": self.house.process,
            "database": self.installation.database,
        }

    def state(self) -> dict[str, Any] | None:
        """Return what the box that runs now last said of itself; None where it has not spoken yet."""
        try:
            told = json.loads((self.beside / "state.json").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        return told if told["pid"] == self.box.pid else None

    def look_after(self) -> None:
        """Start a box that has ended again.

        Raises:
            AssertionError: a server has ended, which it never may.
        """
        for name, process in self.processes.items():
            if process.returncode is None or name in self.keep_down:
                continue
            if name != "box":
                raise AssertionError(f"{name} ended by itself with code {process.returncode}{process.tail()}")
            self.box_ended += 1
            time.sleep(0.2)
            self.box.spawn()

    def command_environment(self) -> dict[str, str]:
        """Return what `footfall verify` needs."""
        return {"FOOTFALL_DATABASE_URL": self.url}

    def _site(self, folder: Path, store: str, outbox: Path) -> SiteConfig:
        self.house.enrol(folder, store, DEVICE)
        enrolled = load_site(folder / "site.toml")
        lines = (LineConfig(name="front-door", points=((10, 90), (310, 90)), anchor="centre"),)
        zones = (ZoneConfig(name="table", polygon=((10, 95), (310, 95), (310, 170), (10, 170)), anchor="centre"),)
        door = CameraConfig(name=DOOR, source=self.camera.url, model="motion", fps=8, lines=lines, zones=zones)
        return msgspec.structs.replace(
            enrolled,
            broker=msgspec.structs.replace(enrolled.broker, port=self.links["box-broker"].port, host="localhost"),
            outbox=OutboxConfig(path=str(outbox)),
            cameras=(door, *map(camera_of, PROCESSIONS)),
        )

    def _calm_site(self) -> SiteConfig:
        """Return the site of a box that nobody disturbs, in a store of its own, on the same processions."""
        site = self._site(self.folder / "calm", CALM_STORE, self.folder / "calm" / "outbox.sqlite")
        return msgspec.structs.replace(
            site,
            broker=msgspec.structs.replace(site.broker, port=self.house.tls_port),
            cameras=tuple(camera for camera in site.cameras if is_procession(camera)),
        )


@contextmanager
def running_stage(folder: Path) -> Iterator[Stage]:
    """Start everything in `folder` and wait until the box counts and delivers; end it all afterwards."""
    with ExitStack() as stack:
        stage = Stage(folder, stack)
        wait_until(lambda: _delivers(stage), what="the box counts and delivers", within_s=_READY_S)
        yield stage


def _delivers(stage: Stage) -> bool:
    stage.look_after()
    state = stage.state()
    delivers = state is not None and state["connected"] and state["covered_to"] > 0 and DOOR in state["up"]
    return delivers and b'"register"' in (stage.beside / "journal").read_bytes()


def _camera(folder: Path, stack: ExitStack) -> RtspServer:
    folder.mkdir()
    rendered = folder.with_name("rendered.mp4")
    render(rendered)
    with av.open(str(rendered)) as scene:
        frames = (frame.reformat(*_DOOR_SIZE) for frame in scene.decode(video=0))
        write_h264(folder / "clip.mp4", frames, size=_DOOR_SIZE, fps=FPS)
    server = RtspServer(folder)
    server.start()
    stack.callback(server.kill)
    stack.callback(server.signal, signal.SIGCONT)
    return server


def _disk(folder: Path, stack: ExitStack) -> tuple[Path | None, str]:
    try:
        mount_small(folder, megabytes=_DISK_MB)
    except OSError as error:
        return None, str(error)
    stack.callback(_take_away, folder)
    return folder, ""


def _take_away(disk: Path) -> None:
    """Unmount the small disk; what the box had on it stays for who looks into a run that failed."""
    kept = disk.with_name("outbox")
    kept.mkdir()
    for file in disk.glob("outbox.sqlite*"):
        shutil.copy(file, kept / file.name)
    unmount(disk)
