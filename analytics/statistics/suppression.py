"""Small cells: a breakdown must not point at somebody, nor let him be worked out from its neighbours.

A cell with fewer than k people is withheld (primary). What is published beside it are sums, and sums minus cells are
cells: so more are withheld (secondary), until no difference of what is left gives away a withheld cell, or says how
many fewer than k people stand behind several. An empty cell points at nobody and is shown, unless it has to hide one.
A store's own totals are not breakdowns: they are `public` and never withheld.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

#: Least people in a cell that is shown inside the company.
K_INSIDE: Final = 5
#: Least people in a cell that leaves the company.
K_EXPORT: Final = 10

K = TypeVar("K", bound=Hashable)
#: Rounding in a null space: what is smaller is zero.
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Relation(Generic[K]):
    """A sum that anybody can check: the people of `total` are those of its `parts` together."""

    total: K
    parts: tuple[K, ...]


def withheld(people: Sequence[int], *, k: int = K_INSIDE) -> list[bool]:
    """Return for each cell of one breakdown whether it is withheld; its total is shown beside it."""
    cells = dict(enumerate(people))
    hidden = protected({**cells, None: sum(people)}, [Relation(None, tuple(cells))], k=k, public=[None])
    return [index in hidden for index in cells]


def withheld_by_any(*counts: Sequence[int], k: int = K_INSIDE) -> list[bool]:
    """Return for each cell of one breakdown whether any of several counts of it has it withheld.

    So of sales and of orders of any kind: a cell of refunds alone has no sale, yet its sums are somebody's.
    """
    return [any(one) for one in zip(*(withheld(people, k=k) for people in counts), strict=True)]


def protected(
    people: Mapping[K, int | None],
    relations: Iterable[Relation[K]],
    *,
    k: int = K_INSIDE,
    public: Collection[K] = (),
    hidden: Collection[K] = (),
) -> frozenset[K]:
    """Return which cells are withheld, so that the relations give away none of those with fewer than k people.

    None is a cell that nobody counted: it holds nobody and adds nothing. The smallest shown part of a sum goes first,
    then an empty one, then the sum itself. Those `hidden` are withheld already, whatever is in them. A figure made of a
    withheld cell (a rate, an average) must go with it.

    Raises:
        KeyError: a relation names a cell that has no count.
    """
    counts = {key: count or 0 for key, count in people.items()}
    sums = list(relations)
    free = counts.keys() - frozenset(public)
    gone = {*hidden, *(key for key in free if 0 < counts[key] < k)}
    while more := _next(counts, sums, gone, free, k):
        gone |= more
    return frozenset(gone)


def _next(
    counts: Mapping[K, int], sums: Sequence[Relation[K]], hidden: set[K], free: Collection[K], k: int
) -> set[K] | None:
    """Return what must be withheld next: to mend a sum that gives something away, else a chain of sums that does."""
    for one in sums:
        if _leaks(one, counts, hidden, k) and (found := _candidate(one, counts, hidden, free)) is not None:
            return {found[1]}
    known = _derivable(sums, hidden)
    near = [one for one in sums if not known.isdisjoint((one.total, *one.parts))]
    # A chain may end at sums of which nothing is left to withhold: then one further off has to be broken.
    for some in (near, sums if any(0 < counts[key] < k for key in known) else ()):
        choices = [found for one in some if (found := _candidate(one, counts, hidden, free)) is not None]
        if choices:
            return {min(choices, key=lambda found: found[0])[1]}
    return None


def _leaks(one: Relation[K], counts: Mapping[K, int], hidden: set[K], k: int) -> bool:
    parts = [key for key in one.parts if key in hidden]
    if one.total in hidden:
        return not parts
    return len(parts) == 1 or (bool(parts) and 0 < sum(counts[key] for key in parts) < k)


def _candidate(
    one: Relation[K], counts: Mapping[K, int], hidden: set[K], free: Collection[K]
) -> tuple[tuple[int, int], K] | None:
    """Return the cell of a sum whose loss costs least, with that cost; None where none is left."""
    parts = ((_cost(counts[key]), key) for key in one.parts if key in free and key not in hidden)
    found = min(parts, key=lambda cell: cell[0], default=None)
    if found is None and one.total in free and one.total not in hidden:
        return (2, counts[one.total]), one.total
    return found


def _cost(count: int) -> tuple[int, int]:
    """Return an order in which small cells come before large ones, and empty ones last."""
    return (0, count) if count else (1, 0)


def _derivable(sums: Sequence[Relation[K]], hidden: set[K]) -> set[K]:
    """Return the withheld cells that follow from the sums: those that are zero all over the equations' null space."""
    order = {key: index for index, key in enumerate(hidden)}
    rows = [_equation(one, order) for one in sums if not order.keys().isdisjoint((one.total, *one.parts))]
    if not rows:
        return set()
    _, strengths, directions = np.linalg.svd(np.array(rows), full_matrices=True)
    rank = int((strengths > _TINY * max(strengths[0], 1.0)).sum())
    fixed = np.abs(directions[rank:]).max(axis=0, initial=0.0) < _TINY
    return {key for key, index in order.items() if fixed[index]}


def _equation(one: Relation[K], order: Mapping[K, int]) -> list[float]:
    row = [0.0] * len(order)
    for key in one.parts:
        if key in order:
            row[order[key]] += 1.0
    if one.total in order:
        row[order[one.total]] -= 1.0
    return row
