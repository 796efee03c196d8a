"""What one camera costs on this machine: the floor, the rivals and us, side by side, each in a process of its own.

The floor is what nobody can go below who looks at every analysed frame as a whole: decoding all of the clip's frames,
and the bare network on those that are analysed. `overhead` is what our pipeline adds to it with all that spares work
switched off. Processor time is of all threads, so that waiting for a busy machine is not counted as work.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from deploy.bench.edge_run import Job
from deploy.bench.machine import machine
from deploy.bench.rivals.client import RIVALS, run_rival
from deploy.errors import BenchError, RivalError

Say = Callable[[str], None]

#: So many frames are enough for the figures that are not compared with a rival's.
_PLAIN_FRAMES: Final = 200
_FLOOR_FRAMES: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure. Without lines, one in the middle of the picture; `fps` None: every frame."""

    clip: Path
    lines: tuple[str, ...]
    model: str
    fps: float | None
    gate: bool = True
    whole_picture: bool = False
    rivals: bool = True


def run(wanted: Wanted, *, say: Say = lambda _: None) -> dict[str, Any]:
    """Return the figures of one clip; `say` hears what is measured before each turn.

    Raises:
        BenchError: a run of ours failed; the message is its reason.
    """
    job = Job("count", str(wanted.clip), wanted.lines, wanted.model, wanted.fps, wanted.gate, wanted.whole_picture)
    say("the floor: decoding, and the bare network")
    floor = measured(replace(job, what="floor", frames=_FLOOR_FRAMES))
    lines = wanted.lines or (_middle(floor["size"]),)
    job = replace(job, lines=lines)
    rate = min(wanted.fps or floor["fps"], floor["fps"])
    floor_share = floor["decode_s"] * floor["fps"] + (floor["inference_s"] or 0.0) * rate
    say("footfall")
    ours = measured(job)
    plain = ours
    if wanted.gate or not wanted.whole_picture:
        say("footfall, every analysed frame as a whole")
        plain = measured(replace(job, gate=False, whole_picture=True, frames=_PLAIN_FRAMES))
    plain_share = plain["cpu_s_per_frame"] * rate
    return {
        "clip": wanted.clip.name,
        "size": floor["size"],
        "clip_fps": floor["fps"],
        "fps": rate,
        "model": wanted.model,
        "lines": list(lines),
        "levers": {"gate": wanted.gate, "region": not wanted.whole_picture},
        **ours,
        "core_share": round(ours["cpu_s_per_frame"] * rate, 4),
        "floor_core_share": round(floor_share, 4),
        "overhead": round(plain_share / floor_share - 1, 3),
        "floor": {"decode_s_per_frame": floor["decode_s"], "inference_s_per_frame": floor["inference_s"]},
        "plain": {"cpu_s_per_frame": plain["cpu_s_per_frame"], "core_share": round(plain_share, 4)},
        "rivals": rivals(wanted, lines, say) if wanted.rivals else dict.fromkeys(RIVALS),
        "machine": machine(),
    }


def rivals(wanted: Wanted, lines: Sequence[str], say: Say) -> dict[str, Any]:
    """Return what each rival costs on the same frames: null figures and the reason where it cannot run here."""
    rate = "full" if wanted.fps is None else f"{wanted.fps:g}"
    figures: dict[str, Any] = {}
    for rival in RIVALS:
        say(rival)
        try:
            told = run_rival(rival, wanted.clip, lines, wanted.model, rates=(rate,), say=say)
        except RivalError as error:
            figures[rival] = {"cpu_s_per_frame": None, "rss_mb": None, "reason": str(error)}
            continue
        each = told["rates"][rate]
        figures[rival] = {
            "cpu_s_per_frame": each["cpu_s_per_frame"],
            "rss_mb": told["rss_mb"],
            "crossings": len(each["crossings"]),
            "versions": told["versions"],
        }
    return figures


def measured(job: Job) -> dict[str, Any]:
    """Return what `deploy.bench.edge_run` prints for `job`.

    Raises:
        BenchError: it failed.
    """
    command = [sys.executable, "-m", "deploy.bench.edge_run", json.dumps(asdict(job))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        raise BenchError(told[-1])
    result: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return result


def _middle(size: Sequence[int]) -> str:
    width, height = size
    return f"middle={width / 2:g},0,{width / 2:g},{height}"
