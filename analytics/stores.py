"""Stores: who they are and which money and zone they use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from analytics.errors import StoreUnknownError
from analytics.queries import Connection, rows


@dataclass(frozen=True, slots=True)
class Store:
    """One shop; `timezone` is an IANA name, `currency` ISO 4217.

    `format`, `city_tier` (1 is the largest) and `size_m2` are what it is compared by (`analytics.comparison.peers`).
    `places` is what zones and lines are called, by `zone/…` and `line/…` and their code.
    """

    store_id: int
    code: str
    name: str
    timezone: str
    currency: str
    region: str | None = None
    format: str | None = None
    city_tier: int | None = None
    size_m2: float | None = None
    places: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.timezone)

    def zone_called(self, code: str) -> str:
        """Return what a zone is called: its code where nobody gave it a name."""
        return self.places.get(f"zone/{code}", code)

    def line_called(self, code: str) -> str:
        """Return what a line, or the door that it counts, is called."""
        return self.places.get(f"line/{code}", code)


def all_stores(connection: Connection) -> tuple[Store, ...]:
    """Return every store by name.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return tuple(Store(*row) for row in rows(connection, "stores"))


def store_of(stores: tuple[Store, ...], code: str) -> Store:
    """Return the store with this code.

    Raises:
        StoreUnknownError: there is none.
    """
    for store in stores:
        if store.code == code:
            return store
    known = ", ".join(sorted(store.code for store in stores)) or "none"
    raise StoreUnknownError(f"no store has the code {code!r}: known are {known}")
