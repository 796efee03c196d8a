from pathlib import Path

import numpy as np
import pytest

from analytics.forecast.counts_file import read_counts
from analytics.forecast.errors import CountsError
from analytics.forecast.panel import panel_of


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_become_a_frame_and_what_is_missing_stays_unknown(tmp_path: Path) -> None:
    counts = read_counts(
        file(tmp_path, "unique_id,ds,y\na,2025-03-01T09:00,4\na,2025-03-01T11:00,\nb,2025-03-02T00:00,0\n")
    )
    panel = panel_of(counts)
    assert panel.series == ("a", "b")
    assert panel.counts.shape == (2, 2, 24)
    assert panel.counts[0, 0, 9] == 4
    assert panel.counts[1, 1, 0] == 0
    assert np.isnan(panel.counts).sum() == 2 * 48 - 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unique_id,when,y\na,2025-03-01,1\n", "missing: ds; got: unique_id, when, y"),
        ("", "empty file"),
        ("unique_id,ds,y\n", "expected rows"),
        ("unique_id,ds,y\na,2025-03-01T09:00,1\na,2025-03-01T09:00,2\n", "line 3: expected one count an hour"),
        ("unique_id,ds,y\na,2025-03-01T09:00,1\na,the ninth,1\n", "line 3, ds: expected a time such as"),
        ("unique_id,ds,y\na,2025-03-01T09:30,1\n", "line 2, ds: expected a full hour"),
        ("unique_id,ds,y\na,2025-03-01T09:00,-1\n", "line 2, y: expected a count of 0 or more, got '-1'"),
        ("unique_id,ds,y\na,2025-03-01T09:00,many\n", "line 2, y: expected a number"),
        ("unique_id,ds,y\na,2025-03-01T09:00,inf\n", "line 2, y: expected a finite number"),
        ("unique_id,ds,y\n,2025-03-01T09:00,1\n", "line 2, unique_id: expected a name"),
        ("unique_id,ds,y\na,2025-03-01T09:00+01:00,1\n", "--timezone ZONE"),
        ("unique_id,ds,y\na,2025-03-01T09:00,\n", "no number"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CountsError) as caught:
        read_counts(file(tmp_path, text))
    assert told in str(caught.value)
    assert "counts.csv" in str(caught.value)


def test_the_hour_told_twice_is_the_mean_and_the_skipped_one_unknown(tmp_path: Path) -> None:
    text = (
        "unique_id,ds,y\na,2025-10-26T02:00+02:00,10\na,2025-10-26T02:00+01:00,30\na,2025-10-26T03:00+01:00,5\n"
        "a,2026-03-29T01:00+01:00,7\na,2026-03-29T03:00+02:00,8\n"
    )
    counts = read_counts(file(tmp_path, text), timezone="Europe/Berlin")
    assert counts["a"]["2025-10-26 02:00"] == 20
    assert np.isnan(panel_of(counts).counts[0, -1, 2])


def test_hours_of_a_zone_at_five_forty_five_are_its_own(tmp_path: Path) -> None:
    counts = read_counts(file(tmp_path, "unique_id,ds,y\na,2025-03-01T03:15Z,4\n"), timezone="Asia/Kathmandu")
    assert str(counts.index[0]) == "2025-03-01 09:00:00"


def test_an_unknown_zone_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match="expected an IANA zone"):
        read_counts(file(tmp_path, "unique_id,ds,y\na,2025-03-01T03:00Z,4\n"), timezone="Europe/Atlantis")
    with pytest.raises(CountsError, match="no such file"):
        read_counts(tmp_path / "none.csv")


def test_without_offsets_the_hour_that_the_clock_told_twice_is_the_mean_once_a_year(tmp_path: Path) -> None:
    rows = ["a,2025-04-06T02:00,10", "a,2025-04-06T02:00,30", "a,2025-04-06T03:00,5"]
    counts = read_counts(file(tmp_path, "\n".join(["unique_id,ds,y", *rows])))
    assert counts["a"]["2025-04-06 02:00"] == 20
    again = [*rows, "a,2025-04-07T02:00,10", "a,2025-04-07T02:00,30"]
    with pytest.raises(CountsError, match="expected one count an hour"):
        read_counts(file(tmp_path, "\n".join(["unique_id,ds,y", *again])))


def test_a_file_of_days_is_told_to_be_one(tmp_path: Path) -> None:
    days = [f"a,2025-03-{day:02d},{day}" for day in range(1, 20)]
    with pytest.raises(CountsError, match="expected a row for each hour, got days"):
        read_counts(file(tmp_path, "\n".join(["unique_id,ds,y", *days])))


@pytest.mark.parametrize("nothing", ["", "NaN", "nan", "NA", "null"])
def test_what_stands_for_not_measured_is_not_measured(tmp_path: Path, nothing: str) -> None:
    rows = f"unique_id,ds,y\na,2025-03-01 09:00:00,{nothing}\na,2025-03-01 10:00:00,3\n"
    assert np.isnan(read_counts(file(tmp_path, rows))["a"].iloc[0])


def test_rows_in_any_order_repeated_or_with_more_columns_make_the_same_frame(tmp_path: Path) -> None:
    hours = [f"2025-03-{day:02d}T{hour:02d}:00,{day + hour}" for day in (1, 2) for hour in (9, 10)]
    rows = [f"{name},{hour}" for name in "ab" for hour in hours]
    plain = read_counts(file(tmp_path, "\n".join(["unique_id,ds,y", *rows])))
    cells = [row.split(",") for row in [*reversed(rows), *rows[:3]]]
    mixed = [f"{y},ignored,{ds},{name}" for name, ds, y in cells]
    assert read_counts(file(tmp_path, "\n".join(["y,note,ds,unique_id", *mixed]))).equals(plain)
