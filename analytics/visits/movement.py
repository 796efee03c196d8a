"""Movement: where people went next and where they spent their time, summed over a day.

Nobody is followed beyond a step. Steps are lower bounds: who is lost on the way, or goes on in another camera's
picture, leaves the step uncounted.
`known_share` says of how many stays the step that led to them was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analytics.days import Slice
from analytics.queries import Connection, rows
from analytics.statistics.suppression import K_INSIDE, withheld
from analytics.visits.kpis import ratio

#: So many steps are told one by one.
STEPS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """So many people went from one zone straight to another; None is outside the shop."""

    from_zone: str | None
    to_zone: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Warmth:
    """Person-seconds per cell of one camera's picture, row by row from the top left."""

    camera: str
    columns: int
    rows: int
    person_s: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """A day's movement.

    Attributes:
        steps: those of enough people to be told, most first, at most `STEPS_MAX`.
        held_back: how many more steps there were, withheld or left out.
        known_share: stays to which a step was seen, of all stays; None without any stay.
        warmth: per camera; empty while too few people were in the shop to show where they stood.
    """

    steps: tuple[Step, ...]
    held_back: int
    known_share: float | None
    warmth: tuple[Warmth, ...]


def movement(steps: Sequence[Step], stays: int, warmth: Sequence[Warmth], *, visitors: float | None) -> Movement:
    """Return the movement that may be shown; `visitors` came in on that day."""
    told = shown_steps(steps)
    return Movement(
        steps=told[:STEPS_MAX],
        held_back=len([step for step in steps if step.people]) - min(len(told), STEPS_MAX),
        known_share=known_share(steps, stays),
        warmth=tuple(warmth) if visitors is not None and visitors >= K_INSIDE else (),
    )


def shown_steps(steps: Sequence[Step], *, k: int = K_INSIDE) -> tuple[Step, ...]:
    """Return the steps that may be told one by one, most people first."""
    hidden = withheld([step.people for step in steps], k=k)
    told = [step for step, hide in zip(steps, hidden, strict=True) if not hide and step.people]
    return tuple(sorted(told, key=lambda step: -step.people))


def known_share(steps: Sequence[Step], stays: int) -> float | None:
    """Return of how many of the stays the step that led to them was seen; None without any stay."""
    share = ratio(float(sum(step.people for step in steps if step.to_zone is not None)), float(stays))
    return None if share is None else min(1.0, share)


def read_movement(connection: Connection, seen: Slice, *, visitors: float | None) -> Movement:
    """Return the movement in a slice of time.

    Raises:
        DatabaseError: the database could not be asked.
    """
    steps, stays = read_steps(connection, seen.store_id, [seen])
    grids = rows(connection, "warmth", store_id=seen.store_id, from_at=seen.from_at, until=seen.until)
    warmth = [Warmth(camera, columns, lines, tuple(person_s)) for camera, columns, lines, person_s in grids]
    return movement(steps, stays, warmth, visitors=visitors)


def read_steps(connection: Connection, store_id: int, slices: Sequence[Slice]) -> tuple[list[Step], int]:
    """Return every step in slices of one store, exact, and how many stays there were.

    Raises:
        DatabaseError: the database could not be asked.
    """
    spans = {"of_store": store_id, "from_at": [one.from_at for one in slices], "until": [one.until for one in slices]}
    ((stays,),) = rows(connection, "stays_begun", **spans)
    return [Step(*row) for row in rows(connection, "steps", **spans)], stays
