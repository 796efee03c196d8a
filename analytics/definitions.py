"""Definitions: what each number of the product means, once.

The screen's tooltips and `docs/kpis.md` are made from here: `python -m analytics.definitions` rewrites the document.
Texts are English and double as catalogue keys of the dashboard.
"""

from pathlib import Path
from typing import Final

from analytics.comparison_definitions import COMPARISONS
from analytics.definition import Definition, Unit, mark, mark_many
from analytics.staffing_definitions import STAFFING

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "kpis.md"

__all__ = ["DEFINITIONS", "DOCUMENT", "Definition", "Unit", "mark", "mark_many"]

_ALL: Final = (
    Definition(
        "footfall",
        mark("Visitors"),
        mark("People who crossed an entrance line inwards during opening hours, staff left out."),
        "people",
        mark("Counts visits: who comes twice counts twice. A range comes from audits; the count is never corrected."),
    ),
    Definition(
        "leavers",
        mark("Went out"),
        mark("People who crossed an entrance line outwards during opening hours, staff left out."),
        "people",
        mark("Who came in before opening or leaves after closing makes it differ from the visitors."),
    ),
    Definition(
        "footfall_imputed",
        mark("Visitors with estimates"),
        mark("Visitors + those estimated for hours without a camera, by what is usual then and what other doors saw."),
        "people",
        mark(
            "Shown beside the count and never in it; its error on hidden hours is kept with it, and it can be undone."
        ),
    ),
    Definition(
        "buying_units",
        mark("Groups"),
        mark("People who came in together count as one: the sum of 1 ÷ group size."),
        "people",
        mark("Only where the device tells groups apart; one person often pays for a family."),
    ),
    Definition(
        "staff",
        mark("Staff entries"),
        mark("Staff who crossed an entrance line inwards during opening hours."),
        "people",
        mark("Never part of the visitors; only where the device tells staff apart."),
    ),
    Definition(
        "unique_visits",
        mark("Without re-entries"),
        mark("Visitors × (1 − share of re-entries within 10 minutes of going out, estimated over the last 12 weeks)."),
        "people",
        mark(
            "An estimate with a wide range, from moments alone: nobody is recognised, and it never replaces visitors."
        ),
    ),
    Definition(
        "passers_by",
        mark("Walked past"),
        mark("People who crossed the street line, either way, and did not cross a door in the same picture."),
        "people",
        mark("Seen by another camera than the doors, the line must lie where nobody walks who comes in."),
    ),
    Definition(
        "capture_rate",
        mark("Capture rate"),
        mark("Visitors ÷ (visitors + walked past)."),
        "share",
        mark("Others divide by the people who walked past alone: their rate is higher."),
    ),
    Definition(
        "engaged",
        mark("Stopped"),
        mark("Stays in a zone that lasted at least as long as set for that zone."),
        "people",
        mark("Counts stays: one visitor may stop at several zones."),
    ),
    Definition(
        "engagement_rate",
        mark("Stops per visitor"),
        mark("Stopped ÷ visitors."),
        "share",
        mark("May exceed 100 % where there are several zones."),
    ),
    Definition(
        "zone_visits",
        mark("Zone visits"),
        mark("Stays in a zone, however short, staff left out."),
        "people",
        mark("Fewer than 5 are not shown, and then the next smallest zone is withheld too."),
    ),
    Definition(
        "engagement",
        mark("Engagement"),
        mark("Stays at least as long as set for the zone ÷ all stays in it."),
        "share",
        mark("Zones may use different lengths."),
    ),
    Definition(
        "dwell_p50",
        mark("Typical stay"),
        mark("Half of the stays are shorter (Kaplan–Meier, so that stays whose end was not seen count too)."),
        "seconds",
        mark("Not an average: one long rest would move that by minutes."),
    ),
    Definition(
        "dwell_p90",
        mark("Long stay"),
        mark("Nine in ten stays are shorter (Kaplan–Meier)."),
        "seconds",
        mark("Not known where too many stays were cut off before their end."),
    ),
    Definition(
        "queue_joins",
        mark("Queued"),
        mark("People who left a queue, served or not."),
        "people",
        mark("Who still waits is not in it yet."),
    ),
    Definition(
        "queue_rate",
        mark("Queued per visitor"),
        mark("Queued ÷ visitors."),
        "share",
        mark("Each is counted on its own: nobody is followed."),
    ),
    Definition(
        "queue_length",
        mark("In the queue"),
        mark("People standing in the queue zones now."),
        "people",
        mark("No word for two minutes means not known, not zero."),
    ),
    Definition(
        "queue_wait_p50",
        mark("Typical wait"),
        mark("Half of those who were served in the last 30 minutes waited less."),
        "seconds",
        mark("Who gave up is counted under gave up, not here."),
    ),
    Definition(
        "queue_wait_p90",
        mark("Long wait"),
        mark("Nine in ten of those who were served in the last 30 minutes waited less."),
        "seconds",
        mark("With few people it moves a lot."),
    ),
    Definition(
        "abandonment",
        mark("Gave up waiting"),
        mark("People who left the queue without being served ÷ people who left it."),
        "share",
        mark("Only where the device can tell how a wait ended."),
    ),
    Definition(
        "steps",
        mark("Went on"),
        mark("People who went from one zone straight to another, or in or out, in one camera's view within 2 minutes."),
        "people",
        mark("At least so many: who is hidden on the way is left out. Fewer than 5 are not shown."),
    ),
    Definition(
        "warmth",
        mark("Time in the picture"),
        mark("Seconds that people spent in each part of the camera's picture, added up; staff left out."),
        "seconds",
        mark("Where people stand, not how many: one who waits warms as much as ten who pass."),
    ),
    Definition(
        "occupancy",
        mark("In the shop now"),
        mark("Came in − went out since the shop opened, never below zero."),
        "people",
        mark("Every miscount stays in it until the next morning; the drift says how much was corrected."),
    ),
    Definition(
        "transactions",
        mark("Bought"),
        mark("Paid in-store sales; voids, refunds, exchanges and test orders left out."),
        "sales",
        mark("Sales, not buyers. Counted until one hour after closing."),
    ),
    Definition(
        "net_sales",
        mark("Net sales"),
        mark("Gross − discounts − refunds, tax not included; a refund counts on its own day."),
        "money",
        mark("Different currencies are never added up."),
    ),
    Definition(
        "conversion",
        mark("Conversion"),
        mark("Bought ÷ visitors, with its 95 % interval."),
        "share",
        mark("Never cut off at 100 %: more sales than visitors means that a camera missed people."),
    ),
    Definition(
        "buying_unit_conversion",
        mark("Conversion of groups"),
        mark("Bought ÷ groups."),
        "share",
        mark("Higher than conversion wherever families shop."),
    ),
    Definition(
        "atv",
        mark("Average sale"),
        mark("Net sales ÷ bought (ATV)."),
        "money per sale",
        mark("Refunds lower it."),
    ),
    Definition(
        "upt",
        mark("Items per sale"),
        mark("Items sold ÷ bought (UPT)."),
        "units per sale",
        mark("Returned items are taken off."),
    ),
    Definition(
        "spv",
        mark("Sales per visitor"),
        mark("Net sales ÷ visitors = conversion × average sale (SPV)."),
        "money per visitor",
        mark("A blind camera makes it look better than it is."),
    ),
    *COMPARISONS,
    *STAFFING,
    Definition(
        "repeat_sales",
        mark("Bought again"),
        mark("Sales to a customer who had bought in this shop before, by the till's customer reference."),
        "sales",
        mark("Never from a camera; sales without a reference are left out."),
    ),
    Definition(
        "repeat_rate",
        mark("Share of returning customers"),
        mark("Bought again ÷ sales with a customer reference."),
        "share",
        mark("Only members and the like leave a reference."),
    ),
    Definition(
        "completeness",
        mark("Counted"),
        mark("Seconds in which the doors' cameras counted ÷ seconds in which the shop was open."),
        "share",
        mark("With one of two doors dark, the visitors are a part, not an estimate."),
    ),
    Definition(
        "accuracy",
        mark("Counting accuracy"),
        mark("Matched ÷ (matched + missed + counted without a person), from audits of the last 90 days."),
        "share",
        mark("A miss and a double are two errors and never offset each other. 100 people cannot tell 95% from 99%."),
    ),
    Definition(
        "audit_found",
        mark("People found"),
        mark("People whom the device counted ÷ people whom a person tapped in an audit."),
        "share",
        mark("What is missing to 100 % was missed."),
    ),
    Definition(
        "audit_genuine",
        mark("Genuine counts"),
        mark("Counts with a person behind them ÷ counts of the device in an audit."),
        "share",
        mark("What is missing to 100 % was counted twice, or was nobody."),
    ),
    Definition(
        "balance",
        mark("In less out"),
        mark("People counted in − people counted out on the last finished day, staff included."),
        "people",
        mark("Should be nobody. Judged by what the known errors of the lines explain, not by a fixed share."),
    ),
)

