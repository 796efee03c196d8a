"""The port to what opens and closes stores. The dashboard holds no key and no broker login: `deploy` brings an adapter.

Texts come as somebody typed them; what is wrong with one is told by its column, in the reader's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, Protocol, TypeAlias

from analytics.fleet.fleet import Standing
from analytics.visits.targets import Metric, Plan

PictureState: TypeAlias = Literal["waiting", "taking", "refused", "unanswered", "ready", "deleted"]
#: A store as texts: code, timezone, currency, name, region, hours, devices.
Said = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Peers:
    """What a store is compared by: kind of shop, class of its city (1 is the largest), sales floor, first day."""

    format: str | None
    city_tier: int | None
    size_m2: float | None
    opened_on: date | None


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a store beside that; `hours` as a list writes them, "" around the clock, None: never said."""

    name: str
    timezone: str
    region: str | None
    hours: str | None
    staff_figures: bool


@dataclass(frozen=True, slots=True)
class Lies:
    """The till's categories that lie in a zone; `zone` None: those sold lately that lie nowhere. `known`: by a box."""

    zone: str | None
    categories: tuple[str, ...]
    known: bool


#: A longer name of a zone or a line does not fit beside its figures.
PLACE_NAME_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A zone or a line (`kind`: "zone" or "line") as boxes name it, and what it is called; None: by its code."""

    kind: str
    code: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list of stores; `wrong` is the column that cannot be so, None: understood."""

    number: int
    said: Said
    wrong: str | None


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code for a box, seen once, and the command that uses it."""

    store: str
    device: str
    code: str
    expires_at: datetime
    command: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box and how it stands with its enrolment, in the words of `footfall device list`."""

    store: str
    device: str
    standing: Standing
    certificate_until: datetime | None
    code_until: datetime | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A request for a camera's set-up picture and how it stands; `reason` is the box's for refusing."""

    request: str
    device: str
    camera: str
    asked_at: datetime
    asked_by: str
    state: PictureState
    reason: str | None
    delete_at: datetime | None


@dataclass(frozen=True, slots=True)
class TargetSaid:
    """A plan of a store's targets, and who said it when."""

    plan: Plan
    said_at: datetime
    said_by: str


