"""The box itself: its disk, its clock, its models, and whether it is fast enough for its cameras."""

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

from edge.config import BrokerConfig, CameraConfig, OutboxConfig
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.doctor.checks import Check, Grade
from edge.errors import EdgeError
from edge.frames import Frame
from edge.starts import CRASHES_TOLD, Starts
from models.errors import ModelsError
from models.fetch import is_pinned
from models.registry import find_spec, locate

_MB: Final = 1_000_000
_LEAST_FREE_MB: Final = 100
#: The server's word is in whole seconds, and a little late.
_CLOCK_OFF_S: Final = 5.0
_CLOCK_WRONG_S: Final = 300.0
_ASSUMED_FPS: Final = 10.0
#: A camera that is looked at less often than this loses people who walk fast.
_LEAST_FPS: Final = 4.0
_ROUNDS: Final = 5
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


def throughput_checks(
    cameras: Sequence[tuple[CameraConfig, Frame, float | None]],
    *,
    monotonic: Callable[[], float],
    cores: int,
    open_: Callable[..., Detector] = open_detector,
) -> Iterator[Check]:
    """Yield whether each model loads, and whether this box can look at all (camera, frame, fps) at their rate.

    Each frame is timed as if the detector looked at it whole and every time: what is spared comes on top.
    """
    busy, least = 0.0, 0.0
    for camera, frame, fps in cameras:
        try:
            detector = open_(camera.model, confidence=camera.confidence, threads=camera.threads)
            detector.detect(frame.picture)
            started_s = monotonic()
            for _ in range(_ROUNDS):
                detector.detect(frame.picture)
        except (EdgeError, ModelsError) as error:
            yield Check("throughput", camera.name, "error", str(error))
            continue
        look_s = (monotonic() - started_s) / _ROUNDS * camera.threads
        wanted = camera.fps or fps or _ASSUMED_FPS
        busy, least = busy + look_s * wanted, least + look_s * min(wanted, _LEAST_FPS)
        yield Check("throughput", camera.name, "good", f"{1000 * look_s:.1f} ms a look with {camera.model}")
    if busy:
        yield _load(busy, least, cores)


def _load(busy: float, least: float, cores: int) -> Check:
    shown = f"all cameras at their rate keep {busy:.2f} of {cores} cores busy, if every frame is looked at whole"
    advice = "Set a lower `fps`, choose a smaller model, or give cameras to another box"
    if least > cores:
        return Check("throughput", "", "error", f"{shown}: not even {_LEAST_FPS:g} frames per second fit", advice)
    return Check("throughput", "", "good", shown) if busy <= cores else Check(
        "throughput", "", "warning", f"{shown}: frames will be left out", advice
    )  # fmt: skip


def _root_of(place: Path, entries: Sequence[str]) -> Path:
    """Return the model folder in which `place` is one of `entries`."""
    entry = next(each for each in entries if str(place).endswith(each))
    return place.parents[len(Path(entry).parts) - 1]
