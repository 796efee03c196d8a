"""The fleet: every box of every store, how it stands with its enrolment, and what of it needs somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from analytics.fleet.devices import Device, device_of
from analytics.queries import Connection, rows

#: local: never enrolled, it speaks with the login for boxes on the server's own machine, or not at all.
Standing = Literal["enrolled", "expired", "code waiting", "code expired", "revoked", "store closed", "local"]
SetUp = Literal["current", "pending", "applied", "refused", "rolled_back"]

#: What a box may need, the most urgent first.
Need = Literal["offline", "camera", "crashing", "set_up", "enrolment", "stale"]
NEEDS: Final[tuple[Need, ...]] = ("offline", "camera", "crashing", "set_up", "enrolment", "stale")


@dataclass(frozen=True, slots=True)
class FleetBox:
    """One box. `set_up` is what it reports of the set-up that head office wants; None: nothing yet."""

    store_id: int
    device: Device
    standing: Standing
    certificate_until: datetime | None
    code_until: datetime | None
    set_up: SetUp | None

    def needs(self, now: datetime) -> tuple[Need, ...]:
        """Return what of it needs somebody, the most urgent first; a box that was shut out needs nobody."""
        if self.standing in ("revoked", "store closed"):
            return ()
        signal = self.device.signal(now)
        found: set[Need] = set()
        if signal == "offline":
            found.add("offline")
        if signal == "stale":
            found.add("stale")
        if any(not up or trouble for _, up, _, trouble in self.device.cameras):
            found.add("camera")
        if self.device.crashes_24_h:
            found.add("crashing")
        if self.set_up in ("refused", "rolled_back"):
            found.add("set_up")
        if self.standing in ("expired", "code expired"):
            found.add("enrolment")
        return tuple(need for need in NEEDS if need in found)


def read_fleet(connection: Connection, *, now: datetime) -> tuple[FleetBox, ...]:
    """Return every box by store and name.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = []
    for store_id, ended_by, until, code_until, closed, set_up, *status in rows(connection, "fleet"):
        standing = standing_of(now, ended_by, until, code_until, closed=closed)
        found.append(FleetBox(store_id, device_of(status), standing, until, code_until, set_up))
    return tuple(found)


def standing_of(
    now: datetime, ended_by: str | None, until: datetime | None, code_until: datetime | None, *, closed: bool
) -> Standing:
    """Return how a box stands: by what ended its last enrolment, and until when certificate and code are good."""
    if closed:
        return "store closed"
    if until is not None and ended_by is None:
        return "enrolled" if until > now else "expired"
    if code_until is not None:
        return "code waiting" if code_until > now else "code expired"
    return "revoked" if ended_by is not None else "local"
