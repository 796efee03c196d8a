"""Set-up pictures in the dashboard: asked for and looked at by name, by those who set up cameras and nobody else."""

import json
from typing import Any
from uuid import UUID

import pytest

from deploy.setup_pictures import events, listed
from ingest.database import Database
from tests.integration.dashboard.conftest import House, callback
from tests.support.ledger import rows
from tests.support.pictures_asked import answer, deliver, enrolled_box, with_camera


@pytest.fixture
def box(house: House) -> None:
    """riverside/door-box, enrolled, with a camera called door."""
    if rows(house.database, "SELECT 1 FROM store WHERE code = 'riverside'"):
        return
    enrolled_box(house.database)
    with_camera(house.database, house.clock.now)


def press(house: House, login: str, which: str, why: str | None = "draw the entrance") -> str:
    client, _ = house.sign_in(login)
    button = json.dumps({"box": "door-box", "camera": "door", "picture": which}, separators=(",", ":"))
    answered = callback(
        client,
        ["picture-result.children", "picture-cameras.children"],
        [[(f"{button}.n_clicks", 1)], ("picture-tick.n_intervals", 0)],
        [("picture-why.value", why), ("box-store.data", {"store": "riverside", "lang": "en"})],
    )
    assert answered.status_code == 200, answered.get_data(as_text=True)
    return json.dumps(answered.get_json())


def pictures(house: House) -> list[Any]:
    database = Database(house.database)
    try:
        return listed(database, now=house.clock.now, store="riverside")
    finally:
        database.close()


@pytest.mark.usefixtures("box")
def test_a_picture_is_asked_for_shown_once_it_is_there_and_everyone_is_written_down(house: House) -> None:
    assert '"data-wrong":"why"' in press(house, "ivan", "ask", why=" ").replace(" ", "")
    assert "Asked. The box needs about six minutes" in press(house, "ivan", "ask")
    asked = pictures(house)[0]
    assert (asked.asked_by, asked.why, asked.state) == ("ivan", "draw the entrance", "waiting")
    assert "data:image" not in press(house, "ivan", "show")
    deliver(house.database, answer(UUID(asked.request)), at=house.clock.now)
    for login in ("mia", "rob"):
        refused = press(house, login, "show")
        assert "data:image" not in refused
        assert "Not for this account" in refused
    assert "data:image/jpeg;base64,/9j/" in press(house, "olga", "show")
    database = Database(house.database)
    seen = [(event.action, event.by, event.how) for event in events(database, UUID(asked.request))]
    database.close()
    assert seen == [("received", None, None), ("viewed", "olga", "dashboard")]
    house.later(hours=25)
    assert "data:image" not in press(house, "olga", "show")
