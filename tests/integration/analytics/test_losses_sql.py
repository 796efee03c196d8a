"""What a box says that it lost is a finding of the day that it concerns, and that day's figures are a part."""

from datetime import UTC, datetime, timedelta

from analytics.quality.findings import Finding, counting_findings
from tests.support.store_data import Connection, add_device, add_line, add_store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def add_loss(connection: Connection, store: int, device: int, *, at: datetime, entries: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH epoch AS ("
            "INSERT INTO ledger_epoch (device_id, epoch) VALUES (%s, gen_random_uuid()) RETURNING epoch_id) "
            "INSERT INTO ledger_loss (at, until, store_id, epoch_id, reason, entries) "
            "SELECT %s, %s, %s, epoch_id, 'budget', %s FROM epoch",
            (device, at, at + timedelta(hours=1), store, entries),
        )


def losses(connection: Connection, store: int, *, from_at: datetime) -> list[Finding]:
    found = counting_findings(connection, store, from_at=from_at, until=from_at + DAY, now=NOON + 9 * DAY)
    return [finding for finding in found if finding.code.startswith("ledger_loss")]


def test_losses_of_a_day_are_told_per_box_and_on_no_other_day(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    box = add_device(connection, store, "door-box", at=NOON)
    add_loss(connection, store, box, at=NOON, entries=40)
    add_loss(connection, store, box, at=NOON + timedelta(hours=2), entries=2)
    assert losses(connection, store, from_at=NOON - timedelta(hours=6)) == [
        Finding("ledger_loss", "door-box", number=42, since=NOON + timedelta(hours=3))
    ]
    assert losses(connection, store, from_at=NOON + DAY) == []


def test_a_loss_of_nobody_knows_how_many_says_so(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    box = add_device(connection, store, "door-box", at=NOON)
    add_loss(connection, store, box, at=NOON, entries=40)
    add_loss(connection, store, box, at=NOON, entries=None)
    (found,) = losses(connection, store, from_at=NOON - timedelta(hours=6))
    assert (found.code, found.number) == ("ledger_loss_unknown", None)
