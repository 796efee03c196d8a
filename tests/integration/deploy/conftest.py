"""An installation that boxes enrol at."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.trusted import House, running_house


@pytest.fixture
def house(server_folder: Path, database: str) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="house-", dir=server_folder))
    folder.chmod(0o755)
    with running_house(folder, database) as running:
        yield running
