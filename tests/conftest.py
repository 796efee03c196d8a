"""Fixtures that every test may ask for: a fresh database, a fresh broker and a browser, all real."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from deploy.bench.chromium import browser as running_browser
from deploy.bench.chromium import chromium
from tests.support.servers import Cluster, RunningBroker, running_cluster
from tests.support.store_data import Connection

# An example's time says how busy the machine is, nothing about the code.
settings.register_profile("footfall", deadline=None)
settings.load_profile("footfall")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that an unprivileged server process may enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="footfall-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(server_folder: Path) -> Iterator[Cluster]:
    """One PostgreSQL for all tests of this process."""
    with running_cluster(server_folder / "postgres") as running:
        yield running


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """URL of a fresh, migrated database."""
    url = cluster.create()
    yield url
    cluster.drop(url)


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A connection in autocommit whose session speaks another time zone than UTC: nothing may depend on it."""
    opened = psycopg2.connect(database, options="-c timezone=America/New_York")
    opened.autocommit = True
    yield opened
    opened.close()


@pytest.fixture
def broker(server_folder: Path) -> Iterator[RunningBroker]:
    """A fresh running broker: Mosquitto where it is installed, else iotcore."""
    folder = Path(tempfile.mkdtemp(prefix="broker-", dir=server_folder))
    folder.chmod(0o755)
    running = RunningBroker(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Where the real clips and weights lie; a test that needs them is skipped without."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FOOTFALL_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no clips and weights here: set FOOTFALL_DATA or put them in {beside}")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests of this process, as Playwright takes only one at a time in a thread."""
    if chromium() is None:
        pytest.skip("no Chromium on PATH: install Debian's `chromium`")
    with running_browser() as running:
        yield running
