"""An export in blocks holds the same rows in the same lines as row by row, however its cells are quoted."""

import io

from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import TillExportError
from ingest.orders.till_csv import Layout, TillExport

HEADER = "external_id,closed_at,units,net\n"
LAYOUT = Layout(store="riverside", source="till", currency="EUR")
PIECES = st.sampled_from(
    ["a", ",", '"', '""', "\n", "\r\n", "\r", " ", '"x"', ',"', '",', '"a\nb"', "\u2028", "\x0b", "é"]
)


def opened(text: str) -> TillExport:
    return TillExport(io.StringIO(text, newline=""), LAYOUT)


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(1, 6), st.integers(0, 3))
def test_blocks_hold_the_rows_that_are_read_one_by_one(body: str, lines: int, skipped: int) -> None:
    text = HEADER + "1,2,3,4\n" * 5 + body
    try:
        expected = list(opened(text).cells())[skipped:]
    except TillExportError:
        return
    export = opened(text)
    for _ in range(skipped):
        next(export.cells())
    found = [row for block in export.blocks(lines) for row in export.reader.cells(block)]
    assert found == expected


def test_a_block_of_properly_quoted_cells_is_left_as_it_is_written() -> None:
    body = '"A ""1""","2026-11-21 10:00:00Z",3,"4,50"\r\n"A\n2",x,1,""\r\n'
    (block,) = opened(HEADER + body).blocks(10)
    assert block.text == body
    (block,) = opened(HEADER + body).blocks(2)
    assert (block.text, len(block.rows)) == ("", 2), "the cell goes on in the third line"
