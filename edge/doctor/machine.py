"""The box itself: its disk, its clock, its starts and its models."""

import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from edge.config import BrokerConfig, OutboxConfig
from edge.doctor.checks import Check, Grade
from edge.starts import CRASHES_TOLD, Starts
from models.errors import ModelsError
from models.fetch import is_pinned
from models.registry import find_spec, locate

_MB: Final = 1_000_000
_LEAST_FREE_MB: Final = 100
#: The server's word is in whole seconds, and a little late.
_CLOCK_OFF_S: Final = 5.0
_CLOCK_WRONG_S: Final = 300.0
_ASK_S: Final = 5.0
_TIME_ADVICE: Final = "Give it a time server (`timedatectl set-ntp true`): counts fall into the wrong quarter-hour"


def disk_check(outbox: OutboxConfig, free_bytes: int | None = None) -> Check:
    """Return whether the outbox has room for what it may keep. `free_bytes` replaces what the disk says."""
    folder = Path(outbox.path).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free_mb = (shutil.disk_usage(folder).free if free_bytes is None else free_bytes) // _MB
    shown = f"{free_mb} MB free, the outbox may take {outbox.budget_mb} MB"
    advice = "Make room, or lower `budget_mb` in [outbox]"
    if free_mb < _LEAST_FREE_MB:
        return Check("disk", str(folder), "error", shown, advice)
    return Check("disk", str(folder), "good", shown) if free_mb >= outbox.budget_mb else Check(
        "disk", str(folder), "warning", f"{shown}: a long time without the broker may fill it", advice
    )  # fmt: skip


def starts_check(starts: Starts) -> Check:
    """Return whether the agent keeps running, by how it ended before."""
    crashes, last = starts.crashes(), starts.last_crash()
    if crashes is None:
        return Check("agent", "", "good", "no crashes" if last is None else f"few crashes; the last one: {last}")
    shown = f"crashed {crashes.day} times within a day, {crashes.ten_minutes} of them within ten minutes"
    grade: Grade = "error" if crashes.ten_minutes >= CRASHES_TOLD else "warning"
    return Check("agent", "", grade, f"{shown}. The last one: {last}", "Read `journalctl -u footfall-edge`")


def clock_check(offset_s: float | None, *, synchronised: bool | None) -> Check:
    """Return whether the clock is right: by the server's (`offset_s`, ours less its), else by what the system says."""
    if offset_s is None:
        if synchronised is None:
            return Check("clock", "", "warning", "nothing here can tell whether it is right", _TIME_ADVICE)
        said = "set by a time server" if synchronised else "not set by a time server"
        return Check("clock", "", "good" if synchronised else "warning", said, "" if synchronised else _TIME_ADVICE)
    shown = f"{offset_s:+.0f} s from the server's"
    if abs(offset_s) > _CLOCK_OFF_S:
        return Check("clock", "", "error" if abs(offset_s) > _CLOCK_WRONG_S else "warning", shown, _TIME_ADVICE)
    return Check("clock", "", "good", shown)


def server_offset_s(broker: BrokerConfig, now: Callable[[], datetime]) -> float | None:
    """Return by how many seconds our clock is ahead of the enrolment server's; None without one that answers."""
    if broker.renew_url is None or not broker.renew_url.startswith("https://"):
        return None
    try:
        context = ssl.create_default_context(cafile=broker.tls_ca)
        # Our own server, over https, as checked above.
        with urllib.request.urlopen(broker.renew_url, timeout=_ASK_S, context=context) as answer:  # noqa: S310
            said = answer.headers.get("Date")
    except urllib.error.HTTPError as refused:
        # It has no page there, but it has a clock.
        said = refused.headers.get("Date")
        refused.close()
    except (OSError, ValueError):
        return None
    return (now() - parsedate_to_datetime(said)).total_seconds() if said else None


def system_synchronised() -> bool | None:
    """Return whether systemd says that the clock is set by a time server; None where it does not run."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        # Fixed words, a program found on the path.
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(said.stdout.strip())


def model_checks(models: Sequence[str]) -> Iterator[Check]:
    """Yield for each model whether its files are those that the registry pins."""
    for model in models:
        if Path(model).exists():
            yield Check("model", model, "good", "a file of your own; the registry does not know its digest")
            continue
        try:
            spec = find_spec(model)
        except ModelsError as error:
            yield Check("model", model, "error", str(error))
            continue
        if not spec.entries:
            yield Check("model", model, "good", "needs no files")
            continue
        place = locate(spec)
        if place is None:
            yield Check("model", model, "error", "is not on this machine", f"Do `footfall models fetch {model}`")
            continue
        root = _root_of(place, spec.entries)
        files = [(file, root / file.path) for file in spec.files if (root / file.path).is_file()]
        wrong = [path for file, path in files if not is_pinned(file, path)]
        if wrong:
            advice = f"Delete it, then `footfall models fetch {model}`"
            yield Check("model", model, "error", f"{wrong[0]} is not the file that the registry pins", advice)
        else:
            yield Check("model", model, "good", f"{len(files)} files as the registry pins them")


def _root_of(place: Path, entries: Sequence[str]) -> Path:
    """Return the model folder in which `place` is one of `entries`."""
    entry = next(each for each in entries if str(place).endswith(each))
    return place.parents[len(Path(entry).parts) - 1]
