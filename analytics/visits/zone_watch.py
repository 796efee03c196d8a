"""How far zones were watched: a zone is as complete as its own camera, not as the shop's doors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from analytics import columns as c
from analytics.days import Slice
from analytics.facts import UPTIME_LAG, completeness
from analytics.figure import MEASURED_FROM
from analytics.queries import Connection, rows

ZoneRole = Literal["engagement", "queue"]


class Watched(NamedTuple):
    """Seconds that a zone should have been watched and was, and how many of its cameras were not counted in full."""

    expected_s: float
    up_s: float
    down: int


@dataclass(frozen=True, slots=True)
class ZoneWatch:
    """How the zones of one store were watched: `slices` by zone, one for each slice, and the role of each zone.

    A slice in which no camera was expected to look at a zone does not name it.
    """

    slices: Sequence[Mapping[str, Watched]]
    roles: Mapping[str, ZoneRole]

    def of(self, zones: Iterable[str], places: Iterable[int] | None = None) -> float | None:
        """Return the completeness of zones together over all slices, or those at `places`; None where nobody looked."""
        some = self.slices if places is None else [self.slices[place] for place in places]
        wanted = list(zones)
        parts = [one[zone] for one in some for zone in wanted if zone in one]
        return completeness(
            {
                c.EXPECTED_S: sum(one.expected_s for one in parts),
                c.UP_S: sum(one.up_s for one in parts),
                c.DOORS_DOWN: sum(one.down for one in parts),
            }
        )

    def of_role(self, role: ZoneRole, places: Iterable[int] | None = None) -> float | None:
        """Return `of` all zones with a role."""
        return self.of((zone for zone, own in self.roles.items() if own == role), places)


def read_zone_watch(connection: Connection, slices: Sequence[Slice], *, now: datetime) -> ZoneWatch:
    """Return how the zones of one store were watched over its slices.

    The doors' cameras stand in where nobody said which one looks at a zone.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found: list[dict[str, Watched]] = [{} for _ in slices]
    roles: dict[str, ZoneRole] = {}
    if slices:
        told = rows(
            connection,
            "uptime_of_zones",
            of_store=slices[0].store_id,
            measured_from=MEASURED_FROM,
            slice=list(range(len(slices))),
            from_at=[one.from_at for one in slices],
            until=[min(one.until, now - UPTIME_LAG) for one in slices],
        )
        for place, zone, role, *seconds in told:
            found[place][zone] = Watched(*seconds)
            roles[zone] = role
    return ZoneWatch(found, roles)
