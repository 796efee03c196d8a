"""A soak: a box whose clock runs fast, a real broker, ingest and database; what they hold is looked at all the time."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from deploy.demo.scene import HEIGHT, WIDTH, render
from deploy.demo.site import write_site
from deploy.process import Process
from edge.config import CameraConfig, LineConfig, OutboxConfig, ZoneConfig, load_site
from tests.soak.box import CLIP
from tests.soak.growth import Held, grown, look, slope
from tests.support.clocks import wait_until
from tests.support.installation import Installation
from tests.support.ledger import count, rows
from tests.support.procession import camera_of

STORE, DEVICE = "riverside", "door-box"
RSS_SLOPE_MAX: Final = 1.0
#: MB by which what a process holds wanders while nothing leaks (5.3 were seen in two camera-hours of which ten rose by
#: 0.4): less rise over all that is judged says nothing. A run of a day sees the rate itself.
RSS_RISE_SEEN: Final = 10.0
#: Days for which the box keeps what is received: by its own clock that is over within the hour.
KEEP_DAYS: Final = 1
_LOOK_EVERY_S: Final = 2.0
#: What is loaded and cached at the start is no leak: so much of the run, and no less than a camera-hour, is not judged.
_WARM_UP: Final = 0.25
_RECEIVED: Final = "SELECT last_seq, received = int8multirange(int8range(1, %s, '[]')) FROM ledger_epoch"


@dataclass(slots=True)
class Soak:
    """A running installation, and what was seen of it."""

    box: Process
    ingest: Process
    state_file: Path
    url: str
    seen: dict[str, list[Held]] = field(default_factory=lambda: {"box": [], "ingest": []})
    kept: list[int] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)

    def state(self) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = json.loads(self.state_file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        return told

    def watch(self, minutes: float, tell: Callable[["Soak"], None]) -> None:
        """Look again and again for so many minutes.

        Raises:
            AssertionError: a process has ended.
        """
        until_s = time.monotonic() + 60 * minutes
        while time.monotonic() < until_s:
            time.sleep(_LOOK_EVERY_S)
            self.last = self.state() or {}
            self.kept.append(self.last["kept"])
            for process in (self.box, self.ingest):
                name = process.service.name
                assert process.pid is not None, f"{name} ended with code {process.returncode}{process.tail()}"
                self.seen[name].append(look(process.pid, self.last["camera_hours"]))
            tell(self)

    def report(self) -> dict[str, Any]:
        """Return what was found, of the time after the warm-up."""
        warm = self.seen["box"][-1].camera_hours * _WARM_UP
        judged = {
            name: [held for held in seen if held.camera_hours >= max(1.0, warm)] for name, seen in self.seen.items()
        }
        whole = self.last["camera_hours"]
        report: dict[str, Any] = {
            "camera_hours": round(whole, 2), "judged_camera_hours": round(whole - max(1.0, warm), 2),
        }  # fmt: skip
        for name, seen in judged.items():
            prefix = "" if name == "box" else f"{name}_"
            hours = [held.camera_hours for held in seen]
            report |= {
                f"{prefix}rss_mb": round(seen[-1].rss_mb, 1),
                f"{prefix}rss_slope_mb_per_camera_hour": round(slope(hours, [held.rss_mb for held in seen]), 3),
                f"{prefix}threads": seen[-1].threads,
                f"{prefix}threads_grown": grown([held.threads for held in seen]),
                f"{prefix}handles": seen[-1].handles,
                f"{prefix}handles_grown": grown([held.handles for held in seen]),
            }
        return report | {"entries": self.last["last_seq"], "outbox_rows": self.last["kept"]}


def faults_of(report: dict[str, Any]) -> list[str]:
    """Return what of a report must not be."""
    faults = []
    for prefix in ("", "ingest_"):
        whose = prefix.removesuffix("_") or "box"
        rise = report[f"{prefix}rss_slope_mb_per_camera_hour"]
        if rise >= RSS_SLOPE_MAX and rise * report["judged_camera_hours"] >= RSS_RISE_SEEN:
            faults.append(f"memory of the {whose}: expected to rise by < {RSS_SLOPE_MAX} MB a camera-hour, got {rise}")
        more = {what: report[f"{prefix}{what}_grown"] for what in ("threads", "handles")}
        faults += [
            f"{what} of the {whose}: {many} more than at the beginning" for what, many in more.items() if many > 0
        ]
    if report["outbox_rows"] > report["outbox_rows_max"]:
        faults.append(f"outbox: {report['outbox_rows']} rows kept, expected at most {report['outbox_rows_max']}")
    if not report["complete"]:
        faults.append("not everything that was counted has arrived, once each")
    return faults


def rows_allowed(report: dict[str, Any]) -> int:
    """Return how many rows an outbox may hold that keeps a day: a day's share of all and a tenth; all at first."""
    return int(report["entries"] * min(1.0, 1.1 * 24 * KEEP_DAYS / report["camera_hours"])) + 1


