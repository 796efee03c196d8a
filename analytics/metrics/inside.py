"""What happens between the door and the till: zones, queues, who is inside."""

from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.definition import Computed, Definition, mark
from analytics.metrics.parts import MOMENT, Pure, over, summed
from analytics.statistics.suppression import K_INSIDE
from analytics.visits.dwell import dwell_quantile
from analytics.visits.kpis import ratio
from analytics.visits.occupancy import occupancy, visitor_flows
from analytics.visits.queueing import QueueExit, queue, wait_quantile
from analytics.visits.stages import stage_count

#: Kaplan and Meier: the shortest stay t with S(t) <= 1 - p.
_KAPLAN_MEIER: Final = """
WITH ends AS (
    SELECT dwell_s, count(*) FILTER (WHERE NOT censored) AS ended,
           sum(count(*)) OVER (ORDER BY dwell_s DESC) AS at_risk
    FROM stays WHERE zone IS NOT NULL GROUP BY dwell_s
), survival AS (
    SELECT dwell_s, ended, exp(sum(CASE WHEN ended = at_risk THEN '-Infinity' ELSE ln(1 - ended::float8 / at_risk) END)
                               OVER (ORDER BY dwell_s)) AS stays_longer
    FROM ends
)
SELECT min(dwell_s) AS value FROM survival WHERE ended > 0 AND stays_longer <= 1 - {0} + 1e-12
""".strip()
#: Waits of the last 30 minutes, those who gave up left out; asked of a moment, so of few they are nobody's.
_WAIT: Final = """
SELECT CASE WHEN count(*) >= {1} THEN percentile_cont({0}) WITHIN GROUP (ORDER BY wait_s) END AS value
FROM waits WHERE at > %(now)s::timestamptz - INTERVAL '30 minutes' AND served IS NOT FALSE
""".strip()
#: The lowest that the running sum ever was is what a count held at 0 was lifted by.
_OCCUPANCY: Final = """
WITH outs AS (
    SELECT *, greatest(0, max(-greatest(0, early) + ahead) OVER (PARTITION BY store_id ORDER BY bucket)) AS late
    FROM (
        SELECT *, sum(staff_outs - staff_ins) OVER (PARTITION BY store_id ORDER BY bucket) AS ahead FROM quarters
    ) AS q
), inside AS (
    SELECT store_id, bucket, known,
           sum(ins - outs - late + late_before) OVER (PARTITION BY store_id ORDER BY bucket) AS people
    FROM (SELECT *, lag(late, 1, 0) OVER (PARTITION BY store_id ORDER BY bucket) AS late_before FROM outs) AS o
)
SELECT sum(people)::float8 AS value
FROM (
    SELECT CASE WHEN bool_and(known) THEN (array_agg(people ORDER BY bucket DESC))[1] - least(0, min(people)) END
               AS people
    FROM inside GROUP BY store_id
) AS s
""".strip()
#: The same over a whole period.
_WAIT_PAST: Final = """
SELECT percentile_cont({0}) WITHIN GROUP (ORDER BY wait_s) AS value FROM waits WHERE served IS NOT FALSE
""".strip()
_EXIT: Final = (c.ZONE, "at", c.WAIT_S, c.SERVED)
_WATCHED: Final = "CASE WHEN sum({1}) > 0 THEN sum({0}) END"
#: The seconds that the cameras of a stage's zones were watched.
_UP: Final = {"engaged": "zones_up_s", "joins": "queues_up_s"}


def _stage(column: str) -> Computed:
    return Computed("stages", f"SELECT {_WATCHED.format(column, _UP[column])} AS value FROM stages", _counted(column))


def _counted(column: str) -> Pure:
    def value(days: pd.DataFrame) -> float | None:
        counts = [None if pd.isna(one) else int(one) for one in days[column]]
        return stage_count(counts, summed(_UP[column])(days))

    return value


def _per_visitor(column: str) -> Computed:
    def value(days: pd.DataFrame) -> float | None:
        return ratio(_counted(column)(days), summed(c.INS)(days))

    return over(_WATCHED.format(column, _UP[column]), "sum(ins)", value, "stages")


