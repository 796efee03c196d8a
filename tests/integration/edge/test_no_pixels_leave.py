"""A real agent on a real clip behind a wire that is listened to: no pixel leaves, and nothing else is opened.

The other half runs the same agent with leaks planted in it: each of them is found, so that finding none says something.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contract.entries import CameraUptime
from edge.config import CameraConfig
from edge.frames import Image
from edge.sources.opening import open_source
from tests.support.extras import model_path
from tests.support.fake_ingest import FakeIngest
from tests.support.leaks import Leak, Leaks, files_in
from tests.support.proxy import Proxy
from tests.support.servers import RunningBroker

pytestmark = [pytest.mark.video, pytest.mark.slow]

CLIP = "store-aisle-detection.gif"
#: Writes down which files the process opens to write, and where it connects to.
WATCHED = """
import os, sys
_told = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _listen(event, said):
    if event == "open" and isinstance(said[2], int) and said[2] & (os.O_WRONLY | os.O_RDWR):
        os.write(_told, f"file {said[0]}\\n".encode())
    elif event in ("socket.connect", "subprocess.Popen", "os.system", "sqlite3.connect"):
        os.write(_told, f"{event} {said[1] if event == 'socket.connect' else said[0]}\\n".encode())
sys.addaudithook(_listen)
"""
#: One leak at a frame each, in every way that a careless change could take.
PLANTED = """
import base64, json, zlib, cv2, numpy as np
from pathlib import Path
from edge.pipeline import CameraPipeline
from edge.publishing.connection import PahoConnection
_process, _publish, _wire = CameraPipeline.process, PahoConnection.publish, []
def process(self, frame):
    row = np.ascontiguousarray(frame.image[100])
    leaks = {
        5: lambda: cv2.imwrite("seen.png", frame.image),
        8: lambda: frame.image.tofile("seen.raw"),
        11: lambda: _wire.append(row.tobytes()),
        14: lambda: _wire.append(base64.b64encode(row)),
        17: lambda: _wire.append(json.dumps(row.ravel().tolist()).encode()),
        20: lambda: _wire.append(zlib.compress(frame.image[90:110].tobytes())),
        23: lambda: _wire.append(bytes(cv2.imencode(".jpg", frame.image[::2, ::2])[1])),
        26: lambda: _wire.append(row.tobytes().hex().encode()),
        29: lambda: _wire.append(json.dumps((row[:48].ravel() / 255).tolist()).encode()),
        32: lambda: _wire.append(np.ascontiguousarray(frame.image[100, :, ::-1]).tobytes()),
    }
    leaks.get(frame.index, lambda: None)()
    return _process(self, frame)
def publish(self, topic, payload, **how):
    while _wire:
        _publish(self, topic.rpartition("/")[0] + "/picture", _wire.pop(), qos=0)
    _publish(self, topic, payload, **how)
CameraPipeline.process, PahoConnection.publish = process, publish
"""
RUN = "\nfrom deploy.cli.main import main\nmain()\n"
SITE = """
store = "riverside"
device = "door-box"
[broker]
host = "127.0.0.1"
port = {port}
username = "{user}"
password_file = "password"
[[cameras]]
name = "aisle"
source = "{clip}"
model = "{model}"
motion_gate = false
lines = [{{ name = "aisle", points = [[330, 60], [330, 260]] }}]
zones = [{{ name = "shelf", polygon = [[240, 60], [470, 60], [470, 265], [240, 265]] }}]
"""


@dataclass(frozen=True)
class Overheard:
    """What the agent said on the wire, left in its folder, and opened."""

    wire: bytes
    files: dict[str, bytes]
    opened: list[str]
    port: int
    entries: int


@pytest.fixture(scope="module")
def frames(data_folder: Path) -> list[Image]:
    path = data_folder / "video" / CLIP
    if not path.exists():
        pytest.skip(f"no such clip here: {path}")
    camera = CameraConfig(name="clip", source=str(path))
    return [frame.image for frame in open_source(camera, clock=lambda: datetime(2026, 11, 29, tzinfo=UTC))]


@pytest.fixture
def agent(broker: RunningBroker, data_folder: Path, tmp_path: Path) -> Callable[[str], Overheard]:
    """Runs an agent in a folder of its own through a wire that is listened to, to the clip's end."""
    model = model_path(data_folder, "yolox_nano.onnx")

    def run(planted: str) -> Overheard:
        folder = tmp_path / "box"
        folder.mkdir()
        said: list[bytes] = []
        wire = Proxy(broker.port, tap=said.append)
        url = urlsplit(broker.device_url)
        (folder / "password").write_text(url.password or "", encoding="utf-8")
        site = SITE.format(port=wire.port, user=url.username, clip=data_folder / "video" / CLIP, model=model)
        (folder / "site.toml").write_text(site, encoding="utf-8")
        ingest = FakeIngest(broker.server_url)
        ingest.start()
        places = {name: str(folder) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
        program = [sys.executable, "-B", "-c", WATCHED + planted + RUN, str(tmp_path / "opened")]
        done = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
            [*program, "edge", "run", "--site", "site.toml"],
            cwd=folder, env={**os.environ, **places, "PYTHONPATH": str(Path(__file__).parents[3])}, timeout=200,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        wire.close()
        ingest.stop()
        assert done.returncode == 0, done.stderr
        assert ingest.of_kind(CameraUptime), done.stderr
        opened = (tmp_path / "opened").read_text(encoding="utf-8").splitlines()
        return Overheard(b"".join(said), files_in(folder), opened, wire.port, len(ingest.entries))

    return run


def test_no_pixel_leaves_the_box(agent: Callable[[str], Overheard], frames: list[Image]) -> None:
    heard, leaks = agent(""), Leaks(frames)
    assert heard.entries > 3
    assert b"footfall/v1/riverside/door-box/ledger" in heard.wire, "the wire was listened to"
    assert leaks.find(heard.wire) == set()
    assert {name: found for name, data in heard.files.items() if (found := leaks.find(data))} == {}


def test_nothing_is_opened_but_what_a_box_needs(agent: Callable[[str], Overheard]) -> None:
    heard = agent("")
    connected = {line for line in heard.opened if line.startswith("socket.connect")}
    assert any(f"('127.0.0.1', {heard.port})" in line for line in connected), connected
    # The MQTT library wakes its own thread through a pair of sockets.
    assert len(connected) <= 2, connected
    assert all("('127.0.0.1'," in line for line in connected), connected
    files = {Path(line.partition(" ")[2]).name for line in heard.opened if not line.startswith("socket.connect")}
    outbox = "footfall-outbox.sqlite"
    assert files <= {outbox, f"{outbox}.epoch", f".{outbox}.starts.new"}, heard.opened
    assert not any(line.startswith(("subprocess", "os.system")) for line in heard.opened), heard.opened


def test_each_planted_leak_is_found(agent: Callable[[str], Overheard], frames: list[Image]) -> None:
    heard, leaks = agent(PLANTED), Leaks(frames)
    assert Leak("image", "as it is") in leaks.find(heard.files["seen.png"])
    assert Leak("pixels", "as it is", 8) in leaks.find(heard.files["seen.raw"])
    found = leaks.find(heard.wire)
    for leak in (
        Leak("pixels", "as it is", 11), Leak("pixels", "base64", 14), Leak("pixels", "numbers", 17),
        Leak("pixels", "compressed", 20), Leak("image", "as it is"), Leak("pixels", "hexadecimal", 26),
        Leak("embedding", "as it is"), Leak("pixels", "as it is", 32),
    ):  # fmt: skip
        assert leak in found, leak
