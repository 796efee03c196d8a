"""The work of `footfall orders import` and `staff import`: the file, the progress, the rows that were rejected."""

import csv
import dataclasses
import hashlib
import io
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Self, TextIO, TypeAlias, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from analytics.clock import utc_now
from deploy.cli.orders import KEY_VARIABLE
from deploy.cli.words import count_of
from ingest.errors import OrdersApiError, TillExportError
from ingest.orders.client import OrdersClient
from ingest.orders.importing import DIFFERS, Imported, import_rows
from ingest.orders.staff_csv import StaffExport, StaffLayout
from ingest.orders.till_csv import Layout, Row, TillExport

if TYPE_CHECKING:
    from _csv import Writer

    from ingest.database import Database
    from ingest.orders.book import Terms

_FILE_BYTES_MAX = 1024**3
_LINES_SHOWN = 20
_WIDTH = 80
_AMOUNTS = ("gross", "discount", "tax", "net")
Export: TypeAlias = TillExport | StaffExport
_E = TypeVar("_E", bound=Export)
_L = TypeVar("_L", Layout, StaffLayout)


def replacing(layout: _L, *, replace: bool) -> _L:
    """Return the layout; to `replace` with a version above 1 and above every replacement before: ms since 1970."""
    return dataclasses.replace(layout, version=int(utc_now().timestamp() * 1_000)) if replace else layout


def key_of(key: str | None, *, name: str, store: str) -> str:
    """Return the API key that was given, as an option or in the environment.

    Raises:
        OrdersApiError: there is none.
    """
    found = key or os.environ.get(KEY_VARIABLE)
    if not found:
        raise OrdersApiError(
            f"no API key: footfall keys create --name {name} --store {store} makes one; "
            f"give it in {KEY_VARIABLE} or with --key"
        )
    return found


def end(done: Imported) -> NoReturn:
    """End the command, with exit code 1 where a row was rejected or says something else than what is kept."""
    raise typer.Exit(1 if done.rejected or done.differing else 0)


def dry_run(file: Path, make: Callable[[TextIO], Export], encoding: str, many: int) -> bool:
    """Show the first rows as they are understood; return whether any row of the file is.

    Raises:
        TillExportError: the file cannot be read at all.
    """
    rows = wrong = 0
    with _opened(file, make, encoding) as (export, _):
        for row in export.rows():
            rows += 1
            wrong += row.order is None
            if rows <= many or (row.order is None and wrong <= many):
                typer.echo(_block(row, export))
        mapped = ", ".join(f"{ours} = {export.header[index]}" for ours, index in export.columns.items())
    typer.echo(_wrapped(f"columns: {mapped}"))
    typer.echo(f"{count_of(rows, 'row')}, {wrong} not understood; nothing was posted")
    return wrong < rows


def _block(row: Row, export: Export) -> str:
    """Return a row as a few lines that hold on a narrow screen; an amount is shown beside what the file says."""
    if row.order is None:
        return f"line {row.line}: not understood\n{_wrapped('  ' + (row.reason or ''))}\n"
    order = row.order
    if "starts_at" in order:
        who = f"staff {order['staff_ref']}" if "staff_ref" in order else "somebody"
        return (
            f"line {row.line}: {who}{', cancelled' if order['cancelled'] else ''}\n"
            f"  from {order['starts_at']} to {order['ends_at'] or 'now'}, breaks {order['break_min']} min\n"
        )
    amounts = []
    for name in _AMOUNTS:
        index = export.columns.get(name)
        said = row.cells[index].strip() if index is not None and index < len(row.cells) else ""
        amounts.append(f"{name} {order[name]}" + (f" (from {said!r})" if said and said != order[name] else ""))
    return (
        f"line {row.line}: {order['kind']} {order['external_id']}\n"
        f"  closed at {order['closed_at']}, units {order['units']}, {order['currency']}\n"
        f"  {', '.join(amounts[:2])}\n"
        f"  {', '.join(amounts[2:])}\n"
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent="  ", break_long_words=False)


def post_file(
    file: Path, make: Callable[[TextIO], Export], encoding: str, client: OrdersClient, *, replace: bool
) -> Imported:
    """Post what is in a file with a progress bar and return the figures; rejected rows go to FILE.rejected.csv.

    Raises:
        TillExportError: the file cannot be read at all, or its own versions are to be replaced.
        OrdersApiError: the API does not take anything; importing again is safe.
    """
    with _opened(file, make, encoding) as (export, raw), _Rejected(file, export.header) as rejected:
        versioned = _versioned(export, file, replace=replace)
        steps = import_rows(export.rows(), client.post, rejected.add, versioned=versioned)
        done = _followed(steps, file, raw, client.what)
    _tell(done, rejected, versioned=versioned, replace=replace)
    return done


