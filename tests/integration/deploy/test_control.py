"""From a row at head office to a box behind real TLS, and its report back into the database."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from analytics.clock import utc_now
from contract.codec import encode
from contract.control import COMMAND_LASTS_MAX, Reported, Resend
from contract.topics import topic
from deploy.cli.main import app
from deploy.control.desires import Decision, command, desire, desired_body, device_id_of
from deploy.control.publishing import ControlPublisher
from edge.agent import Agent
from edge.clock import SystemClock
from edge.config import CameraConfig, load_site
from edge.control.believing import Believing
from edge.control.control import Control
from edge.control.memory import Memory
from edge.control.opening import Controlled
from edge.enrolment import enrol
from edge.pipeline import CameraPipeline
from edge.publishing.connection import PahoConnection
from edge.publishing.publisher import Publisher
from edge.publishing.sqlite_outbox import SqliteOutbox
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard
from ingest.reports import Reports
from ingest.verify import verify
from tests.support.clocks import ManualClock, wait_until
from tests.support.controlled_agent import QUICK as SHORT
from tests.support.controlled_agent import SIZE, Tallied, cameras, film
from tests.support.controlling import Recorded
from tests.support.ingesting import running_ingest
from tests.support.publishing import FakeDevice
from tests.support.real_publishing import QUICK
from tests.support.trusted import House, keeper, running_house


@pytest.fixture
def house(server_folder: Path, database: str, tmp_path: Path) -> Iterator[House]:
    del tmp_path
    folder = server_folder / f"control-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@contextmanager
def controlled(folder: Path, part: Recorded) -> Iterator[Control]:
    """A box in `folder`, enrolled before, that publishes and listens; only its cameras are missing."""
    site = load_site(folder / "site.toml")
    outbox = SqliteOutbox(site.outbox.path, now=lambda: datetime.now(UTC))
    believing = Believing(Path(site.broker.tls_ca or ""), site.store, site.device)
    control = Control(
        (site.store, site.device), folder / "site.toml", believing, Memory(folder / "control.json"), parts=[part],
        handlers={}, clock=SystemClock(),
        say=lambda *notice: publisher.say(*notice),  # noqa: PLW0108  # bound late
    )  # fmt: skip
    publisher = Publisher(
        FakeDevice(), outbox, lambda session, report: PahoConnection(site.broker, session, report), settings=QUICK,
        listeners={"config": control.hand, "command": control.hand},
    )  # fmt: skip
    publisher.start()
    control.start()
    try:
        yield control
    finally:
        control.stop()
        publisher.stop()
        outbox.close()


@contextmanager
def counting(folder: Path, tally: Counter[str]) -> Iterator[Agent]:
    """The agent of an enrolled box in `folder`, as `footfall edge run` has it, but for its pace and what it sees."""
    site_file = folder / "site.toml"

    def build(camera: CameraConfig, _size: tuple[int, int]) -> CameraPipeline:
        return cast("CameraPipeline", Tallied(camera.lines[0].name, tally))

    agent = Agent(load_site(site_file), build=build, settings=QUICK, controlled=Controlled(site_file, SHORT))
    stop = threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    try:
        yield agent
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.slow
def test_a_real_box_takes_a_set_up_and_a_standard_and_no_count_is_lost(
    house: House, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path)
    folder = tmp_path / "box"
    folder.mkdir()
    enrol(house.code(site=cameras(tmp_path)), house.url, folder / "site.toml", source="usb:0", size=lambda: SIZE)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)

    def footfall(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["config", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    def status() -> dict[str, object]:
        (box,) = json.loads(footfall("status", "--json"))["boxes"]
        return dict(box)

    tally: Counter[str] = Counter()
    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeper(house, database), ingesting, counting(folder, tally) as agent:
        wait_until(lambda: agent.cameras.up == 2 and agent.publisher.connected, what="the box counts and is connected")
        (tmp_path / "new.toml").write_text(cameras(tmp_path, fps=5), encoding="utf-8")
        footfall("set", "riverside", "door-box", str(tmp_path / "new.toml"), "--by", "anna")
        wait_until(lambda: (status()["standing"], status()["running"]) == ("current", 1), what="it runs", within_s=30)
        (tmp_path / "autumn.toml").write_text("[cameras.side]\nfps = 4\n", encoding="utf-8")
        footfall("standard", "define", "autumn", str(tmp_path / "autumn.toml"))
        footfall("rollout", "start", "autumn", "--to", "all")
        wait_until(
            lambda: json.loads(footfall("rollout", "status", "--json"))["state"] == "finished",
            what="the roll-out is through", within_s=30,
        )  # fmt: skip
        assert (status()["standard"], status()["edited"]) == ("autumn 1", False)
        assert [camera.fps for camera in agent.cameras.configured] == [5, 4]
        (tmp_path / "blind.toml").write_text(cameras(tmp_path, door="nowhere.mp4"), encoding="utf-8")
        footfall("set", "riverside", "door-box", str(tmp_path / "blind.toml"))
        wait_until(lambda: status()["standing"] == "rolled_back", what="it is taken back", within_s=30)
        assert str(status()["reason"]).startswith("camera door, up before, is down since the change: ")
        wait_until(lambda: agent.cameras.up == 2, what="the door counts again")
        went = [each["what"] for each in json.loads(footfall("history", "riverside", "door-box", "--json"))]
        assert [each for each in went if each.startswith(("applied", "rolled"))] == [
            "rolled_back 3", "applied 2", "applied 1",
        ]  # fmt: skip
    with running_ingest(database, house.broker.url(house.broker.server)), counting(folder, tally) as agent:
        wait_until(lambda: agent.outbox.queue_depth == 0 and agent.outbox.last_seq > 0, what="all is received")
        wait_until(lambda: verify(house.database).complete, what="verify is empty")
    outbox = SqliteOutbox(folder / "footfall-outbox.sqlite")
    totals = {line: total.in_total for line, total in outbox.totals().items()}
    outbox.close()
    assert totals == tally, "each crossing that a camera decided is in the ledger once"


def reported(url: str) -> dict[str, object]:
    database = Database(url)
    with database.transaction() as cursor:
        cursor.execute("SELECT version, state, rejected FROM device_reported")
        row = cursor.fetchone() or (None, None, None)
    database.close()
    return dict(zip(("version", "state", "rejected"), row, strict=True))


def test_what_head_office_wants_reaches_the_box_and_its_word_comes_back(
    house: House, database: str, tmp_path: Path
) -> None:
    part = Recorded()
    house.enrol(tmp_path / "box")
    decision = Decision(by="anna", why="autumn", at=utc_now())
    with house.database.transaction() as cursor:
        device_id = device_id_of(cursor, "riverside", "door-box")
        desire(cursor, [device_id], {"site": "cameras = []"}, decision)
        desire(cursor, [device_id], {"standard": {"name": "autumn", "number": 1, "settings": ""}}, decision)
        version, body = desired_body(cursor, device_id)
        assert (version, set(body)) == (2, {"site", "standard"})
    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeper(house, database), ingesting, controlled(tmp_path / "box", part):
        wait_until(lambda: [each.version for each in part.wanted] == [2], what="version 2 is wanted")
        assert part.wanted[0].standard is not None
        wait_until(lambda: reported(database)["version"] == 2, what="the report is stored")
        asked = Resend(
            id=uuid4(),
            issued_at=utc_now(),
            expires_at=utc_now() + COMMAND_LASTS_MAX / 2,
            epoch=uuid4(),
            ranges=[(1, 1)],
        )
        with house.database.transaction() as cursor:
            command(cursor, device_id, asked, decision)
        wait_until(lambda: outcome(house) == "refused", what="the command is answered")
        # With the server's own login, which a broker's operator has.
        with house.server() as forger:
            forger.say(topic("riverside", "door-box", "config"), house_words(house), retain=True)
        wait_until(lambda: reported(database)["rejected"] == "replayed", what="the replay is reported")
    assert [each.version for each in part.wanted] == [2]


def house_words(house: House) -> bytes:
    """Version 1, as it was once rightly signed."""
    return encode(
        house.authority.sign("config", "riverside", "door-box", '{"version":1,"issued_at":"2026-11-21T12:00:00Z"}')
    )


def outcome(house: House) -> str | None:
    with house.database.transaction() as cursor:
        cursor.execute("SELECT outcome FROM device_command")
        ((found,),) = cursor.fetchall()
    return found  # type: ignore[no-any-return]  # text


def test_a_box_hears_its_own_words_only(house: House, tmp_path: Path) -> None:
    path = house.enrol(tmp_path / "box").identity.path
    with house.box(path) as box, house.server() as server:
        for leaf in ("config", "command"):
            box.hear(f"footfall/v1/+/+/{leaf}")
            server.say(f"footfall/v1/hilltop/door-box/{leaf}", b"{}")
            server.say(f"footfall/v1/riverside/door-box/{leaf}", b"{}")
        wait_until(lambda: len(box.heard) >= 2, what="its own words")
        assert {topic for topic, _ in box.heard} == {
            "footfall/v1/riverside/door-box/config",
            "footfall/v1/riverside/door-box/command",
        }
        assert box.say("footfall/v1/riverside/door-box/reported") == "Success"
        assert box.say("footfall/v1/hilltop/door-box/reported") != "Success"


def test_a_box_that_does_not_take_its_word_hears_it_again(house: House, database: str, tmp_path: Path) -> None:
    house.enrol(tmp_path / "box")
    clock = ManualClock(utc_now())
    with house.database.transaction() as cursor:
        device_id = device_id_of(cursor, "riverside", "door-box")
        desire(cursor, [device_id], {"site": "cameras = []"}, Decision(by="anna", why=None, at=clock.now()))
    publisher = ControlPublisher(
        Database(database), house.authority, house.broker.url(house.broker.server), now=clock.now
    )
    publisher._client.connect("127.0.0.1", house.broker.port)
    publisher._client.loop_start()
    wait_until(publisher._client.is_connected, what="the keeper is connected")
    assert [publisher.once(), publisher.once()] == [1, 0]
    clock.advance(120)
    assert publisher.once() == 0, "a box that is off hears it when it comes back, from the broker"
    with house.database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO device_status (device_id, state, at, received_at, version, last_seq, queue_depth, cameras)"
            " VALUES (%s, 'online', now(), now(), '1', 0, 0, '[]')",
            (device_id,),
        )
    assert [publisher.once(), publisher.once()] == [1, 0]
    clock.advance(120)
    report = Reported(
        store="riverside", device="door-box", at=clock.now(), state="refused", version=1, site_sha256="0" * 64
    )
    Reports(house.database, Names()).store(report, Heard(clock.now()))
    assert publisher.once() == 0, "it has taken it, whatever became of it"
    publisher._client.disconnect()
    publisher._client.loop_stop()
