"""Baskets: of which categories a sale consists, and who served."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.fleet import ELSEWHERE, ENGAGEMENT_ZONES, ZONE_CATEGORIES
from deploy.simulation.visits import StoreDay

#: How likely a unit is of each category, where nobody of the group stopped anywhere.
WEIGHTS: Final = {"dresses": 0.16, "tops": 0.24, "bags": 0.12, "jewellery": 0.10, ELSEWHERE: 0.38}
#: So many times as likely are those of a zone where somebody did.
STOPPED: Final = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold of one category; taken back: negative. Money in hundredths, tax not included."""

    category: str
    units: int
    net: int

    @property
    def returned(self) -> "Line":
        """Return the line of its refund."""
        return Line(self.category, -self.units, -self.net)


class Baskets:
    """Draws what is in the sales of one day."""

    def __init__(self, store_day: StoreDay, rng: np.random.Generator) -> None:
        self._shifts = store_day.staff.shifts
        self._rng = rng
        #: Whether anybody of each group stopped in each engagement zone: a row per zone.
        self._stopped = np.zeros((len(store_day.zones), len(store_day.size)), np.bool_)
        for row, stays in zip(self._stopped, store_day.zones, strict=True):
            row[store_day.group[stays.person]] = True

    def lines(self, units: int, net: int, group: int | None) -> tuple[Line, ...]:
        """Return a line for each category of an order; `group` None: nobody in the shop bought it."""
        drawn = self._rng.choice(list(WEIGHTS), units, p=self._weights(group)).tolist()
        found: list[Line] = []
        for category, many in sorted(Counter(drawn).items()):
            found.append(Line(category, many, net * many // units))
        # The cents that do not divide go to the last.
        left = net - sum(line.net for line in found)
        return (*found[:-1], Line(found[-1].category, found[-1].units, found[-1].net + left))

    def served_by(self, at_ms: int) -> str | None:
        """Return one of those who were on the floor; None where nobody was."""
        there = [one.staff for one in self._shifts if one.serves(at_ms)]
        return str(self._rng.choice(there)) if there else None

    def _weights(self, group: int | None) -> NDArray[np.float64]:
        weights = dict(WEIGHTS)
        if group is not None:
            for zone, stopped in zip(ENGAGEMENT_ZONES, self._stopped[:, group].tolist(), strict=True):
                for category in ZONE_CATEGORIES[zone] if stopped else ():
                    weights[category] *= STOPPED
        drawn = np.array(list(weights.values()))
        return np.asarray(drawn / drawn.sum(), dtype=np.float64)