def _stays(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows[c.ZONE].notna()]


def _visits(rows: pd.DataFrame) -> float | None:
    stays = _stays(rows)
    return float(len(stays)) if len(stays) or (summed(c.UP_S)(rows) or 0.0) > 0 else None


def _engagement(rows: pd.DataFrame) -> float | None:
    stays = _stays(rows)
    return ratio(float(stays[c.ENGAGED].astype(float).sum()), float(len(stays)))


def _dwell(p: float) -> Computed:
    def value(rows: pd.DataFrame) -> float | None:
        stays = _stays(rows)
        return dwell_quantile(stays[c.DWELL_S].tolist(), stays[c.CENSORED].tolist(), p)

    return Computed("stays", _KAPLAN_MEIER.format(p), value)


def _wait(p: float, name: str) -> Computed:
    return Computed("waits", _WAIT.format(p, K_INSIDE), _queue(name))


def _queue(name: str, *, few: bool = False) -> Pure:
    """Return one of the figures of a queue; of fewer people than are told of a moment only where `few`."""

    def value(rows: pd.DataFrame) -> float | None:
        exits = [QueueExit(*row) for row in zip(*(rows[name] for name in _EXIT), strict=True)]
        as_of = rows["now"].iloc[0] if len(rows) else MOMENT
        seen = queue(exits, [], mean_length=None, elapsed_s=0.0, as_of=as_of, completeness=None)
        told = getattr(seen, name)
        found: float | None = told.value
        return found if few or told.definition_id not in seen.withheld else None

    return value


def _wait_past(p: float) -> Computed:
    def value(rows: pd.DataFrame) -> float | None:
        exits = [QueueExit(*row) for row in zip(*(rows[name] for name in _EXIT), strict=True)]
        return wait_quantile(exits, p)

    return Computed("waits", _WAIT_PAST.format(p), value)


def _mean_length(samples: pd.DataFrame) -> float | None:
    return ratio(summed("length_sum")(samples), summed("samples")(samples))


def _warmth(grids: pd.DataFrame) -> float | None:
    return float(sum(sum(grid) for grid in grids["person_s"])) if len(grids) else None


def _occupancy(quarters: pd.DataFrame) -> float | None:
    columns = [c.INS, c.OUTS, c.STAFF_INS, c.STAFF_OUTS]
    found = []
    for _, own in quarters.groupby(c.STORE_ID):
        flows = own.sort_values(c.BUCKET)[columns].astype(int).itertuples(index=False, name=None)
        inside = occupancy(
            visitor_flows(flows, early=int(own["early"].iloc[0])),
            since=MOMENT, as_of=MOMENT, completeness=None, known=bool(own["known"].all()),
        )  # fmt: skip
        found.append(inside.people.value)
    known = [one for one in found if one is not None]
    return sum(known) if known else None


