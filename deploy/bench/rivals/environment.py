"""The rivals' environments: one virtual environment per tool, made on demand under the user's cache, never ours.

Ours stays small and permissive: a camera box installs neither torch nor AGPL code, and no second OpenCV. Each tool has
its own so that one which cannot be installed does not take the others with it. Versions are pinned, because a table of
figures is about what was measured.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from deploy.errors import RivalError
from models.registry import cache_folder

ToolName = Literal["object_counter", "trackers_linezone", "trackeval"]

#: What our own reader and detector need there, so that every tool sees the same frames and boxes.
_OURS: Final = ("av>=14", "msgspec>=0.19", "numpy>=1.26", "openvino>=2024.6", "onnxruntime>=1.20")
_OPENCV: Final = "opencv-python-headless>=4.10,<5"


@dataclass(frozen=True, slots=True)
class Environment:
    """What one tool is installed from: `packages` in one pip command, then `bare` without their dependencies."""

    packages: tuple[str, ...]
    bare: tuple[str, ...] = ()


ENVIRONMENTS: Final[dict[ToolName, Environment]] = {
    # torch in the same command: alone or later, pip takes another torch, with all of CUDA.
    "object_counter": Environment(
        ("torch==2.13.0", "ultralytics-opencv-headless==8.4.190", "lap>=0.5.12", "shapely>=2", _OPENCV, *_OURS)
    ),
    # `trackers` and `trackeval` name the OpenCV with windows, which no server starts; the headless one serves them.
    "trackers_linezone": Environment(
        ("supervision==0.31.2", "scipy>=1.13", "rich>=13", "requests>=2.28", "pydeprecate>=0.9", _OPENCV, *_OURS),
        bare=("trackers==2.6.1",),
    ),
    "trackeval": Environment(
        (
            "numpy>=2.3",
            "scipy>=1.16",
            "matplotlib>=3.10",
            "pillow>=11",
            "pycocotools>=2.0.10",
            "tabulate>=0.9",
            _OPENCV,
        ),
        bare=("trackeval==1.3.0",),
    ),
}


def environments_folder() -> Path:
    """Return where the environments lie: ~/.cache/footfall/rivals, or under XDG_CACHE_HOME."""
    return cache_folder().parent / "rivals"


def interpreter(tool: ToolName, *, say: Callable[[str], None] = lambda _: None, folder: Path | None = None) -> Path:
    """Return the Python of `tool`'s environment; make the environment first if it is not there, or another one.

    `say` is told before something is installed, which takes minutes.

    Raises:
        RivalError: it cannot be made; says why.
    """
    folder = folder or environments_folder()
    wanted, home = ENVIRONMENTS[tool], folder / tool
    stamp, python = home / "footfall-installed.txt", home / "bin" / "python"
    text = "\n".join((sys.version, *wanted.packages, *wanted.bare))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f"{tool}.lock"):
            if not stamp.is_file() or stamp.read_text(encoding="utf-8") != text:
                say(f"installing {tool} into {home}, once")
                _install(home, python, wanted)
                stamp.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RivalError(f"no environment for {tool}: {error}") from error
    return python


def _install(home: Path, python: Path, wanted: Environment) -> None:
    shutil.rmtree(home, ignore_errors=True)
    _do(sys.executable, "-m", "venv", str(home))
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2")
    _do(*pip, *wanted.packages)
    if wanted.bare:
        _do(*pip, "--no-deps", *wanted.bare)


def _do(*command: str) -> None:
    # Our own environment must not shine through.
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept)  # noqa: S603 - ours
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        told = [line for line in lines if line.startswith("ERROR")] or lines or [f"exit code {done.returncode}"]
        raise RivalError(told[-1].removeprefix("ERROR: ")[:300])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep two commands from making one environment at once."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
