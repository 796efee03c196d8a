"""The desk in front of the store office: asks who it is before anything is done, and writes down what was."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, assert_never

from analytics.clock import Clock
from analytics.stores import Store
from analytics.visits.targets import Metric, Plan
from dashboard.accounts.viewer import Viewer
from dashboard.errors import SetUpError
from dashboard.set_up.office import (
    Box,
    Code,
    Details,
    Lies,
    Line,
    Peers,
    Picture,
    Place,
    PlanDesk,
    Rollout,
    RolloutAction,
    Said,
    Standard,
    StoreOffice,
    TargetSaid,
)
from dashboard.viewing import ViewerReading

#: Writes (action, viewer, subject) into the audit log.
Note = Callable[[str, Viewer, str], None]


class Desk:
    """What pages have of a `StoreOffice`; None where this dashboard was started without one.

    Methods raise ForbiddenError where the viewer may not, SetUpError where it cannot be done, and
    DatabaseUnavailableError while the database does not answer.
    """

    def __init__(self, office: StoreOffice | None, reading: ViewerReading, note: Note, now: Clock) -> None:
        self._office = office
        self.now = now
        self._reading = reading
        self._note = note

    @property
    def staffed(self) -> bool:
        """Whether there is an office behind the desk."""
        return self._office is not None

    def stores(self) -> tuple[Store, ...]:
        """Return every store that the viewer may set up."""
        self._reading.require("set_up")
        return self._reading.stores()

    def read(self, text: str) -> list[Line]:
        """Return each line of a CSV list of stores; nothing is changed."""
        return self._decided()[0].read(text)

    def check_template(self, text: str) -> None:
        """Check a template for boxes; nothing is changed."""
        self._decided()[0].check_template(text)

    def open(self, stores: Sequence[Said], template: str | None) -> list[Code]:
        """Register the stores and return a code for each of their boxes."""
        office, viewer = self._decided()
        try:
            codes = office.open(stores, template)
        finally:
            self._reading.forget_stores()
        for said in stores:
            self._note("store_opened", viewer, said["code"])
        return codes

    def new_code(self, store: str, device: str) -> Code:
        """Return a new code for a device; earlier ones are void."""
        office, viewer = self._asked(store)
        code = office.new_code(store, device)
        self._note("code_issued", viewer, f"{store}/{device}")
        return code

    def revoke(self, store: str, device: str) -> None:
        """Shut a device out."""
        office, viewer = self._asked(store)
        office.revoke(store, device)
        self._note("device_revoked", viewer, f"{store}/{device}")

    def peers(self, store: str) -> Peers:
        """Return what a store is compared by."""
        return self._decided(store)[0].peers(store)

    def describe(self, store: str, peers: Peers) -> None:
        """Set what a store is compared by; what is None it is without from now on."""
        office, viewer = self._decided(store)
        office.describe(store, peers)
        self._reading.forget_stores()
        self._note("store_described", viewer, store)

    def close(self, store: str) -> None:
        """Close a store for good."""
        office, viewer = self._decided(store)
        office.close(store)
        self._note("store_closed", viewer, store)

    def boxes(self, store: str) -> list[Box]:
        """Return a store's boxes."""
        return self._asked(store)[0].boxes(store)

    def ask_picture(self, store: str, device: str, camera: str, why: str) -> None:
        """Ask a box what a camera looks at without anybody in it."""
        office, viewer = self._asked(store)
        office.ask_picture(store, device, camera, by=viewer.login, why=why)
        self._note("picture_asked", viewer, f"{store}/{device} {camera}")

    def pictures(self, store: str) -> list[Picture]:
        """Return a store's requests for set-up pictures, the newest first."""
        return self._asked(store)[0].pictures(store)

    def picture(self, store: str, request: str) -> bytes:
        """Return a set-up picture of the store, a JPEG; that the viewer looked at it is written down."""
        office, viewer = self._asked(store)
        if all(request != known.request for known in office.pictures(store)):
            raise SetUpError(f"store {store} has no picture {request}", column="picture")
        image = office.picture(request, viewer.account_id)
        self._note("picture_viewed", viewer, store)
        return image

    def rollouts(self) -> list[Rollout]:
        """Return the latest roll-outs, the newest first."""
        return self._asked()[0].rollouts()

    def change_rollout(self, rollout_id: int, action: RolloutAction, why: str) -> None:
        """Pause, resume, end or take back a roll-out; head office's to decide, as it concerns every store."""
        office, viewer = self._rolling_out()
        office.change_rollout(rollout_id, action, by=viewer.login, why=why)
        match action:
            case "pause":
                self._note("rollout_pause", viewer, str(rollout_id))
            case "resume":
                self._note("rollout_resume", viewer, str(rollout_id))
            case "end":
                self._note("rollout_end", viewer, str(rollout_id))
            case "back":
                self._note("rollout_back", viewer, str(rollout_id))
            case _:
                assert_never(action)

    def widen_rollout(self, rollout_id: int, share: float, why: str) -> None:
        """Have a larger share of the boxes get what is on its way; head office's to decide."""
        office, viewer = self._rolling_out()
        office.widen_rollout(rollout_id, share, by=viewer.login, why=why)
        self._note("rollout_widen", viewer, str(rollout_id))

    def start_rollout(self, standard: str, share: float, why: str) -> None:
        """Begin to roll a version of a standard, NAME:NUMBER, out; head office's to decide."""
        office, viewer = self._rolling_out()
        rollout_id = office.start_rollout(standard, share, by=viewer.login, why=why)
        self._note("rollout_start", viewer, str(rollout_id))

    @property
    def rolls_out(self) -> bool:
        """Whether the viewer may decide about roll-outs."""
        return self._reading.may("accounts")

    def standards(self) -> list[Standard]:
        """Return each version of each standard, the latest first."""
        return self._asked()[0].standards()

    def targets(self, store: str) -> list[TargetSaid]:
        """Return a store's targets, past and to come: figures, which not everybody who sets up may see."""
        self._reading.require("figures")
        return self._asked(store)[0].targets(store)

    def set_targets(self, store: str, plans: Sequence[Plan]) -> None:
        """Have plans hold from their days on."""
        self._reading.require("figures")
        office, viewer = self._asked(store)
        office.set_targets(store, plans, by=viewer.login)
        self._note("targets_set", viewer, store)

    def withdraw_target(self, store: str, metric: Metric, valid_from: date) -> None:
        """Take back what begins on a day."""
        self._reading.require("figures")
        office, viewer = self._asked(store)
        office.withdraw_target(store, metric, valid_from, by=viewer.login)
        self._note("target_withdrawn", viewer, store)

    def plan(self, store: str) -> PlanDesk:
        """Return a store's floor plan, and what can be placed on it."""
        return self._asked(store)[0].plan(store)

    @property
    def draws(self) -> bool:
        """Whether the viewer may keep and remove plans; placing is the installer's, too."""
        return self._reading.may("plans")

    def keep_plan(self, store: str, image: bytes) -> None:
        """Keep a drawing of the shop."""
        office, viewer = self._asked(store)
        self._reading.require("plans")
        office.keep_plan(store, image)
        self._note("plan_kept", viewer, store)

    def keep_grid(self, store: str, width_m: float, height_m: float) -> None:
        """Keep a plain grid instead of a drawing."""
        office, viewer = self._asked(store)
        self._reading.require("plans")
        office.keep_grid(store, width_m, height_m)
        self._note("plan_kept", viewer, store)

    def place(self, store: str, placed: Any) -> None:
        """Write down what stands where on the plan."""
        office, viewer = self._asked(store)
        office.place(store, placed)
        self._note("plan_placed", viewer, store)

    def remove_plan(self, store: str) -> None:
        """Take the plan away, with what was placed on it."""
        office, viewer = self._asked(store)
        self._reading.require("plans")
        office.remove_plan(store)
        self._note("plan_removed", viewer, store)

    @property
    def decides(self) -> bool:
        """Whether the viewer may open and close stores, and change what figures hang on and who sees them."""
        return self._reading.may("chain")

    def details(self, store: str) -> Details:
        """Return what is known of a store."""
        return self._asked(store)[0].details(store)

    def revise(self, store: str, wanted: Details, *, past: bool) -> None:
        """Change a store's details; hours and zone hold from its today on, with `past` on days before, too."""
        office, viewer = self._asked(store)
        was = office.details(store)
        if past or (wanted.region, wanted.timezone) != (was.region, was.timezone):
            self._reading.require("chain")
        if wanted.staff_figures != was.staff_figures:
            self._reading.require("staff")
        today = self.now().astimezone(self._reading.store(store).zone).date()
        office.revise(store, wanted, today=today, past=past)
        self._reading.forget_stores()
        self._note("store_changed", viewer, store)

    def export(self) -> str:
        """Return all stores as a CSV list; that it was taken away is written down."""
        office, viewer = self._decided()
        text = office.export()
        self._note("stores_saved", viewer, "")
        return text

    def changes(self, stores: Sequence[Said]) -> dict[str, tuple[str, ...]]:
        """Return of each known store of a list which columns say something new."""
        return self._decided()[0].changes(stores)

    def revise_all(self, stores: Sequence[Said]) -> list[str]:
        """Change the known stores of a list, all or none, without codes; return which changed."""
        office, viewer = self._decided()
        changed = office.revise_all(stores, now=self.now())
        self._reading.forget_stores()
        for code in changed:
            self._note("store_changed", viewer, code)
        return changed

    def zones(self, store: str) -> list[Lies]:
        """Return which of the till's categories lie in which zone of a store."""
        return self._asked(store)[0].zones(store)

    def set_zones(self, store: str, lies: Mapping[str, Sequence[str]]) -> None:
        """Say what lies in each zone that is named."""
        office, viewer = self._asked(store)
        office.set_zones(store, lies)
        self._note("zones_described", viewer, store)

    def places(self, store: str) -> list[Place]:
        """Return the zones, then the lines of a store, each with what it is called."""
        return self._asked(store)[0].places(store)

    def name_places(self, store: str, names: Mapping[tuple[str, str], str]) -> None:
        """Say what zones and lines of a store are called."""
        office, viewer = self._asked(store)
        office.name_places(store, names)
        self._reading.forget_stores()
        self._note("places_named", viewer, store)

    def _decided(self, store: str | None = None) -> tuple[StoreOffice, Viewer]:
        self._reading.require("chain")
        return self._asked(store)

    def _rolling_out(self) -> tuple[StoreOffice, Viewer]:
        self._reading.require("accounts")
        return self._asked()

    def _asked(self, store: str | None = None) -> tuple[StoreOffice, Viewer]:
        viewer = self._reading.require("set_up")
        if store is not None:
            self._reading.store(store)
        if self._office is None:
            raise SetUpError("this dashboard was started without the tools that set up stores", column="office")
        return self._office, viewer
