"""Following and counting alone with 10, 50 and 200 people in view: milliseconds a frame, ours and the rival's.

`python -m deploy.bench.rivals.crowd` prints `{"footfall": {"10": 0.26, …}, "trackers_linezone": {"10": 0.35, …}}`; the
second is null, with `reason`, where it cannot be installed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from deploy.bench.rivals.client import run_module
from deploy.bench.rivals.job import Line
from deploy.errors import RivalError
from edge.detections import Detections
from edge.geometry import Segment

CROWDS: Final = (10, 50, 200)
LINE: Final = Line("middle", (2_000, 0), (2_000, 4_000))
FPS: Final = 10.0
CONFIDENCE: Final = 0.4


def scenes(people: int, frames: int = 100) -> Iterator[Detections]:
    """Yield what is seen of so many people who stroll about on a wide floor, always the same."""
    random = np.random.default_rng(people)
    corners, pace = random.uniform(0, 4_000, (people, 2)), random.uniform(-8, 8, (people, 2))
    for number in range(frames):
        corner = corners + pace * number
        yield Detections(
            np.hstack([corner, corner + np.array([40, 100])]).astype(np.float32), np.full(people, 0.9, np.float32)
        )


def ms_per_frame(people: int, see: Callable[[Detections], object]) -> float:
    """Return the processor milliseconds that `see` takes for a frame with so many people."""
    crowd = list(scenes(people))
    start = time.process_time()
    for found in crowd:
        see(found)
    return round((time.process_time() - start) / len(crowd) * 1_000, 3)


def ours(people: int) -> float:
    """Return what our tracker and line take."""
    from edge.counting.lines import LineCounter  # noqa: PLC0415 - the rival's environment, which shares this module,
    from edge.tracking.bytetrack import ByteTrack  # noqa: PLC0415 - has no `lap`

    tracker, counter = ByteTrack(CONFIDENCE), LineCounter(LINE.name, Segment(LINE.start, LINE.end), "foot")
    seen: list[float] = []

    def see(found: Detections) -> None:
        time_s = len(seen) / FPS
        counter.update(tracker.update(found, time_s), len(seen), time_s)
        seen.append(time_s)

    return ms_per_frame(people, see)


def run() -> dict[str, Any]:
    """Return both."""
    result: dict[str, Any] = {"footfall": {str(people): ours(people) for people in CROWDS}}
    try:
        return result | {"trackers_linezone": run_module("trackers_linezone", ["--crowd"])["crowd_ms"]}
    except RivalError as error:
        return result | {"trackers_linezone": None, "reason": str(error)}


if __name__ == "__main__":
    _HELP: Final = (__doc__ or "").partition("\n\n")
    argparse.ArgumentParser("python -m deploy.bench.rivals.crowd", description=_HELP[0], epilog=_HELP[2]).parse_args()
    sys.stdout.write(json.dumps(run()) + "\n")