DEFINITIONS: Final[dict[str, Definition]] = {one.id: one for one in _ALL}


def document() -> str:
    """Return `docs/kpis.md`."""
    head = """# What each number means

Made from `analytics/definitions.py` by `python -m analytics.definitions`; a test keeps the two equal.

Every figure comes with its quality (measured, partial), its completeness and the moment it holds for. What nobody
measured has no value, which is not zero. Ratios over days or stores are ratios of sums. Days are the shop's own
business days on its own clock.

Intervals are 95 %. Conversion and capture rate have a sampling interval (Wilson, wider or narrower as people come in
groups); ATV and units per transaction one from how the store's last 200 orders differ. Where every line that counts was
audited in the last 90 days, visitors and passers-by have one, too: the range in which the truth lies, given the
audits' misses and doubles ([how](audit.md)). It is carried into conversion, capture rate and sales per visitor, where
all errors add in squares on the log scale. How often these ranges hold the truth of a simulated fleet stands in
[truth.md](truth.md). The value shown stays what was counted, so it may lie beside its range:
then the line counts too few or too many, and the page says so ([why](adr/0006-never-correct-a-count.md)).

| id | name | formula | unit | mind | version |
|---|---|---|---|---|---|
"""
    lines = [f"| `{one.id}` | {one.name} | {one.formula} | {one.unit} | {one.trap} | {one.version} |" for one in _ALL]
    return head + "\n".join(lines) + "\n"


def main() -> None:
    """Write the document."""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
