"""Trying a model in a process of its own: a damaged file may end the program that loads it."""

import os
import subprocess
import sys
from typing import Final

from edge.errors import ReleaseError

_TRY_S: Final = 300.0
_LAST_NICE: Final = 19
_SAID: Final = 200


def try_model(path: str, size: tuple[int, int]) -> None:
    """Load the model at `path` and have it look at one picture of (width, height) pixels, in another process.

    Raises:
        ReleaseError: it cannot be loaded or run.
    """
    command = [sys.executable, "-m", "edge.releases.one_look", path, *map(str, size)]
    environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    try:
        done = subprocess.run(  # noqa: S603 - ourselves, and a file whose digest was signed
            ["nice", "-n", str(_LAST_NICE), *command],  # noqa: S607 - whichever there is
            capture_output=True, text=True, timeout=_TRY_S, check=False, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReleaseError(f"the model could not be tried: {error}") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise ReleaseError(f"the model cannot be run here (code {done.returncode}): {said[-_SAID:]}")
