"""Floor plans: drawn by head office, placed by installers, seen by those who may see the store."""

import base64
import io
import json
from typing import Any

import psycopg2
import pytest
from PIL import Image

from dashboard.app import BODY_MAX
from tests.integration.dashboard.conftest import OURS, House, callback
from tests.support.store_data import add_camera, add_line, add_zone, one

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]


def drawing() -> str:
    written = io.BytesIO()
    Image.new("RGB", (80, 40), "white").save(written, "PNG")
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()


@pytest.fixture(autouse=True)
def store(house: House) -> int:
    """north-one with a zone, a door and a camera, without a plan."""
    connection = psycopg2.connect(house.database)
    connection.autocommit = True
    store_id: int = one(connection, "SELECT store_id FROM store WHERE code = 'north-one'")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM floor_plan")
        cursor.execute("SELECT count(*) FROM zone WHERE store_id = %s", (store_id,))
        if cursor.fetchone() == (0,):
            add_zone(connection, store_id, "shelf")
            add_line(connection, store_id, "door")
            add_camera(connection, store_id, "floor")
    connection.close()
    return store_id


def press(house: House, login: str, what: str, *, file: str | None = None, draft: Any = None) -> str:
    client, _ = house.sign_in(login)
    button = {name: json.dumps({"plan": name}, separators=(",", ":")) for name in ("save", "grid", "remove")}
    upload = json.dumps({"plan_file": "drawing"}, separators=(",", ":"))
    clicked = [(f"{button[name]}.n_clicks", 1 if what == name else None) for name in button]
    sizes = [
        (f"{json.dumps({'plan_size': side}, separators=(',', ':'))}.value", value)
        for side, value in (("width", 20), ("height", 10))
    ]
    answered = callback(
        client,
        ["plan-result.children", "plan-place.children"],
        [clicked, [(f"{upload}.contents", file)]],
        [sizes, ("plan-draft.data", draft), ("box-store.data", {"store": "north-one", "lang": "en"})],
        changed=f"{upload}.contents" if what == "file" else f"{button[what]}.n_clicks",
    )
    assert answered.status_code == 200, answered.get_data(as_text=True)
    return json.dumps(answered.get_json())


def actions(house: House) -> list[tuple[str, str | None]]:
    return [
        (event.action, event.login) for event in reversed(house.register.events(limit=30)) if "plan_" in event.action
    ]


def kept(house: House) -> list[Any]:
    connection = psycopg2.connect(house.database)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT width, height, media, placed FROM floor_plan")
        found = cursor.fetchall()
    connection.close()
    return found


def test_head_office_draws_an_installer_places_and_both_are_written_down(house: House) -> None:
    assert "Not for this account" in press(house, "ivan", "file", file=drawing())
    assert "Not for this account" in press(house, "mia", "file", file=drawing())
    assert kept(house) == []
    assert "The drawing is kept" in press(house, "olga", "file", file=drawing())
    assert kept(house) == [(80.0, 40.0, "image/png", {})]
    draft = {"zones": {"shelf": SQUARE}, "cameras": {"floor": {"picture": SQUARE, "plan": SQUARE}}}
    assert "Saved: Look back shows it" in press(house, "ivan", "save", draft=draft)
    assert kept(house)[0][3]["zones"] == {"shelf": SQUARE}
    assert "The grid is kept" in press(house, "olga", "grid")
    assert kept(house)[0][:3] == (20.0, 10.0, None)
    assert kept(house)[0][3]["zones"] == {"shelf": SQUARE}, "a new drawing of the same room keeps what stands on it"
    assert "Not for this account" in press(house, "ivan", "remove")
    assert "The plan is removed" in press(house, "olga", "remove")
    assert kept(house) == []
    assert actions(house) == [
        ("plan_kept", "olga"), ("plan_placed", "ivan"), ("plan_kept", "olga"), ("plan_removed", "olga"),
    ]  # fmt: skip


def test_what_cannot_be_placed_is_refused_and_changes_nothing(house: House) -> None:
    assert '"data-wrong": "placed"' in press(house, "ivan", "save", draft={"zones": {"shelf": SQUARE}}), "no plan yet"
    press(house, "olga", "grid")
    for draft in ({"zones": {"cellar": SQUARE}}, {"zones": {"shelf": SQUARE[:2]}}, [1], {"cameras": {"floor": SQUARE}}):
        assert '"data-wrong": "placed"' in press(house, "ivan", "save", draft=draft)
    assert kept(house)[0][3] == {}
    assert "Nothing was moved." in press(house, "ivan", "save")
    assert '"data-wrong": "plan"' in press(house, "olga", "file", file="data:image/png;base64,AAAA")
    assert '"data-wrong": "plan"' in press(house, "olga", "file", file="no file at all!")


def test_a_drawing_is_answered_to_those_who_may_see_the_store(house: House) -> None:
    client, _ = house.sign_in("olga")
    assert client.get("/plans/north-one").status_code == 404
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="3" height="3" onclick="x()"/></svg>'
    press(house, "olga", "file", file="data:image/svg+xml;base64," + base64.b64encode(svg).decode())
    answer = client.get("/plans/north-one")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert b"onclick" not in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for login, status in (("mia", 200), ("ivan", 200), ("rob", 200)):
        assert house.sign_in(login)[0].get("/plans/north-one").status_code == status
    assert house.sign_in("mia")[0].get("/plans/south-one").status_code == 403
    assert house.client().get("/plans/north-one").status_code in (302, 401)


def test_a_body_that_is_too_large_is_refused_before_anything_decodes_it(house: House) -> None:
    largest = "data:image/png;base64," + base64.b64encode(bytes(5_000_000)).decode()
    assert '"data-wrong": "plan"' in press(house, "olga", "file", file=largest), "the largest drawing is looked at"
    client, _ = house.sign_in("olga")
    for path, kind in (
        ("/_dash-update-component", "application/json"),
        ("/sign-in", "application/x-www-form-urlencoded"),
    ):
        refused = client.post(path, data=b"x" * (BODY_MAX + 1), content_type=kind, headers=OURS)
        assert refused.status_code == 413
        assert "at most 5 MB" in refused.get_data(as_text=True)
