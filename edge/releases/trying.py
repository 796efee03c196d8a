"""Trying a model in a process of its own: a damaged file may end the program that loads it."""

import sys
import threading
from typing import Final

from edge.releases.running import run_aside

_TRY_S: Final = 300.0


def try_model(path: str, size: tuple[int, int], given_up: threading.Event) -> None:
    """Load the model at `path` and have it look at one picture of (width, height) pixels, in another process.

    Raises:
        ReleaseError: it cannot be loaded or run.
        FetchingError: it was given up.
    """
    command = [sys.executable, "-m", "edge.releases.one_look", path, *map(str, size)]
    run_aside(command, "one look with it", given_up, within_s=_TRY_S)
