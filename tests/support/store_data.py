"""Stores with what was counted and sold in them, written straight into the database: builders with named defaults.

`fill` writes a whole shop's weeks, the same for the same seed: a lunch and an evening peak, weekends busier, people who
walk past, stop, queue and buy.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg2.extensions
from psycopg2.extras import execute_values

from tests.support.movement_data import movement_rows

Connection = psycopg2.extensions.connection
QUARTER = timedelta(minutes=15)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def one(connection: Connection, statement: str, **parameters: Any) -> Any:
    """Return the only value that a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def add_store(
    connection: Connection,
    code: str = "nanjing-road",
    *,
    name: str = "Nanjing Road",
    timezone: str = "Asia/Shanghai",
    currency: str = "CNY",
    region: str | None = "East China",
    hours: tuple[int, int] | None = (9 * 60, 21 * 60),
    weekdays: Sequence[int] = (1, 2, 3, 4, 5, 6, 7),
    first: date = date(2026, 1, 1),
    last: date = date(2026, 12, 31),
) -> int:
    """Add a store with the same hours (minutes after midnight) on each of `weekdays`, and its calendar."""
    store_id: int = one(
        connection,
        "INSERT INTO store (code, name, timezone, currency, region) "
        "VALUES (%(code)s, %(name)s, %(timezone)s, %(currency)s, %(region)s) RETURNING store_id",
        code=code, name=name, timezone=timezone, currency=currency, region=region,
    )  # fmt: skip
    if hours is not None:
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "INSERT INTO store_hours (store_id, weekday, opens_min, closes_min) VALUES %s",
                [(store_id, weekday, *hours) for weekday in weekdays],
            )
            cursor.execute("SELECT fill_store_calendar(%s, %s, %s)", (store_id, first, last))
    return store_id


def add_camera(connection: Connection, store_id: int, code: str, *, counts_from: datetime | None = LONG_AGO) -> int:
    """Add a camera, or return the one of this name."""
    camera_id: int = one(
        connection,
        "INSERT INTO camera (store_id, code, counts_from) VALUES (%(store_id)s, %(code)s, %(counts_from)s) "
        "ON CONFLICT (store_id, code) DO UPDATE SET code = EXCLUDED.code RETURNING camera_id",
        store_id=store_id, code=code, counts_from=counts_from,
    )  # fmt: skip
    return camera_id


def add_line(
    connection: Connection,
    store_id: int,
    code: str = "door",
    *,
    role: str | None = "entrance",
    camera: str | None = None,
    counts_from: datetime | None = LONG_AGO,
) -> int:
    """Add a line watched by the camera of the same name (or `camera`)."""
    camera_id = add_camera(connection, store_id, camera or code, counts_from=counts_from)
    line_id: int = one(
        connection,
        "INSERT INTO line (store_id, code, role, camera_id) VALUES (%(store_id)s, %(code)s, %(role)s, %(camera_id)s) "
        "RETURNING line_id",
        store_id=store_id, code=code, role=role, camera_id=camera_id,
    )  # fmt: skip
    return line_id


def add_zone(
    connection: Connection,
    store_id: int,
    code: str,
    *,
    role: str = "engagement",
    engaged_after_s: float = 10.0,
    camera: str | None = None,
) -> int:
    """Add a zone; without a `camera` nobody said which one looks at it."""
    camera_id = None if camera is None else add_camera(connection, store_id, camera)
    zone_id: int = one(
        connection,
        "INSERT INTO zone (store_id, code, role, engaged_after_s, camera_id) "
        "VALUES (%(store_id)s, %(code)s, %(role)s, %(after)s, %(camera_id)s) RETURNING zone_id",
        store_id=store_id, code=code, role=role, after=engaged_after_s, camera_id=camera_id,
    )  # fmt: skip
    return zone_id


def add_crossings(
    connection: Connection,
    store_id: int,
    line_id: int,
    ats: Iterable[datetime],
    *,
    inward: bool = True,
    staff: bool | None = None,
    group_size: int | None = None,
) -> None:
    """Add one crossing at each instant."""
    copy(
        connection,
        "crossing (at, store_id, line_id, inward, staff, group_size)",
        ((at, store_id, line_id, inward, staff, group_size) for at in ats),
    )


def add_uptime(
    connection: Connection, store_id: int, camera: str, from_at: datetime, until: datetime, *, up: float = 1.0
) -> None:
    """Say that a camera was watched for the share `up` of a range, quarter-hour by quarter-hour."""
    camera_id = add_camera(connection, store_id, camera)
    rows = []
    at = from_at
    while at < until:
        end = min(at + QUARTER, until)
        period_s = (end - at).total_seconds()
        rows.append((at, store_id, camera_id, period_s, period_s * up))
        at = end
    copy(connection, "camera_uptime (at, store_id, camera_id, period_s, up_s)", rows)


def add_visit(
    connection: Connection, store_id: int, zone_id: int, at: datetime, dwell_s: float, *, censored: bool = False
) -> None:
    """Add one stay in a zone that ended at `at`."""
    copy(
        connection,
        "zone_visit (at, store_id, zone_id, dwell_s, censored, staff)",
        [(at, store_id, zone_id, dwell_s, censored, False)],
    )


