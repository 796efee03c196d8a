"""What a process holds, from /proc, and whether it grows."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MB: Final = 1_048_576
#: Of the measured time, the first and the last part that are compared.
_PART: Final = 3
_FLOORS: Final = 12


@dataclass(frozen=True, slots=True)
class Held:
    """What one process holds at one moment of a camera's time."""

    camera_hours: float
    rss_mb: float
    threads: int
    handles: int


def look(pid: int, camera_hours: float) -> Held:
    """Return what process `pid` holds now.

    Raises:
        FileNotFoundError: it has ended.
    """
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        if ":" in line
    )
    handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Held(camera_hours, int(status["VmRSS"].split()[0]) * 1_024 / _MB, int(status["Threads"]), handles)


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Return by how much `values` rise per unit of time: the line of the least squares through the floor they stand on.

    The floor is the least value of each twelfth: what is held for a moment, a frame or a thread, is no leak.
    """
    part = max(1, len(values) // _FLOORS)
    starts = range(0, len(values) - part + 1, part)
    floors = [min(values[start : start + part]) for start in starts]
    return statistics.linear_regression([times[start] for start in starts], floors).slope


def grown(values: Sequence[float]) -> float:
    """Return by how much the least value of the last third lies above that of the first."""
    part = max(1, len(values) // _PART)
    return min(values[-part:]) - min(values[:part])
