"""Which of the till's categories lie in which zone of a store: said by head office, per zone as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import StoreError
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL = parse_blocks(Path(__file__).with_name("stores.sql").read_text(encoding="utf-8"), "stores")


@dataclass(frozen=True, slots=True)
class ZoneCategories:
    """A zone's categories; `zone` None: those that were sold lately and lie nowhere. `known`: a box names the zone."""

    zone: str | None
    categories: tuple[str, ...]
    known: bool


def set_zone_categories(database: Database, store: str, lies: Mapping[str, Sequence[str]]) -> None:
    """Say what lies in each zone that is named: instead of what was said of it before. An empty list: nothing.

    Raises:
        StoreError: no store has this code.
    """
    with database.transaction() as cursor:
        store_id = _store_id(cursor, store)
        for zone, categories in lies.items():
            cursor.execute(_SQL["clear_zone"], {"store_id": store_id, "zone": zone})
            values = {"store_id": store_id, "zone": zone, "categories": list(categories)}
            cursor.execute(_SQL["add_categories"], values)


def zone_categories(database: Database, store: str) -> list[ZoneCategories]:
    """Return what was said, by zone.

    Raises:
        StoreError: no store has this code.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["zone_categories"], {"store_id": _store_id(cursor, store)})
        return [ZoneCategories(zone, tuple(some), known) for zone, some, known in cursor.fetchall()]


def zone_codes(database: Database, store: str) -> list[str]:
    """Return the zones of a store in which people look at something, as boxes name them.

    Raises:
        StoreError: no store has this code.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["zone_codes"], {"store_id": _store_id(cursor, store)})
        return [code for (code,) in cursor.fetchall()]


def _store_id(cursor: Cursor, store: str) -> int:
    cursor.execute(_SQL["store_of"], {"code": store})
    row = cursor.fetchone()
    if row is None:
        raise StoreError.unknown(store)
    return int(row[0])
