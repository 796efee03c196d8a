"""From a row at head office to a box behind real TLS, and its report back into the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from contract.codec import encode
from contract.control import COMMAND_LASTS_MAX, Resend
from contract.topics import topic
from deploy.control.desires import Decision, command, desire, desired_body, device_id_of
from deploy.control.publishing import ControlPublisher
from deploy.trust.authority import utc_now
from edge.clock import SystemClock
from edge.config import load_site
from edge.control.believing import Believing
from edge.control.control import Control
from edge.control.memory import Memory
from edge.publishing.connection import PahoConnection
from edge.publishing.publisher import Publisher
from edge.publishing.sqlite_outbox import SqliteOutbox
from ingest.database import Database
from tests.support.clocks import wait_until
from tests.support.controlling import Recorded
from tests.support.ingesting import running_ingest
from tests.support.publishing import FakeDevice
from tests.support.real_publishing import QUICK
from tests.support.trusted import House, running_house


@pytest.fixture
def house(server_folder: Path, database: str, tmp_path: Path) -> Iterator[House]:
    del tmp_path
    folder = server_folder / f"control-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@contextmanager
def keeper(house: House, url: str) -> Iterator[None]:
    stopping = threading.Event()
    broker_url = house.broker.url(house.broker.server)
    publisher = ControlPublisher(Database(url), house.authority, broker_url, now=utc_now)
    thread = threading.Thread(target=publisher.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)


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
