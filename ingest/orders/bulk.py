"""Many orders of one file straight into the book: understood by several processes, copied in steps, each committed.

file ── rows ─► understood here and there ─► COPY ─► upsert, and how far it came, in one transaction

An import that was killed goes on after its last step; what is here already changes nothing, so a step that was
committed and not noted would do no harm either.
"""

import io
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from typing import Final, TypeAlias

from pydantic import ValidationError

from ingest.database import Database
from ingest.errors import TillExportError, UnknownStoreError
from ingest.orders.bodies import OrderIn
from ingest.orders.book import UPSERT_COPIED, Terms, customer_hash, known_stores
from ingest.orders.checks import KnownStore, check
from ingest.orders.importing import DIFFERS, Imported, Reject
from ingest.orders.keys import EVERY_STORE
from ingest.orders.plain_rows import COLUMNS, NOTHING, PlainRows
from ingest.orders.problems import ProblemError
from ingest.orders.till_csv import Block, Row, RowReader, TillExport
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("orders")
#: Lines of a step.
STEP: Final = 20_000
_COPY: Final = f"COPY incoming ({COLUMNS}) FROM STDIN"

#: Place, version, whose it is here, in which version, whether that says something else.
_Left: TypeAlias = tuple[int, int, int, int, bool]


@dataclass(frozen=True, slots=True)
class Understood:
    """A step of the file: `text` for COPY, by place the lines of the rows in it, and the wrong rows with the reason."""

    text: bytes
    lines: Sequence[int]
    wrong: Sequence[tuple[Row, str]]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a process needs to understand rows: how the export is read, the one store, and the terms."""

    reader: RowReader
    store: KnownStore
    terms: Terms

    def __call__(self, block: Block) -> Understood:
        """Return what the rows of a block are understood as."""
        rows = self.reader.cells(block)
        texts = PlainRows(self.reader, self.store, self.terms)(rows)
        wrong = self._understand([index for index, text in enumerate(texts) if text is None], rows, texts)
        told = [(line, text) for (line, _), text in zip(rows, texts, strict=True) if text is not None]
        copied = "".join([f"{place}\t{text}" for place, (_, text) in enumerate(told)])
        return Understood(copied.encode(), [line for line, _ in told], wrong)

    def _understand(
        self, indices: Sequence[int], rows: Sequence[tuple[int, list[str]]], texts: list[str | None]
    ) -> list[tuple[Row, str]]:
        """Put what these rows say into `texts`, one by one; return those that are wrong."""
        wrong: list[tuple[Row, str]] = []
        good: list[tuple[int, OrderIn]] = []
        for index in indices:
            line, cells = rows[index]
            row = self.reader.row(line, cells)
            try:
                if row.order is None:
                    wrong.append((row, row.reason or ""))
                else:
                    good.append((index, OrderIn.model_validate(row.order)))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                wrong.append((row, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        reasons = self._reasons([order for _, order in good])
        for place, (index, order) in enumerate(good):
            if place in reasons:
                wrong.append((Row(*rows[index]), reasons[place]))
            else:
                texts[index] = _copied(order, self.store.store_id, self.terms.hash_secret)
        return wrong

    def _reasons(self, orders: Sequence[OrderIn]) -> dict[int, str]:
        """Return by its index why an order is refused."""
        try:
            check(
                orders, {self.reader.layout.store: self.store}, EVERY_STORE, now=self.terms.now, ahead=self.terms.ahead
            )
        except ProblemError as error:
            reasons: dict[int, str] = {}
            for each in error.errors:
                text = f"{each.field or 'order'}: {each.message}"
                reasons[each.index] = f"{reasons[each.index]}; {text}" if each.index in reasons else text
            return reasons
        return {}


class BulkImport:
    """The import of the file that `key` names, by its content, into `database`.

    Raises:
        UnknownStoreError: there is no such store.
    """

    def __init__(self, database: Database, reader: RowReader, key: str, terms: Terms) -> None:
        self._database = database
        self._key = key
        code = reader.layout.store
        with database.transaction() as cursor:
            store = known_stores(cursor, {code}).get(code)
            cursor.execute(_SQL["import_begun"], {"file": key})
            (self.done_rows,) = cursor.fetchone() or (0,)
        if store is None:
            raise UnknownStoreError(code)
        self._store = store
        self._worker = Worker(reader, store, terms)

    def run(self, export: TillExport, reject: Reject, *, versioned: bool) -> Iterator[Imported]:
        """Import the rows of `export` beyond the first `done_rows`, yielding the figures so far after each step.

        A row of whose order something else is kept is set aside, unless the till itself says (`versioned`) that it is
        an older version.

        Raises:
            DatabaseError: the database did not take a step; those before it are in.
            TillExportError: the file stops being CSV text, or a process that understands rows was killed.
        """
        done = Imported()
        deque(islice(export.cells(), self.done_rows), maxlen=0)
        for block, understood in self._understood(export.blocks(STEP)):
            for row, reason in understood.wrong:
                reject(row, reason)
            done.rejected += len(understood.wrong)
            self._take(block, understood, done, reject, versioned=versioned)
            yield done
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["import_over"], {"file": self._key})

    def _understood(self, blocks: Iterator[Block]) -> Iterator[tuple[Block, Understood]]:
        workers = os.cpu_count() or 1
        waiting: deque[tuple[Block, Future[Understood]]] = deque()
        try:
            # Started afresh: threads and connections of this process are no business of theirs.
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                for block in blocks:
                    waiting.append((block, pool.submit(self._worker, block)))
                    if len(waiting) > workers:
                        first, future = waiting.popleft()
                        yield first, future.result()
                for first, future in waiting:
                    yield first, future.result()
        except BrokenProcessPool as error:
            raise TillExportError(
                "a process that understood rows was killed (out of memory?): import again, it goes on where it was"
            ) from error

    def _take(self, block: Block, understood: Understood, done: Imported, reject: Reject, *, versioned: bool) -> None:
        """Commit a step, and that the file has come so far."""
        rows = len(understood.lines)
        self.done_rows += rows + len(understood.wrong)
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["incoming"])
            cursor.copy_expert(_COPY, io.BytesIO(understood.text))
            cursor.execute(UPSERT_COPIED)
            created, updated = cursor.fetchone() or (0, 0)
            left: list[_Left] = []
            if created + updated < rows:
                cursor.execute(_SQL["not_taken"])
                left = cursor.fetchall()
            cursor.execute(_SQL["import_step"], {"file": self._key, "rows": self.done_rows})
        done.outcomes["created"] += created
        done.outcomes["updated"] += updated
        refused = [
            (understood.lines[place], reason) for place, reason in self._refused(left, done, versioned=versioned)
        ]
        if refused:
            cells = dict(self._worker.reader.cells(block))
            for line, reason in refused:
                reject(Row(line, cells[line]), reason)

    def _refused(self, left: Iterable[_Left], done: Imported, *, versioned: bool) -> Iterator[tuple[int, str]]:
        """Yield the places of rows to set aside among those that were not written, with the reason."""
        for place, version, store_id, kept_version, differs in left:
            if store_id != self._store.store_id:
                done.rejected += 1
                yield place, "another store has an order of this source and number"
            elif differs and not (versioned and kept_version > version):
                done.differing += 1
                yield place, DIFFERS
            else:
                done.outcomes["ignored"] += 1


def _copied(order: OrderIn, store_id: int, hash_secret: bytes) -> str:
    """Return an order as a line for COPY, in the order of `COLUMNS`, without its place."""
    told = (order.original_external_id, order.business_date, order.register_, order.staff_ref)
    original, day, register, staff = (NOTHING if each is None else _escaped(str(each)) for each in told)
    customer = customer_hash(order, hash_secret) or NOTHING
    return (
        f"{store_id}\t{_escaped(order.source)}\t{_escaped(order.external_id)}\t{order.version}\t{order.kind}\t"
        f"{original}\t{day}\t{order.closed_at}\t{order.gross}\t{order.discount}\t{order.tax}\t{order.net}\t"
        f"{order.currency}\t{order.units}\t{order.channel}\t{register}\t{staff}\t{customer}\t{order.is_test}\n"
    )


def _escaped(text: str) -> str:
    """Return a text for COPY: control characters are refused before, a backslash is all that is special."""
    return text.replace("\\", "\\\\") if "\\" in text else text