INSIDE: Final = (
    Definition(
        "engaged",
        mark("Stopped"),
        mark("Stays in a zone that lasted at least as long as set for that zone."),
        "people",
        mark("Counts stays: one visitor may stop at several zones."),
        _stage("engaged"),
    ),
    Definition(
        "engagement_rate",
        mark("Stops per visitor"),
        mark("Stopped ÷ visitors."),
        "share",
        mark("May exceed 100 % where there are several zones."),
        _per_visitor("engaged"),
    ),
    Definition(
        "zone_visits",
        mark("Zone visits"),
        mark("Stays in a zone, however short, staff left out."),
        "people",
        mark("Fewer than 5 are not shown, and then the next smallest zone is withheld too."),
        Computed(
            "stays",
            "SELECT CASE WHEN count(zone) > 0 OR sum(up_s) > 0 THEN count(zone) END::float8 AS value FROM stays",
            _visits,
        ),
    ),
    Definition(
        "engagement",
        mark("Engagement"),
        mark("Stays at least as long as set for the zone ÷ all stays in it."),
        "share",
        mark("Zones may use different lengths."),
        over("count(*) FILTER (WHERE engaged)::float8", "count(zone)", _engagement, "stays"),
    ),
    Definition(
        "dwell_p50",
        mark("Typical stay"),
        mark("Half of the stays are shorter (Kaplan–Meier, so that stays whose end was not seen count too)."),
        "seconds",
        mark("Not an average: one long rest would move that by minutes."),
        _dwell(0.5),
    ),
    Definition(
        "dwell_p90",
        mark("Long stay"),
        mark("Nine in ten stays are shorter (Kaplan–Meier)."),
        "seconds",
        mark("Not known where too many stays were cut off before their end."),
        _dwell(0.9),
    ),
    Definition(
        "queue_joins",
        mark("Queued"),
        mark("People who left a queue, served or not."),
        "people",
        mark("Who still waits is not in it yet."),
        _stage("joins"),
    ),
    Definition(
        "queue_rate",
        mark("Queued per visitor"),
        mark("Queued ÷ visitors."),
        "share",
        mark("Each is counted on its own: nobody is followed."),
        _per_visitor("joins"),
    ),
    Definition(
        "queue_length",
        mark("In the queue"),
        mark("People standing in the queue zones now."),
        "people",
        mark("No word for two minutes means not known, not zero."),
        Computed("queue_now", "SELECT sum(length)::float8 AS value FROM queue_now", summed(c.LENGTH)),
    ),
    Definition(
        "queue_wait_p50",
        mark("Typical wait"),
        mark("Half of those who were served in the last 30 minutes waited less."),
        "seconds",
        mark("Who gave up is counted under gave up, not here. Fewer than 5 are not shown."),
        _wait(0.5, "wait_p50"),
    ),
    Definition(
        "queue_wait_p90",
        mark("Long wait"),
        mark("Nine in ten of those who were served in the last 30 minutes waited less."),
        "seconds",
        mark("With few people it moves a lot. Fewer than 5 are not shown."),
        _wait(0.9, "wait_p90"),
    ),
    Definition(
        "wait_p50",
        mark("Half waited less"),
        mark("Half of those who were served over the period waited less."),
        "seconds",
        mark("Who gave up is counted under gave up, not here. Days and hours of fewer than 5 are left out."),
        _wait_past(0.5),
    ),
    Definition(
        "wait_p90",
        mark("Nine in ten waited less"),
        mark("Nine in ten of those who were served over the period waited less."),
        "seconds",
        mark(
            "Rush hours weigh in it by how many queued, not by the clock. Days and hours of fewer than 5 are left out."
        ),
        _wait_past(0.9),
    ),
    Definition(
        "queue_mean",
        mark("Usually in the queue"),
        mark("People in the queue zones, the mean of all samples over the period."),
        "people",
        mark("Empty times count too: a rush is longer than its mean. Days and hours of fewer than 5 are left out."),
        over("sum(length_sum)", "sum(samples)::float8", _mean_length, "lengths"),
    ),
    Definition(
        "abandonment",
        mark("Gave up waiting"),
        mark("People who left the queue without being served ÷ people who left it."),
        "share",
        mark("Only where the device can tell how a wait ended."),
        over("count(*) FILTER (WHERE NOT served)::float8", "count(served)", _queue("abandonment", few=True), "waits"),
    ),
    Definition(
        "steps",
        mark("Went on"),
        mark("People who went from one zone straight to another, or in or out, in one camera's view within 2 minutes."),
        "people",
        mark("At least so many: who is hidden on the way is left out, and days on which fewer than 5 went it."),
        Computed("steps", "SELECT sum(people)::float8 AS value FROM steps", summed("people")),
    ),
    Definition(
        "warmth",
        mark("Time in the picture"),
        mark("Seconds that people spent in each part of the camera's picture, added up; staff left out."),
        "seconds",
        mark("Where people stand, not how many: one who waits warms as much as ten who pass."),
        Computed("warmth", "SELECT sum(s)::float8 AS value FROM warmth, unnest(person_s) AS s", _warmth),
    ),
    Definition(
        "occupancy",
        mark("In the shop now"),
        mark("Came in − went out since the shop opened, never below zero."),
        "people",
        mark("Every miscount stays in it until the next morning; the drift says how much was corrected."),
        Computed("quarters", _OCCUPANCY, _occupancy),
    ),
)
