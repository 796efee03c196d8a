"""Packages of npm's that tests need, installed once when one first asks for them."""

import fcntl
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

_OLDEST_NODE: Final = 20
_INSTALL_TIMEOUT_S: Final = 240.0


class NpmUnavailableError(Exception):
    """This machine cannot have a package of npm's; says why."""


def npm_ci(
    folder: Path, *, oldest_node: int = _OLDEST_NODE, finish: Callable[[Path], None] = lambda _installed: None
) -> str:
    """Install what a folder's package-lock.json names, once for all test processes; return the path of Node.

    `finish` does with `node_modules` what the packages' own scripts would: none of them is run.

    Raises:
        NpmUnavailableError: Node is missing or too old, or a package cannot be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NpmUnavailableError("there is no Node.js with npm")
    lock_file, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        version = _run(folder, node, "--version").removeprefix("v")
        if int(version.partition(".")[0]) < oldest_node:
            raise NpmUnavailableError(f"expected Node.js {oldest_node} or newer, this is {version}")
        if not installed.exists() or installed.stat().st_mtime < lock_file.stat().st_mtime:
            _run(folder, npm, "ci", "--ignore-scripts", "--fetch-retries=1")
            finish(installed.parent)
            installed.touch()
    return node


def _run(folder: Path, *argv: str) -> str:
    try:
        result = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
            argv, cwd=folder, capture_output=True, text=True, check=True, timeout=_INSTALL_TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        raise NpmUnavailableError(f"{argv[0]} failed: {error.stderr.strip()[-400:]}") from error
    except subprocess.TimeoutExpired as error:
        raise NpmUnavailableError(f"{argv[0]} took over {_INSTALL_TIMEOUT_S:.0f} s") from error
    return result.stdout.strip()
