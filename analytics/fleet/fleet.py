"""The fleet: every box of every store, how it stands with its enrolment, and what of it needs somebody."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final, Literal

from analytics.fleet.devices import Device, device_of
from analytics.queries import Connection, rows

#: local: never enrolled, it speaks with the login for boxes on the server's own machine, or not at all.
Standing = Literal["enrolled", "expired", "code waiting", "code expired", "revoked", "store closed", "local"]
SetUp = Literal["current", "pending", "applied", "refused", "rolled_back"]

#: own: nothing was ever wanted of it. behind: the latest version is not taken yet. edited: changed on the box itself.
Compliance = Literal["own", "behind", "pending", "refused", "rolled_back", "edited", "current"]

#: What a box may need, the most urgent first.
Need = Literal["offline", "camera", "crashing", "set_up", "enrolment", "stale"]
NEEDS: Final[tuple[Need, ...]] = ("offline", "camera", "crashing", "set_up", "enrolment", "stale")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What head office wants of a box, and how far that is.

    `version` counts what was wanted of it, `taken` is the version that it answers for. `standard` and `application` are
    names with their numbers; `reason` is why the box did not take it.
    """

    version: int | None = None
    taken: int | None = None
    reason: str | None = None
    edited: bool | None = None
    standard: str | None = None
    application: str | None = None
    application_state: str | None = None


@dataclass(frozen=True, slots=True)
class FleetBox:
    """One box. `set_up` is what it reports of the set-up that head office wants; None: nothing yet."""

    store_id: int
    device: Device
    standing: Standing
    certificate_until: datetime | None
    code_until: datetime | None
    set_up: SetUp | None
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def compliance(self) -> Compliance:
        """How its configuration is with what is wanted of it."""
        wanted = self.wanted
        if wanted.version is None:
            return "own"
        if wanted.taken is None or wanted.taken < wanted.version:
            return "behind"
        if self.set_up in ("pending", "refused", "rolled_back"):
            return self.set_up
        return "edited" if wanted.edited else "current"

    @property
    def application_due(self) -> str | None:
        """The version of the application that is wanted and does not run; None: none is."""
        name = self.wanted.application
        version = None if name is None else name.rpartition(" ")[2]
        return None if self.wanted.application_state == "applied" or version == self.device.version else version

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


#: So many columns of the block `fleet` are about what is wanted.
_WANTED: Final = len(fields(Wanted))


def read_fleet(connection: Connection, *, now: datetime) -> tuple[FleetBox, ...]:
    """Return every box by store and name.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = []
    for store_id, ended_by, until, code_until, closed, set_up, *rest in rows(connection, "fleet"):
        standing = standing_of(now, ended_by, until, code_until, closed=closed)
        wanted, device = Wanted(*rest[:_WANTED]), device_of(rest[_WANTED:])
        found.append(FleetBox(store_id, device, standing, until, code_until, set_up, wanted))
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
