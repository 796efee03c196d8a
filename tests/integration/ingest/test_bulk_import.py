"""Long files of orders straight into a real database: the same outcomes as through the API, and again after a kill."""

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.database import Database
from ingest.errors import UnknownStoreError
from ingest.orders import bulk
from ingest.orders.book import Terms
from ingest.orders.bulk import BulkImport
from ingest.orders.importing import DIFFERS, Imported
from ingest.orders.till_csv import Layout, Row, TillExport
from tests.support.ledger import add_store, one, rows
from tests.support.tills import HASH_SECRET

TERMS = Terms(hash_secret=HASH_SECRET.encode(), now=datetime(2026, 12, 1, tzinfo=UTC), ahead=timedelta(days=1))
HEADER = ["external_id", "version", "closed_at", "net", "units", "customer_ref", "register"]


def export(*changes: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    for number, change in enumerate(changes):
        writer.writerow({
            "external_id": f"A{number}", "version": "1", "closed_at": "2026-11-21 14:03:00", "net": "12.50",
            "units": "2", "customer_ref": "", "register": "", **change,
        })  # fmt: skip
    return text.getvalue()


def run(
    url: str, text: str, *, versioned: bool = True, layout: Layout | None = None, steps: int | None = None
) -> tuple[Imported, list[tuple[int, str]]]:
    """Import `text`; with `steps` stop after so many, as if killed."""
    how = layout or Layout(store="riverside", source="till", currency="EUR", zone=ZoneInfo("Europe/Berlin"))
    opened = TillExport(io.StringIO(text), how)
    database = Database(url)
    rejected: list[tuple[int, str]] = []

    def reject(row: Row, reason: str) -> None:
        rejected.append((row.line, reason))

    try:
        importing = BulkImport(database, opened.reader, hashlib.sha256(text.encode()).hexdigest(), TERMS)
        told = list(islice(importing.run(opened, reject, versioned=versioned), steps))
    finally:
        database.close()
    return told[-1], rejected


def test_orders_come_in_once_with_their_business_day_and_their_customer_hashed(store: str) -> None:
    text = export({"customer_ref": "card 7", "register": "till \\ 3"}, {"closed_at": "2026-11-22 00:30:00"})
    for created, ignored in ((2, 0), (0, 2)):
        done, rejected = run(store, text)
        assert (done.outcomes["created"], done.outcomes["ignored"], rejected) == (created, ignored, [])
    found = rows(
        store, "SELECT external_id, business_date::text, register, length(customer_ref) FROM pos_order ORDER BY 1"
    )
    assert found == [("A0", "2026-11-21", "till \\ 3", 64), ("A1", "2026-11-22", None, None)]
    assert one(store, "SELECT count(*) FROM order_import") == (0,)


def test_a_wrong_row_is_told_with_its_line_and_keeps_no_other_out(store: str) -> None:
    wrong = [{"net": "soon"}, {"net": "1e9"}, {"units": "-2"}, {"closed_at": "2031-01-01 10:00"}, {"net": "12.345"}]
    done, rejected = run(store, export({}, *wrong, {}))
    assert (done.outcomes["created"], done.rejected) == (2, 5)
    assert sorted(line for line, _ in rejected) == [3, 4, 5, 6, 7]
    reasons = dict(rejected)
    assert "expected an amount" in reasons[3]
    assert "zero or more on a sale" in reasons[5]
    assert "ahead of the server's clock" in reasons[6]


def test_of_several_versions_in_one_file_the_highest_is_kept(store: str) -> None:
    same = {"external_id": "A"}
    text = export(
        {**same, "version": "2", "net": "2.00"}, {**same, "version": "3", "net": "3.00"}, {**same, "net": "1.00"}
    )
    done, rejected = run(store, text)
    assert (done.outcomes, rejected) == ({"created": 1, "updated": 0, "ignored": 2}, [])
    assert one(store, "SELECT version, net::text FROM pos_order") == (3, "3.00")
    done, _ = run(store, export({**same, "version": "4", "net": "4.00"}))
    assert done.outcomes == {"created": 0, "updated": 1, "ignored": 0}


def test_the_same_order_told_differently_without_a_version_is_set_aside(store: str) -> None:
    twice = {"external_id": "A"}
    done, rejected = run(store, export(twice, {**twice, "net": "9.00"}, twice), versioned=False)
    assert (done.outcomes, done.differing) == ({"created": 1, "updated": 0, "ignored": 1}, 1)
    assert rejected == [(3, DIFFERS)]


def test_another_store_s_order_is_not_taken_over(store: str) -> None:
    add_store(store, "harbour")
    run(store, export({}))
    harbour = Layout(store="harbour", source="till", currency="EUR", zone=ZoneInfo("Europe/Berlin"))
    done, rejected = run(store, export({}) + "\n", layout=harbour)
    assert (done.rejected, done.outcomes["created"]) == (1, 0)
    assert "another store" in rejected[0][1]
    with pytest.raises(UnknownStoreError):
        run(store, export({}), layout=Layout(store="nowhere", source="till", currency="EUR"))


def test_an_import_that_was_killed_goes_on_where_it_was(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "STEP", 10)
    text = export(*({"net": "soon"} if number == 3 else {} for number in range(45)))
    done, rejected = run(store, text, steps=2)
    assert (done.rows, rejected[0][0]) == (20, 5)
    assert one(store, "SELECT rows_done FROM order_import") == (20,)
    done, rejected = run(store, text)
    assert (done.outcomes, rejected) == ({"created": 25, "updated": 0, "ignored": 0}, [])
    assert one(store, "SELECT count(*) FROM pos_order") == (44,)
    assert one(store, "SELECT count(*) FROM order_import") == (0,)
