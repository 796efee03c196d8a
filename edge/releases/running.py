"""Running a program beside the counting: last in line for the processor, and ended when it is given up."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Final

from edge.errors import FetchingError, ReleaseError

_LAST_NICE: Final = 19
_LOOK_S: Final = 0.5
_SAID: Final = 250
#: What a program of another version must not take over: whom this one reports to, and where it finds modules.
_OURS: Final = ("NOTIFY_SOCKET", "PYTHONPATH", "PYTHONHOME")


def run_aside(command: Sequence[str], what: str, given_up: threading.Event, *, within_s: float) -> None:
    """Run `command` to its end.

    Raises:
        ReleaseError: it fails, or takes longer than `within_s`; names `what`, and what it said last.
        FetchingError: it was given up.
    """
    environment = {key: value for key, value in os.environ.items() if key not in _OURS}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own programs, and files whose digests were signed
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
    except OSError as error:
        raise ReleaseError(f"{what} cannot be started: {error}") from error
    os.setpriority(os.PRIO_PROCESS, process.pid, _LAST_NICE)
    said = _awaited(process, what, given_up, time.monotonic() + within_s)
    if process.returncode:
        words = said.decode(errors="replace").strip()[-_SAID:]
        raise ReleaseError(f"{what} failed with code {process.returncode}: {words or 'nothing was said'}")


def _awaited(process: subprocess.Popen[bytes], what: str, given_up: threading.Event, until_s: float) -> bytes:
    while True:
        try:
            return process.communicate(timeout=_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            if not given_up.is_set() and time.monotonic() < until_s:
                continue
        process.kill()
        process.communicate()
        if given_up.is_set():
            raise FetchingError(f"{what} was given up")
        raise ReleaseError(f"{what} took too long")
