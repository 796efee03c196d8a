"""The whole chain on real clips: camera agent → broker → ingest → SQL → page counts what `recount` counts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from deploy.bench.chromium import chromium
from deploy.demo.site import write_site
from deploy.process import Process, Service
from deploy.stores import Store, register
from edge.config import BrokerConfig, CameraConfig, LineConfig, OutboxConfig, SiteConfig, ZoneConfig
from ingest.database import Database
from tests.support.clocks import wait_until
from tests.support.served import served
from tests.support.servers import RunningBroker
from tests.support.signed_in import SIGNED_IN

pytestmark = [pytest.mark.slow, pytest.mark.video]

ROAD = CameraConfig(
    name="road",
    source="video/vtest.avi",
    model="yolo11n",
    lines=(LineConfig(name="road", points=((340, 180), (340, 370))),),
)
TABLE = CameraConfig(
    name="table",
    source="video/one-by-one-person-detection.mp4",
    model="yolo11n",
    anchor="centre",
    lines=(
        LineConfig(name="entry", points=((560, 250), (0, 250))),
        LineConfig(name="exit", points=((600, 0), (600, 431))),
    ),
    zones=(
        ZoneConfig(name="table", polygon=((360, 340), (580, 340), (580, 431), (360, 431)), anchor="foot"),
    ),
)  # fmt: skip


@contextmanager
def command(name: str, *arguments: str, log: Path, **settings: str) -> Iterator[Process]:
    process = Process(
        Service(
            name=name,
            argv=[sys.executable, "-m", "deploy.cli.main", *arguments],
            ready=lambda: True,
            log_file=log / f"{name}.log",
            env=settings,
        )
    )
    process.spawn()
    try:
        yield process
    finally:
        process.stop()


def site_for(camera: CameraConfig, data_folder: Path, broker: RunningBroker, folder: Path) -> Path:
    placed = msgspec.structs.replace(camera, source=str(data_folder / camera.source))
    login = BrokerConfig(
        port=broker.port, username="device", password_file=str(broker.broker.folder / "device.password")
    )
    outbox = OutboxConfig(path=str(folder / "outbox.sqlite"))
    write_site(
        SiteConfig(store="riverside", device="door-box", broker=login, outbox=outbox, cameras=(placed,)),
        folder / "site.toml",
    )
    return folder / "site.toml"


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def run_through(camera: CameraConfig, data_folder: Path, database: str, broker: RunningBroker, folder: Path) -> None:
    opened = Database(database)
    now = datetime.now(UTC)
    # It is noon there, so that the clip lies within one business day. The sign of these zones is turned round.
    zone = f"Etc/GMT{now.hour - 12:+d}"
    register(opened, Store(code="riverside", name="Riverside", timezone=zone), today=now.date())
    opened.close()
    settings = {"FOOTFALL_DATABASE_URL": database, "FOOTFALL_BROKER_URL": broker.server_url}
    site = site_for(camera, data_folder, broker, folder)
    with (
        command("ingest", "ingest", "run", log=folder, **settings),
        command("edge", "edge", "run", "--site", str(site), log=folder) as edge,
    ):
        wait_until(lambda: edge.returncode is not None, what="the agent came to the end of its clip", within_s=240)
        assert edge.returncode == 0, edge.tail()
        wait_until(
            lambda: (
                rows(database, "SELECT count(*) FROM ledger_epoch WHERE last_seq > 0") == [(1,)]
                and rows(database, "SELECT * FROM ledger_missing") == []
            ),
            what="ingest has everything that the agent wrote",
        )


def headline(database: str, browser: Browser) -> str:
    """Return the first line of the store's page just after the last crossing."""
    ((last,),) = rows(database, "SELECT max(at) FROM crossing")
    assert isinstance(last, datetime)
    with served(database, last + timedelta(seconds=1)) as dashboard:
        page = browser.new_page(storage_state=SIGNED_IN)
        page.goto(f"{dashboard.url}/store/riverside?lang=en")
        expect(page.locator("h1")).to_contain_text("visitors")
        text = page.locator("h1").inner_text()
        page.close()
        return text


COUNTS = """
SELECT l.code, count(*) FILTER (WHERE c.inward), count(*) FILTER (WHERE NOT c.inward)
FROM crossing AS c JOIN line AS l USING (line_id) GROUP BY 1 ORDER BY 1
"""


@pytest.mark.timeout(600)
def test_vtest_counts_15_and_12_in_sql(
    database: str, broker: RunningBroker, data_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run_through(ROAD, data_folder, database, broker, tmp_path)
    assert rows(database, COUNTS) == [("road", 15, 12)]
    assert rows(database, "SELECT sum(ins), sum(outs) FROM line_traffic_15m") == [(15, 12)]
    assert rows(database, "SELECT count(*) FROM dead_letter") == [(0,)]
    if chromium() is None:
        pytest.skip("SQL is right; the page was not looked at: no Chromium on PATH, install Debian's `chromium`")
    assert headline(database, request.getfixturevalue("browser")) == "15 visitors so far"


@pytest.mark.timeout(600)
def test_one_by_one_counts_six_entries_six_exits_and_six_stays_in_sql(
    database: str, broker: RunningBroker, data_folder: Path, tmp_path: Path
) -> None:
    run_through(TABLE, data_folder, database, broker, tmp_path)
    assert rows(database, COUNTS) == [("entry", 6, 0), ("exit", 0, 6)]
    dwells = [float(str(dwell)) for (dwell,) in rows(database, "SELECT dwell_s FROM zone_visit ORDER BY at")]
    assert dwells == pytest.approx([11.5, 19.6, 17.1, 9.7, 24.8, 9.4], abs=1.0)
