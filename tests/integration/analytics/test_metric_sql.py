"""Every metric of the registry in SQL, on a real database, is what its pure function makes of the same rows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import psycopg2
import pytest

from analytics.days import calendar
from analytics.definitions import DEFINITIONS
from analytics.facts import add_up, slice_facts
from analytics.metrics.staffing import STAFFING
from analytics.quality.accuracy import UNAUDITED
from analytics.sources import statement
from analytics.staff.staff_sales import read_staff_sales
from analytics.staff.staffing import read_staffing, target_slices
from analytics.stores import all_stores
from analytics.visits.categories import read_categories
from analytics.visits.kpis import kpis
from analytics.visits.lag import read_lag
from analytics.visits.zone_watch import read_zone_watch
from tests.support.metrics_asked import Asked, asked, computed_of, rows_of, value_of
from tests.support.servers import Cluster
from tests.support.staffed import HOUR, add_staffed_store
from tests.support.store_data import (
    Connection,
    Shop,
    add_audit,
    add_crossings,
    add_line,
    add_sales,
    add_shop,
    add_store,
    add_uptime,
    copy,
    fill,
    one,
)

NOW: Final = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai
EARLIER: Final = NOW - 15 * HOUR
FIRST: Final = date(2026, 11, 14)
TODAY: Final = date(2026, 11, 21)
#: Ten in the morning in Shanghai, eight weeks before that Monday's week ends.
MONDAY: Final = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
#: What takes weeks to tell is asked of a store that has them.
OF_LAG: Final = {"conversion_lagged", "purchase_lag_p50"}
OF_WEEKS: Final = {one.id for one in STAFFING} | OF_LAG
IN_SQL: Final = tuple(sorted(DEFINITIONS))


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Iterator[Connection]:
    """A shop with four weeks behind it, ten small ones of a week, and one that nobody has looked at yet."""
    url = cluster.create()
    opened = psycopg2.connect(url, options="-c timezone=America/New_York")
    opened.autocommit = True
    shop = add_shop(opened, visitors_per_day=110.0)
    fill(opened, shop, now=NOW, weeks=4)
    _more_of(opened, shop)
    for number in range(10):
        _small_shop(opened, number)
    add_store(opened, "empty")
    add_staffed_store(opened, MONDAY)
    yield opened
    opened.close()
    cluster.drop(url)


def _more_of(connection: Connection, shop: Shop) -> None:
    """Add what `fill` leaves out: staff, refunds, orders that do not count, audits, estimates, a door that was dark."""
    day = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    door = shop.lines["door"]
    for hours, inward in ((0, True), (4, False), (5, True), (9, False)):
        add_crossings(connection, shop.store_id, door, [day + timedelta(hours=hours)] * 3, inward=inward, staff=True)
    # Staff who came in as visitors and went out as staff, today.
    today = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    add_crossings(connection, shop.store_id, door, [today] * 2, inward=False, staff=True)
    # One in five is back within three minutes.
    for ago in range(1, 28):
        opens = datetime(2026, 11, 21, 1, 0, tzinfo=UTC) - timedelta(days=ago)
        left = [opens + timedelta(minutes=30 * number + ago) for number in range(22)]
        add_crossings(connection, shop.store_id, door, left, inward=False)
        add_crossings(connection, shop.store_id, door, [at + timedelta(seconds=150) for at in left])
    # Enough left the queue within the half hour, and few within that of ten minutes later.
    waited = [(NOW - timedelta(minutes=25), shop.store_id, shop.zones["till"], 30.0 * n, True) for n in range(1, 6)]
    copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", waited)
    orders = [("refund", -80.0, -1, "in_store", False), ("void", 70.0, 1, "in_store", False),
              ("sale", 60.0, 1, "online", False), ("sale", 50.0, 1, "in_store", True)]  # fmt: skip
    add_sales(
        connection,
        [
            (shop.store_id, day, net, units, kind, None, "CNY", channel, test)
            for kind, net, units, channel, test in orders
        ],
    )
    add_audit(connection, shop.store_id, door, datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    add_audit(connection, shop.store_id, shop.lines["side"], datetime(2026, 11, 2, 4, 0, tzinfo=UTC), ins=(40, 41, 39))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE camera_uptime SET up_s = 0 FROM camera AS c WHERE c.camera_id = camera_uptime.camera_id"
            " AND c.code = 'side' AND at >= '2026-11-20 06:00+00' AND at < '2026-11-20 09:00+00'"
        )
    imputation = one(
        connection,
        "INSERT INTO imputation (store_id, first, last, method, model_version, wape, tested_hours, made_at) VALUES"
        " (%(store)s, '2026-11-20', '2026-11-20', 'weekday', '1', 0.2, 9, now()) RETURNING imputation_id",
        store=shop.store_id,
    )
    copy(
        connection,
        "imputed_hour (imputation_id, line_id, hour, business_date, missing, ins, low, high, method)",
        [(imputation, shop.lines["side"], "2026-11-20 06:00+00", "2026-11-20", 1.0, 6.5, 4.0, 9.0, "weekday")],
    )


def _small_shop(connection: Connection, number: int) -> None:
    rng = np.random.default_rng(number)
    store = add_store(connection, f"small-{number}", hours=(600, 1200))
    line = add_line(connection, store)
    sales = []
    for day in range(9, 22):
        opens = datetime(2026, 11, day, 2, 0, tzinfo=UTC)
        if opens >= NOW:
            continue
        until = min(opens + timedelta(hours=10), NOW)
        add_uptime(connection, store, "door", opens, until)
        came = int(rng.integers(30, 60))
        moments = [opens + timedelta(seconds=int(second)) for second in rng.integers(0, 14_000, came)]
        add_crossings(connection, store, line, moments)
        bought = came * (9 if number == 0 else 2 + number % 2) // 10
        sales += [
            (store, at, float(rng.gamma(2, 40)), 1, "sale", None, "CNY", "in_store", False) for at in moments[:bought]
        ]
    add_sales(connection, sales)


def _spans(connection: Connection, name: str) -> list[Asked]:
    if name in OF_WEEKS:
        first = MONDAY.date() + timedelta(days=28 * (name in OF_LAG))
        whole = asked(connection, first=first, last=TODAY, now=NOW, stores=["staffed"])
        part = asked(connection, first=first, last=first + timedelta(days=24), now=EARLIER, stores=["staffed"])
        return [whole] if name in OF_LAG else [whole, part]
    return [
        asked(connection, first=FIRST, last=TODAY, now=NOW),
        asked(connection, first=FIRST, last=FIRST + timedelta(days=5), now=NOW, stores=["nanjing-road"]),
    ]


@pytest.mark.parametrize("name", IN_SQL)
def test_a_metric_is_the_same_in_sql_and_in_python(filled: Connection, name: str) -> None:
    values = []
    for span in _spans(filled, name):
        in_sql, in_python = value_of(filled, name, span), computed_of(name).pure(rows_of(filled, name, span))
        assert (in_sql is None) == (in_python is None), (name, span)
        assert in_sql is None or in_sql == pytest.approx(in_python, rel=1e-9, abs=1e-9), (name, span)
        values.append(in_sql)
    assert any(value is not None for value in values), f"{name}: the data tells nothing of it"


@pytest.mark.parametrize("name", ["queue_wait_p50", "queue_wait_p90"])
def test_waits_of_the_moment_are_those_of_enough_people_or_nobodys(filled: Connection, name: str) -> None:
    span = asked(filled, first=TODAY, last=TODAY, now=NOW + timedelta(minutes=10), stores=["nanjing-road"])
    rows = rows_of(filled, name, span)
    assert 0 < ((rows["now"] - rows["at"] < timedelta(minutes=30)) & (rows["served"] != False)).sum() < 5  # noqa: E712
    assert value_of(filled, name, span) is None
    assert computed_of(name).pure(rows) is None


@pytest.mark.parametrize("name", IN_SQL)
def test_what_nobody_measured_is_null_in_sql_and_in_python(filled: Connection, name: str) -> None:
    span = asked(filled, first=FIRST, last=TODAY, now=NOW, stores=["empty"])
    assert value_of(filled, name, span) is None
    assert computed_of(name).pure(rows_of(filled, name, span)) is None


def test_the_base_set_in_sql_is_what_the_pages_show(filled: Connection) -> None:
    span = asked(filled, first=FIRST, last=TODAY, now=NOW, stores=["nanjing-road"])
    (store_id,) = span["store_ids"]
    days = calendar(filled, [store_id], first=FIRST, last=TODAY + timedelta(days=7))
    slices = [days.up_to(day, NOW) for day in days.of(store_id).values() if day.business_date <= TODAY]
    shown = kpis(add_up(slice_facts(filled, slices, now=NOW)), as_of=NOW)
    values = {name: getattr(shown, name).value for name in shown.__slots__}
    assert {name: value_of(filled, name, span) for name in values} == pytest.approx(values, rel=1e-9)


def test_a_usual_week_in_sql_is_the_one_that_is_shown(filled: Connection) -> None:
    span = asked(filled, first=MONDAY.date(), last=TODAY, now=NOW, stores=["staffed"])
    store = next(one for one in all_stores(filled) if one.code == "staffed")
    days = calendar(filled, [store.store_id], first=MONDAY.date() - timedelta(days=7), last=TODAY + timedelta(days=7))
    slices = [days.up_to(day, NOW) for day in days.of(store.store_id).values() if day.opens_at < NOW]
    own = [one for one in slices if one.business_date >= MONDAY.date()]
    seen = read_staffing(
        filled, store, own, target_slices(slices, now=NOW), now=NOW, as_of=NOW, k=0, audited=UNAUDITED
    )  # fmt: skip
    shown = {one.definition_id: one.value for one in seen.figures}
    hour = next(one for one in seen.hours if (one.weekday, one.hour) == (6, 14))
    shown |= {one.definition_id: one.value for one in (hour.visitors, hour.on_floor, hour.needed)}
    (sold, *_) = [one for one in read_staff_sales(filled, store.store_id, own, now=NOW, as_of=NOW, k=0)
                  if one.staff_hours.known]  # fmt: skip
    shown["sales_per_staff_hour"] = sold.sales_per_staff_hour.value
    shelves = read_categories(
        filled, store.store_id, own, as_of=NOW, watch=read_zone_watch(filled, own, now=NOW), group=1.0, k=0
    )
    shown["category_sales"] = sum(one.net_sales.value or 0.0 for one in shelves)
    shown["category_visits"] = sum(one.visits.value or 0.0 for one in shelves)
    first = MONDAY.date() + timedelta(days=28)
    lag = read_lag(filled, days, store.store_id, first, now=NOW)
    shown["purchase_lag_p50"] = None if lag is None else lag.median_s
    assert None not in shown.values()
    spans = {name: span | {"first": first if name in OF_LAG else span["first"]} for name in shown}
    assert {name: value_of(filled, name, spans[name]) for name in shown} == pytest.approx(shown, rel=1e-9)


def test_a_statement_runs_with_the_parameters_that_the_document_names(filled: Connection) -> None:
    found: Any = value_of(filled, "footfall", asked(filled, first=FIRST, last=FIRST, now=NOW))
    assert found > 0
    assert "%(" not in statement("facts", "SELECT 1").replace("%(store_ids)s", "").replace("%(first)s", "").replace(
        "%(last)s", ""
    ).replace("%(now)s", "")
