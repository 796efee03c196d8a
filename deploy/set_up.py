"""What the dashboard's set-up pages have done: the commands' own functions, behind the dashboard's port.

It needs the database and the authority's certificate, which is public; no key. The enrolment service sees within a
second what was decided here and has the broker know it.
"""

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from analytics.errors import DatabaseUnavailableError
from analytics.visits.targets import Metric, Plan
from dashboard.errors import SetUpError
from dashboard.set_up.office import (
    Box,
    Code,
    Details,
    Failed,
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
    TargetSaid,
)
from deploy import floor_plans, place_names, setup_pictures, store_details, targets, zone_categories
from deploy.control import rollouts
from deploy.control.desires import Decision
from deploy.control.standards import listed, named
from deploy.errors import ControlError, FloorPlanError, SetupPictureError, StoreError, TrustError
from deploy.trust.decisions import CODE_LASTS, Decisions
from deploy.trust.devices import listed_devices
from deploy.trust.opening import Issued, check_template, open_stores, planned, read_rows
from ingest.database import Database
from ingest.errors import UnavailableError

_PICTURES_MAX: Final = 200
_ROLLOUTS_MAX: Final = 10


class Office:
    """The store office over one database. `certificate` is the authority's; `server` is where boxes enrol."""

    def __init__(self, database: Database, certificate: Path, server: str, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._certificate = certificate
        self._server = server
        self._now = now
        #: The connection is one: requests come one after the other.
        self._lock = threading.Lock()

    def read(self, text: str) -> list[Line]:
        """Return each line of a CSV list of stores."""
        with self._translating():
            rows = read_rows(text, "CSV")
        return [Line(row.line, row.said, (row.error.column or "row") if row.error else None) for row in rows]

    def check_template(self, text: str) -> None:
        """Check a template for boxes."""
        with self._translating():
            check_template(text, "template")

    def open(self, stores: Sequence[Said], template: str | None) -> list[Code]:
        """Register the stores and return a code for each of their boxes."""
        with self._translating(), self._lock:
            if template is not None:
                check_template(template, "template")
            plans = [planned(dict(said)) for said in stores]
            decisions, now = self._decisions(), self._now()
            issued = open_stores(self._database, decisions, plans, now=now, lasts=CODE_LASTS, site=template)
            return [self._code(each) for each in issued]

    def new_code(self, store: str, device: str) -> Code:
        """Return a new code for a device, known or not; earlier ones are void."""
        with self._translating(), self._lock:
            now = self._now()
            code = self._decisions().issue_code(store, device, now=now)
            return self._code(Issued(store, device, str(code), now + CODE_LASTS))

    def revoke(self, store: str, device: str) -> None:
        """Shut a device out."""
        with self._translating(), self._lock:
            self._decisions().revoke(store, device, now=self._now())

    def peers(self, store: str) -> Peers:
        """Return what a store is compared by."""
        with self._translating(), self._lock:
            return Peers(**asdict(store_details.peers(self._database, store)))

    def describe(self, store: str, peers: Peers) -> None:
        """Set what a store is compared by; what is None it is without from now on."""
        with self._translating(), self._lock:
            store_details.describe(self._database, store, store_details.Peers(**asdict(peers)))

    def close(self, store: str) -> None:
        """Close a store for good and shut its devices out."""
        with self._translating(), self._lock:
            self._decisions().close_store(store, now=self._now())

    def ask_picture(self, store: str, device: str, camera: str, *, by: str, why: str) -> None:
        """Ask a box what a camera looks at without anybody in it."""
        with self._translating(), self._lock:
            setup_pictures.request(self._database, store, device, camera, Decision(by, why, self._now()))

    def pictures(self, store: str) -> list[Picture]:
        """Return a store's requests for set-up pictures, the newest first."""
        with self._translating(), self._lock:
            found = setup_pictures.listed(self._database, now=self._now(), store=store, limit=_PICTURES_MAX)
        names = ("request", "device", "camera", "asked_at", "asked_by", "state", "reason", "delete_at")
        return [Picture(**{name: getattr(one, name) for name in names}) for one in found]

    def picture(self, request: str, account_id: int) -> bytes:
        """Return a set-up picture, a JPEG; that the account looked at it is written down with it."""
        with self._translating(), self._lock:
            asked, now = UUID(request), self._now()
            return setup_pictures.view(
                self._database, asked, by="", how="dashboard", now=now, account_id=account_id
            )  # fmt: skip

    def plan(self, store: str) -> PlanDesk:
        """Return a store's floor plan as it stands."""
        with self._translating(), self._lock:
            return floor_plans.plan_desk(self._database, store)

    def keep_plan(self, store: str, image: bytes) -> None:
        """Keep a drawing of the shop: PNG, JPEG or SVG."""
        with self._translating(), self._lock:
            floor_plans.keep_image(self._database, store, image, now=self._now())

    def keep_grid(self, store: str, width_m: float, height_m: float) -> None:
        """Keep a plain grid of so many metres instead."""
        with self._translating(), self._lock:
            floor_plans.keep_grid(self._database, store, width_m, height_m, now=self._now())

    def place(self, store: str, placed: Any) -> None:
        """Write down what stands where on the plan."""
        with self._translating(), self._lock:
            floor_plans.place(self._database, store, placed, now=self._now())

    def remove_plan(self, store: str) -> None:
        """Take the plan away, with what was placed on it."""
        with self._translating(), self._lock:
            floor_plans.remove(self._database, store)

    def boxes(self, store: str | None = None) -> list[Box]:
        """Return the boxes, of one store or all."""
        with self._translating(), self._lock:
            found = listed_devices(self._database, now=self._now(), store=store)
        return [Box(one.store, one.device, one.standing, one.certificate_until, one.code_until) for one in found]

    def rollouts(self) -> list[Rollout]:
        """Return the latest roll-outs, the newest first."""
        with self._translating(), self._lock:
            return [
                _rollout(one, events, rollouts.members(self._database, one.rollout_id))
                for one, events in rollouts.told(self._database, limit=_ROLLOUTS_MAX)
            ]

    def change_rollout(self, rollout_id: int, action: RolloutAction, *, by: str, why: str) -> None:
        """Pause, resume or end a roll-out, or give its boxes back what they had before it."""
        with self._translating(), self._lock:
            rollouts.change(self._database, action, Decision(by, why, self._now()), rollout_id=rollout_id)

    def widen_rollout(self, rollout_id: int, share: float, *, by: str, why: str) -> None:
        """Have a larger share of the boxes get what is on its way."""
        with self._translating(), self._lock:
            rollouts.widen(self._database, share, Decision(by, why, self._now()), rollout_id=rollout_id)

    def start_rollout(self, standard: str, share: float, *, by: str, why: str) -> int:
        """Begin to roll a version of a standard, NAME:NUMBER, out; return the roll-out's id."""
        with self._translating(), self._lock:
            decision = Decision(by, why, self._now())
            return rollouts.start(self._database, named(standard), share=share, decision=decision).rollout_id

    def standards(self) -> list[Standard]:
        """Return each version of each standard, the latest first."""
        with self._translating(), self._lock:
            return [Standard(one.name, one.number, one.at, one.by) for one in listed(self._database)]

    def targets(self, store: str) -> list[TargetSaid]:
        """Return a store's targets, past and to come, by metric and day."""
        with self._translating(), self._lock:
            return [TargetSaid(one.plan, one.said_at, one.said_by) for one in targets.targets(self._database, store)]

    def set_targets(self, store: str, plans: Sequence[Plan], *, by: str) -> None:
        """Have plans hold from their days on; all or none."""
        with self._translating(), self._lock:
            targets.set_targets(self._database, [(store, plan) for plan in plans], by=by, at=self._now())

    def withdraw_target(self, store: str, metric: Metric, valid_from: date, *, by: str) -> None:
        """Take back what begins on a day: what began before it goes on."""
        with self._translating(), self._lock:
            targets.withdraw(self._database, store, metric, valid_from, by=by, at=self._now())

    def details(self, store: str) -> Details:
        """Return what is known of a store."""
        with self._translating(), self._lock:
            return Details(**asdict(store_details.details(self._database, store)))

    def revise(self, store: str, wanted: Details, *, today: date, past: bool) -> None:
        """Change a store's details; hours and zone hold from `today` on, with `past` on days before, too."""
        with self._translating(), self._lock:
            said = store_details.Details(**asdict(wanted))
            store_details.revise(self._database, store, said, today=today, past=past)

    def export(self) -> str:
        """Return all stores as a CSV list that `read` understands."""
        with self._translating(), self._lock:
            return store_details.export(self._database)

    def changes(self, stores: Sequence[Said]) -> dict[str, tuple[str, ...]]:
        """Return of each known store of a list which columns say something new; an empty field says nothing."""
        with self._translating(), self._lock:
            return store_details.changes(self._database, stores)

    def revise_all(self, stores: Sequence[Said], *, now: datetime) -> list[str]:
        """Change the known stores of a list, all or none, without codes; return which changed."""
        with self._translating(), self._lock:
            return store_details.revise_all(self._database, stores, now=now)

    def zones(self, store: str) -> list[Lies]:
        """Return which of the till's categories lie in which zone of a store."""
        with self._translating(), self._lock:
            found = zone_categories.zone_categories(self._database, store)
            codes = zone_categories.zone_codes(self._database, store)
        bare = [Lies(code, (), known=True) for code in codes if code not in {one.zone for one in found}]
        return [*bare, *(Lies(one.zone, one.categories, one.known) for one in found)]

    def set_zones(self, store: str, lies: Mapping[str, Sequence[str]]) -> None:
        """Say what lies in each zone that is named, instead of what was said of it before."""
        with self._translating(), self._lock:
            zone_categories.set_zone_categories(self._database, store, lies)

    def places(self, store: str) -> list[Place]:
        """Return the zones, then the lines of a store, each with what it is called."""
        with self._translating(), self._lock:
            return place_names.place_names(self._database, store)

    def name_places(self, store: str, names: Mapping[tuple[str, str], str]) -> None:
        """Say what each of these (kind, code) is called; an empty name: by its code again."""
        with self._translating(), self._lock:
            place_names.name_places(self._database, store, names)

    def _decisions(self) -> Decisions:
        try:
            text = self._certificate.read_text(encoding="ascii")
            return Decisions(self._database, hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).digest())
        except (OSError, ValueError) as error:
            raise SetUpError(f"no authority's certificate in {self._certificate}: {error}", column="office") from error

    def _code(self, issued: Issued) -> Code:
        command = f"footfall edge enroll {issued.code} --server {self._server}"
        return Code(issued.store, issued.device, issued.code, issued.expires_at, command)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except ControlError as error:
            raise SetUpError(str(error), column=error.column) from error
        except SetupPictureError as error:
            raise SetUpError(str(error), column="picture") from error
        except (FloorPlanError, StoreError, TrustError) as error:
            raise SetUpError(str(error), column=getattr(error, "column", None)) from error
        except UnavailableError as error:
            raise DatabaseUnavailableError(self._now(), str(error)) from error


def _rollout(one: rollouts.Rollout, events: Sequence[rollouts.Event], boxes: Sequence[dict[str, Any]]) -> Rollout:
    first, last = events[0], events[-1]
    failed = tuple(Failed(**box) for box in boxes if box["outcome"] in ("refused", "rolled_back"))
    return Rollout(
        rollout_id=one.rollout_id, part=one.part, name=one.name if one.number is None else f"{one.name} {one.number}",
        state=one.state, share=one.share, stores=None if one.stores is None else tuple(one.stores),
        eligible=one.eligible, boxes=one.boxes, runs=one.runs, pending=one.pending, waiting=one.waiting,
        failures_max=one.failures_max, failed=failed,
        started_at=first.at, started_by=_person(first.by), changed_at=last.at, changed_by=_person(last.by),
        said=last.detail,
    )  # fmt: skip


def _person(by: str) -> str | None:
    return None if by == "roll-out" else by
