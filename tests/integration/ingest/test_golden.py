"""The golden payloads, put through intake, land in the right tables."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from contract.topics import Leaf, Topic
from ingest.deliveries import Delivery, Waiting
from ingest.intake import Intake, Taken
from tests.support.golden import DEVICE, EPOCH, NOON, OLD_EPOCH, STORE, golden_bytes
from tests.support.ledger import add_store, count, one, rows

HEARD = NOON + timedelta(seconds=62)


@pytest.fixture
def store(database: str) -> str:
    add_store(database, STORE)
    return database


@pytest.fixture
def taken(store: str) -> Iterator[Taken]:
    intake = Intake(store, dead_letters_max=100)
    yield intake.store(
        Waiting(ledger=[sent("ledger")[1]], presence=[sent("status"), sent("live")]),
    )
    intake.close()


def sent(leaf: Leaf) -> tuple[Topic, Delivery]:
    where = Topic(STORE, DEVICE, leaf)
    return where, Delivery(str(where), golden_bytes(leaf), HEARD)


def test_every_entry_of_the_golden_ledger_is_a_row_of_its_table(store: str, taken: Taken) -> None:
    assert (taken.entries, taken.dead_letters) == (88, 0)
    tables = {
        "crossing": 2 + 17, "zone_visit": 1, "queue_sample": 1, "queue_exit": 2, "occupancy_sample": 1, "heat": 1,
        "flow": 2, "line_register": 1, "camera_uptime": 1, "line_audit": 1, "ledger_loss": 2,
    }  # fmt: skip
    assert {table: count(store, table) for table in tables} == tables
    assert one(store, "SELECT at, staff, group_size FROM crossing WHERE group_size > 1") == (
        NOON + timedelta(seconds=1.234567), False, 2,
    )  # fmt: skip
    assert one(store, "SELECT person_s FROM heat") == ([0, 12, 900, 0, 1, 33],)
    audited = "SELECT at, auditor, complete, in_truth, in_counted, in_matched, out_matched FROM line_audit"
    assert one(store, audited) == (
        NOON - timedelta(minutes=15), "jd", True, 41, 40, 39, 38,
    )  # fmt: skip
    assert rows(store, "SELECT reason, entries, lines, of_epoch::text FROM ledger_loss ORDER BY at") == [
        ("budget", 61, [{"line": "front-door", "ins": 4, "outs": 3}], None),
        ("corrupt", None, [], str(OLD_EPOCH)),
    ]
    assert one(store, "SELECT counts_from FROM camera WHERE code = 'door'") == (NOON,)


def test_the_golden_status_describes_lines_and_zones(store: str, taken: Taken) -> None:
    assert rows(store, "SELECT code, role FROM line ORDER BY code") == [
        ("front-door", "entrance"),
        ("pavement", "pass_by"),
    ]
    assert rows(store, "SELECT code, role, engaged_after_s FROM zone ORDER BY code") == [
        ("table", "engagement", 7.5),
        ("till", "queue", 10),
    ]
    assert one(store, "SELECT state, queue_depth, disk_free_mb, clock_offset_s, crashes_24_h FROM device_status") == (
        "online", 6, 12_345, -2.0, 5,
    )  # fmt: skip
    assert taken.dead_letters == 0


def test_the_golden_live_values_are_kept_as_they_came(store: str, taken: Taken) -> None:
    assert one(store, "SELECT lines, zones FROM device_live") == (
        [{"line": "front-door", "in_total": 1_042, "out_total": 1_038}],
        [{"zone": "table", "people": 4}, {"zone": "till", "people": 0}],
    )
    assert taken.dead_letters == 0


def test_the_receipt_says_what_the_golden_ledger_held_and_the_database_what_it_lacks(store: str, taken: Taken) -> None:
    (receipt,) = taken.receipts.values()
    assert [(each.epoch, each.ranges) for each in receipt.epochs] == [(EPOCH, [(41, 128)])]
    assert one(store, "SELECT missing_ranges::text FROM ledger_missing") == ("{[1,41),[129,157)}",)