def import_directly(
    file: Path, layout: Layout, encoding: str, database: "Database", terms: "Terms", *, replace: bool
) -> Imported:
    """Put a file's orders straight into the database, with a progress bar; one that was killed goes on where it was.

    Raises:
        TillExportError, UnknownStoreError: as `post_file`; the store is not known.
        DatabaseError: the database does not take anything; importing again goes on where it was.
    """
    from ingest.orders.bulk import BulkImport

    with _opened(file, lambda text: TillExport(text, layout), encoding) as (export, raw):
        versioned = _versioned(export, file, replace=replace)
        bulk = BulkImport(database, export.reader, _key(file, layout, replace=replace), terms)
        if bulk.done_rows:
            typer.echo(f"going on after {count_of(bulk.done_rows, 'row')} that are in from before")
        with _Rejected(file, export.header, going_on=bulk.done_rows > 0) as rejected:
            done = _followed(bulk.run(export, rejected.add, versioned=versioned), file, raw)
    _tell(done, rejected, versioned=versioned, replace=replace)
    return done


def _versioned(export: Export, file: Path, *, replace: bool) -> bool:
    """Return whether the file says each order's version; refuse to replace what it says itself."""
    versioned = "version" in export.columns
    if versioned and replace:
        raise TillExportError(
            f"{file}: its column {export.header[export.columns['version']]!r} says each row's version, and the "
            "highest one is kept: leave --replace out"
        )
    return versioned


def _key(file: Path, layout: Layout, *, replace: bool) -> str:
    """Return what tells one import from another: the file's content and how it is read."""
    with file.open("rb") as raw:
        content = hashlib.file_digest(raw, "sha256").hexdigest()
    how = dataclasses.replace(layout, version=0) if replace else layout
    return hashlib.sha256(f"{content} {how!r} {replace}".encode()).hexdigest()


def _followed(steps: Iterable[Imported], file: Path, raw: BinaryIO, what: str = "orders") -> Imported:
    """Return the last figures of an import, its progress shown meanwhile."""
    done = Imported()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=file.stat().st_size)
        for done in steps:
            progress.update(task, completed=raw.tell(), description=f"{done.rows} {what}")
    return done


def _tell(done: Imported, rejected: "_Rejected", *, versioned: bool, replace: bool) -> None:
    counts = ", ".join(f"{many} {outcome}" for outcome, many in done.outcomes.items())
    differing = f", {done.differing} differing" if done.differing else ""
    typer.echo(f"{count_of(done.rows, 'row')}: {counts}, {done.rejected} rejected{differing}")
    if done.differing:
        typer.echo(_differing(rejected.differing_lines, done.differing, versioned=versioned, replace=replace))
    if done.rejected or done.differing:
        typer.echo(f"which and why: {rejected.path}")


def _differing(lines: list[int], many: int, *, versioned: bool, replace: bool) -> str:
    where = ", ".join(map(str, lines)) + (" …" if many > len(lines) else "")
    told = f"not taken, for something else is kept of the same orders: {count_of(many, 'row')}, line {where}."
    if versioned:
        return f"{told} A correction needs a higher version"
    if replace:
        return f"{told} The file has these orders more than once and differently: the first row was taken"
    return f"{told} Map their version with --map version=COLUMN, or let the file win with --replace"


@contextmanager
def _opened(file: Path, make: Callable[[TextIO], _E], encoding: str) -> Iterator[tuple[_E, BinaryIO]]:
    size = file.stat().st_size
    if size > _FILE_BYTES_MAX:
        raise TillExportError(
            f"{file}: expected at most {_FILE_BYTES_MAX} bytes, got {size}: export fewer days at a time"
        )
    with file.open("rb") as raw:
        try:
            text = io.TextIOWrapper(raw, encoding=encoding, newline="")
        except LookupError as error:
            raise TillExportError(f"--encoding: {error}: such as utf-8-sig, cp1252 or shift_jis") from error
        yield make(text), raw


class _Rejected:
    """FILE.rejected.csv, made when the first row is rejected; an old one goes unless the import is `going_on`."""

    def __init__(self, file: Path, header: list[str], *, going_on: bool = False) -> None:
        self._going_on = going_on
        self.path = file.with_name(file.name + ".rejected.csv")
        self._header = header
        self._file: io.TextIOWrapper | None = None
        self._writer: Writer | None = None
        self.differing_lines: list[int] = []

    def __enter__(self) -> Self:
        if not self._going_on:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, reason: str) -> None:
        """Write down a row and why it was rejected."""
        if reason == DIFFERS and len(self.differing_lines) < _LINES_SHOWN:
            self.differing_lines.append(row.line)
        if self._writer is None:
            begun = self.path.exists()
            self._file = self.path.open("a", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            if not begun:
                self._writer.writerow(["line", "reason", *self._header])
        self._writer.writerow([row.line, reason, *row.cells])
