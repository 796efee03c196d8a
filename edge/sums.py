"""Sums: what leaves a camera only added up, by the quarter-hour: steps between zones, and warmth.

They are written down every `SUMS_PERIOD_S` and at each quarter-hour's end, as entries of the same quarter-hour that add
up: a box that loses its power loses minutes of them, not the quarter-hour.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from contract.entries import Entry, Flow, Heat
from edge.counting.heat import Warmth
from edge.events import Event, Moved
from edge.frames import Frame
from edge.recording import moment_of

QUARTER_S: Final = 900
SUMS_PERIOD_S: Final = 300
#: The contract's limit for one cell: a hundred people in it for a quarter-hour.
_CELL_MAX: Final = 90_000


class StepSums:
    """Steps between zones that are not written down yet."""

    def __init__(self) -> None:
        self._people: Counter[tuple[datetime, str | None, str | None]] = Counter()

    def add(self, events: Iterable[Event], newest: Frame) -> None:
        """Add the steps among `events`, each in its own quarter-hour, staff left out. `newest` tells the time."""
        for event in events:
            if isinstance(event, Moved) and event.staff is not True:
                quarter = quarter_of(moment_of(event.at_s, newest))
                self._people[quarter, event.from_zone, event.to_zone] += 1

    def take(self) -> list[Entry]:
        """Return the sums since they were last taken."""
        people, self._people = self._people, Counter()
        return [
            Flow(at=at, from_zone=from_zone, to_zone=to_zone, people=count)
            for (at, from_zone, to_zone), count in people.items()
        ]


def heat_of(camera: str, warmth: Warmth | None, at: datetime) -> list[Entry]:
    """Return `warmth` as an entry of the quarter-hour of `at`; nothing where nobody was."""
    if warmth is None:
        return []
    cells = [min(seconds, _CELL_MAX) for seconds in warmth.person_s]
    return [Heat(at=quarter_of(at), camera=camera, columns=warmth.columns, rows=warmth.rows, person_s=cells)]


def quarter_of(moment: datetime) -> datetime:
    """Return the start of the quarter-hour (UTC) that holds `moment`."""
    return datetime.fromtimestamp(moment.timestamp() // QUARTER_S * QUARTER_S, UTC)
