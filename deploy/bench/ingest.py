"""How fast the ledger is written, beside the same rows by plain COPY and by one INSERT each.

All three fill the same table on the same server in turns, so that a busy machine slows them alike; what counts is the
ratio within one run. The writer starts from decoded batches and ends with the commit; COPY gets its text ready-made.
"""

import gc
import io
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from contract.codec import decode, encode
from contract.entries import Crossing
from contract.messages import LedgerBatch
from ingest.database import Connection, Database, connect
from ingest.names import Names
from ingest.rows import TABLE_OF_KIND, Group, Ids, RowStream
from ingest.writer import LedgerWriter

_STORE: Final = "bench-ingest"
_INSERT: Final = (
    "INSERT INTO crossing (at, store_id, line_id, inward, staff, group_size) "
    "VALUES (%(at)s, %(store_id)s, %(line_id)s, %(inward)s, %(staff)s, %(group_size)s)"
)
_OF_STORE: Final = "store_id = (SELECT store_id FROM store WHERE code = %(code)s)"
#: What refers goes before what it refers to.
_FORGET: Final = (
    f"DELETE FROM crossing WHERE {_OF_STORE}",  # noqa: S608  # our own text
    f"DELETE FROM ledger_epoch WHERE device_id IN (SELECT device_id FROM device WHERE {_OF_STORE})",  # noqa: S608  # as above
    f"DELETE FROM device WHERE {_OF_STORE}",  # noqa: S608  # as above
    f"DELETE FROM line WHERE {_OF_STORE}",  # noqa: S608  # as above
    "DELETE FROM store WHERE code = %(code)s",
)
_START: Final = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def run(
    database_url: str,
    *,
    devices: int = 50,
    entries_per_batch: int = 200,
    transactions: int = 10,
    rounds: int = 5,
    single_inserts: int = 500,
) -> dict[str, Any]:
    """Return rows per second of the writer, of plain COPY, of one INSERT per row, and their ratios.

    `rows_per_s` are medians over `rounds`; `writer_to_copy` is the median of the ratios of one round. Leaves a store
    `bench-ingest` without rows behind; a transaction holds one batch per device.

    Raises:
        DatabaseError: the database cannot be reached or is not migrated.
    """
    database = Database(database_url, name="footfall-bench")
    connection = connect(database_url, name="footfall-bench")
    try:
        ids = _prepare(connection)
        writer = LedgerWriter(database, Names())
        figures: dict[str, list[float]] = {"writer": [], "copy": [], "insert": []}
        epochs = [uuid4() for _ in range(devices)]
        for number in range(rounds + 1):  # the first warms up: caches, names, the table's first pages
            work = list(_transactions(epochs, entries_per_batch, transactions, number))
            texts = [_text(batches, ids) for batches in work]
            rows = devices * entries_per_batch * transactions
            contest: list[tuple[str, int, Callable[[], None]]] = [
                ("writer", rows, partial(_write, writer, work)),
                ("copy", rows, partial(_copy, connection, texts)),
                ("insert", single_inserts, partial(_insert, connection, work, ids, single_inserts)),
            ]
            # Who goes second finds the table larger: they change places each round.
            took = {name: many / _timed(task) for name, many, task in contest[:: 1 if number % 2 else -1]}
            if number:
                for name, figure in took.items():
                    figures[name].append(figure)
            _empty(connection, ids)
        return _summary(figures, rows)
    finally:
        _forget(connection)
        connection.close()
        database.close()


def _summary(figures: dict[str, list[float]], rows: int) -> dict[str, Any]:
    ratios = [writer / copy for writer, copy in zip(figures["writer"], figures["copy"], strict=True)]
    return {
        "rows": rows,
        "rounds": len(ratios),
        "rows_per_s": {name: round(statistics.median(values)) for name, values in figures.items()},
        "writer_to_copy": round(statistics.median(ratios), 3),
        "writer_to_copy_rounds": [round(ratio, 3) for ratio in ratios],
        "writer_to_insert": round(statistics.median(figures["writer"]) / statistics.median(figures["insert"]), 1),
    }


def _timed(work: Callable[[], None]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _transactions(epochs: Sequence[UUID], entries: int, transactions: int, number: int) -> Iterator[list[LedgerBatch]]:
    """Yield the decoded batches of each transaction, as the codec makes them from the wire."""
    for transaction in range(transactions):
        first_seq = (number * transactions + transaction) * entries + 1
        yield [
            decode(encode(_batch(index, epoch, first_seq, entries)), LedgerBatch) for index, epoch in enumerate(epochs)
        ]


def _batch(index: int, epoch: UUID, first_seq: int, entries: int) -> LedgerBatch:
    return LedgerBatch(
        store=_STORE,
        device=f"box-{index}",
        epoch=epoch,
        first_seq=first_seq,
        last_seq=first_seq + entries - 1,
        sent_at=_START,
        entries=[
            Crossing(
                at=_START + timedelta(seconds=7.3 * (first_seq + offset)),
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


def _insert(connection: Connection, work: Sequence[Sequence[LedgerBatch]], ids: Ids, most: int) -> None:
    entries = [entry for batch in work[0] for entry in batch.entries if isinstance(entry, Crossing)]
    for entry in entries[:most]:
        with connection, connection.cursor() as cursor:
            cursor.execute(_INSERT, {
                "at": entry.at,
                "store_id": ids.store_id,
                "line_id": ids.lines[entry.line],
                "inward": entry.direction == "in",
                "staff": entry.staff,
                "group_size": entry.group_size,
            })  # fmt: skip


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


def _forget(connection: Connection) -> None:
    """Remove what the benchmark registered."""
    with connection, connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, {"code": _STORE})
