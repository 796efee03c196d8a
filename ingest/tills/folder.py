"""A drop folder: files that a till puts there, over SFTP or by hand, are taken once they are whole.

FOLDER/export.csv ──► FOLDER/done/export.csv            every row taken
                  └─► FOLDER/failed/export.csv          with export.csv.reasons.csv: place, reason

A file is moved after what it holds is committed: killed in between, it is read again, which changes nothing.
"""

import csv
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.database import Database
from ingest.errors import DocumentError, TillExportError, TillsFileError
from ingest.orders.bodies import OrderIn
from ingest.orders.book import Terms
from ingest.orders.till_csv import Layout, TillExport
from ingest.tills.keeping import Kept, upsert_apart
from ingest.tills.poslog import transactions
from ingest.tills.reading import order
from ingest.tills.register import TillRegister
from ingest.tills.settings import CsvSettings, PosLogSettings, kind_of

logger = logging.getLogger(__name__)

_BATCH: Final = 500
#: What stands in a file: where, and the order there or the reason why there is none.
_Found = tuple[str, OrderIn | None, str]


class DropFolder:
    """Takes the files of one folder. `terms` says on which terms orders are taken at the moment.

    Raises:
        TillsFileError: the folder is none, or the settings name no zone.
    """

    def __init__(
        self, settings: CsvSettings | PosLogSettings, file: Path, database: Database, *, now: Callable[[], datetime],
        terms: Callable[[], Terms],
    ) -> None:  # fmt: skip
        self.name = settings.name
        self._settings = settings
        self._folder = file.resolve().parent / settings.folder
        if not self._folder.is_dir():
            raise TillsFileError(f"{file}: {settings.name}: folder: expected a folder, {self._folder} is none")
        self._zone = _zone(settings.timezone, file)
        self._database = database
        self._now = now
        self._terms = terms
        self._register = TillRegister(database, settings.name, kind_of(settings))

    def round(self) -> Kept:
        """Take the files that are whole, oldest first.

        Raises:
            DatabaseError: the database does not answer; the file stays where it is.
        """
        done = Kept()
        for path in self._whole():
            done.add(self._take(path))
        return done

    def _whole(self) -> list[Path]:
        quiet = (self._now() - timedelta(seconds=self._settings.quiet_s)).timestamp()
        # Hidden ones are what transfer programs write into before they rename it.
        files = [(each, each.stat()) for each in self._folder.iterdir() if each.is_file() and each.name[0] != "."]
        return [path for path, stat in sorted(files, key=lambda each: each[1].st_mtime) if stat.st_mtime <= quiet]

    def _take(self, path: Path) -> Kept:
        kept = Kept()
        wrong: list[tuple[str, str]] = []
        try:
            found = self._found(path)
            while batch := list(islice(found, _BATCH)):
                wrong += [(where, reason) for where, order, reason in batch if order is None]
                good = [(where, order) for where, order, _ in batch if order is not None]
                taken = upsert_apart(good, kept, self._database, self._terms())
                kept.taken += [where for where, _ in taken]
        except (DocumentError, TillExportError, OSError) as error:
            wrong.append((path.name, str(error)))
        wrong += kept.refused
        kept.refused = wrong
        self._move(path, wrong)
        now = self._now()
        self._register.settle([path.name] if not wrong else [], _summed(path, wrong), now, asked_at=now)
        self._register.answered(None, now)
        logger.info(
            "till %s: %s: %d orders taken, %d refused", self.name, path.name, len(kept.taken), len(wrong),
            extra={"action": "till_file_taken"},
        )  # fmt: skip
        return kept

    def _found(self, path: Path) -> Iterator[_Found]:
        if isinstance(self._settings, PosLogSettings):
            yield from _transactions(path, self._settings)
        else:
            yield from _rows(path, self._settings, self._zone, self._now())

    def _move(self, path: Path, wrong: Sequence[tuple[str, str]]) -> None:
        target = self._folder / ("failed" if wrong else "done")
        target.mkdir(exist_ok=True)
        free = target / path.name
        if free.exists():
            free = target / f"{self._now():%Y%m%dT%H%M%S%f}-{path.name}"
        path.replace(free)
        if wrong:
            with free.with_name(f"{free.name}.reasons.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("where", "reason"), *wrong])


def _rows(path: Path, settings: CsvSettings, zone: ZoneInfo | None, now: datetime) -> Iterator[_Found]:
    layout = Layout(
        store=settings.store, source=settings.name, currency=settings.currency, mapping=settings.columns, zone=zone,
        date_format=settings.date_format, decimal_comma=settings.decimal_comma,
        version=int(now.timestamp() * 1_000) if settings.replace else 1,
    )  # fmt: skip
    with path.open(encoding=settings.encoding, newline="") as file:
        for row in TillExport(file, layout).rows():
            where = f"line {row.line}"
            if row.order is None:
                yield where, None, row.reason or ""
                continue
            try:
                yield where, order(**row.order), ""
            except DocumentError as error:
                yield where, None, str(error)


def _transactions(path: Path, settings: PosLogSettings) -> Iterator[_Found]:
    for each in transactions(path, settings):
        if each.reason is not None:
            yield each.number, None, each.reason
        for found in each.orders:
            yield each.number, found, ""


def _summed(path: Path, wrong: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the file's own refusal: one line, however many of its rows were wrong."""
    if not wrong:
        return []
    return [(path.name[:200], f"{len(wrong)} refused, the first at {wrong[0][0]}: {wrong[0][1]}")]


def _zone(name: str | None, file: Path) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TillsFileError(f"{file}: timezone: expected an IANA zone such as Europe/Berlin, got {name!r}") from error
