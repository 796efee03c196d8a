"""Stages of the funnel over many business days of one store, day by day: so that days can be left out of a sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.days import Slice
from analytics.queries import Connection, rows


@dataclass(frozen=True, slots=True)
class Stages:
    """Per slice: stays that were an engagement and people who left a queue.

    None where the store has no such zone, or the rows are too old to be kept: thresholds cannot be applied to sums.
    """

    engaged: tuple[int | None, ...]
    joins: tuple[int | None, ...]
    engagement_zones: int


class Repeat(NamedTuple):
    """Sales with a customer reference, and of these how many by somebody who had bought here before.

    `variance` is that of their share against independent sales: one who comes often is in it often.
    """

    referenced: int
    repeated: int
    variance: float = 1.0


def read_stages(connection: Connection, store_id: int, slices: Sequence[Slice]) -> Stages:
    """Return the stages of each slice, in their order.

    Raises:
        DatabaseError: the database could not be asked.
    """
    roles = [role for _, role, _ in rows(connection, "zones", store_id=store_id)]
    found = rows(
        connection,
        "stages_of_slices",
        store_id=store_id,
        slice=list(range(len(slices))),
        from_at=[one.from_at for one in slices],
        until=[one.until for one in slices],
    )
    return Stages(
        engaged=tuple(engaged if raw and "engagement" in roles else None for _, raw, engaged, _ in found),
        joins=tuple(joins if raw and "queue" in roles else None for _, raw, _, joins in found),
        engagement_zones=roles.count("engagement"),
    )


def stage_count(days: Sequence[int | None], completeness: float | None) -> float | None:
    """Return the sum of a stage over days; None where none is known, or no camera watched (`completeness`)."""
    known = [count for count in days if count is not None]
    return float(sum(known)) if known and (completeness or 0.0) > 0 else None


def read_repeat(connection: Connection, slices: Sequence[Slice]) -> Repeat | None:
    """Return the repeat sales of all slices of one store together; None where no sale has a reference.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices:
        return None
    (sums,) = rows(
        connection,
        "repeat_buyers",
        store_id=slices[0].store_id,
        from_at=[one.from_at for one in slices],
        until=[one.till_until for one in slices],
    )
    return repeat(*sums)


def read_repeats(connection: Connection, slices: Sequence[Slice]) -> list[Repeat | None]:
    """Return the same of each slice, in their order.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices:
        return []
    found = {
        place: repeat(*sums)
        for place, *sums in rows(
            connection,
            "repeat_buyers_of_slices",
            store_id=slices[0].store_id,
            slice=list(range(len(slices))),
            from_at=[one.from_at for one in slices],
            until=[one.till_until for one in slices],
        )
    }
    return [found.get(place) for place in range(len(slices))]


def repeat(referenced: int, repeated: int, squares: float, products: float, repeated_squares: float) -> Repeat | None:
    """Return the repeat sales from sums over customers; None where there are none.

    Of a customer's sales n and those r of them that came after another: `squares` is Σ n², `products` Σ n r,
    `repeated_squares` Σ r².
    """
    if not referenced:
        return None
    share = repeated / referenced
    if share in (0.0, 1.0):
        return Repeat(referenced, repeated)
    scatter = repeated_squares - 2 * share * products + share * share * squares
    return Repeat(referenced, repeated, max(1.0, scatter / (share * (1 - share) * referenced)))
