"""Names to ids, remembered: stores, devices, outbox epochs, and each store's lines, zones and cameras.

What is new registers itself (all but stores), in a transaction of its own that has committed before any row uses the
id: so what is remembered here is always true, whatever becomes of the rows.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from contract.entries import (
    Audit,
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    Summary,
    ZoneVisit,
)
from contract.messages import LedgerBatch
from ingest.claims import kept_apart
from ingest.database import Cursor, Database
from ingest.errors import RejectedError, TooManyNamesError, UnknownStoreError
from ingest.rows import Ids
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

#: Lines, zones and cameras each that a store's ledger may register before anybody has described them.
SELF_REGISTERED_MAX: Final = 64

_SQL: Final = load_blocks("dimensions")
_NamesOf: TypeAlias = Callable[[list[Any]], set[str]]


def _lines(entries: list[Any]) -> set[str]:
    return {each.line for each in entries}


def _zones(entries: list[Any]) -> set[str]:
    return {each.zone for each in entries}


def _cameras(entries: list[Any]) -> set[str]:
    return {each.camera for each in entries}


def _ends(flows: list[Flow]) -> set[str]:
    # Null is outside the shop, which is no zone.
    return {zone for each in flows for zone in (each.from_zone, each.to_zone) if zone is not None}


def _none(_losses: list[Loss]) -> set[str]:
    return set()  # its lines stay names: a loss is read by people


_NAMES_OF_KIND: Final[dict[type[Entry], tuple[str, _NamesOf]]] = {
    Crossing: ("lines", _lines),
    Register: ("lines", _lines),
    Audit: ("lines", _lines),
    ZoneVisit: ("zones", _zones),
    QueueSample: ("zones", _zones),
    QueueExit: ("zones", _zones),
    Occupancy: ("zones", _zones),
    Flow: ("zones", _ends),
    Heat: ("cameras", _cameras),
    CameraUptime: ("cameras", _cameras),
    Loss: ("lines", _none),
}


@dataclass(slots=True)
class _StoreNames:
    """One store's names by dimension, and how many of each registered themselves."""

    ids: Ids
    self_registered: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """A batch whose names are all ids. `index` is its place in what was given; `by_kind` holds all its entries."""

    index: int
    batch: LedgerBatch
    device_id: int
    epoch_id: int
    ids: Ids
    by_kind: dict[type[Entry], list[Any]]


def group_by_kind(entries: Iterable[Entry]) -> dict[type[Entry], list[Any]]:
    """Return the entries by their kind, in order; a summary as the entries that it stands for."""
    entries = list(entries)
    kinds = set(map(type, entries))
    if len(kinds) == 1 and Summary not in kinds:
        return {kinds.pop(): entries}  # a busy door: no need to look at each of thousands
    by_kind: dict[type[Entry], list[Any]] = defaultdict(list)
    for entry in entries:
        by_kind[type(entry)].append(entry)
    for summary in by_kind.pop(Summary, ()):
        by_kind[type(summary.entry)] += [summary.entry] * summary.times
    return by_kind


