"""Peers: the stores that a store has something in common with, and its places among them.

Peers share format and class of city as far as these were set, and are of about its size: within half and double the
sales floor where both are known. A store of which nothing is known has no peers: all stores are no group.
"""

from collections.abc import Sequence
from typing import Final

from analytics.comparison.ranking import Place, places
from analytics.figure import Figure
from analytics.stores import Store

#: Peers have at most so many times the sales floor, or one part in so many.
SIZE_FACTOR: Final = 2.0
#: Fewer peers than this are no group.
PEERS_MIN: Final = 3


def peers(store: Store, stores: Sequence[Store]) -> tuple[Store, ...]:
    """Return the store's peers among `stores`, itself left out; none with fewer than `PEERS_MIN`."""
    if store.format is None and store.city_tier is None and store.size_m2 is None:
        return ()
    found = tuple(one for one in stores if one.store_id != store.store_id and alike(store, one))
    return found if len(found) >= PEERS_MIN else ()


def alike(store: Store, other: Store) -> bool:
    """Return whether two stores are of one format, one class of city and about one size; what is not set differs."""
    if (store.format, store.city_tier) != (other.format, other.city_tier):
        return False
    if store.size_m2 is None or other.size_m2 is None:
        return store.size_m2 is other.size_m2
    return store.size_m2 <= SIZE_FACTOR * other.size_m2 and other.size_m2 <= SIZE_FACTOR * store.size_m2


def peer_places(stores: Sequence[Store], figures: Sequence[Figure]) -> tuple[Place | None, ...]:
    """Return each store's places among its peers, itself included; None without peers or without an interval."""
    by_id = {store.store_id: one for store, one in zip(stores, figures, strict=True)}
    # Only stores of one kind can be peers: of hundreds each is compared with few.
    kinds: dict[object, list[Store]] = {}
    for store in stores:
        kinds.setdefault((store.format, store.city_tier), []).append(store)
    found = []
    for store, one in zip(stores, figures, strict=True):
        group = peers(store, kinds[store.format, store.city_tier])
        found.append(places([one, *(by_id[other.store_id] for other in group)])[0] if group else None)
    return tuple(found)
