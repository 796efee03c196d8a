"""Definitions of who was there to serve, and of what is sold where."""

from typing import Final

from analytics.definition import Definition, mark

STAFFING: Final = (
    Definition(
        "staff_hours",
        mark("Staff hours"),
        mark("Hours worked on the sales floor within opening hours, unpaid breaks left out."),
        "hours",
        mark("From a time clock or roster, never from a camera. Breaks are spread evenly over their shift."),
    ),
    Definition(
        "star",
        mark("Visitors per staff hour"),
        mark("Visitors ÷ staff hours (STAR), over hours with at least one visitor."),
        "people per hour",
        mark("High: visitors wait to be served. Low: staff wait for visitors. Days without known hours are left out."),
    ),
    Definition(
        "star_target",
        mark("Best visitors per staff hour"),
        mark("STAR of the weekday on which conversion is highest, over at least 6 of each weekday in 8 weeks."),
        "people per hour",
        mark("The store's own. A weekday may convert well for other reasons: look at it, then choose."),
    ),
    Definition(
        "power_hours",
        mark("Power hours"),
        mark("The fewest hours of the week that hold 40 % of the visitors."),
        "hours",
        mark("Of a usual week of the period: what happened once does not make one."),
    ),
    Definition(
        "usual_visitors",
        mark("Usual visitors in this hour"),
        mark("Visitors of this hour of the week, mean over the weeks in which it was counted, in whole people."),
        "people",
        mark("At least 3 weeks. Fewer than 5 in all are not shown; fewer than 5 on one day are taken as 2.5."),
    ),
    Definition(
        "staff_on_floor",
        mark("Staff on the floor"),
        mark("Staff hours in this hour of the week ÷ the time it was open."),
        "staff",
        mark("A mean over weeks: nobody's working day can be read from it."),
    ),
    Definition(
        "staff_needed",
        mark("Staff needed"),
        mark("Usual visitors in this hour ÷ best visitors per staff hour."),
        "staff",
        mark("Its range holds how much the hour differs from week to week. What else staff have to do is not in it."),
    ),
    Definition(
        "hours_short",
        mark("Hours with too few staff"),
        mark("Hours of the week in which the low end of staff needed exceeds staff on the floor by half or more."),
        "hours",
        mark("Of a usual week, against the store's own best weekday."),
    ),
    Definition(
        "hours_spare",
        mark("Hours with staff to spare"),
        mark("Hours of the week in which staff on the floor exceed the high end of staff needed, or 1, by 1 or more."),
        "hours",
        mark("A shop may want two at any time: then such hours are meant."),
    ),
    Definition(
        "sales_per_staff_hour",
        mark("Sales per staff hour"),
        mark("Net sales ÷ staff hours of the same staff alias."),
        "money per hour",
        mark("Who fits, cleans or stocks sells less. Only where those concerned agreed to such figures."),
    ),
    Definition(
        "category_visits",
        mark("Stops at the category"),
        mark("Stays in the zones in which the category lies, staff left out."),
        "people",
        mark("Zones may hold several categories: who stops there stops at each. Fewer than 5 are not shown."),
    ),
    Definition(
        "category_orders",
        mark("Sales with the category"),
        mark("In-store sales with at least one line of the category."),
        "sales",
        mark("One sale may hold several categories; tills that send no lines have none. Fewer than 5 are not shown."),
    ),
    Definition(
        "category_sales",
        mark("Net sales of the category"),
        mark("Net amounts of the category's lines, returned ones taken off."),
        "money",
        mark("Discounts on the whole sale are in it only where the till puts them on lines."),
    ),
    Definition(
        "category_units",
        mark("Items of the category"),
        mark("Items on the category's lines, returned ones taken off."),
        "units",
        mark("Kilograms and the like where the till sells by weight."),
    ),
    Definition(
        "category_conversion",
        mark("Sales per stop"),
        mark("Sales with the category ÷ stops at it, with its 95 % interval."),
        "share",
        mark("Two counts, nobody is followed: who buys without stopping brings it above 100 %."),
    ),
)
