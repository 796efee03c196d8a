"""A till's CSV export, understood row by row."""

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.errors import TillExportError
from ingest.orders.till_csv import Layout, Row, TillExport

BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, **changes: Any) -> list[Row]:
    layout = Layout(**{"store": "riverside", "source": "till", "currency": "EUR", "zone": BERLIN, **changes})
    return list(TillExport(io.StringIO(text), layout).rows())


def only(text: str, **changes: Any) -> dict[str, Any]:
    (row,) = read(text, **changes)
    assert row.reason is None
    assert row.order is not None
    return row.order


def test_our_own_names_need_no_mapping() -> None:
    order = only("External ID,Closed At,Net,Units\nA-1,2026-11-21 14:03:00,59.90,3\n")
    assert order == {
        "store": "riverside",
        "source": "till",
        "external_id": "A-1",
        "version": 1,
        "kind": "sale",
        "closed_at": "2026-11-21T14:03:00+01:00",
        "currency": "EUR",
        "units": 3,
        "is_test": False,
        "gross": "59.90",
        "discount": "0",
        "tax": "0",
        "net": "59.90",
    }


def test_a_german_export_is_read_through_its_mapping() -> None:
    text = "Bon;Datum;Brutto;Rabatt;Menge\n77;21.11.2026 14:03;1.064,90;5,00;3\n"
    order = only(
        text,
        mapping={"external_id": "Bon", "closed_at": "Datum", "gross": "Brutto", "discount": "Rabatt", "units": "Menge"},
        date_format="%d.%m.%Y %H:%M",
        decimal_comma=True,
    )
    assert (order["external_id"], order["gross"], order["net"]) == ("77", "1064.90", "1059.90")
    assert order["closed_at"] == "2026-11-21T14:03:00+01:00"


def test_a_negative_amount_is_a_refund_and_its_pieces_go_back() -> None:
    order = only("external_id,closed_at,net,units\nA-1,2026-11-21T14:03:00Z,-20.00,1\n")
    assert (order["kind"], order["units"], order["gross"]) == ("refund", -1, "-20.00")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A-1,2026-11-21 14:03,abc,1", "net: expected an amount such as 1,234.50, got 'abc'"),
        ("A-1,yesterday,5,1", "closed_at: expected 2026-11-21 14:03:00"),
        ("A-1,2026-11-21 14:03,5,1.5", "units: expected a whole number, got '1.5'"),
        (",2026-11-21 14:03,5,1", "nothing in external_id"),
        ("A-1,2026-11-21 14:03,,1", "nothing in net or gross"),
        ("A-1,2026-11-21 14:03,5,1,6", "expected at most 4 cells, got 5"),
        ("A-1,2026-11-21 14:03,inf,1", "net: expected an amount"),
    ],
)
def test_a_bad_row_says_what_was_expected_and_the_rest_goes_on(row: str, words: str) -> None:
    bad, good = read(f"external_id,closed_at,net,units\n{row}\nA-2,2026-11-21 14:03,5,1\n")
    assert bad.order is None
    assert bad.reason is not None
    assert words in bad.reason
    assert (bad.line, good.line) == (2, 3)
    assert good.order is not None


def test_a_time_without_offset_asks_for_the_zone() -> None:
    (row,) = read("external_id,closed_at,net,units\nA-1,2026-11-21 14:03,5,1\n", zone=None)
    assert row.reason is not None
    assert "--timezone Europe/Berlin" in row.reason


def test_a_column_that_cannot_be_found_is_asked_for() -> None:
    with pytest.raises(
        TillExportError, match=r"no column for units, net: say .*--map units=COLUMN.*external_id, closed_at"
    ):
        read("external_id,closed_at,when\n")
    with pytest.raises(TillExportError, match="there is no column 'Total'"):
        read("external_id,closed_at,net,units\n", mapping={"net": "Total"})
    with pytest.raises(TillExportError, match=r"expected one of external_id, .* before the ="):
        read("external_id,closed_at,net,units\n", mapping={"face": "net"})
    with pytest.raises(TillExportError, match="no header"):
        read("")


def test_line_numbers_count_the_files_lines_not_its_rows() -> None:
    rows = read('external_id,closed_at,net,units\n"A\n1",2026-11-21,5,1\n\nA-2,2026-11-21,5,1\n')
    assert [row.line for row in rows] == [2, 5]
