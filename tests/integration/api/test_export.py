"""The export of every store's KPIs as one file."""

import csv
import io
import zipfile
from pathlib import Path

import fastparquet
import pytest

from api import exports
from tests.integration.api.conftest import Kept, get, problem

EXPORT = "/v1/export/kpis?period=last_week"
LAST_WEEK = "period=custom&first=2026-11-09&last=2026-11-15"


def test_an_export_holds_every_store_that_the_key_may_see(kept: Kept, tmp_path: Path) -> None:
    expected = [
        row
        for store in ("nanjing-road", "riverside")
        for row in csv.reader(
            io.StringIO(get(kept, f"/v1/stores/{store}/kpis?period=last_week&grain=day&format=csv").text)
        )
    ]
    answer = get(kept, EXPORT)
    assert "content-length" not in answer.headers, "it is sent while it is made"
    names, *rows = csv.reader(io.StringIO(answer.text))
    assert [names, *rows] == [row for number, row in enumerate(expected) if row[0] != "store" or number == 0]
    assert len(rows) > 2 * 7 * 5
    own = list(csv.DictReader(io.StringIO(get(kept, EXPORT, kept.riverside).text)))
    assert {row["store"] for row in own} == {"riverside"}
    (tmp_path / "t.parquet").write_bytes(get(kept, f"{EXPORT}&format=parquet").content)
    with (tmp_path / "t.parquet").open("rb") as file:
        frame = fastparquet.ParquetFile(file).to_pandas()
    place = names.index("value")
    assert frame["value"].fillna(-1).tolist() == [float(row[place] or -1) for row in rows]
    weeks = list(csv.DictReader(io.StringIO(get(kept, f"{EXPORT}&grain=week").text)))
    assert {(row["first"], row["last"]) for row in weeks} == {("2026-11-09", "2026-11-15")}


def test_an_export_that_cannot_be_begun_is_a_problem(kept: Kept) -> None:
    assert "first and last" in problem(get(kept, "/v1/export/kpis?period=custom"), 422)["detail"]
    problem(get(kept, "/v1/export/kpis?period=today", kept.partner), 403)
    problem(kept.client.get("/v1/export/kpis"), 401)
    assert "format" in problem(get(kept, "/v1/export/kpis?format=pdf"), 422)["detail"]


def test_an_export_as_excel_holds_the_rows_of_the_csv_and_says_when_a_sheet_is_too_small(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = get(kept, EXPORT).text.splitlines()
    with zipfile.ZipFile(io.BytesIO(get(kept, f"{EXPORT}&format=xlsx").content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(lines)
    assert sheet.count(">riverside<") == sum(line.startswith("riverside,") for line in lines)
    monkeypatch.setattr(exports, "SHEET_ROWS", len(lines) - 2)
    said = problem(get(kept, f"/v1/export/kpis?{LAST_WEEK}&format=xlsx"), 422)["detail"]
    assert f"at most the {len(lines) - 2} rows of a sheet, got up to {len(lines) - 1} of 2 stores" in said
    assert get(kept, f"/v1/export/kpis?{LAST_WEEK}&grain=period&format=xlsx").status_code == 200


def test_outside_the_company_an_export_withholds_what_an_answer_does(kept: Kept) -> None:
    own = get(kept, "/v1/stores/riverside/kpis?period=last_week&grain=day&format=csv", kept.partner).text.splitlines()
    assert [line for line in get(kept, EXPORT, kept.partner).text.splitlines() if "riverside" in line] == own[1:]
