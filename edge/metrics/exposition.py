"""The text that Prometheus reads: what a box says of its cameras, its outbox and itself. No count of people is in it.

Written without a library: a box installs nothing for it, and names are slugs that need no escaping.
"""

import os
import platform
import resource
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal

from contract.messages import CameraHealth
from edge.publishing.presence import Readings

#: The media type of the format, https://prometheus.io/docs/instrumenting/exposition_formats/
MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_STATM: Final = Path("/proc/self/statm")
_MB: Final = 1_000_000
_STARTED: Final = time.time()


@dataclass(frozen=True, slots=True)
class BoxState:
    """What is told: each camera with the frames counted so far, entries without a receipt, the broker, the machine."""

    cameras: Sequence[tuple[CameraHealth, int]]
    outbox_entries: int
    broker_connected: bool
    readings: Readings


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric: samples are (labels, value)."""

    name: str
    kind: Literal["gauge", "counter"]
    meaning: str
    samples: Sequence[tuple[Mapping[str, str], float]]


def exposition(state: BoxState) -> str:
    """Return the page."""
    return "".join(line + "\n" for family in _families(state) for line in _lines(family))


def _lines(family: _Family) -> Iterable[str]:
    if not family.samples:
        return  # what is not known is left out, never 0
    yield f"# HELP {family.name} {family.meaning}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in family.samples:
        told = ",".join(f'{key}="{text}"' for key, text in labels.items())
        yield f"{family.name}{{{told}}} {value!r}" if told else f"{family.name} {value!r}"


def _families(state: BoxState) -> Iterator[_Family]:
    labels = {"service": "edge", "version": _version(), "python": platform.python_version()}
    yield _Family("footfall_build_info", "gauge", "Always 1; which version of which service this is.", [(labels, 1)])
    by_camera = [({"camera": each.camera}, each, frames) for each, frames in state.cameras]
    yield _Family(
        "footfall_edge_camera_up", "gauge", "1: the camera's pictures are counted.",
        [(labels, float(each.state == "up")) for labels, each, _ in by_camera],
    )  # fmt: skip
    yield _Family(
        "footfall_edge_camera_frames_per_second", "gauge", "Frames counted a second, over the last ten.",
        [(labels, each.fps) for labels, each, _ in by_camera],
    )  # fmt: skip
    yield _Family(
        "footfall_edge_camera_frames_total", "counter", "Frames counted.",
        [(labels, frames) for labels, _, frames in by_camera],
    )  # fmt: skip
    yield _one("footfall_edge_outbox_entries", "gauge", "Ledger entries without a receipt.", state.outbox_entries)
    yield _one("footfall_edge_broker_connected", "gauge", "1: the broker has let the box in.", state.broker_connected)
    yield from _machine(state.readings)


def _machine(readings: Readings) -> Iterator[_Family]:
    disk, crashes = readings.disk_free_mb, readings.crashes
    free = None if disk is None else disk * _MB
    yield _one("footfall_edge_temperature_celsius", "gauge", "Of the processor.", readings.temperature_c)
    yield _one("footfall_edge_disk_free_bytes", "gauge", "Where the outbox is.", free)
    crashed = None if crashes is None else crashes.day
    yield _one("footfall_edge_crashes", "gauge", "Starts in a day without a stop before: crashes, cut power.", crashed)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield _one("process_cpu_seconds_total", "counter", "CPU seconds used.", usage.ru_utime + usage.ru_stime)
    yield _one("process_resident_memory_bytes", "gauge", "Memory held.", _resident())
    yield _one("process_start_time_seconds", "gauge", "When it was started, since 1970.", _STARTED)


def _one(name: str, kind: Literal["gauge", "counter"], meaning: str, value: float | None) -> _Family:
    return _Family(name, kind, meaning, [] if value is None else [({}, float(value))])


def _resident() -> int | None:
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _version() -> str:
    try:
        return version("footfall")
    except PackageNotFoundError:
        return "unknown"
