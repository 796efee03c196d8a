"""The end of a chaos run: the processions come to their end, the box is switched off, and the same people walk again.

The second time past a box that nobody disturbs: in this process, as fast as it can, through the same broker, ingest and
database into a store of its own.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.chaos.box import made_agent, put
from tests.chaos.reckoning import read_outbox
from tests.chaos.run import ChaosError
from tests.chaos.stage import PROCESSIONS, STORE, Stage
from tests.support.ledger import rows

#: So many more people cross once all is mended.
_MORE: Final = 5
_END_S: Final = 60.0
_CALM_FRAMES_PER_S: Final = 200
_RECEIVED: Final = """
SELECT e.last_seq, e.received = int8multirange(int8range(1, %s, '[]'))
FROM ledger_epoch AS e JOIN device USING (device_id) JOIN store AS s USING (store_id) WHERE s.code = %s
"""


def end(stage: Stage) -> dict[str, int]:
    """Bring the run to its end; return how many people have crossed each procession's line.

    Raises:
        ChaosError: it does not come to its end.
    """
    crossed = (stage.state() or {})["crossed"]
    last = {line: crossed.get(line, 0) + _MORE for line in PROCESSIONS}
    for line, number in last.items():
        put(stage.beside / f"last-{line}", str(number))
    _wait(
        stage,
        lambda: all((stage.state() or {"crossed": {}})["crossed"].get(line) == number for line, number in last.items()),
        f"the processions to end with {last}",
    )
    switch_off(stage)
    return last


def switch_off(stage: Stage) -> None:
    """End the box as systemd does, and wait until its last words have arrived; it says them again if they have not.

    Raises:
        ChaosError: they do not arrive.
    """
    for _ in range(3):
        stage.box.stop(40)
        if stage.box.returncode != 0:
            raise ChaosError(f"the box, asked to end, did so with code {stage.box.returncode}{stage.box.tail()}")
        stage.keep_down.add("box")
        last_seq = max(seq for _, seq in read_outbox(Path(stage.site.outbox.path)))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if rows(stage.url, _RECEIVED, last_seq, STORE) == [(last_seq, True)]:
                return
            time.sleep(0.1)
        stage.box.spawn()
        _wait(stage, lambda: (stage.state() or {"connected": False})["connected"], "the box to connect once more")
    raise ChaosError(f"the box was switched off in good order at seq {last_seq}, and not all of it arrived")


def walk_again(stage: Stage, last: dict[str, int]) -> None:
    """Let the same people walk past a box that nobody disturbs, until all of it is received.

    Raises:
        ChaosError: it does not come to its end.
    """
    beside = stage.folder / "calm"
    put(beside / "clock", str(stage.clock_s))
    for line, number in last.items():
        put(beside / f"last-{line}", str(number))
    agent = made_agent(stage.calm_site, beside, frame_s=0)
    stop = threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,), name="calm-box")
    thread.start()
    frames = 15 * sum(last.values())
    thread.join(_END_S + frames / _CALM_FRAMES_PER_S)
    stop.set()
    thread.join(_END_S)
    if thread.is_alive() or agent.waiting:
        raise ChaosError(f"the undisturbed box did not come to its end: {agent.waiting} entries wait")


def _wait(stage: Stage, condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _END_S
    while not condition():
        stage.look_after()
        if time.monotonic() > deadline:
            raise ChaosError(f"waited {_END_S:.0f} s for {what}; the box says {stage.state()}")
        time.sleep(0.05)
