"""The page of a store with a door down, and with a door that two boxes claim, says which one, in both languages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from playwright.sync_api import Browser

from tests.support.screenshots import settle
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN
from tests.support.store_data import add_crossings, add_device, add_line, add_store, add_uptime

OPENS = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
DARK = datetime(2026, 11, 21, 4, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai


@pytest.fixture
def shop(cluster: Cluster) -> Iterator[Served]:
    """A store with a front door, a side door whose camera went dark at 12:20, and a box that claims the front door."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    store = add_store(connection)
    front, side, again = (add_line(connection, store, code) for code in ("front", "side", "again"))
    add_uptime(connection, store, "front", OPENS, NOW)
    add_uptime(connection, store, "side", OPENS, DARK)
    for line, people in ((front, 40), (side, 10), (again, 38)):
        add_crossings(connection, store, line, [OPENS] * people)
    boxes = [
        add_device(connection, store, "box-1", at=NOW, cameras=(("front", "up"), ("side", "down"))),
        add_device(connection, store, "box-2", at=NOW, cameras=(("again", "up"),)),
    ]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE line SET door = 'front' WHERE line_id = %s", (again,))
        for box, line, at in ((boxes[0], front, OPENS), (boxes[0], side, OPENS), (boxes[1], again, NOW)):
            cursor.execute("INSERT INTO line_claim VALUES (%s, %s, %s)", (box, line, at))
        cursor.execute("SELECT settle_doors(%s)", (store,))
    connection.close()
    with served(url, NOW) as running:
        yield running
    cluster.drop(url)


@pytest.mark.parametrize(
    ("lang", "missed", "twice"),
    [
        (
            "en",
            "Door side was not counted for 105 min today (camera side)",
            "Door front is claimed twice: again · box-2 is left out since 14:07",
        ),
        ("zh", "入口 side 今天有 105 分钟没有计数（摄像头 side）", "入口 front 被登记了两次：again · box-2"),
    ],
)
def test_a_door_that_is_down_and_one_that_is_claimed_twice_are_named(
    browser: Browser, shop: Served, lang: str, missed: str, twice: str
) -> None:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": 1400, "height": 1100})
    page.goto(f"{shop.url}/store/nanjing-road?lang={lang}")
    settle(page)
    found = page.locator('[data-name="attention"], .findings').first.inner_text()
    assert missed in found
    assert twice in found
    page.close()
