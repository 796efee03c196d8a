"""The interface of a rival's runner: a small program in the rival's own environment that counts one clip.

    PYTHON -m deploy.bench.rivals.object_counter --clip vtest.avi --line road=340,180,340,370,foot --model yolo11n
    PYTHON -m deploy.bench.rivals.trackers_linezone --clip vtest.avi --line … --model … --fps full --fps 5 --json

PYTHON is the interpreter of that environment (`deploy.bench.rivals.environment`), the working folder is the one that
holds `deploy`. `deploy.bench.rivals.client.run_rival` does all of that. Options, the same for both:

    --clip PATH                        a video file or a folder of images
    --line NAME=x1,y1,x2,y2[,ANCHOR]   repeatable; ANCHOR foot (default) or centre: which point of a person must cross
    --model NAME                       a name of the registry or a path
    --fps full|N                       frames analysed per second; repeatable, default full
    --lift PX                          half the height of a person at the lines, for a tool that knows only box centres
    --cores N                          let it run on so many processor cores (default: all)
    --tracks                           also tell whom the tool followed, frame by frame
    --json                             one JSON object instead of a few words

Printed on standard output:

    {"tool": "object_counter", "versions": {"ultralytics": "8.4.190"}, "clip": "vtest.avi", "model": "yolo11n",
     "rates": {"full": {"frames": 795, "fps": 10.0, "in": {"road": 12}, "out": {"road": 6},
                        "crossings": [{"line": "road", "direction": "out", "frame": 13}, …],
                        "cpu_s": 19.8, "cpu_frames": 794, "cpu_s_per_frame": 0.0249}},
     "rss_mb": 461.2}

`frame` is the number, in the source, of the frame at which the tool's own counter changed; `in` is as everywhere here:
towards the right-hand side of someone who walks from the line's first point to its second. `cpu_s` is processor time
of all threads over decoding and all that the tool does with a frame, first frame left out because libraries load
there; it is null for a rate whose boxes were known from a rate before. `rss_mb` is the peak of the whole process.
With `--tracks` a rate also has `"tracks": [[frame, [ids], [[left, top, right, bottom], …]], …]`.
Frames come from the product's own reader, so that all tools see the same ones. A tool that cannot do what is asked
ends with exit code 3 and the reason as the last line of standard error.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from edge.config import CameraConfig
from edge.errors import EdgeError
from edge.geometry import Place
from edge.sources.opening import open_source
from models.errors import ModelsError

if TYPE_CHECKING:
    from edge.frames import Frame

Direction = Literal["in", "out"]
#: What a tool does with a frame: it returns the crossings (line, direction) that its counters just added.
Step: TypeAlias = Callable[["Frame"], list[tuple[str, Direction]]]

EXIT_CANNOT: Final = 3
_NUMBERS_OF_LINE: Final = 4


class CannotError(Exception):
    """The tool cannot do what is asked: it has no way to."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line to count at, in pixels, and which point of a person must cross it."""

    name: str
    start: Place
    end: Place
    anchor: str = "foot"

    @property
    def word(self) -> str:
        """The line as the `--line` option takes it."""
        numbers = ",".join(f"{value:g}" for point in (self.start, self.end) for value in point)
        return f"{self.name}={numbers},{self.anchor}"


@dataclass(frozen=True, slots=True)
class Job:
    """What to count. Rates are `full` or frames per second."""

    clip: str
    lines: tuple[Line, ...]
    model: str
    rates: tuple[str, ...]
    lift: float = 0.0
    tracks: bool = False


class Tool:
    """A rival with its model loaded."""

    #: Distributions whose versions the result states.
    distributions: tuple[str, ...] = ()
    #: Whom it followed in the frame just dealt with: their numbers, and their boxes xyxy.
    followed: tuple[list[int], list[list[float]]] = ([], [])

    def begin(self, fps: float) -> Step:
        """Return what counts a clip of `fps` frames per second from its first frame on."""
        raise NotImplementedError

    @property
    def remembers(self) -> bool:
        """Whether a second run over the clip is spared work by the first."""
        return False


