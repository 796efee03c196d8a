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
from typing import Final

from pydantic import ValidationError

from ingest.database import Database
from ingest.errors import TillExportError, UnknownStoreError
from ingest.orders.bodies import OrderIn
from ingest.orders.book import UPSERT_COPIED, Terms, customer_hash, known_stores
from ingest.orders.checks import KnownStore, check
from ingest.orders.importing import DIFFERS, Imported, Reject
from ingest.orders.keys import EVERY_STORE
from ingest.orders.problems import ProblemError
from ingest.orders.till_csv import Row, RowReader
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("orders")
_STEP: Final = 10_000
_COLUMNS: Final = (
    "place, store_id, source, external_id, version, kind, original_external_id, business_date, closed_at, gross, "
    "discount, tax, net, currency, units, channel, register, staff_ref, customer_ref, is_test"
)
_NOTHING: Final = "\\N"


@dataclass(frozen=True, slots=True)
class Understood:
    """A step of the file: `text` for COPY, the rows that stand in it, and those that are wrong, with the reason."""

    text: str
    rows: Sequence[Row]
    orders: Sequence[tuple[str, int]]
    wrong: Sequence[tuple[Row, str]]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a process needs to understand rows: how the export is read, the one store, and the terms."""

    reader: RowReader
    store: KnownStore
    terms: Terms

    def __call__(self, rows: Sequence[tuple[int, list[str]]]) -> Understood:
        """Return what these rows, each with its line, are understood as."""
        wrong: list[tuple[Row, str]] = []
        good: list[tuple[Row, OrderIn]] = []
        for line, cells in rows:
            row = self.reader.row(line, cells)
            try:
                if row.order is None:
                    wrong.append((row, row.reason or ""))
                else:
                    good.append((Row(line, cells), OrderIn.model_validate(row.order)))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                wrong.append((row, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        good = self._checked(good, wrong)
        text = io.StringIO()
        for place, (_, order) in enumerate(good):
            text.write(_copied(place, order, self.store.store_id, self.terms.hash_secret))
        orders = [(order.external_id, order.version) for _, order in good]
        return Understood(text.getvalue(), [row for row, _ in good], orders, wrong)

    def _checked(self, good: list[tuple[Row, OrderIn]], wrong: list[tuple[Row, str]]) -> list[tuple[Row, OrderIn]]:
        orders = [order for _, order in good]
        stores = {self.reader.layout.store: self.store}
        try:
            check(orders, stores, EVERY_STORE, now=self.terms.now, ahead=self.terms.ahead)
        except ProblemError as error:
            reasons: dict[int, str] = {}
            for each in error.errors:
                text = f"{each.field or 'order'}: {each.message}"
                reasons[each.index] = f"{reasons[each.index]}; {text}" if each.index in reasons else text
            wrong += [(good[index][0], reason) for index, reason in sorted(reasons.items())]
            return [each for index, each in enumerate(good) if index not in reasons]
        return good


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

    def run(self, rows: Iterable[tuple[int, list[str]]], reject: Reject, *, versioned: bool) -> Iterator[Imported]:
        """Import `rows` beyond the first `done_rows`, yielding the figures so far after each step.

        A row of whose order something else is kept is set aside, unless the till itself says (`versioned`) that it is
        an older version.

        Raises:
            DatabaseError: the database did not take a step; those before it are in.
            TillExportError: a process that understands rows was killed.
        """
        done = Imported()
        remaining = islice(iter(rows), self.done_rows, None)
        for understood in self._understood(remaining):
            for row, reason in understood.wrong:
                reject(row, reason)
            done.rejected += len(understood.wrong)
            self._take(understood, done, reject, versioned=versioned)
            yield done
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["import_over"], {"file": self._key})

    def _understood(self, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Understood]:
        workers = os.cpu_count() or 1
        waiting: deque[Future[Understood]] = deque()
        try:
            # Started afresh: threads and connections of this process are no business of theirs.
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                while step := list(islice(rows, _STEP)):
                    waiting.append(pool.submit(self._worker, step))
                    if len(waiting) > workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise TillExportError(
                "a process that understood rows was killed (out of memory?): import again, it goes on where it was"
            ) from error

    def _take(self, understood: Understood, done: Imported, reject: Reject, *, versioned: bool) -> None:
        """Commit a step, and that the file has come so far."""
        self.done_rows += len(understood.rows) + len(understood.wrong)
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["incoming"])
            cursor.copy_expert(f"COPY incoming ({_COLUMNS}) FROM STDIN", io.StringIO(understood.text))
            cursor.execute(UPSERT_COPIED)
            written = {number: new for _, number, new in cursor.fetchall()}
            left = _left(understood.orders, written)
            cursor.execute(_SQL["not_taken"], {"places": left})
            kept = {place: rest for place, *rest in cursor.fetchall()}
            cursor.execute(_SQL["import_step"], {"file": self._key, "rows": self.done_rows})
        created = sum(written.values())
        done.outcomes["created"] += created
        done.outcomes["updated"] += len(written) - created
        for place in left:
            store_id, version, differs = kept[place]
            if store_id != self._store.store_id:
                reject(understood.rows[place], "another store has an order of this source and number")
                done.rejected += 1
            elif differs and not (versioned and version > understood.orders[place][1]):
                reject(understood.rows[place], DIFFERS)
                done.differing += 1
            else:
                done.outcomes["ignored"] += 1


def _left(orders: Sequence[tuple[str, int]], written: dict[str, bool]) -> list[int]:
    """Return the places of orders that were not written: here already, or another row of the step was the one."""
    chosen: dict[str, int] = {}
    for place, (number, version) in enumerate(orders):
        if number not in chosen or version > orders[chosen[number]][1]:
            chosen[number] = place
    return [place for place, (number, _) in enumerate(orders) if number not in written or chosen[number] != place]


def _copied(place: int, order: OrderIn, store_id: int, hash_secret: bytes) -> str:
    """Return an order as a line for COPY, in the order of `_COLUMNS`."""
    told = (order.original_external_id, order.business_date, order.register_, order.staff_ref)
    original, day, register, staff = (_NOTHING if each is None else _escaped(str(each)) for each in told)
    customer = customer_hash(order, hash_secret) or _NOTHING
    return (
        f"{place}\t{store_id}\t{_escaped(order.source)}\t{_escaped(order.external_id)}\t{order.version}\t{order.kind}\t"
        f"{original}\t{day}\t{order.closed_at}\t{order.gross}\t{order.discount}\t{order.tax}\t{order.net}\t"
        f"{order.currency}\t{order.units}\t{order.channel}\t{register}\t{staff}\t{customer}\t{order.is_test}\n"
    )


def _escaped(text: str) -> str:
    """Return a text for COPY: control characters are refused before, a backslash is all that is special."""
    return text.replace("\\", "\\\\") if "\\" in text else text
