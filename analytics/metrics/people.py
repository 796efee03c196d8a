"""Who came in, and who went by."""

from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.definition import Computed, Definition, mark
from analytics.figure import figure
from analytics.metrics.parts import MOMENT, base, over, summed, total
from analytics.metrics.reentry_sql import BOUNCE_RATE, UNIQUE_VISITS
from analytics.quality.imputation import with_estimates
from analytics.visits.bounce import bounce_figure
from analytics.visits.reentry import DoorDay, reentry, unique_visits


def _with_estimates(days: pd.DataFrame) -> float | None:
    counted = figure("footfall", summed(c.INS)(days), as_of=MOMENT, completeness=None)
    estimated = summed("estimated")(days)
    told = pd.Series({c.INS: estimated or 0.0, c.LOW: 0.0, c.HIGH: 0.0})
    found = with_estimates(counted, told)
    return None if found is None else found.value


def door_days(crossings: pd.DataFrame) -> list[DoorDay]:
    """Return the days of the source `doors`."""
    found = []
    for _, day in crossings.groupby("slice"):
        ins, outs = day[day["inward"]].sort_values("second"), day[~day["inward"]].sort_values("second")
        found.append(
            DoorDay(
                kind=day["kind"].iloc[0],
                ins=ins["second"].to_numpy(float),
                outs=outs["second"].to_numpy(float),
                sizes=outs["size"].to_numpy(float),
                length_s=float(day["length_s"].iloc[0]),
                in_sizes=ins["size"].to_numpy(float),
            )
        )
    return found


def _bounce(crossings: pd.DataFrame) -> float | None:
    return bounce_figure(door_days(crossings), counted=1.0, as_of=MOMENT).value


def _unique_visits(crossings: pd.DataFrame) -> float | None:
    if crossings.empty or pd.isna(crossings["visitors"].iloc[0]):
        return None
    footfall = figure("footfall", float(crossings["visitors"].iloc[0]), as_of=MOMENT, completeness=None)
    return unique_visits(footfall, reentry(door_days(crossings))).value


PEOPLE: Final = (
    Definition(
        "footfall",
        mark("Visitors"),
        mark("People who crossed an entrance line inwards during opening hours, staff left out."),
        "people",
        mark("Counts visits: who comes twice counts twice. A range comes from audits; the count is never corrected."),
        total("ins", "footfall"),
    ),
    Definition(
        "leavers",
        mark("Went out"),
        mark("People who crossed an entrance line outwards during opening hours, staff left out."),
        "people",
        mark("Who came in before opening or leaves after closing makes it differ from the visitors."),
        Computed("facts", "SELECT sum(outs) AS value FROM facts", summed(c.OUTS)),
    ),
    Definition(
        "footfall_imputed",
        mark("Visitors with estimates"),
        mark("Visitors + those estimated for hours without a camera, by what is usual then and what other doors saw."),
        "people",
        mark(
            "Shown beside the count and never in it; its error on hidden hours is kept with it, and it can be undone."
        ),
        Computed(
            "estimates",
            "SELECT CASE WHEN sum(estimated) > 0 THEN sum(ins) + sum(estimated) END AS value FROM estimates",
            _with_estimates,
        ),
    ),
    Definition(
        "buying_units",
        mark("Groups"),
        mark("People who came in together count as one: the sum of 1 ÷ group size."),
        "people",
        mark("Only where the device tells groups apart; one person often pays for a family."),
        total("buying_units", "buying_units"),
    ),
    Definition(
        "staff",
        mark("Staff entries"),
        mark("Staff who crossed an entrance line inwards during opening hours."),
        "people",
        mark("Never part of the visitors; only where the device tells staff apart."),
        total("staff_ins", "staff"),
    ),
    Definition(
        "unique_visits",
        mark("Without re-entries"),
        mark("Visitors × (1 − share of re-entries within 10 minutes of going out, estimated over the last 12 weeks)."),
        "people",
        mark(
            "An estimate with a wide range, from moments alone: nobody is recognised, and it never replaces visitors."
        ),
        Computed("doors", UNIQUE_VISITS, _unique_visits),
    ),
    Definition(
        "bounce_rate",
        mark("Turned round at once"),
        mark("Stays of less than 2 minutes ÷ visitors, estimated over the last 12 weeks."),
        "share",
        mark("An estimate from moments alone: exits soon after entries, less what chance makes. Nobody is followed."),
        Computed("doors", BOUNCE_RATE, _bounce),
    ),
    Definition(
        "passers_by",
        mark("Walked past"),
        mark("People who crossed the street line, either way, and did not cross a door in the same picture."),
        "people",
        mark("Seen by another camera than the doors, the line must lie where nobody walks who comes in."),
        total("passers", "passers_by"),
    ),
    Definition(
        "capture_rate",
        mark("Capture rate"),
        mark("Visitors ÷ (visitors + walked past)."),
        "share",
        mark("Others divide by the people who walked past alone: their rate is higher."),
        over("sum(ins)", "(sum(ins) + sum(passers))", base("capture_rate")),
    ),
)
