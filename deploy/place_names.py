"""What people call a store's zones and lines, said by whoever sets it up; a box knows only their codes."""

from collections.abc import Mapping
from pathlib import Path

from dashboard.set_up.office import PLACE_NAME_MAX, Place
from deploy.errors import StoreError
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL = parse_blocks(Path(__file__).with_name("stores.sql").read_text(encoding="utf-8"), "stores")


def place_names(database: Database, store: str) -> list[Place]:
    """Return the zones, then the lines that boxes of a known store named, each with its name."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["place_names"], {"store": store})
        return [Place(*row) for row in cursor.fetchall()]


def name_places(database: Database, store: str, names: Mapping[tuple[str, str], str]) -> None:
    """Say what each of these (kind, code) of a known store is called; an empty name: by its code again.

    Raises:
        StoreError: a name is longer than `PLACE_NAME_MAX` letters.
    """
    with database.transaction() as cursor:
        for (kind, code), name in names.items():
            if len(name) > PLACE_NAME_MAX:
                raise StoreError(f"{kind} {code}: expected a name of at most {PLACE_NAME_MAX} letters, got {len(name)}")
            block = "name_place" if name else "unname_place"
            cursor.execute(_SQL[block], {"store": store, "kind": kind, "code": code, "name": name})
