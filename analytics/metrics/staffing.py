"""Definitions of who was there to serve, and of what is sold where."""

from typing import Final

from analytics.definition import Computed, Definition, mark
from analytics.floor_sources import TARGETS
from analytics.metrics.floor import (
    category_conversion,
    of_all,
    of_categories,
    of_the_week,
    of_this_hour,
    sales_per_staff_hour,
    star_target,
)
from analytics.metrics.staffing_sql import POWER_HOURS, STAFF_HOURS, hours_judged
from analytics.metrics.staffing_sql import of_this_hour as sql_of_this_hour

_TARGET: Final = f"SELECT star AS value FROM (\n{TARGETS}\n) AS t ORDER BY store_id LIMIT 1"
_STAR: Final = """
SELECT sum(visitors) / CASE WHEN sum(floor_s) > 0 THEN sum(floor_s) / 3600 END AS value
FROM staffed_hours WHERE floor_s IS NOT NULL AND visitors >= 1
""".strip()
_PER_STAFF_HOUR: Final = """
SELECT sum(net) / CASE WHEN sum(floor_s) > 0 THEN sum(floor_s) / 3600 END AS value
FROM staff_sales WHERE floor_s IS NOT NULL
""".strip()
_STOPS: Final = "CASE WHEN count(dwell_s) > 0 OR bool_or(looked) THEN count(dwell_s) END::float8"
_CATEGORY_CONVERSION: Final = """
WITH told AS (
    SELECT count(dwell_s) AS stops, sum(orders) AS orders FROM category_rows GROUP BY store_id, category
    HAVING count(zone) > 0
)
SELECT sum(orders)::float8 / CASE WHEN sum(stops) > 0 THEN sum(stops) END AS value FROM told
""".strip()


def _this_hour(name: str, column: str) -> Computed:
    return Computed("judged_hours", sql_of_this_hour(column), of_this_hour(name))


def _categories(name: str, expression: str) -> Computed:
    return Computed("category_rows", f"SELECT {expression} AS value FROM category_rows", of_categories(name))


STAFFING: Final = (
    Definition(
        "staff_hours",
        mark("Staff hours"),
        mark("Hours worked on the sales floor within opening hours, unpaid breaks left out."),
        "hours",
        mark("From a time clock or roster, never from a camera. Breaks are spread evenly over their shift."),
        Computed("staffed_hours", STAFF_HOURS, of_all("staff_hours")),
    ),
    Definition(
        "star",
        mark("Visitors per staff hour"),
        mark("Visitors ÷ staff hours (STAR), over hours with at least one visitor."),
        "people per hour",
        mark("High: visitors wait to be served. Low: staff wait for visitors. Days without known hours are left out."),
        Computed("staffed_hours", _STAR, of_all("star")),
    ),
    Definition(
        "star_target",
        mark("Best visitors per staff hour"),
        mark("STAR of the weekday on which conversion is highest, over at least 6 of each weekday in 8 weeks."),
        "people per hour",
        mark("The store's own. A weekday may convert well for other reasons: look at it, then choose."),
        Computed("served_days", _TARGET, star_target),
    ),
    Definition(
        "power_hours",
        mark("Power hours"),
        mark("The fewest hours of the week that hold 40 % of the visitors."),
        "hours",
        mark("Of a usual week of the period: what happened once does not make one."),
        Computed("judged_hours", POWER_HOURS, of_the_week("power_hours")),
    ),
    Definition(
        "usual_visitors",
        mark("Usual visitors in this hour"),
        mark("Visitors of this hour of the week, mean over the weeks in which it was counted, in whole people."),
        "people",
        mark("At least 3 weeks. Fewer than 5 in all are not shown; fewer than 5 on one day are taken as 2.5."),
        _this_hour("visitors", "usual"),
    ),
    Definition(
        "staff_on_floor",
        mark("Staff on the floor"),
        mark("Staff hours in this hour of the week ÷ the time it was open."),
        "staff",
        mark("A mean over weeks: nobody's working day can be read from it."),
        _this_hour("on_floor", "on_floor"),
    ),
    Definition(
        "staff_needed",
        mark("Staff needed"),
        mark("Usual visitors in this hour ÷ best visitors per staff hour."),
        "staff",
        mark("Its range holds how much the hour differs from week to week. What else staff have to do is not in it."),
        _this_hour("needed", "needed"),
    ),
    Definition(
        "hours_short",
        mark("Hours with too few staff"),
        mark("Hours of the week in which the low end of staff needed exceeds staff on the floor by half or more."),
        "hours",
        mark("Of a usual week, against the store's own best weekday."),
        Computed("judged_hours", hours_judged("short"), of_the_week("hours_short")),
    ),
    Definition(
        "hours_spare",
        mark("Hours with staff to spare"),
        mark("Hours of the week in which staff on the floor exceed the high end of staff needed, or 1, by 1 or more."),
        "hours",
        mark("A shop may want two at any time: then such hours are meant."),
        Computed("judged_hours", hours_judged("spare"), of_the_week("hours_spare")),
    ),
    Definition(
        "sales_per_staff_hour",
        mark("Sales per staff hour"),
        mark("Net sales ÷ staff hours of the same staff alias."),
        "money per hour",
        mark("Who fits, cleans or stocks sells less. Only where those concerned agreed to such figures."),
        Computed("staff_sales", _PER_STAFF_HOUR, sales_per_staff_hour),
    ),
    Definition(
        "category_visits",
        mark("Stops at the category"),
        mark("Stays in the zones in which the category lies, staff left out."),
        "people",
        mark("Zones may hold several categories: who stops there stops at each. Fewer than 5 are not shown."),
        _categories("visits", _STOPS),
    ),
    Definition(
        "category_orders",
        mark("Sales with the category"),
        mark("In-store sales with at least one line of the category."),
        "sales",
        mark("One sale may hold several categories; tills that send no lines have none. Fewer than 5 are not shown."),
        _categories("orders", "sum(orders)::float8"),
    ),
    Definition(
        "category_sales",
        mark("Net sales of the category"),
        mark("Net amounts of the category's lines, returned ones taken off."),
        "money",
        mark("Discounts on the whole sale are in it only where the till puts them on lines."),
        _categories("net_sales", "sum(net_sales)"),
    ),
    Definition(
        "category_units",
        mark("Items of the category"),
        mark("Items on the category's lines, returned ones taken off."),
        "units",
        mark("Kilograms and the like where the till sells by weight."),
        _categories("units", "sum(units)"),
    ),
    Definition(
        "category_conversion",
        mark("Sales per stop"),
        mark("Sales with the category ÷ stops at it, with its 95 % interval."),
        "share",
        mark("Two counts, nobody is followed: who buys without stopping brings it above 100 %."),
        Computed("category_rows", _CATEGORY_CONVERSION, category_conversion),
    ),
)
