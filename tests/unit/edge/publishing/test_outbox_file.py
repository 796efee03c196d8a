"""What only the outbox on disk can do: survive, refuse a second owner, set a corrupt file aside."""

import logging
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from contract.entries import Loss, weight_of
from edge.errors import OutboxError
from edge.publishing.outbox import LineTotal, encode_entries
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import ManualClock
from tests.support.entries import EPOCH, NOON, crossings, receipt


def test_a_reopened_outbox_goes_on_where_it_was(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    outbox.append(crossings(10))
    outbox.apply_receipt(receipt((1, 6), epoch=outbox.epoch))
    outbox.close()

    again = SqliteOutbox(tmp_path / "outbox.sqlite")
    assert (again.epoch, again.last_seq, again.queue_depth) == (outbox.epoch, 10, 4)
    assert dict(again.totals()) == {"front-door": LineTotal(10, 0)}
    assert again.append(crossings(1)) == range(11, 12)
    again.close()


def test_a_new_file_is_a_new_epoch(tmp_path: Path) -> None:
    first, second = SqliteOutbox(tmp_path / "a.sqlite"), SqliteOutbox(tmp_path / "b.sqlite")
    assert first.epoch != second.epoch
    first.close()
    second.close()


def test_commits_are_written_through_to_the_disk(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    assert outbox._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert outbox._db.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"
    outbox.close()


def test_a_second_owner_is_refused(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    with pytest.raises(OutboxError, match="another agent is running on it"):
        SqliteOutbox(tmp_path / "outbox.sqlite")
    outbox.append(crossings(1))
    outbox.close()


@pytest.mark.parametrize(
    ("damage", "rescued", "lost"),
    [("not sqlite", 0, None), ("torn page", 0, None), ("torn rows", 467, 33), ("rows gone", 499, 1)],
)
def test_a_corrupt_file_is_set_aside_and_a_new_epoch_begins_with_what_can_be_salvaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str, rescued: int, lost: int | None
) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = SqliteOutbox(path)
    outbox.append(crossings(500))
    outbox.close()
    harm(path, damage)
    harmed = path.read_bytes()

    with caplog.at_level(logging.ERROR):
        again = SqliteOutbox(path)

    assert again.epoch != outbox.epoch
    (kept,) = tmp_path.glob("outbox.sqlite.corrupt-*[0-9]")
    assert kept.read_bytes()[:100] == harmed[:100]
    assert "is corrupt" in caplog.text
    assert "a new epoch begins" in caplog.text
    assert str(kept) in caplog.text
    assert salvaged(again) == (rescued, lost)
    first = again.pending()
    assert first is not None
    assert isinstance(first.entries[0], Loss)
    assert first.entries[0].epoch == outbox.epoch, "nothing more comes of it"
    assert again.append(crossings(1)).start == again.last_seq
    again.close()


def test_what_may_have_left_is_not_sent_again_from_a_corrupt_file_but_stated(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = SqliteOutbox(path, now=lambda: NOON + timedelta(hours=1))
    outbox.append(crossings(3_000))
    run = outbox.pending(entries=1_000)
    assert run is not None
    outbox.leaving(run)  # a block of 1 024
    outbox.apply_receipt(receipt((1, 400), epoch=outbox.epoch))
    outbox.close()
    harm(path, "rows gone")
    again = SqliteOutbox(path, now=lambda: NOON + timedelta(hours=1))
    assert salvaged(again) == (3_000 - 1_024, 1_024 - 400)
    first = again.pending()
    assert first is not None
    assert first.entries[0] == Loss(
        at=NOON, until=NOON + timedelta(hours=1), reason="corrupt", entries=624, epoch=outbox.epoch
    )
    assert again.totals()["front-door"].in_total == 1_976
    again.close()


def test_sums_are_salvaged_as_sums(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = SqliteOutbox(path, budget_bytes=300_000)
    outbox.append(crossings(9_000))
    outbox.prune()
    outbox.close()
    harm(path, "rows gone", seq=8_900)
    again = SqliteOutbox(path)
    assert salvaged(again) == (8_999, 1)
    assert again.totals()["front-door"].in_total == 8_999
    again.close()


def salvaged(outbox: SqliteOutbox) -> tuple[int, int | None]:
    """Return how many crossings are in it, and how many entries it states as lost; 0: states nothing, None: unknown."""
    lost: int | None = 0
    crossed = 0
    run = outbox.pending()
    while run is not None:
        losses = [entry.entries for entry in run.entries if isinstance(entry, Loss)]
        lost = losses[0] if losses else lost
        crossed += sum(map(weight_of, run.entries))
        run = outbox.pending(after=run.last_seq)
    return crossed, lost


def harm(path: Path, damage: str, *, seq: int = 7) -> None:
    if damage == "rows gone":
        db = sqlite3.connect(path)
        db.execute("DELETE FROM entry WHERE seq = ?", (seq,))
        db.commit()
        db.close()
        return
    data = bytearray(path.read_bytes())
    if damage == "not sqlite":
        data[:16] = b"something else!!"
    elif damage == "torn rows":
        data[-4096 * 3 : -4096 * 2] = b"\xff" * 4096
    else:
        data[4096 * 3 : 4096 * 5] = b"\xff" * (4096 * 2)
    path.write_bytes(bytes(data))


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    SqliteOutbox(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    with pytest.raises(OutboxError, match="expected format 2, got 99"):
        SqliteOutbox(path)
    assert list(tmp_path.glob("*corrupt*")) == []


def test_a_file_of_the_first_format_is_taken_over_and_nothing_of_it_is_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    db = sqlite3.connect(path)
    db.executescript(
        """
        CREATE TABLE entry (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL, appended_at INTEGER NOT NULL) STRICT;
        CREATE TABLE covered (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
        CREATE TABLE total (line TEXT, direction TEXT, crossings INTEGER NOT NULL, PRIMARY KEY (line, direction))
        STRICT;
        CREATE TABLE meta (epoch TEXT NOT NULL, last_seq INTEGER NOT NULL, pruned_to INTEGER NOT NULL, receipt_at TEXT)
        STRICT;
        PRAGMA user_version = 1;
        INSERT INTO meta VALUES ('5d7a1c0e-9a44-4c3b-8f2e-0b6f5f3f9d10', 5000, 1000, NULL);
        INSERT INTO covered VALUES (1, 1500);
        INSERT INTO total VALUES ('front-door', 'in', 5000);
        """
    )
    rows = enumerate(encode_entries(crossings(4_000)), start=1_001)
    db.executemany("INSERT INTO entry VALUES (?, ?, ?)", [(seq, row, 1_790_000_000 + 3_600 * seq) for seq, row in rows])
    db.commit()
    db.close()

    clock = ManualClock()
    outbox = SqliteOutbox(path, monotonic=clock.monotonic, budget_bytes=10_000_000)
    assert (str(outbox.epoch), outbox.last_seq, outbox.queue_depth) == (str(EPOCH), 5_000, 3_500)
    assert outbox.prune() == 500, "they are more than 30 days older than the newest"
    outbox._budget_bytes = 1
    outbox.prune()
    run = outbox.pending()
    assert run is not None
    assert isinstance(run.entries[0], Loss), "what may have left can only be dropped"
    assert list(tmp_path.glob("*corrupt*")) == []
    outbox.close()


def test_a_disk_error_is_told_with_what_to_do(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    outbox.append(crossings(1))
    outbox._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OutboxError, match="Check that the disk has room"):
        outbox.append(crossings(10_000))
    outbox._db.execute("PRAGMA max_page_count = 1000000")
    assert outbox.append(crossings(2)) == range(2, 4), "a refused append uses no seq"
    outbox.close()


def test_a_disk_image_put_back_uses_no_seq_twice_and_loses_nothing_new(tmp_path: Path) -> None:
    path, image = tmp_path / "outbox.sqlite", tmp_path / "image.sqlite"
    outbox = SqliteOutbox(path)
    outbox.append(crossings(10, line="before"))
    outbox.close()
    shutil.copy(path, image)
    # Life went on after the image was taken; ingest has 15 entries by now, but seqs 9 and 10 are still on their way.
    restored = SqliteOutbox(image)
    restored.append(crossings(3, line="since"))
    restored.apply_receipt(receipt((1, 8), (11, 15), epoch=outbox.epoch))
    restored.close()

    again = SqliteOutbox(image)
    assert again.epoch != outbox.epoch
    assert dict(again.totals()) == {"before": LineTotal(2, 0), "since": LineTotal(3, 0)}
    run = again.pending()
    assert run is not None
    assert run.entries == [*crossings(10, line="before")[8:], *crossings(3, line="since")]
    again.close()


def test_the_newest_coverage_alone_is_kept_on_disk(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    outbox.append(crossings(10))
    outbox.apply_receipt(receipt((1, 3), (8, 10), epoch=outbox.epoch))
    outbox.apply_receipt(receipt((2, 4), epoch=outbox.epoch, at=NOON + timedelta(seconds=1)))
    outbox.close()
    again = SqliteOutbox(tmp_path / "outbox.sqlite")
    assert again.coverage.ranges == ((2, 4),)
    assert not again.apply_receipt(receipt((1, 3), epoch=again.epoch)), "nor is the newest receipt's time forgotten"
    again.close()
