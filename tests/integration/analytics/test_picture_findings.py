"""A camera's picture on its way from the box's word to the store's page."""

from datetime import UTC, date, datetime

import msgspec

from analytics.days import calendar
from analytics.visits.store_day import read_store_day
from contract.messages import CameraHealth
from tests.support.store_data import Connection, add_device, add_store

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # Saturday, 12:00 in Shanghai


def test_a_covered_camera_is_found_as_the_box_said_it(connection: Connection) -> None:
    store = add_store(connection)
    box = add_device(connection, store, at=NOON)
    health = CameraHealth(camera="door", state="down", fps=9.8, trouble="covered")
    with connection.cursor() as cursor:
        said = msgspec.json.encode([health]).decode()
        cursor.execute("UPDATE device_status SET cameras = %s WHERE device_id = %s", (said, box))
    days = calendar(connection, [store], first=date(2026, 11, 20), last=date(2026, 11, 22))
    day = days.latest_opened(store, NOON)
    assert day is not None
    found = {one.code: one.subject for one in read_store_day(connection, days, day, now=NOON).findings}
    assert found["camera_covered"] == "door"
    assert "camera_down" not in found
