"""The outbox's file: its tables, how it is opened, and what becomes of a corrupt one.

    entry     seq, payload (JSON as on the wire), appended_at          pruned_to + 1 … last_seq, but for those in `run`
    run       first, last, payload (JSON array), appended_at           sums or a loss in the place of those seqs
    covered   first, last                                              the newest receipt's ranges
    sent      first, last                                              what may have left, in blocks
    total     line, direction, crossings                               cumulative in this epoch
    meta      epoch, last_seq, pruned_to, receipt_at, open_s           one row

`appended_at` and `open_s` are seconds for which the outbox has been open, all its lives together: a wall clock may be
in 1970 before it is set, and a retention counted with it would end at once or never.

One process at a time holds the file; a second one is told so.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from edge.errors import OutboxError
from edge.publishing.outbox_budget import LOG_BYTES
from edge.publishing.salvage import salvage

logger = logging.getLogger(__name__)

_FORMAT: Final = 2
_RUNS: Final = """
CREATE TABLE run (
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, payload BLOB NOT NULL, appended_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sent (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
"""
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE entry (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL, appended_at INTEGER NOT NULL) STRICT;
CREATE TABLE covered (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE total (line TEXT, direction TEXT, crossings INTEGER NOT NULL, PRIMARY KEY (line, direction)) STRICT;
CREATE TABLE meta (
    epoch TEXT NOT NULL, last_seq INTEGER NOT NULL, pruned_to INTEGER NOT NULL, receipt_at TEXT,
    open_s INTEGER NOT NULL DEFAULT 0
) STRICT;
{_RUNS}
PRAGMA user_version = {_FORMAT};
"""
#: Format 1 had Unix seconds and neither runs nor a note of what had left: take all for sent.
_UPGRADE: Final = f"""
BEGIN IMMEDIATE;
{_RUNS}
ALTER TABLE meta ADD COLUMN open_s INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET open_s = (SELECT COALESCE(max(appended_at) - min(appended_at), 0) FROM entry);
UPDATE entry SET appended_at = appended_at - (SELECT min(appended_at) FROM entry);
INSERT INTO sent SELECT 1, last_seq FROM meta WHERE last_seq > 0;
PRAGMA user_version = {_FORMAT};
COMMIT;
"""  # noqa: S608  # our own names
_ROWS_EXPECTED: Final = """
SELECT (SELECT COUNT(*) FROM meta) = 1
   AND (SELECT COUNT(*) FROM entry) + (SELECT COALESCE(SUM(last - first + 1), 0) FROM run)
       = (SELECT last_seq - pruned_to FROM meta)
   AND (SELECT max(COALESCE((SELECT max(seq) FROM entry), 0), COALESCE((SELECT max(last) FROM run), 0)))
       IN (0, (SELECT last_seq FROM meta))
"""
#: Pages of the write-ahead log before it is written back.
_LOG_PAGES: Final = LOG_BYTES // 4_096


def open_file(path: Path, *, now: Callable[[], datetime]) -> sqlite3.Connection:
    """Return a connection to the outbox at `path`, made if it is new, set aside and made anew if it is corrupt.

    The connection is in autocommit mode: the caller opens and closes transactions, and keeps its threads apart.

    Raises:
        OutboxError: the file is in use by another process, was written by a newer version, or cannot be written.
    """
    try:
        return _opened(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise OutboxError(
                f"outbox {path}: another agent is running on it. Stop that one first, or give this one a site file, a "
                "`device` and an outbox of its own"
            ) from error
        raise OutboxError(
            f"outbox {path}: expected a file that this process can write, got: {error}. Make it and its folder writable"
        ) from error
    except sqlite3.DatabaseError as error:
        epoch = _last_epoch(path)
        kept = _set_aside(path, now().strftime("%Y%m%dT%H%M%S%f"), error)
        db = _opened(path)
        salvage(kept, db, now=now, epoch=epoch)
        return db


def is_held(path: Path) -> bool:
    """Return whether a process is running on the outbox at `path`; a file that is not there is not made.

    Raises:
        OutboxError: the file cannot be opened for writing.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0.2)) as db:
            db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return True
        raise OutboxError(f"{error}. Make the file writable, or choose another `path` in [outbox]") from error
    except sqlite3.DatabaseError:
        return False  # a corrupt file is set aside at the next start
    return False


def note_epoch(path: Path, epoch: UUID) -> None:
    """Keep the epoch's name beside the outbox at `path`: a file that cannot be read any more is still known by it."""
    if path.name == ":memory:":
        return  # SQLite's word for no file at all
    beside = _epoch_file(path)
    try:
        if not beside.exists() or beside.read_text(encoding="ascii", errors="replace") != str(epoch):
            beside.write_text(str(epoch), encoding="ascii")
    except OSError as error:
        logger.warning("%s cannot be written: %s", beside, error, extra={"action": "epoch_not_noted"})


def _last_epoch(path: Path) -> UUID | None:
    try:
        return UUID(_epoch_file(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _epoch_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.epoch")


def _opened(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutboxError(f"outbox {path}: expected a folder that can be made or written, got: {error}") from error
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
    try:
        # Exclusive: a second agent on the same file would hand out the same seqs. The system frees it on kill -9.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        if not db.execute("PRAGMA page_count").fetchone()[0]:
            # Only a new file can take it; then a lowered budget gives pages back to the disk.
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        # Full: an append that has returned survives a power cut.
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        _create_or_check(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _create_or_check(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.executescript(_SCHEMA)
        db.execute("INSERT INTO meta VALUES (:epoch, 0, 0, NULL, 0)", {"epoch": str(uuid4())})
        db.execute("COMMIT")
    elif version == 1:
        db.executescript(_UPGRADE)
    elif version != _FORMAT:
        raise OutboxError(
            f"outbox {path}: expected format {_FORMAT}, got {version}. Upgrade footfall, or let the newer version "
            "deliver it first"
        )
    if not db.execute(_ROWS_EXPECTED).fetchone()[0]:
        raise sqlite3.DatabaseError("its rows are not the ones that it says it holds")


def _set_aside(path: Path, stamp: str, error: sqlite3.DatabaseError) -> Path:
    kept = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    logger.error(
        "outbox %s is corrupt (%s): moved to %s, a new epoch begins. What never left and can be read goes on in it, "
        "the ledger says how much is lost; keep the file if those counts matter, and check this disk",
        path, error, kept, extra={"action": "outbox_quarantined"},
    )  # fmt: skip
    return kept