def add_sale(
    connection: Connection,
    store_id: int,
    at: datetime,
    *,
    net: float = 100.0,
    units: int = 2,
    kind: str = "sale",
    customer: str | None = None,
    currency: str = "CNY",
    channel: str = "in_store",
    is_test: bool = False,
) -> None:
    """Add one order."""
    add_sales(connection, [(store_id, at, net, units, kind, customer, currency, channel, is_test)])


def add_sales(connection: Connection, sales: Iterable[tuple[Any, ...]]) -> None:
    """Add orders: (store, at, net, units, kind, customer, currency, channel, is_test); two serve in turn."""
    number = int(one(connection, "SELECT COALESCE(max(order_id), 0) FROM pos_order"))
    rows = [
        (
            store_id, "test", f"order-{number + index}", 1, kind, at.date(), at, net, 0, 0, net, currency, units,
            channel, customer, is_test, f"staff-{1 + index % 2}",
        )
        for index, (store_id, at, net, units, kind, customer, currency, channel, is_test) in enumerate(sales, start=1)
    ]  # fmt: skip
    copy(
        connection,
        "pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax, net, "
        "currency, units, channel, customer_ref, is_test, staff_ref)",
        rows,
    )


def add_audit(
    connection: Connection,
    store_id: int,
    line_id: int,
    at: datetime,
    *,
    ins: tuple[int, int, int] = (60, 59, 58),
    outs: tuple[int, int, int] = (55, 55, 54),
    auditor: str = "jd",
    complete: bool = True,
) -> None:
    """Add one audit; each direction as (tapped, counted, matched)."""
    copy(
        connection,
        "line_audit (at, store_id, line_id, duration_s, auditor, complete, lag_s, in_truth, in_counted, in_matched, "
        "out_truth, out_counted, out_matched)",
        [(at, store_id, line_id, 900, auditor, complete, 0.6, *ins, *outs)],
    )


def add_device(
    connection: Connection,
    store_id: int,
    code: str = "box-1",
    *,
    state: str = "online",
    at: datetime,
    cameras: Sequence[tuple[str, str]] = (("door", "up"),),
    queue_depth: int = 0,
) -> int:
    """Add a device with its last presence message, heard at `at`."""
    device_id: int = one(
        connection,
        "INSERT INTO device (store_id, code) VALUES (%(store_id)s, %(code)s) RETURNING device_id",
        store_id=store_id, code=code,
    )  # fmt: skip
    health = ", ".join(f'{{"camera": "{camera}", "state": "{up}", "fps": 10.0}}' for camera, up in cameras)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO device_status (device_id, state, at, received_at, version, model, last_seq, queue_depth, "
            "cameras, temperature_c, disk_free_mb, clock_offset_s) VALUES (%(device_id)s, %(state)s, %(at)s, %(at)s, "
            "'0.1.0', 'yolox-nano', 0, %(queue_depth)s, %(cameras)s, 51.5, 20480, 0.02)",
            {
                "device_id": device_id,
                "state": state,
                "at": at,
                "queue_depth": queue_depth,
                "cameras": f"[{health}]",
            },
        )
    return device_id


def hear(connection: Connection, device_id: int, at: datetime) -> None:
    """Move a device's last word to `at`."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE device_status SET received_at = %s WHERE device_id = %s", (at, device_id))


def copy(connection: Connection, target: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY; None becomes NULL."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join("\\N" if value is None else str(value) for value in row) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", text)


@dataclass(frozen=True, slots=True)
class Shop:
    """How a filled shop behaves."""

    store_id: int
    lines: dict[str, int]
    zones: dict[str, int]
    visitors_per_day: float = 420.0
    conversion: float = 0.23
    basket: float = 180.0
    currency: str = "CNY"
    seed: int = 1


def add_shop(connection: Connection, code: str = "nanjing-road", **settings: Any) -> Shop:
    """Add a store with two doors, a street line, two zones and a queue; `settings` go to `add_store` and `Shop`."""
    own = {key: settings.pop(key) for key in ("visitors_per_day", "conversion", "basket", "seed") if key in settings}
    store_id = add_store(connection, code, **settings)
    lines = {
        "door": add_line(connection, store_id, "door"),
        "side": add_line(connection, store_id, "side"),
        "street": add_line(connection, store_id, "street", role="pass_by"),
    }
    zones = {
        "new-in": add_zone(connection, store_id, "new-in"),
        "fitting": add_zone(connection, store_id, "fitting", engaged_after_s=30),
        "till": add_zone(connection, store_id, "till", role="queue"),
    }
    return Shop(store_id, lines, zones, currency=settings.get("currency", "CNY"), **own)


def fill(connection: Connection, shop: Shop, *, now: datetime, weeks: int = 8) -> None:
    """Write the shop's business days of the last `weeks` weeks and today's up to `now`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT business_date, opens_at, closes_at FROM store_calendar WHERE store_id = %s "
            "AND opens_at BETWEEN %s AND %s ORDER BY opens_at",
            (shop.store_id, now - timedelta(weeks=weeks, days=1), now),
        )
        found = cursor.fetchall()
    for day, opens_at, closes_at in found:
        _fill_day(connection, shop, day, opens_at.astimezone(UTC), min(closes_at.astimezone(UTC), now))