class Names:
    """The names that one worker has met. Not shared between threads."""

    def __init__(self) -> None:
        self._stores: dict[str, int] = {}
        self._devices: dict[tuple[int, str], int] = {}
        self._epochs: dict[tuple[int, str], int] = {}
        self._by_store: dict[int, _StoreNames] = {}

    def forget(self) -> None:
        """Start anew: the database may be another one now."""
        for remembered in (self._stores, self._devices, self._epochs, self._by_store):
            remembered.clear()

    def forget_dimensions(self, store_id: int) -> None:
        """Look a store's lines, zones and cameras up again when they are next needed."""
        self._by_store.pop(store_id, None)

    def place(
        self, database: Database, batches: Sequence[LedgerBatch]
    ) -> tuple[list[Placed], dict[int, RejectedError]]:
        """Return the batches with ids for names, and by index why the others cannot have them.

        Raises:
            DatabaseError: the database did not answer; nothing is remembered of what was under way.
        """
        with self.certain(), database.transaction() as cursor:  # nothing is sent when everything is remembered
            return self._place(cursor, batches)

    @contextmanager
    def certain(self) -> Iterator[None]:
        """Forget everything where the block, a transaction, fails: what it registered was rolled back."""
        try:
            yield
        except RejectedError:
            raise  # refused before anything was registered
        except BaseException:
            self.forget()
            raise

    def device_ids(self, cursor: Cursor, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return device ids by (store, device), registering devices; a pair of an unknown store is left out."""
        self._learn_stores(cursor, {store for store, _ in pairs})
        known = [(store, device) for store, device in pairs if store in self._stores]
        self._learn_devices(cursor, {(self._stores[store], device) for store, device in known})
        return {(store, device): self._devices[self._stores[store], device] for store, device in known}

    def store_id(self, store: str) -> int:
        """Return a store's id once `device_ids` has met it.

        Raises:
            UnknownStoreError: it was never added.
        """
        store_id = self._stores.get(store)
        if store_id is None:
            raise UnknownStoreError(store)
        return store_id

    def _place(self, cursor: Cursor, batches: Sequence[LedgerBatch]) -> tuple[list[Placed], dict[int, RejectedError]]:
        devices = self.device_ids(cursor, [(batch.store, batch.device) for batch in batches])
        device_ids = [devices.get((batch.store, batch.device), 0) for batch in batches]
        epochs = [(device_id, str(batch.epoch)) for device_id, batch in zip(device_ids, batches, strict=True)]
        self._learn_epochs(cursor, {each for each in epochs if each[0]})
        placed: list[Placed] = []
        refused: dict[int, RejectedError] = {}
        for index, (batch, epoch) in enumerate(zip(batches, epochs, strict=True)):
            try:
                placed.append(self._place_one(cursor, index, batch, epoch))
            except RejectedError as error:
                refused[index] = error
        return placed, refused

    def _place_one(self, cursor: Cursor, index: int, batch: LedgerBatch, epoch: tuple[int, str]) -> Placed:
        store_id = self.store_id(batch.store)
        names = self._dimensions(cursor, store_id)
        by_kind = group_by_kind(batch.entries)
        for dimension, wanted in _names_in(by_kind).items():
            if new := wanted - getattr(names.ids, dimension).keys():
                self._register(cursor, names, dimension, new, batch)
        lines = kept_apart(names.ids.lines, batch.device)
        ids = Ids(store_id, lines, names.ids.zones, names.ids.cameras)
        return Placed(index, batch, epoch[0], self._epochs[epoch], ids, by_kind)

    def _register(self, cursor: Cursor, names: _StoreNames, dimension: str, new: set[str], batch: LedgerBatch) -> None:
        self._read_dimension(cursor, names, dimension)  # a status may have described them since
        new -= getattr(names.ids, dimension).keys()
        if not new:
            return
        if names.self_registered[dimension] + len(new) > SELF_REGISTERED_MAX:
            raise TooManyNamesError(
                f"store {batch.store!r} already has {names.self_registered[dimension]} {dimension} that nobody has "
                f"described, at most {SELF_REGISTERED_MAX} register themselves: {batch.device!r} names {len(new)} "
                f"more, such as {min(new)!r}. Check its site file; describe them in its status"
            )
        logger.warning(
            "store %s: %s %s registered without a role: they count nowhere until a device describes them",
            batch.store, dimension, ", ".join(sorted(new)), extra={"action": "names_registered"},
        )  # fmt: skip
        cursor.execute(_SQL[f"register_{dimension}"], {"store_id": names.ids.store_id, "codes": sorted(new)})
        self._read_dimension(cursor, names, dimension)

    def _learn_stores(self, cursor: Cursor, codes: set[str]) -> None:
        if missing := codes - self._stores.keys():
            cursor.execute(_SQL["stores"], {"codes": sorted(missing)})
            self._stores.update(cursor.fetchall())

    def _learn_devices(self, cursor: Cursor, keys: set[tuple[int, str]]) -> None:
        if missing := sorted(keys - self._devices.keys()):
            values = {"store_ids": [key[0] for key in missing], "codes": [key[1] for key in missing]}
            cursor.execute(_SQL["register_devices"], values)
            cursor.execute(_SQL["devices"], values)
            self._devices.update({(store, code): device for store, code, device in cursor.fetchall()})

    def _learn_epochs(self, cursor: Cursor, keys: set[tuple[int, str]]) -> None:
        if missing := sorted(keys - self._epochs.keys()):
            values = {"device_ids": [key[0] for key in missing], "epochs": [key[1] for key in missing]}
            cursor.execute(_SQL["register_epochs"], values)
            cursor.execute(_SQL["epochs"], values)
            self._epochs.update({(device, epoch): epoch_id for device, epoch, epoch_id in cursor.fetchall()})

    def _dimensions(self, cursor: Cursor, store_id: int) -> _StoreNames:
        names = self._by_store.get(store_id)
        if names is None:
            names = self._by_store[store_id] = _StoreNames(Ids(store_id, {}, {}, {}))
            for dimension in ("lines", "zones", "cameras"):
                self._read_dimension(cursor, names, dimension)
        return names

    def _read_dimension(self, cursor: Cursor, names: _StoreNames, dimension: str) -> None:
        cursor.execute(_SQL[dimension], {"store_id": names.ids.store_id})
        rows = cursor.fetchall()
        getattr(names.ids, dimension).update({code: row_id for code, row_id, _ in rows})
        names.self_registered[dimension] = sum(undescribed for _, _, undescribed in rows)


def _names_in(by_kind: dict[type[Entry], list[Any]]) -> dict[str, set[str]]:
    """Return the names in entries by dimension."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind, entries in by_kind.items():
        dimension, names_of = _NAMES_OF_KIND[kind]
        found[dimension] |= names_of(entries)
    return found
