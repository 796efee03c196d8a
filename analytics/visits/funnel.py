"""The funnel: pass by → enter → stop → queue → buy → buy again.

Each stage is counted on its own; nobody is followed, no visitor has an id. So stages may contradict each other, and
where they cannot all be true the funnel says so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from analytics.figure import Figure, figure, least_complete
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.statistics.intervals import wilson
from analytics.statistics.miscount import Interval
from analytics.statistics.sampling import of_conversion, of_visitors
from analytics.visits.kpis import Kpis, group_size, per_person, ratio
from analytics.visits.stages import Repeat

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
    repeat: Repeat | None,
    engagement_zones: int,
    queue_consistent: bool = True,
    audited: StoreAccuracy = UNAUDITED,
) -> Funnel:
    """Return the funnel.

    `repeat` is None where the till gives no references. Rates: entering is the capture rate; stopping, queueing and
    buying are shares of the visitors; buying again is a share of the sales with a reference. Their intervals hold how
    far the doors were `audited`, and that people come in groups: all of one stop, one of them queues.
    """
    entered = base.footfall
    people = None if entered.value is None or audited.visitors is None else audited.visitors.truth_of(entered.value)
    size = group_size(base)
    joined = ratio(queued.value, entered.value)
    again, again_rate = repeat_figures(
        repeat, as_of=base.transactions.as_of, completeness=base.transactions.completeness
    )
    stages = (
        Stage("pass_by", base.passers_by, None, None),
        Stage("enter", entered, base.capture_rate, "pass_by"),
        Stage(
            "engage",
            engaged,
            _rate("engagement_rate", engaged, entered, people, of_visitors(size), times=max(1, engagement_zones)),
            "enter",
        ),
        Stage(
            "queue",
            queued,
            _rate("queue_rate", queued, entered, people, 1.0 if joined is None else of_conversion(joined, size)),
            "enter",
        ),
        Stage("buy", base.transactions, base.conversion, "enter"),
        Stage("buy_again", again, again_rate, "buy"),
    )
    return Funnel(stages, _inconsistencies(base, engaged, queued, engagement_zones, queue_consistent))


def repeat_figures(repeat: Repeat | None, *, as_of: datetime, completeness: float | None) -> tuple[Figure, Figure]:
    """Return how many sales came after another of the same customer, and their share of those with a reference."""
    count = rate = interval = None
    if repeat is not None and repeat.referenced:
        count, rate = float(repeat.repeated), repeat.repeated / repeat.referenced
        interval = wilson(repeat.repeated / repeat.variance, repeat.referenced / repeat.variance)
    return (
        figure("repeat_sales", count, as_of=as_of, completeness=completeness),
        figure("repeat_rate", rate, as_of=as_of, completeness=completeness, interval=interval),
    )


def _rate(
    definition_id: str, part: Figure, whole: Figure, people: Interval | None, variance: float, *, times: int = 1
) -> Figure:
    return per_person(
        definition_id,
        part.value,
        whole.value,
        as_of=part.as_of,
        completeness=least_complete((part.completeness, whole.completeness)),
        people=people,
        variance=variance,
        times=times,
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
