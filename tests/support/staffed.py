"""A store of whose staff, shelves and rushes something is known: eight weeks of three days each, some of them odd."""

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from tests.support.store_data import (
    Connection,
    add_crossings,
    add_line,
    add_sales,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
)

#: Monday to Sunday of a week, as ISO weekdays that it opens on; 10 to 15 o'clock.
OPEN_ON: Final = (3, 5, 6)
HOURS: Final = (600, 900)
HOUR: Final = timedelta(hours=1)


def add_staffed_store(connection: Connection, monday: datetime, *, code: str = "staffed", weeks: int = 8) -> int:
    """Add the store; `monday` is the instant at which it would open on the first Monday."""
    rng = np.random.default_rng(12)
    store = add_store(connection, code, hours=HOURS, weekdays=OPEN_ON)
    door = add_line(connection, store)
    shelves = {name: add_zone(connection, store, name) for name in ("window", "wall")}
    shifts: list[tuple[Any, ...]] = []
    sales: list[tuple[Any, ...]] = []
    for week in range(weeks):
        for weekday in OPEN_ON:
            opens = monday + timedelta(days=7 * week + weekday - 1)
            came = sorted(float(second) for second in rng.uniform(0, 17_400, rng.poisson(40 + 45 * (weekday == 6))))
            moments = [opens + timedelta(seconds=second) for second in came]
            add_crossings(connection, store, door, moments)
            # One Wednesday's camera was dark for two hours.
            seen = 3 if (week, weekday) == (5, 3) else 5
            add_uptime(connection, store, "door", opens, opens + seen * HOUR)
            for number in range(8):
                zone = shelves["window" if number % 3 else "wall"]
                add_visit(connection, store, zone, opens + number * HOUR / 2, 5.0 + 7 * number, censored=number == 7)
            bought = [at + timedelta(seconds=float(rng.lognormal(6.3, 0.5))) for at in moments[:: 3 - (weekday == 3)]]
            sales += [
                (store, at, float(rng.gamma(2, 40)), int(1 + rng.poisson(0.5)), "sale", None, "CNY", "in_store", False)
                for at in bought
            ]
            # Nobody said who worked on one day.
            if (week, weekday) != (2, 5):
                shifts += _shifts(store, opens, f"{week}-{weekday}", two=weekday == 5 or week % 2 == 0)
    sales.append((store, monday + timedelta(days=2, hours=1), -60.0, -1, "refund", None, "CNY", "in_store", False))
    add_sales(connection, sales)
    copy(
        connection,
        "staff_shift (source, version, store_id, external_id, starts_at, ends_at, break_min, on_floor, cancelled)",
        [("roster", 1, *one) for one in shifts],
    )
    lies = (("window", "tops"), ("window", "bags"), ("wall", "bags"), ("wall", "hats"))
    copy(connection, "zone_category (store_id, zone, category)", [(store, *one) for one in lies])
    _tell_of_staff(connection, store)
    return store


def _shifts(store: int, opens: datetime, name: str, *, two: bool) -> list[tuple[Any, ...]]:
    # On Saturdays nobody serves the first hours.
    late = 2 * HOUR if name.endswith("6") else -HOUR / 2
    own = [(store, f"{name}-a", opens + late, opens + 4 * HOUR, 30, True, False)]
    if two:
        own.append((store, f"{name}-b", opens + 3 * HOUR, opens + 6 * HOUR, 0, True, False))
    own.append((store, f"{name}-stock", opens, opens + 5 * HOUR, 0, False, False))
    own.append((store, f"{name}-gone", opens, opens + 5 * HOUR, 0, True, True))
    return own


def _tell_of_staff(connection: Connection, store: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store SET staff_figures = true WHERE store_id = %s", (store,))
        cursor.execute(
            "UPDATE staff_shift SET staff_alias = staff_alias(store_id, 'staff-1') "
            "WHERE store_id = %s AND external_id LIKE '%%-a'", (store,),
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO pos_order_line (order_id, line_no, product, category, units, net) "
            "SELECT order_id, n, 'p', c, 1, net / 2 FROM pos_order "
            "CROSS JOIN (VALUES (1, 'tops'), (2, 'bags'), (3, 'gifts'), (4, NULL)) AS l (n, c) "
            "WHERE store_id = %s AND order_id %% n = 0", (store,),
        )  # fmt: skip
