"""Comparisons: what changed and why, like for like, places among stores."""

from typing import Final

from analytics.definition import Computed, Definition, mark
from analytics.metrics.comparing import like_for_like_change, outlier_count, place_of, why
from analytics.metrics.comparison_sql import CHANGE, LIKE_FOR_LIKE, OUTLIERS, PLACE, REST, effect

COMPARISONS: Final = (
    Definition(
        "change_sales",
        mark("Change in net sales"),
        mark("Net sales − net sales of the compared days, over day pairs with sales on both sides."),
        "money",
        mark("Equals the sum of its parts: visitors, mix between stores, conversion, average sale, and what is left."),
        Computed("pairs", CHANGE, why("change")),
    ),
    Definition(
        "change_visitors",
        mark("More or fewer visitors"),
        mark("Logarithmic mean of net sales after and before × ln(visitors after ÷ before) (LMDI)."),
        "money",
        mark("What the change in visitors alone was worth; over several stores, that of all their visitors together."),
        Computed("pairs", effect("everywhere"), why("visitors")),
    ),
    Definition(
        "change_mix",
        mark("Which stores they went to"),
        mark("Logarithmic mean of each store's net sales × ln(its share of visitors after ÷ before), summed (LMDI)."),
        "money",
        mark("Visitors who go to stores that sell more per visitor raise sales without being more."),
        Computed("pairs", effect("ln(v1 / v0) - everywhere"), why("mix")),
    ),
    Definition(
        "change_conversion",
        mark("More or fewer who bought"),
        mark("Logarithmic mean of net sales after and before × ln(conversion after ÷ before) (LMDI)."),
        "money",
        mark("A count that is wrong moves money between this and the visitors; their sum stays."),
        Computed("pairs", effect("ln(t1 / v1) - ln(t0 / v0)"), why("conversion")),
    ),
    Definition(
        "change_basket",
        mark("Larger or smaller sales"),
        mark("Logarithmic mean of net sales after and before × ln(average sale after ÷ before) (LMDI)."),
        "money",
        mark("Refunds are in it."),
        Computed("pairs", effect("ln(n1 / t1) - ln(n0 / t0)"), why("basket")),
    ),
    Definition(
        "change_rest",
        mark("Cannot be told"),
        mark("Change in net sales of days whose visitors were not counted on both sides, or with nothing sold on one."),
        "money",
        mark("It is part of the change all the same, so that the parts add up."),
        Computed("pairs", REST, why("rest")),
    ),
    Definition(
        "like_for_like",
        mark("Like for like"),
        mark(
            "Change against the same days a year before, over stores open for 12 months and counted in full both times."
        ),
        "share",
        mark(
            "Weekday on weekday (364 days), but a holiday on the same holiday: Easter, Chinese New Year, Golden Week."
        ),
        Computed("pairs", LIKE_FOR_LIKE, like_for_like_change),
    ),
    Definition(
        "place",
        mark("Place"),
        mark("1 + stores whose interval lies wholly above, to all stores less those wholly below; by conversion."),
        "stores",
        mark("A range such as 3–7: these stores are level, because their 95 % intervals overlap."),
        Computed("facts", PLACE, place_of),
    ),
    Definition(
        "outlier",
        mark("Unusual for its size"),
        mark("Conversion more than 3 standard deviations from the middle store: sampling plus the stores' own spread."),
        "stores",
        mark("A small store needs a larger distance. Look at the cameras and the till first, then at the shop."),
        Computed("facts", OUTLIERS, outlier_count),
    ),
)
