"""A figure: one number with all that must be said beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

Quality = Literal["measured", "partial", "imputed", "manual"]

#: From this completeness on a figure counts as measured: a camera that restarts loses a few seconds.
MEASURED_FROM: Final = 0.98


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the product.

    Attributes:
        value: the number; None means that nothing was measured, never zero.
        low, high: the 95 % interval, both None where none is given.
        quality: `partial` when less than `MEASURED_FROM` of the time was counted; `imputed` when estimates
            for the rest are in the value; `manual` is reserved.
        completeness: share of the opening time that was counted, 0 to 1; None where it is not known.
        definition_id: which entry of `analytics.definitions` says what the number means.
        as_of: up to when it counts.
    """

    value: float | None
    low: float | None
    high: float | None
    quality: Quality
    completeness: float | None
    definition_id: str
    as_of: datetime

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def quality_of(completeness: float | None) -> Quality:
    """Return `measured` from `MEASURED_FROM` on, `partial` below or when the completeness is not known."""
    return "measured" if completeness is not None and completeness >= MEASURED_FROM else "partial"


def figure(
    definition_id: str,
    value: float | None,
    *,
    as_of: datetime,
    completeness: float | None,
    interval: tuple[float, float] | None = None,
) -> Figure:
    """Return a figure whose quality follows from its completeness."""
    low, high = interval if interval is not None and value is not None else (None, None)
    return Figure(value, low, high, quality_of(completeness), completeness, definition_id, as_of)


def counted(share: float | None, *, as_of: datetime) -> Figure:
    """Return how much of the opening time was counted as a figure, which is as whole as it says itself."""
    return figure("completeness", share, as_of=as_of, completeness=share)


def suppressed(one: Figure) -> Figure:
    """Return the figure without its numbers, for a cell that holds too few people."""
    return replace(one, value=None, low=None, high=None)


def suppressed_where(few: bool) -> Callable[[Figure], Figure]:
    """Return what a cell's figures pass through: `suppressed` where it holds too few people, else as they are."""
    return suppressed if few else _as_it_is


def _as_it_is(one: Figure) -> Figure:
    return one


def least_complete(parts: Sequence[float | None]) -> float | None:
    """Return the completeness of a figure made of several: the worst of those known."""
    known = [part for part in parts if part is not None]
    return min(known) if known else None
