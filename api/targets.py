"""Targets of a store and how far they are met: over a period, on the day that runs, and over the month so far."""

from collections.abc import Sequence

from analytics.days import Slice
from analytics.facts import slice_facts
from analytics.periods import finished, month_so_far
from analytics.queries import Connection
from analytics.visits.targets import (
    DEFINITION_OF,
    NO_TARGETS,
    period_progress,
    reached_days,
    read_targets,
)
from api.comparing_bodies import MetOut, PlanOut, StoreTargetsOut
from api.errors import ProblemError
from api.figures import figure_out, period_out, store_out
from api.reading import accuracy_of
from api.windows import Window


def read_targets_out(connection: Connection, window: Window) -> StoreTargetsOut:
    """Return a store's targets, and how far they are met.

    Raises:
        ProblemError: the key is for somebody outside the company.
        DatabaseError: the database could not be asked.
    """
    if window.access.outside:
        raise ProblemError(403, "outside", "keys outside the company see nothing of targets")
    store, now = window.store, window.now
    targets = read_targets(connection, [store.store_id]).get(store.store_id, NO_TARGETS)
    audited = accuracy_of(connection, window)

    def met(days: Sequence[Slice]) -> list[MetOut]:
        facts = slice_facts(connection, days, now=now)
        as_of = min(window.as_of, max((day.till_until for day in days), default=window.as_of))
        return [
            MetOut(reached=figure_out(one.reached), target=one.target, share=one.share, days=one.days)
            for one in period_progress(targets, reached_days(facts), as_of=as_of, audited=audited)
        ]

    over = finished(window.sides.current, now)
    return StoreTargetsOut(
        store=store_out(store),
        period=period_out(window),
        plans=[
            PlanOut(definition=DEFINITION_OF[one.metric], valid_from=one.valid_from, by_weekday=list(one.by_weekday))
            for one in targets.plans
        ],
        met=met(over),
        today=met([one for one in window.sides.current if one not in over]),
        month=met(month_so_far(window.days, store, now=now)),
    )
