"""The camera box of a chaos run: the product's agent as a process of its own, that can be killed and looked at.

Agent, pipelines, outbox, publisher and TLS are the product's, with its defaults but for quicker pauses. Ours are:

- the clock, which is the machine's plus what the file `clock` says: NTP and a bad battery;
- two cameras on a procession (tests/support/procession.py) beside the real one on RTSP;
- the journal, an outbox's second book: each append is written there, too, once it has returned;
- `state.json`, several times a second: what an outsider cannot see while the agent holds its outbox.
"""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from contract.entries import Entry
from edge.agent import Agent
from edge.clock import SystemClock
from edge.config import CameraConfig, SiteConfig, load_site
from edge.control.opening import Controlled
from edge.control.trial import settle
from edge.errors import EdgeError
from edge.pipeline import CameraPipeline, build_pipeline
from edge.publishing.outbox import LineTotal
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox
from edge.service_manager import ServiceManager
from edge.sources.opening import open_source
from edge.sources.protocol import VideoSource
from edge.starts import Starts
from tests.support.procession import Procession, WalkerDetector, started_at

logger = logging.getLogger(__name__)

#: Pauses short enough for hundreds of failures in some minutes; nothing else differs from the product's defaults.
QUICK: Final = PublisherSettings(
    heartbeat_s=2, resend_after_s=2, resend_max_s=4, receipt_grace_s=0.3, backoff_first_s=0.2, backoff_max_s=1,
    settled_s=1, keepalive_s=3, connect_timeout_s=3,
)  # fmt: skip
FRAME_S: Final = 0.025
_STATE_EVERY_S: Final = 0.1


class OffsetClock(SystemClock):
    """The machine's clock, its wall time wrong by as many seconds as the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=read_number(self._file) or 0.0)


class JournalledOutbox(SqliteOutbox):
    """The product's outbox; what an append has promised to keep is on record beside it."""

    journal: Path

    def append(self, entries: Sequence[Entry]) -> range:
        seqs = super().append(entries)
        line = b"\n%s\t%d\t%s" % (str(self.epoch).encode(), seqs.start, msgspec.json.encode(list(entries)))
        with self.journal.open("ab", buffering=0) as file:
            file.write(line)
        return seqs


def made_agent(
    site: SiteConfig, beside: Path, *, frame_s: float, starts: Starts | None = None, site_file: Path | None = None
) -> Agent:
    """Return the agent; a procession's frames come `frame_s` apart (0: as fast as they are taken)."""

    def outbox(path: Path | str, **settings: Any) -> SqliteOutbox:
        made = JournalledOutbox(path, **settings)
        made.journal = beside / "journal"
        return made

    def sources(camera: CameraConfig, *, clock: Callable[[], datetime]) -> VideoSource:
        if not is_procession(camera):
            return open_source(camera, clock=clock)
        total = agent.outbox.totals().get(camera.name, LineTotal())
        return Procession(
            camera.name,
            first=started_at(total.in_total, total.out_total),
            last=lambda: last_of(beside, camera.name),
            clock=clock,
            frame_s=frame_s,
        )

    agent = Agent(
        site, clock=OffsetClock(beside / "clock"), build=build, settings=QUICK, manager=ServiceManager(os.environ),
        sources=sources, outbox=outbox, starts=starts,
        controlled=Controlled(site_file) if site_file else None,
    )  # fmt: skip
    return agent


def build(camera: CameraConfig, frame_size: tuple[int, int]) -> CameraPipeline:
    """Return the product's pipeline; a procession is looked at with a detector that cannot err."""
    detector = WalkerDetector() if is_procession(camera) else None
    return build_pipeline(camera, frame_size=frame_size, detector=detector)


def is_procession(camera: CameraConfig) -> bool:
    return camera.source.startswith("procession/")


def last_of(beside: Path, camera: str) -> int | None:
    """Return the number of the last person of `camera`, once the run has come to its end."""
    number = read_number(beside / f"last-{camera}")
    return None if number is None else int(number)


def read_number(file: Path) -> float | None:
    try:
        return float(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def put(file: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    scratch = file.with_name(f".{file.name}.new")
    scratch.write_text(text, encoding="ascii")
    scratch.replace(file)


def state_of(agent: Agent) -> dict[str, Any]:
    """Return what an outsider wants to know."""
    totals = agent.outbox.totals()
    return {
        "pid": os.getpid(),
        "epoch": str(agent.outbox.epoch),
        "last_seq": agent.outbox.last_seq,
        "waiting": agent.outbox.queue_depth,
        "covered_to": next(agent.outbox.coverage.gaps(1, agent.outbox.last_seq + 1))[0] - 1,
        "in_memory": len(agent._recorder._backlog),
        "connected": agent.publisher.connected,
        "crossed": {line: total.in_total + total.out_total for line, total in totals.items()},
        "up": [worker.camera.name for worker in agent.cameras if worker.health().state == "up"],
    }


def main(site_file: str, beside: str) -> int:
    """Run until SIGTERM, as `footfall edge run` does."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settle(Path(site_file))
    site = load_site(site_file)
    starts = Starts(site.outbox.path, OffsetClock(Path(beside) / "clock"))
    try:
        with starts.running():
            agent = made_agent(site, Path(beside), frame_s=FRAME_S, starts=starts, site_file=Path(site_file))
            threading.Thread(target=_tell, args=(agent, Path(beside), stop), daemon=True).start()
            agent.run(stop)
    except EdgeError as error:
        logger.error("%s", error)  # noqa: TRY400  # as `footfall edge run` says it
        return 2
    return 0


def _tell(agent: Agent, beside: Path, stop: threading.Event) -> None:
    while not stop.wait(_STATE_EVERY_S):
        try:
            put(beside / "state.json", json.dumps(state_of(agent)))
        except EdgeError as error:  # a disk that refuses even to be read: the next look may do better
            logger.warning("state not told: %s", error)


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(main(*sys.argv[1:]))
