"""The table's order: by the column that the address names, as the browser's table sorts."""

from typing import Any, Final

import pytest

from dashboard.components.grid import in_order, sorted_as

COLUMNS: Final[list[dict[str, Any]]] = [
    {"field": "name", "sort": "asc"},
    {"field": "share"},
    {"field": "share", "colId": "bought"},
    {"field": "weeks", "sortable": False},
]
RECORDS: Final[list[dict[str, Any]]] = [
    {"name": "b", "share": 0.2, "weeks": 1},
    {"name": "a", "share": None, "weeks": 2},
    {"name": "d", "share": 0.5, "weeks": 3},
    {"name": "c", "share": 0.2, "weeks": 4},
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (None, "abcd"), ("name.desc", "dcba"), ("share.asc", "abcd"), ("share.desc", "dbca"), ("bought.desc", "dbca"),
        ("weeks.desc", "abcd"), ("nobody.asc", "abcd"), ("share", "abcd"), ("share.up", "abcd"),
    ],
)  # fmt: skip
def test_things_come_in_the_order_of_the_table(sort: str | None, order: str) -> None:
    names = [record["name"] for record in RECORDS]
    assert "".join(in_order(names, RECORDS, COLUMNS, sort)) == order


def test_a_table_without_an_order_keeps_its_own() -> None:
    assert in_order("xy", RECORDS[:2], [{"field": "name"}], None) == ["x", "y"]


def test_of_two_columns_of_a_field_one_is_sorted() -> None:
    sorted_ones = [one for one in sorted_as(COLUMNS, "bought.desc") if "sort" in one]
    assert [one.get("colId") for one in sorted_ones] == ["bought"]
