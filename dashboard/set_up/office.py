"""The port to what opens and closes stores. The dashboard holds no key and no broker login: `deploy` brings an adapter.

Texts come as somebody typed them; what is wrong with one is told by its column, in the reader's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from analytics.fleet.fleet import Standing

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

    def describe(self, store: str, peers: Peers) -> None:
        """Set what a store is compared by; what is None stays as it is."""

    def close(self, store: str) -> None:
        """Close a store for good and shut its devices out."""

    def ask_picture(self, store: str, device: str, camera: str, *, by: str, why: str) -> None:
        """Ask a box what a camera looks at without anybody in it."""

    def pictures(self, store: str) -> list[Picture]:
        """Return a store's requests for set-up pictures, the newest first."""

    def picture(self, request: str, account_id: int) -> bytes:
        """Return a set-up picture, a JPEG; that the account looked at it is written down with it."""

    def boxes(self, store: str | None = None) -> list[Box]:
        """Return the boxes, of one store or all."""
