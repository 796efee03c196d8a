"""A real TimescaleDB for tests: installs the gateway's package once and runs one server at a time."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from deploy.process import Process, Service, free_port, listens

GATEWAY = Path(__file__).resolve().parents[1] / "timescale" / "gateway"
_INSTALLED = GATEWAY / "node_modules" / ".package-lock.json"
_OLDEST_NODE = 20
_INSTALL_TIMEOUT_S = 240.0


class TimescaleUnavailableError(Exception):
    """This machine cannot run TimescaleDB; says why."""


def install() -> str:
    """Install what package-lock.json names, once for all test processes; return the path of Node.

    Raises:
        TimescaleUnavailableError: Node is missing or too old, or the package cannot be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise TimescaleUnavailableError("TimescaleDB runs in WebAssembly here, and there is no Node.js with npm")
    version = _run(node, "--version").removeprefix("v")
    if int(version.partition(".")[0]) < _OLDEST_NODE:
        raise TimescaleUnavailableError(f"TimescaleDB needs Node.js {_OLDEST_NODE} or newer, this is {version}")
    lock_file = GATEWAY / "package-lock.json"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _INSTALLED.exists() or _INSTALLED.stat().st_mtime < lock_file.stat().st_mtime:
            _run(npm, "ci", "--ignore-scripts", "--fetch-retries=1")
            _INSTALLED.touch()
    return node


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


def _run(*argv: str) -> str:
    try:
        result = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
            argv, cwd=GATEWAY, capture_output=True, text=True, check=True, timeout=_INSTALL_TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        raise TimescaleUnavailableError(f"{' '.join(argv[1:])} failed: {error.stderr.strip()[-400:]}") from error
    except subprocess.TimeoutExpired as error:
        raise TimescaleUnavailableError(f"{' '.join(argv[1:])} took over {_INSTALL_TIMEOUT_S:.0f} s") from error
    return result.stdout.strip()
