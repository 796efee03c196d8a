"""How fast the ledger is written: from decoded batches to the commit, and from the broker to the commit.

Beside the same rows by plain COPY, and beside a consumer that inserts what the broker brings row by row. All fill the
same table, emptied before each, on the same server in turns, so that a busy machine slows them alike; what counts is
the ratio within one round. COPY gets its text ready-made.
"""

import gc
import io
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np

from analytics.clock import utc_now
from contract.codec import decode, encode
from contract.entries import Crossing
from contract.messages import LedgerBatch
from contract.topics import topic
from deploy.bench.flow import Flow, flowing
from deploy.bench.machine import machine
from deploy.bench.scratch import machine_of
from deploy.errors import BenchError
from ingest.database import Connection, Database, connect
from ingest.names import Names
from ingest.rows import TABLE_OF_KIND, Group, Ids, RowStream
from ingest.writer import LedgerWriter

_STORE: Final = "bench-ingest"
_INSERT: Final = (
    "INSERT INTO crossing (at, store_id, line_id, inward, staff, group_size) "
    "VALUES (%(at)s, %(store_id)s, %(line_id)s, %(inward)s, %(staff)s, %(group_size)s)"
)
#: As the wire says them, and as a naive consumer's own table of ids would.
_INWARD: Final = {"in": True, "out": False}
#: 2 000 entries a second, as twenty messages.
_VISIBLE_ENTRIES: Final = 100
_VISIBLE_EVERY_S: Final = 0.05
#: Batches of each device in a transaction: with 50 devices as many as ingest takes at once, half of its window.
_BATCHES_EACH: Final = 2

_Message = tuple[str, bytes, int]


def run(
    database_url: str,
    *,
    devices: int = 50,
    entries_per_batch: int = 200,
    transactions: int = 5,
    rounds: int = 9,
    row_by_row_messages: int = 5,
    visible_messages: int = 200,
) -> dict[str, Any]:
    """Measure in an empty, migrated database; return rows a second, ratios, how soon rows are visible, and memory.

    Figures in `..._per_s` are medians over `rounds`, ratios are medians of the ratios of one round. `rss_mb` is the
    most that the worker held after a round, `rss_first_mb` what it held after the first.

    Raises:
        DatabaseError: the database cannot be reached or is not migrated.
        BenchError: what was sent is not there once and only once, or not in time.
    """
    database = Database(database_url, name="footfall-bench")
    connection, watching = (connect(database_url, name=name) for name in ("footfall-bench", "footfall-bench-watch"))
    try:
        ids = _prepare(connection)
        writer = LedgerWriter(database, Names())
        epochs, sent = ([uuid4() for _ in range(devices)] for _ in range(2))
        rows = devices * _BATCHES_EACH * entries_per_batch * transactions
        figures: dict[str, list[float]] = {"commit": [], "copy": [], "end_to_end": [], "row_by_row": []}
        memory: list[float] = []
        with flowing(database_url, watching, _STORE, others=epochs) as flow:
            flow.warm_up(_batch(0, uuid4(), 1, 1))
            for number in range(rounds + 1):  # the first warms up: caches, names, the table's first pages
                work = list(_transactions(epochs, entries_per_batch, transactions, number))
                wire = _messages(_transactions(sent, entries_per_batch, transactions, number))
                few = wire[:row_by_row_messages]
                texts = [_text(batches, ids) for batches in work]
                contest: list[tuple[str, int, Callable[[], None]]] = [
                    ("commit", rows, partial(_write, writer, work)),
                    ("copy", rows, partial(_copy, connection, texts)),
                    ("end_to_end", rows, partial(flow.stream, wire)),
                    (
                        "row_by_row",
                        sum(each[2] for each in few),
                        partial(flow.row_by_row, few, _inserter(connection, ids)),
                    ),
                ]
                took = {
                    name: many / _alone(connection, ids, flow, many, task)
                    for name, many, task in contest[:: 1 if number % 2 else -1]
                }
                if number:
                    memory.append(flow.memory_mb)
                    for name, figure in took.items():
                        figures[name].append(figure)
            delays = flow.visible(list(_trickle(visible_messages)), every_s=_VISIBLE_EVERY_S)
        return {"machine": machine(), "server": _server(connection), **_summary(figures, rows, delays, memory)}
    finally:
        for each in (connection, watching, database):
            each.close()


def _server(connection: Connection) -> dict[str, Any]:
    with connection.cursor() as cursor:
        return machine_of(cursor)


