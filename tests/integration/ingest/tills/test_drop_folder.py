"""Files that a till drops into a folder, on a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.database import Database
from ingest.tills.folder import DropFolder
from ingest.tills.register import refusals
from ingest.tills.serving import open_rounds
from tests.support import till_documents as documents
from tests.support.clocks import ManualClock
from tests.support.ledger import add_store, rows
from tests.support.tills_file import settings_of


def folder_file(folder: Path, text: str) -> Path:
    (folder / "drop").mkdir()
    path = folder / "tills.toml"
    path.write_text(f'[[tills]]\nname = "drop"\nfolder = "drop"\n{text}\n')
    return path


def dropped(url: str, file: Path, clock: ManualClock) -> DropFolder:
    [found] = open_rounds(file, settings_of(url), now=clock.now)
    assert isinstance(found, DropFolder)
    return found


CSV = """kind = "csv"
store = "riverside"
currency = "USD"
timezone = "America/New_York"
columns = { external_id = "Receipt", closed_at = "Date", net = "Total", units = "Items" }"""


def test_a_file_in_the_drop_folder_is_taken_once_it_is_whole(store: str, tmp_path: Path) -> None:
    file = folder_file(tmp_path, CSV)
    path = tmp_path / "drop" / "day.csv"
    path.write_text("Receipt,Date,Total,Items\nA1,2026-11-20 14:00,12.50,2\nA2,2026-11-20 14:05,soon,1\n")
    (tmp_path / "drop" / ".half.csv").write_text("Receipt,Da")
    clock = ManualClock(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    till = dropped(store, file, clock)
    assert till.round().created == 0, "it may still grow"
    clock.advance(11)
    kept = till.round()
    assert (kept.created, len(kept.refused)) == (1, 1)
    reasons = (tmp_path / "drop" / "failed" / "day.csv.reasons.csv").read_text()
    assert "line 3" in reasons
    assert "'soon'" in reasons
    assert not path.exists()
    assert till.round().created == 0
    path.write_text("Receipt,Date,Total,Items\nA1,2026-11-20 14:00,12.50,2\nA2,2026-11-20 14:05,3.00,1\n")
    clock.advance(60)
    assert till.round().created == 1, "what is here already changes nothing"
    assert (tmp_path / "drop" / "done" / "day.csv").exists()
    assert [each.document for each in refusals(Database(store), "drop", 10)] == []


def test_a_file_that_cannot_be_read_is_put_aside_with_its_reason(store: str, tmp_path: Path) -> None:
    file = folder_file(tmp_path, CSV)
    path = tmp_path / "drop" / "other.csv"
    path.write_text("a,b\n1,2\n")
    clock = ManualClock(datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(seconds=11))
    kept = dropped(store, file, clock).round()
    assert len(kept.refused) == 1
    assert "there is no column" in (tmp_path / "drop" / "failed" / "other.csv.reasons.csv").read_text()


def test_poslog_files_are_taken_from_a_folder(store: str, tmp_path: Path) -> None:
    add_store(store, "euro", currency="EUR")
    file = folder_file(
        tmp_path, 'kind = "poslog"\ncurrency = "EUR"\ntimezone = "Europe/Berlin"\nstores = { 0042 = "euro" }'
    )
    path = tmp_path / "drop" / "day.xml"
    path.write_text(documents.poslog(documents.poslog_transaction(documents.poslog_retail(documents.poslog_item()))))
    clock = ManualClock(datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(seconds=11))
    assert dropped(store, file, clock).round().created == 1
    assert rows(store, "SELECT product, category FROM pos_order_line") == [("LAMP-12", "Light")]
