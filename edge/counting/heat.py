"""Heat: how many person-seconds were spent in each cell of the picture.

Confirmed people warm the cell they stand in for as long as they are there: seconds, not frames, so that a lower rate or
a resting detector changes nothing. Where nobody looked (a cut, a stalled stream) no time is credited. The grid is
coarse: it says where people stand, never what they look like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from contract.entries import HEAT_COLUMNS_MAX, HEAT_ROWS_MAX
from edge.config import Anchor
from edge.counting.protocol import anchor_points
from edge.tracking.protocol import Tracks

#: Who is not seen for longer was not seen to be there: so long does the tracker keep somebody who is hidden.
GAP_S: Final = 2.0
#: Times are sums of parts: rounding must not decide.
_HAIR_S: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Warmth:
    """Whole person-seconds per cell, row by row from the top left."""

    columns: int
    rows: int
    person_s: tuple[int, ...]


class HeatGrid:
    """Adds up the person-seconds of one camera. Its state is the grid, and one moment per living track."""

    def __init__(self, frame_size: tuple[int, int], anchor: Anchor) -> None:
        """Lay nearly square cells, at most 32 × 18, over frames of (width, height) pixels."""
        width, height = frame_size
        self._anchor: Anchor = anchor
        cell = max(width / HEAT_COLUMNS_MAX, height / HEAT_ROWS_MAX)
        self.columns = min(HEAT_COLUMNS_MAX, max(1, round(width / cell)))
        self.rows = min(HEAT_ROWS_MAX, max(1, round(height / cell)))
        self._per_x, self._per_y = self.columns / width, self.rows / height
        self._cells = [0.0] * (self.columns * self.rows)
        #: Up to when each living track's time is credited.
        self._since: dict[int, float] = {}

    def update(self, tracks: Tracks, time_s: float, staff: Callable[[int], bool | None]) -> None:
        """Credit the people seen at media time `time_s` with the time since they were last seen, staff left out."""
        for number in tracks.ended:
            self._since.pop(number, None)
        points = anchor_points(tracks.xyxy, self._anchor).tolist()
        for number, confirmed, (x, y) in zip(tracks.ids.tolist(), tracks.confirmed.tolist(), points, strict=True):
            since = self._since.setdefault(number, time_s)
            # The time before somebody is known to be a person is credited once they are.
            if not confirmed or since == time_s:
                continue
            self._since[number] = time_s
            if time_s - since <= GAP_S + _HAIR_S and staff(number) is not True:
                self._cells[self._cell(x, y)] += time_s - since

    def cut(self) -> None:
        """Forget who was there: nobody after it was there before it."""
        self._since.clear()

    def take(self, *, rest: bool = False) -> Warmth | None:
        """Return the whole seconds since they were last taken; what is left of a second stays for the next time.

        `rest`: there is no next time; what is left goes on to the next cell until it is whole. None: nothing to tell.
        """
        if rest:
            so_far = [round(seconds) for seconds in accumulate(self._cells)]
            whole = [now - before for before, now in pairwise([0, *so_far])]
            self._cells = [0.0] * len(whole)
        else:
            whole = [int(seconds) for seconds in self._cells]
            self._cells = [seconds - taken for seconds, taken in zip(self._cells, whole, strict=True)]
        return Warmth(self.columns, self.rows, tuple(whole)) if any(whole) else None

    def _cell(self, x: float, y: float) -> int:
        column = min(self.columns - 1, max(0, int(x * self._per_x)))
        row = min(self.rows - 1, max(0, int(y * self._per_y)))
        return row * self.columns + column