@contextmanager
def running_soak(folder: Path, *, minutes: float, speed: float) -> Iterator[Soak]:
    """Start everything in `folder` and wait until the box delivers; end it afterwards."""
    with ExitStack() as stack:
        installation = Installation(folder, stack)
        installation.house.enrol(folder / "box", STORE, DEVICE)
        _write_site(folder)
        ingest = installation.ingest()
        # By its own clock the box comes to about now at the end.
        began = datetime.now(UTC) - timedelta(minutes=(minutes + 1) * speed)
        state = folder / "state.json"
        box = installation.process(
            "box", "tests.soak.box", str(folder / "box" / "soak.toml"), str(state), began.isoformat(), str(speed)
        )
        for process in (ingest, box):
            stack.callback(process.stop)
            process.spawn()
        soak = Soak(box, ingest, state, installation.url)
        wait_until(lambda: (soak.state() or {"covered_to": 0})["covered_to"] > 0, what="the box delivers", within_s=60)
        yield soak


def finish(soak: Soak) -> dict[str, Any]:
    """End the box, and return the report with what then is in the database."""
    report = soak.report()
    soak.box.stop(40)
    (last_seq,) = _last_seq(soak)
    wait_until(lambda: rows(soak.url, _RECEIVED, last_seq) == [(last_seq, True)], what="all has arrived", within_s=30)
    report["complete"] = rows(soak.url, "SELECT * FROM ledger_missing") == [] and count(soak.url, "dead_letter") == 0
    report["crossings"] = count(soak.url, "crossing")
    report["outbox_rows_max"] = rows_allowed(report)
    return report


def _last_seq(soak: Soak) -> tuple[int]:
    import sqlite3  # noqa: PLC0415  # the one look into the file, once its owner is gone

    with sqlite3.connect(soak.state_file.with_name("outbox.sqlite")) as db:
        ((last_seq,),) = db.execute("SELECT last_seq FROM meta").fetchall()
    db.close()
    return (int(last_seq),)


def _write_site(folder: Path) -> None:
    render(folder / "clip.mp4")
    enrolled = load_site(folder / "box" / "site.toml")
    middle = HEIGHT // 2
    table = ((10, middle), (WIDTH - 10, middle), (WIDTH - 10, HEIGHT - 20), (10, HEIGHT - 20))
    door = CameraConfig(
        name="door", source=f"{CLIP}{folder / 'clip.mp4'}", model="motion", fps=5,
        lines=(LineConfig(name="front-door", points=((20, middle), (WIDTH - 20, middle)), anchor="centre"),),
        zones=(ZoneConfig(name="table", polygon=table, anchor="centre"),),
    )  # fmt: skip
    site = msgspec.structs.replace(
        enrolled,
        outbox=OutboxConfig(path=str(folder / "outbox.sqlite"), keep_days=KEEP_DAYS),
        cameras=(door, camera_of("hall-a")),
    )
    write_site(site, folder / "box" / "soak.toml")
