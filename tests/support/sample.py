"""Six stores on a Saturday afternoon, always the same: what the README's pictures show."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg2

from analytics.database import Database
from dashboard.accounts.register import Register, Scope
from tests.support.floor_data import add_categories, add_shifts
from tests.support.floor_plans import add_floor_plan
from tests.support.past_trouble import blind, trouble_the_past
from tests.support.served import Served, served
from tests.support.servers import running_cluster
from tests.support.store_data import Connection, Shop, add_audit, add_device, add_shop, fill

NOW: Final = datetime(2026, 11, 21, 8, 38, tzinfo=UTC)  # 16:38 in Shanghai
#: Code, name, zone, currency, region, average sale, visitors a day, share that buys.
STORES: Final = (
    ("nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China", 312, 620, 0.23),
    ("xidan", "Xidan", "Asia/Shanghai", "CNY", "North China", 280, 540, 0.21),
    ("chunxi", "Chunxi Road", "Asia/Shanghai", "CNY", "West China", 244, 710, 0.26),
    ("tianhe", "Tianhe", "Asia/Shanghai", "CNY", "South China", 265, 480, 0.24),
    ("causeway-bay", "Causeway Bay", "Asia/Hong_Kong", "HKD", "Hong Kong", 405, 390, 0.19),
    ("thamel", "Thamel", "Asia/Kathmandu", "NPR", "South Asia", 2400, 210, 0.17),
)
#: The one whose past was not whole.
TROUBLED: Final = "nanjing-road"


@contextmanager
def sample() -> Iterator[Served]:
    """Serve the sample from a database of its own."""
    with tempfile.TemporaryDirectory(prefix="footfall-sample-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_cluster(folder / "postgres") as cluster:
            url = cluster.create()
            connection = psycopg2.connect(url)
            connection.autocommit = True
            shops = {store[0]: _add(connection, seed, store) for seed, store in enumerate(STORES, start=1)}
            trouble_the_past(url, connection, shops[TROUBLED], TROUBLED, now=NOW)
            connection.close()
            _accounts(url)
            with served(url, NOW) as running:
                yield running


def _accounts(url: str) -> None:
    """Add who may look, a person of each role."""
    database = Database(url, clock=lambda: NOW, connections=1, writes=True)
    register, day = Register(database), timedelta(days=1)
    register.add("li.na", Scope("manager", stores=("nanjing-road",)), "three small boats", now=NOW - 30 * day)
    register.add("zhou.tao", Scope("manager", stores=("xidan", "chunxi")), "from the telephone", now=NOW, one_time=True)
    register.add("wang.wei", Scope("region", regions=("East China", "North China")), "seven old bells", now=NOW - day)
    register.add("installer", Scope("installer"), "four grey geese", now=NOW - 90 * day)
    register.disable("installer", now=NOW - 2 * day)
    database.close()


def _add(connection: Connection, seed: int, store: tuple[str, str, str, str, str, float, float, float]) -> Shop:
    code, name, zone, currency, region, basket, visitors, conversion = store
    shop = add_shop(
        connection, code, name=name, timezone=zone, currency=currency, region=region, seed=seed, basket=basket,
        visitors_per_day=visitors, conversion=conversion,
    )  # fmt: skip
    fill(connection, shop, now=NOW)
    add_shifts(connection, shop.store_id, until=NOW)
    add_categories(connection, shop.store_id)
    _audit(connection, shop)
    add_floor_plan(connection, shop.store_id, now=NOW)
    dark = code == "xidan"
    add_device(
        connection, shop.store_id, "front", at=NOW - timedelta(seconds=4), cameras=(("door", "up"), ("street", "up"))
    )
    add_device(
        connection, shop.store_id, "side", at=NOW - timedelta(seconds=9), cameras=(("side", "down" if dark else "up"),)
    )
    if dark:
        blind(connection, shop, "side", NOW - timedelta(hours=2), NOW)
    return shop


def _audit(connection: Connection, shop: Shop) -> None:
    """Have both doors audited in the last weeks, the street never; the side door misses some who come in."""
    for days, line, ins in ((23, "door", (96, 95, 94)), (9, "door", (121, 120, 119)), (9, "side", (88, 81, 81)),
                            (2, "side", (74, 68, 67)), (2, "door", (118, 118, 117))):  # fmt: skip
        at = NOW - timedelta(days=days, hours=3)
        add_audit(connection, shop.store_id, shop.lines[line], at, ins=ins, outs=(90, 89, 88), auditor="lw")
