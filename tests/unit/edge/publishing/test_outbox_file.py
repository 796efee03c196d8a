"""What only the outbox on disk can do: survive, refuse a second owner, set a corrupt file aside."""

import logging
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from edge.errors import OutboxError
from edge.publishing.outbox import LineTotal
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.entries import NOON, crossings, receipt


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


@pytest.mark.parametrize("damage", ["not sqlite", "torn page", "rows gone"])
def test_a_corrupt_file_is_set_aside_and_a_new_epoch_begins(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = SqliteOutbox(path)
    outbox.append(crossings(500))
    outbox.close()
    harm(path, damage)
    harmed = path.read_bytes()

    with caplog.at_level(logging.ERROR):
        again = SqliteOutbox(path)

    assert (again.last_seq, again.epoch != outbox.epoch) == (0, True)
    (kept,) = tmp_path.glob("outbox.sqlite.corrupt-*[0-9]")
    assert kept.read_bytes()[:100] == harmed[:100]
    assert "is corrupt" in caplog.text
    assert "a new epoch begins" in caplog.text
    assert str(kept) in caplog.text
    assert again.append(crossings(1)) == range(1, 2)
    again.close()


def harm(path: Path, damage: str) -> None:
    if damage == "rows gone":
        db = sqlite3.connect(path)
        db.execute("DELETE FROM entry WHERE seq = 7")
        db.commit()
        db.close()
        return
    data = bytearray(path.read_bytes())
    if damage == "not sqlite":
        data[:16] = b"something else!!"
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
