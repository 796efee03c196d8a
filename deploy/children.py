"""The children that a supervisor has on record, so that the next one can end what a killed one left behind."""

import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

_log = logging.getLogger(__name__)
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One service of a supervisor as others may see it.

    `birth` tells a process from a later one of the same id; `last_words` ends the log of one that keeps crashing.
    """

    name: str
    state: str
    pid: int | None
    birth: str | None
    stop_signal: int
    restarts: int
    since: str
    last_exit: int | None
    last_words: str | None = None


def save(path: Path, children: Iterable[Child]) -> None:
    """Write the record, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps([asdict(child) for child in children], indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def load(path: Path) -> list[Child]:
    """Return the record, empty when there is none or it cannot be read."""
    try:
        return [Child(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def seen_now(children: Iterable[Child]) -> list[Child]:
    """Return the record with `lost` for each process that is gone without its supervisor having noticed."""
    return [replace(child, state="lost", pid=None) if child.pid and not _alive(child) else child for child in children]


def birth_of(pid: int) -> str | None:
    """Return when the process started, as the system tells it; None when it is gone or a zombie."""
    try:
        # Counted after the command name, which may hold spaces and brackets: field 3 is the state, 22 the start.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    result = subprocess.run(  # noqa: S603 - the argument list is ours
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or None


def end_orphans(children: list[Child], *, timeout_s: float = 15.0) -> list[str]:
    """End, last started first, whichever of `children` still runs; return their names."""
    ended = []
    for child in reversed(children):
        if not _alive(child):
            continue
        _log.warning("ending %s (%s), left by a killed supervisor", child.name, child.pid, extra={"action": "orphan"})
        _signal(child, signal.Signals(child.stop_signal))
        if not _gone(child, timeout_s):
            _signal(child, signal.SIGKILL)
            # Its port and its files are free only once it is gone.
            _gone(child, timeout_s)
        ended.append(child.name)
    return ended


def _gone(child: Child, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return not _alive(child)


def _alive(child: Child) -> bool:
    return child.pid is not None and child.birth is not None and birth_of(child.pid) == child.birth


def _signal(child: Child, number: signal.Signals) -> None:
    if child.pid is not None:
        try:
            os.kill(child.pid, number)
        except ProcessLookupError:
            return
