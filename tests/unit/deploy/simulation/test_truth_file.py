"""The truth survives a file, in both formats."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploy.simulation.days import to_instant
from deploy.simulation.errors import TruthError
from deploy.simulation.till import Till
from deploy.simulation.truth import TruthRow, truth_of
from deploy.simulation.truth_file import read_truth, write_truth
from tests.support.memory_outbox import MemoryOutbox
from tests.support.simulation import SATURDAY, RecordingRegister, happened, recorder, simulated

FIRST = SATURDAY - timedelta(days=1)


def rows(folder: Path) -> list[TruthRow]:
    store = simulated()
    now = to_instant(happened(store).day.closes_ms - 7_200_000)
    writer = recorder(store, MemoryOutbox(), folder, first_day=FIRST)
    till = Till(store, RecordingRegister(), folder / "till.json", first_day=FIRST, now=now)
    while writer.advance(now) or writer.days_behind(now):
        till.advance(now)
    return truth_of([writer], [till])


def nonzero(rows: list[TruthRow]) -> list[tuple[object, ...]]:
    return [
        (row.store, row.business_date, row.hour, *({k: n for k, n in d.items() if n} for d in (row.counted, row.true)))
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_what_is_read_is_what_was_written(tmp_path: Path, suffix: str) -> None:
    written = rows(tmp_path)
    path = tmp_path / f"truth{suffix}"
    write_truth(path, written, [])
    assert nonzero(read_truth(path)) == nonzero(written)
    assert {row.business_date for row in written} == {FIRST, SATURDAY}
    assert sum(row.counted.get("transactions", 0) for row in written) > 0


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"\.json or \.csv"):
        write_truth(tmp_path / "truth.xlsx", [], [])
    (tmp_path / "truth.json").write_text('{"v": 1}', encoding="utf-8")
    with pytest.raises(TruthError, match="footfall simulate run --truth"):
        read_truth(tmp_path / "truth.json")
