"""A roster's CSV export, understood row by row."""

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.errors import TillExportError
from ingest.orders.staff_csv import StaffExport, StaffLayout
from ingest.orders.till_csv import Row


def read(text: str, **changes: Any) -> list[Row]:
    layout = StaffLayout(**{"store": "riverside", "source": "roster", "zone": ZoneInfo("Europe/Berlin"), **changes})
    return list(StaffExport(io.StringIO(text), layout).rows())


def test_hours_stand_for_the_end_across_the_night_on_which_the_clock_goes_back() -> None:
    (row,) = read('staff_ref,starts_at,hours\n17,2026-10-24 22:00,"8,5"\n')
    assert row.order is not None
    assert (row.order["starts_at"], row.order["ends_at"]) == ("2026-10-24T22:00:00+02:00", "2026-10-25T04:30:00+00:00")


def test_without_an_end_somebody_is_still_at_work() -> None:
    (row,) = read("staff_ref,starts_at,on_floor\n17,2026-11-21T09:00:00Z,no\n")
    assert row.order == {
        "store": "riverside", "source": "roster", "version": 1, "staff_ref": "17",
        "starts_at": "2026-11-21T09:00:00+00:00", "ends_at": None, "break_min": 0, "on_floor": False,
        "cancelled": False,
    }  # fmt: skip


@pytest.mark.parametrize("hours", ["long", "nan", "inf"])
def test_hours_that_are_no_number_are_told(hours: str) -> None:
    (row,) = read(f"staff_ref,starts_at,hours\n17,2026-11-21 09:00,{hours}\n")
    assert row.reason is not None
    assert row.reason.startswith("hours: expected such as 7.5")


def test_a_file_without_who_or_when_says_which_column_is_missing() -> None:
    with pytest.raises(TillExportError, match="no column for starts_at, staff_ref"):
        read("name,date\nx,y\n")
