"""Long files are made in parts: nothing of them stays in memory, and a reader sees one file."""

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fastparquet
import pandas as pd
import pytest

from analytics.tables import Table, Value, csv_parts
from api import parts as api_parts
from api.parts import parquet_parts
from api.tables import KPIS_COLUMNS

Parts = Callable[[Sequence[str], Iterable[Table]], Iterator[bytes]]
AT = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups of a tenth of their length, for tests of a tenth of theirs."""
    monkeypatch.setattr(api_parts, "GROUP_ROWS", 2_000)


def table(store: str, days: int, *, value: float | None = 412.0) -> Table:
    rows: list[list[Value]] = []
    for number in range(days):
        day = date(2025, 11, 1) + timedelta(days=number)
        cells: dict[str, Value] = {
            "store": store, "side": "current", "first": day, "last": day, "value": value, "low": None, "high": None,
            "quality": "measured", "completeness": 1.0, "definition": "footfall", "version": 1, "unit": "people",
            "as_of": AT, "withheld": False,
        }  # fmt: skip
        rows.append([cells.get(column) for column in KPIS_COLUMNS])
    return Table("kpis", KPIS_COLUMNS, rows)


def test_a_parquet_file_in_parts_is_one_file_with_a_row_group_for_each(tmp_path: Path) -> None:
    stores = [table(f"store-{number}", 400, value=None if number < 6 else float(number)) for number in range(11)]
    parts = list(parquet_parts(KPIS_COLUMNS, stores))
    assert len(parts) == 4  # 2 000, 2 000 and 400 rows, and the end
    path = tmp_path / "kpis.parquet"
    path.write_bytes(b"".join(parts))
    with path.open("rb") as file:
        read = fastparquet.ParquetFile(file)
        assert [group.num_rows for group in read.row_groups] == [2_000, 2_000, 400]
        frame = read.to_pandas()
    assert list(frame.columns) == list(KPIS_COLUMNS)
    assert frame["store"].tolist() == [one for number in range(11) for one in [f"store-{number}"] * 400]
    assert frame["value"].isna().sum() == 6 * 400, "a whole row group without a value is of the same type"
    assert frame["value"].dtype == "float64"
    assert frame["as_of"].unique().tolist() == [pd.Timestamp(AT)]
    assert frame["first"].iloc[1] == "2025-11-02"
    assert frame["withheld"].dtype == "bool"


@pytest.mark.parametrize("tables", [[], [table("empty", 0)]])
def test_files_without_rows_have_their_columns(tables: list[Table], tmp_path: Path) -> None:
    path = tmp_path / "kpis.parquet"
    path.write_bytes(b"".join(parquet_parts(KPIS_COLUMNS, tables)))
    with path.open("rb") as file:
        assert list(fastparquet.ParquetFile(file).to_pandas().columns) == list(KPIS_COLUMNS)
    (names,) = csv.reader(io.StringIO(b"".join(csv_parts(KPIS_COLUMNS, tables)).decode()))
    assert names == list(KPIS_COLUMNS)


@pytest.mark.parametrize("parts_of", [csv_parts, parquet_parts])
def test_three_times_the_stores_take_no_more_memory(parts_of: Parts) -> None:
    def peak(stores: int) -> float:
        def tables() -> Iterator[Table]:
            for number in range(stores):
                yield table(f"store-{number}", 200)

        tracemalloc.start()
        total = sum(len(part) for part in parts_of(KPIS_COLUMNS, tables()))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total > 0
        return most

    few, many = peak(22), peak(66)
    assert many < few + 200_000


def test_a_part_is_made_when_it_is_asked_for() -> None:
    made: list[str] = []

    def tables() -> Iterator[Table]:
        for number in range(5):
            made.append(f"store-{number}")
            yield table(f"store-{number}", 3)

    parts = csv_parts(KPIS_COLUMNS, tables())
    next(parts)
    assert made == []
    next(parts)
    assert made == ["store-0"]
