"""The funnel: pass by → enter → stop → queue → buy → buy again.

Each stage is counted on its own; nobody is followed, no visitor has an id. So stages may contradict each other, and
where they cannot all be true the funnel says so.
"""

from dataclasses import dataclass
from typing import Final, Literal

from analytics.figure import Figure, figure, least_complete
from analytics.visits.kpis import Kpis, ratio

StageName = Literal["pass_by", "enter", "engage", "queue", "buy", "buy_again"]

#: Counts may disagree by this share before it is called a contradiction: cameras miscount.
TOLERANCE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: how many, and which share of the stage it is measured against."""

    name: StageName
    count: Figure
    rate: Figure | None
    rate_of: StageName | None


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Two counts that cannot both be true: `more` should not exceed `less`."""

    code: Literal["queued_over_entered", "bought_over_entered", "stopped_over_entered", "queue_law"]
    more: float
    less: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages in order, and what contradicts itself."""

    stages: tuple[Stage, ...]
    inconsistencies: tuple[Inconsistency, ...]


def funnel(
    base: Kpis,
    *,
    engaged: Figure,
    queued: Figure,
    repeat: tuple[int, int] | None,
    engagement_zones: int,
    queue_consistent: bool = True,
) -> Funnel:
    """Return the funnel.

    `repeat` is (sales with a customer reference, of these by someone who had bought before); None where the till gives
    no references. Rates: entering is the capture rate; stopping, queueing and buying are shares of the visitors; buying
    again is a share of the sales with a reference.
    """
    entered = base.footfall
    again, again_rate = _again(base, repeat)
    stages = (
        Stage("pass_by", base.passers_by, None, None),
        Stage("enter", entered, base.capture_rate, "pass_by"),
        Stage("engage", engaged, _rate("engagement_rate", engaged, entered), "enter"),
        Stage("queue", queued, _rate("queue_rate", queued, entered), "enter"),
        Stage("buy", base.transactions, base.conversion, "enter"),
        Stage("buy_again", again, again_rate, "buy"),
    )
    return Funnel(stages, _inconsistencies(base, engaged, queued, engagement_zones, queue_consistent))


def _again(base: Kpis, repeat: tuple[int, int] | None) -> tuple[Figure, Figure]:
    referenced, repeated = repeat or (0, 0)
    sales = base.transactions
    count = float(repeated) if referenced else None
    return (
        figure("repeat_sales", count, as_of=sales.as_of, completeness=sales.completeness),
        figure("repeat_rate", ratio(count, float(referenced)), as_of=sales.as_of, completeness=sales.completeness),
    )


def _rate(definition_id: str, part: Figure, whole: Figure) -> Figure:
    return figure(
        definition_id,
        ratio(part.value, whole.value),
        as_of=part.as_of,
        completeness=least_complete((part.completeness, whole.completeness)),
    )


def _inconsistencies(
    base: Kpis, engaged: Figure, queued: Figure, engagement_zones: int, queue_consistent: bool
) -> tuple[Inconsistency, ...]:
    found = []
    entered = base.footfall.value
    if entered is not None:
        pairs: list[tuple[Literal["queued_over_entered", "bought_over_entered", "stopped_over_entered"], Figure]] = [
            ("queued_over_entered", queued),
            ("bought_over_entered", base.transactions),
        ]
        if engagement_zones == 1:
            # In several zones one visitor may stop several times.
            pairs.append(("stopped_over_entered", engaged))
        found += [
            Inconsistency(code, part.value, entered)
            for code, part in pairs
            if part.value is not None and part.value > entered * (1 + TOLERANCE) + 1
        ]
    if not queue_consistent:
        found.append(Inconsistency("queue_law", 0.0, 0.0))
    return tuple(found)
