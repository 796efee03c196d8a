"""A disk that is really full: counting goes on, and nothing is lost once there is room again."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.errors import OutboxError
from edge.publishing.sqlite_outbox import SqliteOutbox
from edge.recording import Recorder
from tests.support.disks import fill, mount_small, unmount
from tests.support.entries import NOON, crossings, receipt


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    disk = tmp_path / "disk"
    try:
        mount_small(disk, megabytes=4)
    except OSError as error:
        pytest.skip(str(error))
    yield disk
    unmount(disk)


def test_what_is_counted_on_a_full_disk_is_stored_once_there_is_room(small_disk: Path) -> None:
    outbox = SqliteOutbox(small_disk / "outbox.sqlite")
    recorder = Recorder(outbox)
    recorder.record(crossings(500))
    filler = fill(small_disk)
    for _ in range(60):
        recorder.record(crossings(100))
    stored = outbox.last_seq
    assert stored < 6_500, "the disk is full"
    filler.unlink()
    recorder.record(crossings(1))
    assert outbox.last_seq == 6_501
    assert outbox.totals()["front-door"].in_total == 6_501
    outbox.close()
    again = SqliteOutbox(small_disk / "outbox.sqlite")
    assert again.last_seq == 6_501
    again.close()


def test_an_outbox_within_its_budget_goes_on_where_others_have_filled_the_disk(small_disk: Path) -> None:
    outbox = SqliteOutbox(small_disk / "outbox.sqlite", budget_bytes=1_000_000)
    outbox.append(crossings(8_000))
    outbox.apply_receipt(receipt((1, 8_000), epoch=outbox.epoch))
    outbox.prune()
    filler = fill(small_disk)
    stored = 0
    for round_ in range(20):
        try:
            stored = outbox.append(crossings(100))[-1]
            outbox.apply_receipt(receipt((1, stored), epoch=outbox.epoch, at=NOON + timedelta(seconds=round_)))
            outbox.prune()
        except OutboxError:
            break
    filler.unlink()
    assert stored == 10_000, "its log and its free pages are room enough"
    assert outbox.append(crossings(1)) == range(stored + 1, stored + 2)
    assert outbox.queue_depth <= 101
    outbox.close()


def test_a_box_that_loses_power_on_a_full_disk_still_opens_its_outbox(small_disk: Path, tmp_path: Path) -> None:
    outbox = SqliteOutbox(small_disk / "outbox.sqlite")
    outbox.append(crossings(2_000))
    fill(small_disk)
    with pytest.raises(OutboxError, match="Check that the disk has room"):
        outbox.append(crossings(30_000))
    image = tmp_path / "image"
    image.mkdir()
    for part in small_disk.glob("outbox.sqlite*"):
        shutil.copy(part, image / part.name)
    outbox.close()
    again = SqliteOutbox(image / "outbox.sqlite")
    assert (again.last_seq, again.epoch) == (2_000, outbox.epoch)
    again.close()