def run_as_program(name: str, open_tool: Callable[[Job], Tool], words: Sequence[str] | None = None) -> None:
    """Do what the command line says and print the result. Exits with `EXIT_CANNOT` where the tool cannot."""
    job, as_json = _parsed(name, words)
    try:
        tool = open_tool(job)
        result = {"tool": name, "versions": {each: version(each) for each in tool.distributions}} | count(job, tool)
    except (CannotError, EdgeError, ModelsError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(EXIT_CANNOT) from error
    result["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    sys.stdout.write((json.dumps(result) if as_json else _words(result)) + "\n")


def count(job: Job, tool: Tool) -> dict[str, Any]:
    """Return what `tool` counts at each rate. A rate that the clip itself does not exceed is the clip's own."""
    rates: dict[str, dict[str, Any]] = {}
    by_fps: dict[float, dict[str, Any]] = {}
    for rate in job.rates:
        source = open_source(CameraConfig(name="clip", source=job.clip, fps=None if rate == "full" else float(rate)))
        own = source.fps or 25.0
        fps = own if rate == "full" else min(own, float(rate))
        if fps not in by_fps:
            timed = not (tool.remembers and by_fps)
            by_fps[fps] = _counted(source, tool, tool.begin(fps), job, timed=timed) | {"fps": round(fps, 3)}
        source.close()
        rates[rate] = by_fps[fps]
    return {"clip": Path(job.clip).name, "model": job.model, "rates": rates}


def _counted(source: Iterable["Frame"], tool: Tool, step: Step, job: Job, *, timed: bool) -> dict[str, Any]:
    crossings: list[dict[str, Any]] = []
    tracks: list[tuple[Any, ...]] = []
    frames, start = 0, 0.0
    for frame in source:
        found = step(frame)
        crossings += [{"line": line, "direction": direction, "frame": frame.index} for line, direction in found]
        if job.tracks:
            tracks.append((frame.index, *tool.followed))
        frames += 1
        # Libraries load with the first frame: it is not timed.
        start = start or time.process_time()
    spent = time.process_time() - start
    return {
        "frames": frames,
        "in": _totals(crossings, job.lines, "in"),
        "out": _totals(crossings, job.lines, "out"),
        "crossings": crossings,
        **({"tracks": tracks} if job.tracks else {}),
        "cpu_s": round(spent, 4) if timed else None,
        "cpu_frames": frames - 1,
        "cpu_s_per_frame": round(spent / (frames - 1), 6) if timed and frames > 1 else None,
    }


def _totals(crossings: list[dict[str, Any]], lines: Sequence[Line], way: Direction) -> dict[str, int]:
    seen = [each["line"] for each in crossings if each["direction"] == way]
    return {line.name: seen.count(line.name) for line in lines}


def _parsed(name: str, words: Sequence[str] | None) -> tuple[Job, bool]:
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--clip", required=True)
    parser.add_argument("--line", required=True, action="append", type=parse_line)
    parser.add_argument("--model", required=True)
    parser.add_argument("--fps", action="append")
    parser.add_argument("--lift", type=float, default=0.0)
    parser.add_argument("--cores", type=int)
    parser.add_argument("--tracks", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    if given.cores:
        # Before a library starts its threads: they are as many as there are cores to run on.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    rates = tuple(given.fps or ["full"])
    return Job(given.clip, tuple(given.line), given.model, rates, given.lift, given.tracks), bool(given.json)


def parse_line(word: str) -> Line:
    """Return the line that `NAME=x1,y1,x2,y2[,ANCHOR]` describes.

    Raises:
        ValueError: not of that form.
    """
    name, _, rest = word.rpartition("=")
    parts = rest.split(",")
    anchor = parts.pop() if parts[-1] in {"foot", "centre"} else "foot"
    numbers = [float(part) for part in parts]
    if not name or len(numbers) != _NUMBERS_OF_LINE:
        raise ValueError(f"expected NAME=x1,y1,x2,y2[,foot|centre], got {word}")
    return Line(name, (numbers[0], numbers[1]), (numbers[2], numbers[3]), anchor)


def _words(result: dict[str, Any]) -> str:
    return "\n".join(
        f"{result['tool']} at {rate}: in {sum(each['in'].values())}, out {sum(each['out'].values())}, "
        f"{each['cpu_s_per_frame']} s of processor a frame, {result['rss_mb']} MB"
        for rate, each in result["rates"].items()
    )
