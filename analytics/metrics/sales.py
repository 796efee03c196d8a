"""What was sold, and how much of it per visitor."""

from typing import Final

import pandas as pd

from analytics.definition import Computed, Definition, mark
from analytics.metrics.lag_sql import CONVERSION_LAGGED, PURCHASE_LAG
from analytics.metrics.lagged import conversion_lagged, purchase_lag
from analytics.metrics.parts import base, over, share, summed, total


def _repeat_sales(days: pd.DataFrame) -> float | None:
    return summed("repeated")(days) if summed("referenced")(days) else None


SALES: Final = (
    Definition(
        "transactions",
        mark("Bought"),
        mark("Paid in-store sales; voids, refunds, exchanges and test orders left out."),
        "sales",
        mark("Sales, not buyers. Counted until one hour after closing."),
        total("transactions", "transactions"),
    ),
    Definition(
        "net_sales",
        mark("Net sales"),
        mark("Gross − discounts − refunds, tax not included; a refund counts on its own day."),
        "money",
        mark("Different currencies are never added up."),
        total("net_sales", "net_sales"),
    ),
    Definition(
        "conversion",
        mark("Conversion"),
        mark("Bought ÷ visitors, with its 95 % interval."),
        "share",
        mark("Never cut off at 100 %: more sales than visitors means that a camera missed people."),
        over("sum(transactions)", "sum(ins)", base("conversion")),
    ),
    Definition(
        "conversion_lagged",
        mark("Conversion of those who came in"),
        mark("Sales credited to the hour in which their buyer came in ÷ visitors of that hour."),
        "share",
        mark(
            "An estimate from moments alone: each sale is spread over the time before it by the shop's own usual lag."
        ),
        Computed("lag_bins", CONVERSION_LAGGED, conversion_lagged),
    ),
    Definition(
        "purchase_lag_p50",
        mark("From the door to the till"),
        mark("Half of the buyers pay within this time of coming in: the lag that makes the last 6 weeks likeliest."),
        "seconds",
        mark("Nobody is followed: when people come in and when sales close tells it, not who."),
        Computed("lag_bins", PURCHASE_LAG, purchase_lag),
    ),
    Definition(
        "buying_unit_conversion",
        mark("Conversion of groups"),
        mark("Bought ÷ groups."),
        "share",
        mark("Higher than conversion wherever families shop."),
        over("sum(transactions)", "sum(buying_units)", base("buying_unit_conversion")),
    ),
    Definition(
        "atv",
        mark("Average sale"),
        mark("Net sales ÷ bought (ATV)."),
        "money per sale",
        mark("Refunds lower it."),
        over("sum(net_sales)", "sum(transactions)", base("atv")),
    ),
    Definition(
        "upt",
        mark("Items per sale"),
        mark("Items sold ÷ bought (UPT)."),
        "units per sale",
        mark("Returned items are taken off."),
        over("sum(units)", "sum(transactions)", base("upt")),
    ),
    Definition(
        "aur",
        mark("Average item"),
        mark("Net sales ÷ items sold (AUR)."),
        "money per item",
        mark("Returned items and their money are taken off both."),
        over("sum(net_sales)", "sum(units)", base("aur")),
    ),
    Definition(
        "spv",
        mark("Sales per visitor"),
        mark("Net sales ÷ visitors = conversion × average sale (SPV)."),
        "money per visitor",
        mark("A blind camera makes it look better than it is."),
        over("sum(net_sales)", "sum(ins)", base("spv")),
    ),
)

RETURNING: Final = (
    Definition(
        "repeat_sales",
        mark("Bought again"),
        mark("Sales to a customer who had bought in this shop before, by the till's customer reference."),
        "sales",
        mark("Never from a camera; sales without a reference are left out."),
        Computed(
            "repeats",
            "SELECT CASE WHEN sum(referenced) > 0 THEN sum(repeated) END::float8 AS value FROM repeats",
            _repeat_sales,
        ),
    ),
    Definition(
        "repeat_rate",
        mark("Share of returning customers"),
        mark("Bought again ÷ sales with a customer reference."),
        "share",
        mark("Only members and the like leave a reference."),
        over("sum(repeated)::float8", "sum(referenced)", share("repeated", "referenced"), "repeats"),
    ),
)
