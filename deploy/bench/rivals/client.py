"""Running a rival: its runner in its environment, its JSON back."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from deploy.bench.rivals.environment import ToolName, interpreter
from deploy.errors import RivalError

RivalName = Literal["object_counter", "trackers_linezone"]
RIVALS: Final[tuple[RivalName, ...]] = ("object_counter", "trackers_linezone")

#: The folder that holds our packages goes behind the environment's own, so that nothing of ours replaces its libraries.
_START: Final = "import runpy, sys; sys.path.append({root!r}); runpy.run_module({module!r}, run_name='__main__')"
_ROOT: Final = Path(__file__).resolve().parents[3]


def run_rival(
    rival: RivalName,
    clip: Path,
    lines: Sequence[str],
    model: str,
    *,
    rates: Sequence[str] = ("full",),
    lift: float = 0.0,
    cores: int | None = None,
    tracks: bool = False,
    python: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return what `rival` counts in `clip`, as `deploy.bench.rivals.job` describes it.

    `lines` are words `NAME=x1,y1,x2,y2[,ANCHOR]`; `python` replaces the environment that is made on demand.

    Raises:
        RivalError: it cannot be installed, cannot load the model, or failed; the message is the reason.
    """
    words = [f"--clip={clip}", f"--model={model}", f"--lift={lift:g}", "--json"]
    words += [f"--line={line}" for line in lines] + [f"--fps={rate}" for rate in rates]
    words += ([f"--cores={cores}"] if cores else []) + (["--tracks"] if tracks else [])
    return run_module(rival, words, python=python, say=say)


def run_module(
    tool: ToolName,
    words: Sequence[str],
    *,
    python: Path | None = None,
    text: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the JSON that `deploy.bench.rivals.<tool>` prints when run with `words`, and `text` on standard input.

    Raises:
        RivalError: it cannot be installed, or it failed; the message is the reason.
    """
    used = python or interpreter(tool, say=say)
    start = _START.format(root=str(_ROOT), module=f"deploy.bench.rivals.{tool}")
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    command = [str(used), "-P", "-c", start, *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own runner
            command, input=text, capture_output=True, text=True, check=False, env=kept, cwd=Path.cwd()
        )
    except OSError as error:
        raise RivalError(f"{used} cannot be run: {error}") from error
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        raise RivalError(told[-1][:300] if told else f"{tool} ended with exit code {done.returncode}")
    try:
        # A library may greet on standard output: the answer is the last line.
        result: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError as error:
        raise RivalError(f"{tool} printed no JSON: {done.stdout.strip()[-200:]!r}") from error
    return result
