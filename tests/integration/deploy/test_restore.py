"""Back to a moment, word by word as docs/operations.md says, and the boxes send again what came after it."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process
from deploy.recomputing import recompute
from edge.publishing.sqlite_outbox import SqliteOutbox
from ingest.database import Database
from ingest.verify import verify
from tests.support.clocks import wait_until
from tests.support.entries import crossings
from tests.support.ingesting import running_ingest
from tests.support.ledger import add_store, count, one, rows
from tests.support.real_publishing import broker_config, publishing
from tests.support.servers import RunningBroker

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


class Operator:
    """Somebody at the server who types what the document says, in a folder of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.backup = home / "backup"
        section = DOCUMENT.read_text(encoding="utf-8").partition("## Backup and restore")[2].partition("\n## ")[0]
        self.once, self.nightly, self.restore = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
        self.exports = "".join(line for line in self.once.splitlines(keepends=True) if line.startswith("export"))

    def types(self, text: str, **instead: str) -> str:
        for name, value in {"BACKUP": str(self.backup), **instead}.items():
            text, changed = re.subn(rf'\b{name}=("[^"]*"|\S+)', f'{name}="{value}"', text, count=1)
            assert changed == 1, f"{name} is set in what is typed"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # Footfall's own Python is `python`
        done = subprocess.run(  # noqa: S603  # the document's own words
            ["/bin/bash", "-euo", "pipefail", "-c", text],
            env={**os.environ, "FOOTFALL_HOME": str(self.home), "PATH": path},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="footfall-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield made
    made.close()


def test_a_restored_moment_is_whole_and_the_boxes_send_again_what_came_after_it(
    home: Path, broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    postgres = EmbeddedPostgres(home / "postgres")
    (home / "ports.json").write_text(json.dumps({"postgres": postgres.port}), encoding="utf-8")
    operator = Operator(home)
    process = Process(postgres.service())
    process.start()
    migrate(postgres.url())
    url = postgres.url()
    add_store(url)

    def stored(number: int) -> None:
        wait_until(lambda: count(url, "crossing") == number, what=f"{number} crossings", within_s=60)
        wait_until(lambda: outbox.queue_depth == 0, what="the receipts", within_s=60)

    def counted(number: int) -> None:
        outbox.append(crossings(number))
        publisher.notify()
        stored(outbox.last_seq)

    try:
        operator.types(operator.once)
        process.stop()
        process.start()
        with (
            running_ingest(url, broker.server_url),
            publishing(outbox, broker_config(broker, tmp_path)) as publisher,
        ):
            counted(40)
            operator.types(operator.exports + operator.nightly)
            counted(30)
            (moment,) = one(url, "SELECT clock_timestamp()")
            counted(20)
            rows(url, "DELETE FROM crossing")
            process.stop()
            (base,) = operator.backup.glob("base-*")
            operator.types(operator.exports + operator.restore, BASE=str(base), MOMENT=moment.isoformat())
            before = outbox.coverage.size
            process.start()
            stored(90)
            assert before == 90, "the box had believed that all of it was safe"
        database = Database(url)
        assert verify(database).complete
        assert recompute(database).agrees
        database.close()
        log = (home / "postgres" / "postgres.log").read_text(encoding="utf-8")
        assert "recovery stopping before commit" in log
    finally:
        process.stop()
