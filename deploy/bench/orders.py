"""How fast a till's long export comes into the order book, beside plain COPY of the same rows into the same table.

A year of one busy store, some of its rows wrong, is imported as `footfall orders import --direct` does it, imported
again, and copied: what the book holds by then, as text made ready, in transactions of as many rows.
"""

import csv
import hashlib
import io
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from analytics.clock import utc_now
from deploy.bench.machine import machine
from deploy.bench.scratch import machine_of
from deploy.errors import BenchError
from deploy.stores import Store, parse_hours, register
from ingest.database import Connection, Database, connect
from ingest.orders.book import Terms
from ingest.orders.bulk import STEP, BulkImport
from ingest.orders.importing import Imported
from ingest.orders.till_csv import Layout, Row, TillExport

_STORE: Final = "bench-orders"
#: One row in so many is wrong.
_WRONG_EVERY: Final = 10_000
_DAYS: Final = 365
_OPEN_S: Final = 10 * 3_600
_HEADER: Final = (
    "external_id", "closed_at", "kind", "gross", "discount", "tax", "net", "units", "register", "staff_ref",
    "customer_ref",
)  # fmt: skip
_COLUMNS: Final = (
    "store_id, source, external_id, version, kind, original_external_id, business_date, closed_at, gross, discount, "
    "tax, net, currency, units, channel, register, staff_ref, customer_ref, is_test"
)


def run(
    database_url: str, *, orders: int, rounds: int, heard: Callable[[str, float], None] = lambda _what, _share: None
) -> dict[str, Any]:
    """Measure in an empty, migrated database; return rows a second of the import, of the same again, and of COPY.

    Medians over `rounds`, in which import and COPY take turns in being first.

    Raises:
        DatabaseError: the database cannot be reached or is not migrated.
        BenchError: what was imported is not there once and only once, or a wrong row is not told.
    """
    database = Database(database_url, name="footfall-bench")
    with closing(database), closing(connect(database_url, name="footfall-bench")) as connection:
        _register(database)
        with tempfile.TemporaryDirectory(prefix="footfall-bench-orders-") as folder:
            file = Path(folder) / "export.csv"
            heard("an export is written", 0.0)
            wrong = _write(file, orders)
            found = _rounds(database, connection, file, (orders, wrong, rounds), heard)
        with connection, connection.cursor() as cursor:
            server = machine_of(cursor)
    return {"machine": machine(), "server": server, "rows": orders, "rejected": wrong, "rounds": rounds, **found}


def _rounds(
    database: Database,
    connection: Connection,
    file: Path,
    size: tuple[int, int, int],
    heard: Callable[[str, float], None],
) -> dict[str, Any]:
    orders, wrong, rounds = size
    rates: dict[str, list[float]] = {"import": [], "again": [], "copy": []}

    def imported() -> None:
        heard(f"round {number + 1} of {rounds}: import", number / rounds)
        for name, expected in (("import", orders - wrong), ("again", 0)):
            took, done, rejected = _import(database, file)
            if (done.outcomes["created"], done.rejected, rejected) != (expected, wrong, wrong):
                raise BenchError(f"expected {expected} new orders and {wrong} rejected, got {done}")
            rates[name].append(orders / took)

    def copied() -> None:
        heard(f"round {number + 1} of {rounds}: plain COPY", (number + 0.7) / rounds)
        rates["copy"].append((orders - wrong) / _copy(connection, pieces))

    number, pieces = 0, list[bytes]()
    for number in range(rounds):
        if number % 2 == 0:
            imported()
            pieces = pieces or _pieces(connection)
            _empty(connection)
            copied()
        else:
            copied()
            _empty(connection)
            imported()
        _once_only(connection, orders - wrong)
        _empty(connection)
    ratios = [one / other for one, other in zip(rates["import"], rates["copy"], strict=True)]
    return {
        **{f"{name}_rows_per_s": round(float(np.median(each))) for name, each in rates.items()},
        "import_to_copy": round(float(np.median(ratios)), 3),
        "import_to_copy_rounds": [round(each, 3) for each in ratios],
        "exactly_once": True,
    }


