"""The guard: which version of the application runs, and back to the last one if a new one does not prove itself.

    python -I -m edge.releases.guard FOLDER -- edge run --site site.toml

It belongs to the version that was installed by hand, is never replaced from afar, and imports the standard library
alone. In FOLDER:

    versions/NAME/   one virtual environment each        trial.json    the version on trial, and its predecessor
    current          link to the one that runs           failed.json   which releases were taken back, and why

No `current`: the version installed by hand runs. Each file is replaced whole: whatever moment the power goes at, one
version is chosen at the next start, and it is one that was installed to its end.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: The environment variable that tells the application its folder, and so that it is guarded.
FOLDER_VARIABLE = "FOOTFALL_RELEASES"
#: A version on trial may be started so often, …
STARTS_MAX = 3
#: … and has so long from each start, if its trial does not say otherwise.
_PROVE_S = 900.0
#: Releases that were taken back, remembered so that they are not taken again.
_FAILED_MAX = 50
_REASON_CHARS = 300
_LEAVE_S = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Choose a version and become it. Returns only where nothing can be started."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) < 3 or given[1] != "--":  # noqa: PLR2004 - as the usage says
        sys.stderr.write("usage: python -I -m edge.releases.guard FOLDER -- COMMAND…\n")
        return 2
    folder, command = Path(given[0]).absolute(), given[2:]
    name = choose(folder)
    os.environ[FOLDER_VARIABLE] = str(folder)
    if name is not None:
        trial = read(folder / "trial.json")
        if trial is not None:
            watch(folder, float(trial.get("prove_s", _PROVE_S)))
        try:
            become(folder / "versions" / name, command)
        except OSError as error:
            sys.stderr.write(f"footfall guard: version {name} cannot be started: {error}\n")
            if trial is not None:
                return 1  # it is started anew, and after a few times the one before
    become(Path(sys.prefix), command)
    return 1


def become(environment: Path, command: Sequence[str]) -> None:
    """Replace this process by `footfall` of a virtual environment.

    Raises:
        OSError: it is not there, or its interpreter is not.
    """
    program = str(environment / "bin" / "footfall")
    os.execv(program, [program, *command])  # noqa: S606 - a version that was verified when it was installed


def choose(folder: Path) -> str | None:
    """Return the name of the version to run, a trial that failed taken back; None: the one installed by hand."""
    trial = read(folder / "trial.json")
    name = current(folder)
    if trial is None:
        return name
    if name != trial.get("version"):
        # The power went between its two steps: before it began, or after it was taken back.
        remove(folder / "trial.json")
        return name
    starts = int(trial.get("starts", 0))
    if trial.get("expired") or starts >= STARTS_MAX:
        lacks = read(folder / "lacks.json") or {}
        ended = f"it ended {starts} times before it had proven itself"
        reason = trial["expired"] if trial.get("expired") else f"{ended}; last it lacked: {lacks.get('lacks', 'all')}"
        take_back(folder, trial, str(reason))
        return current(folder)
    write(folder / "trial.json", {**trial, "starts": starts + 1})
    return name


def take_back(folder: Path, trial: dict[str, Any], reason: str) -> None:
    """Go back to the version before the one on trial, and remember why."""
    failed = read(folder / "failed.json") or {}
    failed.pop(trial["manifest"], None)
    failed[trial["manifest"]] = reason[:_REASON_CHARS]
    write(folder / "failed.json", dict(list(failed.items())[-_FAILED_MAX:]))
    switch(folder, trial.get("previous"))
    remove(folder / "trial.json")
    sys.stderr.write(f"footfall guard: {trial['version']} taken back: {reason}\n")


def switch(folder: Path, name: str | None) -> None:
    """Let version `name` be the one that runs from the next start on; None: the one installed by hand."""
    link = folder / "current"
    if name is None:
        remove(link)
        return
    scratch = folder / ".current.new"
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(Path("versions") / name)
    scratch.replace(link)
    _settle(folder)


def current(folder: Path) -> str | None:
    """Return the name of the version that `current` leads to, if that was installed to its end."""
    link = folder / "current"
    if not link.is_symlink():
        return None
    name = link.readlink().name
    return name if (folder / "versions" / name / "complete.json").is_file() else None


def watch(folder: Path, seconds: float) -> None:
    """Leave a process behind that ends the version on trial unless it has proven itself within `seconds`."""
    main_process = os.getpid()
    if os.fork():
        return
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(1.0, seconds / 10))
        if os.getppid() != main_process or not (folder / "trial.json").exists():
            os._exit(0)
    trial, lacks = read(folder / "trial.json"), read(folder / "lacks.json") or {}
    if trial is not None:
        reason = f"it had not proven itself after {seconds:.0f} s; it lacked: {lacks.get('lacks', 'all')}"
        write(folder / "trial.json", {**trial, "expired": reason})
        _end(main_process)
    os._exit(0)


def _end(process: int) -> None:
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + _LEAVE_S
    while time.monotonic() < deadline:
        if os.getppid() != process:
            return
        time.sleep(0.2)
    os.kill(process, signal.SIGKILL)


def read(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file; None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object, whole or not at all, and onto the disk."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.new")
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _settle(path.parent)


def remove(path: Path) -> None:
    """Remove a file or link, if it is there, and let the disk know."""
    path.unlink(missing_ok=True)
    _settle(path.parent)


def prune(folder: Path, keep: set[str]) -> None:
    """Remove the versions that are not to be kept."""
    for version in (folder / "versions").glob("*"):
        if version.name not in keep:
            shutil.rmtree(version, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Have the disk keep what was renamed or removed in `folder`."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
