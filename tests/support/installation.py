"""An installation of real processes: PostgreSQL that writes through to the disk, Mosquitto with TLS, ingest."""

import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process, Service
from tests.support.trusted import House, running_house


class Installation:
    """Database and broker run, the stores `riverside` and `hilltop` are open; ingest is the caller's to spawn."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        folder.chmod(0o755)  # the database's own user has to get in
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.database = Process(self.postgres.service())
        stack.callback(self.database.stop)
        self.database.start()
        self.url = self.postgres.url("footfall")
        migrate(self.url)
        self.house: House = stack.enter_context(running_house(folder / "house", self.url))

    def ingest(self, *, broker_port: int | None = None, database_port: int | None = None) -> Process:
        """Return `footfall ingest run`; it reaches broker and database at these ports, if something is between."""
        server = urlsplit(self.house.broker.url(self.house.broker.server))
        place = f"{server.username}:{server.password}@127.0.0.1:{broker_port or server.port}"
        settings = {
            "FOOTFALL_DATABASE_URL": self.url.replace(
                f":{self.postgres.port}/", f":{database_port or self.postgres.port}/"
            ),
            "FOOTFALL_BROKER_URL": server._replace(netloc=place).geturl(),
            "FOOTFALL_BROKER_SESSION_S": "300",
            "FOOTFALL_INGEST_NAME": "ingest-under-test",
        }
        return self.process("ingest", "deploy.cli.main", "--log-level", "info", "ingest", "run", settings=settings)

    def process(self, name: str, module: str, *arguments: str, settings: dict[str, str] | None = None) -> Process:
        """Return a Python module as a process, not started yet, its log in the folder."""
        return Process(
            Service(
                name=name,
                argv=[sys.executable, "-m", module, *arguments],
                ready=lambda: True,
                log_file=self.folder / f"{name}.log",
                env=settings or {},
            )
        )
