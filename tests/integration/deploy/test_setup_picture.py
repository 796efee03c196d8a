"""From an operator's request to a picture of nobody: a real box on a real clip, TLS, broker, keeper, database.

Four people sit in the clip all the time.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from deploy.cli.setup_picture import app
from edge.agent import Agent
from edge.config import CameraConfig, load_site
from edge.control.opening import Controlled
from edge.frames import ArrayPicture
from edge.setup_picture import pictures
from edge.setup_picture.examining import open_examiner
from edge.setup_picture.rules import PictureRules
from edge.sources.opening import open_source
from ingest.database import Database
from tests.support.clocks import wait_until
from tests.support.extras import model_path
from tests.support.ingesting import running_ingest
from tests.support.leaks import Leaks, files_in
from tests.support.trusted import House, keeper, running_house

pytestmark = [pytest.mark.video, pytest.mark.slow]

CLIP = "classroom.gif"
DOOR = ("riverside", "door-box", "door")
#: Ten samples of a clip of three seconds; in a shop it is forty over more than five minutes.
QUICK = PictureRules(samples=10, least_samples=8, every_s=0.4)
CAMERA = """
[[cameras]]
name = "door"
source = "{clip}"
loop = true
fps = 5
model = "motion"
lines = [{{ name = "front-door", points = [[240, 20], [240, 250]] }}]
"""


@pytest.fixture
def house(server_folder: Path, database: str) -> Iterator[House]:
    folder = server_folder / f"picture-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@pytest.fixture
def clip(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model_path(data_folder, "yolox_nano.onnx")
    monkeypatch.setenv("FOOTFALL_DATA", str(data_folder))
    monkeypatch.setattr(pictures, "PictureRules", lambda: QUICK)
    path = data_folder / "video" / CLIP
    if not path.exists():
        pytest.skip(f"no such clip here: {path}")
    return path


@contextmanager
def box(house: House, folder: Path, clip: Path) -> Iterator[Agent]:
    """An enrolled box that counts."""
    house.enrol(folder)
    site_file = folder / "site.toml"
    text = site_file.read_text(encoding="utf-8")
    site_file.write_text(text[: text.index("[[cameras]]")] + CAMERA.format(clip=clip), encoding="utf-8")
    agent, stop = Agent(load_site(site_file), controlled=Controlled(site_file)), threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    try:
        yield agent
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def command(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def state() -> str:
    found = json.loads(command("list", "--json"))
    return str(found[0]["state"]) + (f": {found[0]['reason']}" if found[0]["reason"] else "")


def test_an_operator_gets_a_picture_without_the_people_in_it(
    house: House, database: str, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    camera = CameraConfig(name="clip", source=str(clip))
    frames = [frame.image for frame in open_source(camera, clock=lambda: datetime(2026, 11, 29, tzinfo=UTC))]
    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeper(house, database), ingesting, house.server() as heard, box(house, tmp_path / "box", clip) as agent:
        for leaf in ("live", "status", "reported", "picture"):
            heard.hear(f"footfall/v1/+/+/{leaf}")
        wait_until(lambda: agent.publisher.connected, what="the box is connected")
        asked = json.loads(command("request", "riverside", "door-box", "door", "--why", "new line", "--json"))[
            "request"
        ]
        wait_until(lambda: state() not in ("waiting", "taking"), what="the box's answer", within_s=90)
        assert state() == "ready"
        wait_until(lambda: outcome(house) == "done", what="the box's report")
        file = tmp_path / "door.jpg"
        command("save", asked, str(file))
    image = np.asarray(Image.open(file).convert("RGB"))[:, :, ::-1]
    assert image.shape == (270, 480, 3)
    examiner = open_examiner("yolox-nano")
    assert examiner is not None
    assert len(examiner.look(ArrayPicture(frames[0]), least_score=0.4)) >= 4, "it finds who sits there in a frame"
    assert len(examiner.look(ArrayPicture(np.ascontiguousarray(image)), thoroughly=True, least_score=0.4)) == 0
    assert "viewed by" in command("show", asked)
    assert file.stat().st_mode & 0o077 == 0
    check_nothing_else_left(heard.heard, tmp_path / "box", frames)


def check_nothing_else_left(heard: list[tuple[str, bytes]], folder: Path, frames: list[np.ndarray]) -> None:
    leaks = Leaks(frames)
    sent = [payload for topic, payload in heard if topic.endswith("/picture")]
    assert len(sent) == 1
    others = b"\n".join(payload for topic, payload in heard if not topic.endswith("/picture"))
    assert b'"front-door"' in others
    assert leaks.find(others) == set()
    files = files_in(folder)
    assert any("control" in name for name in files), files.keys()
    assert {name: found for name, data in files.items() if (found := leaks.find(data))} == {}


def outcome(house: House) -> str | None:
    with house.database.transaction() as cursor:
        cursor.execute("SELECT outcome FROM device_command")
        ((found,),) = cursor.fetchall()
    return None if found is None else str(found)


def test_a_box_that_cannot_answer_says_why(
    house: House, database: str, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    monkeypatch.setattr(pictures, "PictureRules", lambda: PictureRules(least_samples=30, give_up_s=1.0))
    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeper(house, database), ingesting, box(house, tmp_path / "box", clip):
        command("request", *DOOR, "--why", "new line")
        wait_until(lambda: state() not in ("waiting", "taking"), what="the box's answer", within_s=60)
        assert state().startswith("refused: the camera gave")
    opened = Database(database)
    with opened.transaction() as cursor:
        cursor.execute("SELECT count(*) FROM setup_picture")
        assert cursor.fetchone() == (0,)
    opened.close()