def _register(database: Database) -> None:
    opened = utc_now().date() - timedelta(days=_DAYS + 30)
    store = Store(
        code=_STORE, name="Benchmark", timezone="Europe/Berlin", currency="EUR", region=None, opened_on=opened,
        hours=parse_hours("mon-sun 10:00-20:00"),
    )  # fmt: skip
    register(database, store, today=utc_now().date())


def _write(file: Path, orders: int) -> int:
    """Write an export of so many rows as tills write them; return how many of them are wrong."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADER)
        writer.writerows(_rows(orders))
    return len(range(_WRONG_EVERY - 1, orders, _WRONG_EVERY))


def _rows(orders: int) -> Iterator[tuple[str, ...]]:
    random = np.random.default_rng(7)
    first = utc_now().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS + 1)
    seconds = np.sort(random.integers(0, _DAYS * _OPEN_S, orders)).tolist()
    nets = random.integers(200, 20_000, orders).tolist()
    discounts = (100 * (random.random(orders) < 0.25)).tolist()  # noqa: PLR2004  # every fourth is reduced
    units = random.integers(1, 7, orders).tolist()
    customers = random.integers(0, 150_000, orders).tolist()
    for number, (second, net, discount, many, customer) in enumerate(
        zip(seconds, nets, discounts, units, customers, strict=True)
    ):
        day, later = divmod(second, _OPEN_S)
        yield (
            f"R-{number:09d}",
            (first + timedelta(days=day, seconds=later)).isoformat(),
            "sale",
            _amount(net + discount),
            _amount(discount),
            _amount(net * 19 // 119),
            _amount(net),
            "some" if number % _WRONG_EVERY == _WRONG_EVERY - 1 else str(many),
            f"till-{number % 4}",
            f"staff-{number % 17}",
            f"card-{customer}" if customer < 50_000 else "",  # noqa: PLR2004  # a third are known
        )


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _import(database: Database, file: Path) -> tuple[float, Imported, int]:
    """Import the file from its first byte on; return how long it took, the figures, and how many rows were told."""
    told: list[int] = []

    def reject(row: Row, _reason: str) -> None:
        told.append(row.line)

    started = time.perf_counter()
    with file.open("rb") as raw:
        key = hashlib.file_digest(raw, "sha256").hexdigest()
    layout = Layout(store=_STORE, source="bench", currency="EUR")
    terms = Terms(hash_secret=b"bench" * 8, now=utc_now(), ahead=timedelta(days=1))
    with file.open("rb") as raw:
        export = TillExport(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""), layout)
        steps = BulkImport(database, export.reader, key, terms).run(export, reject, versioned=False)
        (done,) = deque(steps, maxlen=1)
    return time.perf_counter() - started, done, len(told)


def _pieces(connection: Connection) -> list[bytes]:
    """Return what the book holds, as text for COPY, in pieces of as many rows as a step of an import has."""
    out = io.BytesIO()
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY pos_order ({_COLUMNS}) TO STDOUT", out)
    lines = out.getvalue().splitlines(keepends=True)
    return [b"".join(lines[start : start + STEP]) for start in range(0, len(lines), STEP)]


def _copy(connection: Connection, pieces: list[bytes]) -> float:
    started = time.perf_counter()
    for piece in pieces:
        with connection, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY pos_order ({_COLUMNS}) FROM STDIN", io.BytesIO(piece))
    return time.perf_counter() - started


def _once_only(connection: Connection, expected: int) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pos_order")
        (found,) = cursor.fetchone() or (0,)
    if found != expected:
        raise BenchError(f"{expected} orders were imported, {found} are there")


def _empty(connection: Connection) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE pos_order, pos_order_line, day_touched, store_day_mark")