def _fill_day(connection: Connection, shop: Shop, day: date, opens_at: datetime, until: datetime) -> None:
    rng = np.random.default_rng([shop.seed, day.toordinal()])
    weight = 1.35 if day.weekday() >= 5 else 0.9 + 0.03 * day.weekday()
    quarters = 48
    hours = np.arange(quarters) / 4
    shape = 0.3 + np.exp(-((hours - 3.5) ** 2) / 4) + 1.4 * np.exp(-((hours - 9) ** 2) / 5)
    means = shop.visitors_per_day * weight * rng.normal(1, 0.07) * shape / shape.sum()
    ins = _moments(rng, opens_at, means)
    stays = rng.gamma(2.2, 420, len(ins))
    outs = [at + timedelta(seconds=float(stay)) for at, stay in zip(ins, stays, strict=True)]
    passers = _moments(rng, opens_at, means * 5)
    lines = shop.lines
    split = rng.random(len(ins)) < 0.3
    for line, side in (("door", False), ("side", True)):
        chosen = [at for at, there in zip(ins, split, strict=True) if there == side and at < until]
        # Three in five come alone, the others in pairs.
        alone = [at for index, at in enumerate(chosen) if index % 5 < 3]
        paired = [at for index, at in enumerate(chosen) if index % 5 >= 3]
        add_crossings(connection, shop.store_id, lines[line], alone, group_size=1)
        add_crossings(connection, shop.store_id, lines[line], paired, group_size=2)
        left = [at for at, there in zip(outs, split, strict=True) if there == side and at < until]
        add_crossings(connection, shop.store_id, lines[line], left, inward=False)
    add_crossings(connection, shop.store_id, lines["street"], [at for at in passers if at < until])
    for camera in ("door", "side", "street"):
        add_uptime(connection, shop.store_id, camera, opens_at, until)
    _fill_inside(connection, shop, rng, [pair for pair in zip(ins, stays, strict=True) if pair[0] < until], until)


def _fill_inside(
    connection: Connection, shop: Shop, rng: np.random.Generator, visits: list[tuple[datetime, float]], until: datetime
) -> None:
    stops, exits, sales = [], [], []
    for at, stay in visits:
        if rng.random() < 0.7:
            zone = shop.zones["new-in" if rng.random() < 0.6 else "fitting"]
            dwell = float(rng.gamma(1.6, 30))
            stops.append((at + timedelta(seconds=stay / 3), shop.store_id, zone, dwell, rng.random() < 0.03, False))
        if rng.random() < shop.conversion * 1.15:
            wait = float(rng.gamma(2, 70))
            left = at + timedelta(seconds=float(stay))
            served = rng.random() < 0.9
            exits.append((left, shop.store_id, shop.zones["till"], wait, served))
            if served and left < until:
                customer = f"customer-{rng.integers(0, 4000)}" if rng.random() < 0.5 else None
                net = round(float(rng.gamma(3, shop.basket / 3)), 2)
                units = int(1 + rng.poisson(0.9))
                sales.append((shop.store_id, left, net, units, "sale", customer, shop.currency, "in_store", False))
    copy(
        connection,
        "zone_visit (at, store_id, zone_id, dwell_s, censored, staff)",
        [row for row in stops if row[0] < until],
    )
    copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", [row for row in exits if row[0] < until])
    copy(
        connection,
        "queue_sample (at, store_id, zone_id, length)",
        [(until - timedelta(seconds=20), shop.store_id, shop.zones["till"], int(rng.integers(0, 5)))],
    )
    add_sales(connection, sales)
    camera = add_camera(connection, shop.store_id, "door")
    one(
        connection,
        "WITH seen AS (UPDATE zone SET camera_id = %(camera)s WHERE store_id = %(store_id)s RETURNING 1) "
        "SELECT count(*) FROM seen",
        camera=camera,
        store_id=shop.store_id,
    )
    flows, grids = movement_rows(shop.store_id, shop.zones, camera, rng, [at for at, _ in visits])
    copy(connection, "flow (at, store_id, from_zone_id, to_zone_id, people)", flows)
    copy(connection, "heat (at, store_id, camera_id, columns, rows, person_s)", grids)


def _moments(rng: np.random.Generator, opens_at: datetime, means: Iterable[float]) -> list[datetime]:
    return sorted(_spread(rng, opens_at, means))


def _spread(rng: np.random.Generator, opens_at: datetime, means: Iterable[float]) -> Iterator[datetime]:
    for quarter, mean in enumerate(means):
        for second in rng.uniform(0, 900, rng.poisson(mean)):
            yield opens_at + timedelta(minutes=15 * quarter, seconds=float(second))
