"""Real servers for tests: a PostgreSQL cluster with cheap fresh databases, and brokers that can be killed."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from deploy.broker import Broker, Kind
from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process


class Cluster:
    """A running PostgreSQL whose databases are copied from one migrated template."""

    def __init__(self, postgres: EmbeddedPostgres, process: Process) -> None:
        self.postgres = postgres
        self.process = process
        self._numbers = itertools.count(1)
        migrate(postgres.url("template_footfall"))

    def create(self) -> str:
        """Return the URL of a fresh, migrated database."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_footfall")
        return self.postgres.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, ending whoever is still connected."""
        self._execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.postgres.url("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Run a PostgreSQL cluster in `folder`, fast rather than durable."""
    postgres = EmbeddedPostgres(folder, durable=False)
    process = Process(postgres.service())
    process.start()
    try:
        yield Cluster(postgres, process)
    finally:
        process.stop()


class RunningBroker:
    """A broker on a port of its own; `kill()` and `start()` again keep port, passwords and persisted state."""

    def __init__(self, folder: Path, kind: Kind | None = None) -> None:
        self.broker = Broker(folder, kind=kind)
        self.process = Process(self.broker.service())

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self.broker.port

    @property
    def server_url(self) -> str:
        """URL with the server's login."""
        return self.broker.url(self.broker.server)

    @property
    def device_url(self) -> str:
        """URL with the devices' login."""
        return self.broker.url(self.broker.device)

    def start(self) -> None:
        self.process.start()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