def _summary(
    figures: dict[str, list[float]], rows: int, delays: Sequence[float], memory: Sequence[float]
) -> dict[str, Any]:
    def ratio(one: str, other: str) -> dict[str, Any]:
        rounds = [a / b for a, b in zip(figures[one], figures[other], strict=True)]
        return {
            f"{one}_to_{other}": round(statistics.median(rounds), 3),
            f"{one}_to_{other}_rounds": [round(each, 3) for each in rounds],
        }

    return {
        "rows": rows,
        "rounds": len(figures["copy"]),
        **{f"{name}_rows_per_s": round(statistics.median(values)) for name, values in figures.items()},
        **ratio("commit", "copy"),
        **ratio("end_to_end", "copy"),
        **ratio("end_to_end", "row_by_row"),
        "visible_p95_ms": round(1000 * float(np.quantile(delays, 0.95)), 1),
        "visible_median_ms": round(1000 * statistics.median(delays), 1),
        "rss_mb": round(max(memory), 1),
        "rss_first_mb": round(memory[0], 1),
        "exactly_once": True,
    }


def _alone(connection: Connection, ids: Ids, flow: Flow, rows: int, task: Callable[[], None]) -> float:
    """Return how long a contestant took, who finds the table as the others do: empty, its index too."""
    _empty(connection, ids)
    before = flow.rows
    took = _timed(task)
    _once_only(flow.rows - before, rows)
    return took


def _once_only(found: int, expected: int) -> None:
    if found != expected:
        raise BenchError(f"{expected} rows were written, {found} are there")


def _timed(work: Callable[[], None]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _transactions(epochs: Sequence[UUID], entries: int, transactions: int, number: int) -> Iterator[list[LedgerBatch]]:
    """Yield the decoded batches of each transaction, as the codec makes them from the wire."""
    for transaction in range(transactions):
        first = (number * transactions + transaction) * _BATCHES_EACH
        yield [
            decode(encode(_batch(index, epoch, batch * entries + 1, entries)), LedgerBatch)
            for batch in range(first, first + _BATCHES_EACH)
            for index, epoch in enumerate(epochs)
        ]


def _batch(index: int, epoch: UUID, first_seq: int, entries: int) -> LedgerBatch:
    """Return a batch of the last hour: what is older marks its day to be counted anew."""
    start = utc_now() - timedelta(hours=1)
    return LedgerBatch(
        store=_STORE,
        device=f"box-{index}",
        epoch=epoch,
        first_seq=first_seq,
        last_seq=first_seq + entries - 1,
        sent_at=start,
        entries=[
            Crossing(
                at=start + timedelta(seconds=7.3 * offset, microseconds=first_seq),
                line="front-door" if offset % 3 else "side-door",
                direction="in" if offset % 2 else "out",
                staff=None if offset % 5 else False,
                group_size=1 + offset % 4,
            )
            for offset in range(entries)
        ],
    )


def _write(writer: LedgerWriter, work: Sequence[Sequence[LedgerBatch]]) -> None:
    for batches in work:
        writer.write(batches)


def _copy(connection: Connection, texts: Sequence[bytes]) -> None:
    statement = TABLE_OF_KIND[Crossing].copy
    for text in texts:
        with connection, connection.cursor() as cursor:
            cursor.copy_expert(statement, io.BytesIO(text))


def _inserter(connection: Connection, ids: Ids) -> Callable[[dict[str, Any]], None]:
    """Return what a naive consumer does with each entry: one INSERT, one commit."""

    def insert(entry: dict[str, Any]) -> None:
        with connection, connection.cursor() as cursor:
            cursor.execute(_INSERT, {
                "at": entry["at"],
                "store_id": ids.store_id,
                "line_id": ids.lines[entry["line"]],
                "inward": _INWARD[entry["direction"]],
                "staff": entry.get("staff"),
                "group_size": entry.get("group_size"),
            })  # fmt: skip

    return insert


def _messages(transactions: Iterator[list[LedgerBatch]]) -> list[_Message]:
    return [
        (topic(batch.store, batch.device, "ledger"), encode(batch), len(batch.entries))
        for batches in transactions
        for batch in batches
    ]


def _trickle(messages: int) -> Iterator[_Message]:
    """Yield messages of one device, made before they are sent."""
    epoch = uuid4()
    return iter(
        _messages([_batch(0, epoch, 1 + number * _VISIBLE_ENTRIES, _VISIBLE_ENTRIES)] for number in range(messages))
    )


def _text(batches: Sequence[LedgerBatch], ids: Ids) -> bytes:
    stream = RowStream(TABLE_OF_KIND[Crossing], [Group(batch.entries, ids, 0) for batch in batches])
    return b"".join(iter(stream.read, b""))


def _prepare(connection: Connection) -> Ids:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store (code, name, currency) VALUES (%(code)s, 'Benchmark', 'EUR') "
            "ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name RETURNING store_id",
            {"code": _STORE},
        )
        (store_id,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO line (store_id, code) VALUES (%(store_id)s, 'front-door'), (%(store_id)s, 'side-door') "
            "ON CONFLICT (store_id, code) DO UPDATE SET code = EXCLUDED.code RETURNING code, line_id",
            {"store_id": store_id},
        )
        return Ids(store_id, dict(cursor.fetchall()), {}, {})


def _empty(connection: Connection, ids: Ids) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM crossing WHERE store_id = %(store_id)s", {"store_id": ids.store_id})
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM crossing")
    finally:
        connection.autocommit = False
