"""Boxes as the register and their own words leave them in the database."""

from datetime import UTC, datetime

import pytest

from analytics.fleet.devices import read_devices, store_signal
from tests.support.store_data import Connection, add_device, add_store

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def enrol(connection: Connection, device: int, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at) VALUES (%s, %s, 'k', %s)",
            (device, f"shop.box-{device}.{number}", NOON),
        )


def end(connection: Connection, device: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enrolment SET ended_at = %s, ended_by = 'revoked' WHERE device_id = %s", (NOON, device))


@pytest.mark.parametrize(
    ("enrolled", "ended", "again", "signal"),
    [(0, False, False, "live"), (1, False, False, "live"), (1, True, False, "revoked"), (1, True, True, "live")],
)
def test_a_box_is_revoked_until_it_is_enrolled_anew(
    connection: Connection, *, enrolled: int, ended: bool, again: bool, signal: str
) -> None:
    store = add_store(connection)
    box = add_device(connection, store, at=NOON)  # what it said last: online
    for number in range(enrolled):
        enrol(connection, box, number)
    if ended:
        end(connection, box)
    if again:
        enrol(connection, box, 9)
    (found,) = read_devices(connection, store)
    assert found.signal(NOON) == signal
    assert store_signal((found,), NOON)[0] == signal
    assert bool(found.cameras) == (signal == "live")


def test_no_box_of_a_closed_store_is_live(connection: Connection) -> None:
    store = add_store(connection)
    add_device(connection, store, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store SET closed_at = %s", (NOON,))
    (found,) = read_devices(connection, store)
    assert found.signal(NOON) == "revoked"