RolloutState: TypeAlias = Literal["running", "paused", "stopped", "finished", "ended", "taken back"]
RolloutAction: TypeAlias = Literal["pause", "resume", "end", "back"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A box that did not take what was rolled out, and why by its own words."""

    store: str
    device: str
    outcome: Literal["refused", "rolled_back"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A standard, a model or a version of the application on its way to `share` of the boxes, or that was.

    Of its `boxes`, `pending` try it and `waiting` have not had their turn or are offline; of `eligible` ones it has so
    many. `failed` are those that refused it or took it back; more than `failures_max` stop it. `by` None: by itself.
    """

    rollout_id: int
    part: Literal["standard", "model", "application"]
    name: str
    state: RolloutState
    share: float
    stores: tuple[str, ...] | None
    eligible: int
    boxes: int
    runs: int
    pending: int
    waiting: int
    failures_max: int
    failed: tuple[Failed, ...]
    started_at: datetime
    started_by: str | None
    changed_at: datetime
    changed_by: str | None
    said: str | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A version of a standard that can be rolled out, and who kept it when."""

    name: str
    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """A store's floor plan as it stands and what can be placed on it, by name; `width` is None without a plan.

    `drawn`: there is an image, not only a grid. `placed` is as `analytics.visits.floor_plan.json_of` writes it.
    """

    width: float | None
    height: float | None
    drawn: bool
    version: str
    placed: Mapping[str, Any]
    zones: tuple[str, ...]
    lines: tuple[str, ...]
    cameras: tuple[str, ...]


class StoreOffice(Protocol):
    """What a page may have done. Methods raise SetUpError; `column` tells what was wrong."""

    def read(self, text: str) -> list[Line]:
        """Return each line of a CSV list of stores."""

    def check_template(self, text: str) -> None:
        """Check a template for boxes."""

    def open(self, stores: Sequence[Said], template: str | None) -> list[Code]:
        """Register the stores and return a code for each of their boxes."""

    def new_code(self, store: str, device: str) -> Code:
        """Return a new code for a device, known or not; earlier ones are void."""

    def revoke(self, store: str, device: str) -> None:
        """Shut a device out."""

    def peers(self, store: str) -> Peers:
        """Return what a store is compared by."""

    def describe(self, store: str, peers: Peers) -> None:
        """Set what a store is compared by; what is None it is without from now on."""

    def close(self, store: str) -> None:
        """Close a store for good and shut its devices out."""

    def ask_picture(self, store: str, device: str, camera: str, *, by: str, why: str) -> None:
        """Ask a box what a camera looks at without anybody in it."""

    def pictures(self, store: str) -> list[Picture]:
        """Return a store's requests for set-up pictures, the newest first."""

    def picture(self, request: str, account_id: int) -> bytes:
        """Return a set-up picture, a JPEG; that the account looked at it is written down with it."""

    def plan(self, store: str) -> PlanDesk:
        """Return a store's floor plan as it stands."""

    def keep_plan(self, store: str, image: bytes) -> None:
        """Keep a drawing of the shop: PNG, JPEG or SVG."""

    def keep_grid(self, store: str, width_m: float, height_m: float) -> None:
        """Keep a plain grid of so many metres instead."""

    def place(self, store: str, placed: Any) -> None:
        """Write down what stands where on the plan."""

    def remove_plan(self, store: str) -> None:
        """Take the plan away, with what was placed on it."""

    def boxes(self, store: str | None = None) -> list[Box]:
        """Return the boxes, of one store or all."""

    def rollouts(self) -> list[Rollout]:
        """Return the latest roll-outs, the newest first."""

    def change_rollout(self, rollout_id: int, action: RolloutAction, *, by: str, why: str) -> None:
        """Pause, resume or end a roll-out, or give its boxes back what they had before it."""

    def widen_rollout(self, rollout_id: int, share: float, *, by: str, why: str) -> None:
        """Have a larger share of the boxes get what is on its way."""

    def start_rollout(self, standard: str, share: float, *, by: str, why: str) -> int:
        """Begin to roll a version of a standard, NAME:NUMBER, out; return the roll-out's id."""

    def standards(self) -> list[Standard]:
        """Return each version of each standard, the latest first."""

    def targets(self, store: str) -> list[TargetSaid]:
        """Return a store's targets, past and to come, by metric and day."""

    def set_targets(self, store: str, plans: Sequence[Plan], *, by: str) -> None:
        """Have plans hold from their days on; all or none."""

    def withdraw_target(self, store: str, metric: Metric, valid_from: date, *, by: str) -> None:
        """Take back what begins on a day: what began before it goes on."""

    def details(self, store: str) -> Details:
        """Return what is known of a store."""

    def revise(self, store: str, wanted: Details, *, today: date, past: bool) -> None:
        """Change a store's details; hours and zone hold from `today` on, with `past` on days before, too."""

    def export(self) -> str:
        """Return all stores as a CSV list that `read` understands."""

    def changes(self, stores: Sequence[Said]) -> dict[str, tuple[str, ...]]:
        """Return of each known store of a list which columns say something new; an empty field says nothing."""

    def revise_all(self, stores: Sequence[Said], *, now: datetime) -> list[str]:
        """Change the known stores of a list, all or none, without codes; return which changed.

        Hours and zones hold from the day on that it is in each store at `now`.
        """

    def zones(self, store: str) -> list[Lies]:
        """Return which of the till's categories lie in which zone of a store."""

    def set_zones(self, store: str, lies: Mapping[str, Sequence[str]]) -> None:
        """Say what lies in each zone that is named, instead of what was said of it before."""

    def places(self, store: str) -> list[Place]:
        """Return the zones, then the lines of a store, each with what it is called."""

    def name_places(self, store: str, names: Mapping[tuple[str, str], str]) -> None:
        """Say what each of these (kind, code) is called; an empty name: by its code again."""
