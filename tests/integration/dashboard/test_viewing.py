"""Who sees which store: by the pages, by their callbacks called directly, and by an address that was edited."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest

from dashboard.app import create_app
from dashboard.settings import DashboardSettings
from tests.integration.dashboard.conftest import NOW, PASSWORD, House, callback
from tests.support.store_data import add_sales


def shell(house: House, login: str, path: str, *, search: str = "?lang=en&period=yesterday") -> str:
    client, _ = house.sign_in(login)
    answer = callback(
        client,
        ["shell.children", "shell-key.data", "retry.disabled"],
        [("url.pathname", path), ("url.search", search), ("retry.n_intervals", None)],
        [("scheme.data", "light"), ("shell-key.data", None)],
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def outputs_of(house: House, wanted: str) -> list[str]:
    """Return the outputs of the callback that fills `wanted`, as the page knows them."""
    key: str = next(key for key in house.app.callback_map if wanted in key)
    outputs: list[str] = key.strip(".").split("...")
    return outputs


@pytest.mark.parametrize("page", ["history", "wall", "trust"])
def test_every_page_of_a_store_is_shown_to_its_own_people_alone(house: House, page: str) -> None:
    assert '"data-store":"north-one"' in shell(house, "mia", f"/{page}/north-one")
    for login, code in (("mia", "north-two"), ("ivan", "north-one")):
        text = shell(house, login, f"/{page}/{code}")
        assert f'"data-store":"{code}"' not in text
        assert "Not for this account" in text


def test_the_trust_page_of_all_lists_ones_own_stores_alone(house: House) -> None:
    text = shell(house, "rob", "/trust")
    assert "north-two" in text
    assert "south-one" not in text
    assert "Not for this account" in shell(house, "ivan", "/trust")


def refreshed(house: House, login: str, code: str) -> dict[str, Any]:
    client, _ = house.sign_in(login)
    answer = callback(
        client,
        outputs_of(house, "store-answer.children"),
        [("store-tick.n_intervals", 1)],
        [("scheme.data", "light"), ("store-code.data", {"store": code, "lang": "en"}), ("store-prints.data", None)],
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    parts: dict[str, Any] = answer.get_json()["response"]
    return parts


def floor(house: House, login: str, code: str) -> str:
    client, _ = house.sign_in(login)
    answer = callback(
        client,
        outputs_of(house, "store-staffing.children"),
        [("store-floor-tick.n_intervals", None)],
        [("store-code.data", {"store": code, "lang": "en"})],
    )
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("mia", {"north-one"}),
        ("rob", {"north-one", "north-two"}),
        ("olga", {"north-one", "north-two", "south-one"}),
        ("ivan", set()),
    ],
)
def test_each_sees_the_figures_of_their_own_stores_alone(house: House, login: str, seen: set[str]) -> None:
    for code in ("north-one", "north-two", "south-one"):
        text = shell(house, login, f"/store/{code}")
        assert ("store-page" in text) == (code in seen), code
        parts = refreshed(house, login, code)
        assert ("store-answer" in parts) == (code in seen), code
        assert ("forbidden" in json.dumps(parts)) == (code not in seen)


@pytest.mark.parametrize(("login", "unseen"), [("mia", ["North-Two", "South-One"]), ("rob", ["South-One"])])
def test_no_page_names_a_store_that_is_not_the_viewers(house: House, login: str, unseen: list[str]) -> None:
    for path in ("/", "/store/north-one", "/store/south-one", "/store/nowhere"):
        text = shell(house, login, path)
        for name in unseen:
            assert name not in text, path


def test_the_table_of_all_stores_holds_the_viewers_alone(house: House) -> None:
    client, _ = house.sign_in("rob")
    answer = callback(
        client,
        outputs_of(house, "stores-answer.children"),
        [("stores-tick.n_intervals", 1), ("stores-url.search", "?period=yesterday")],
        [("stores-lang.data", "en"), ("stores-prints.data", None)],
    )
    rows = answer.get_json()["response"]["stores-grid"]["rowData"]
    assert {row["code"] for row in rows} == {"north-one", "north-two"}


def test_another_role_holds_from_the_next_request(house: House) -> None:
    from dashboard.accounts.register import Scope  # noqa: PLC0415  # beside its only use

    assert "store-answer" in refreshed(house, "mia", "north-one")
    house.register.set_scope("mia", Scope("manager", stores=("south-one",)), now=house.clock.now)
    assert "store-answer" not in refreshed(house, "mia", "north-one")


def test_a_refusal_is_written_down_once_a_minute(house: House) -> None:
    for _ in range(5):
        refreshed(house, "mia", "south-one")
    refused = [event for event in house.register.events(limit=50) if event.action == "refused"]
    assert [(event.login, event.subject) for event in refused] == [("mia", "south-one")]


def test_boxes_are_the_viewers_stores_alone_by_the_callback_too(house: House) -> None:
    connection = psycopg2.connect(house.database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO device (store_id, code) SELECT store_id, 'box' FROM store ON CONFLICT DO NOTHING")
    connection.close()
    everything = {"mia": {"north-one"}, "rob": {"north-one", "north-two"}}
    for login, stores in everything.items():
        client, _ = house.sign_in(login)
        for store, seen in ((None, stores), ("north-one", {"north-one"}), ("south-one", None)):
            answer = callback(
                client,
                outputs_of(house, "devices-answer.children"),
                [("devices-tick.n_intervals", 1), ("devices-search.value", ""), ("devices-only.value", "all")],
                [
                    ("devices-shown.data", {"store": store, "lang": "en", "href": "/devices"}),
                    ("devices-prints.data", None),
                ],
            )
            parts = answer.get_json()["response"]
            if seen is None:
                assert "devices-grid" not in parts
                assert "forbidden" in json.dumps(parts)
            else:
                assert {row["id"].partition("/")[0] for row in parts["devices-grid"]["rowData"]} == seen


def test_an_account_whose_region_has_no_store_sees_an_empty_table_and_no_error(house: House) -> None:
    from dashboard.accounts.register import Scope  # noqa: PLC0415  # beside its only use

    house.register.add("lost", Scope("region", regions=("Nowhere",)), PASSWORD, now=house.clock.now)
    text = shell(house, "lost", "/")
    assert "stores-grid" in text
    assert "North-One" not in text


@pytest.fixture
def work_undone(three_stores: str) -> Iterator[None]:
    connection = psycopg2.connect(three_stores)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO job (name, every, seen_at, error) VALUES ('maintain', '1 day', '2020-01-01', NULL),"
            " ('policy_compression crossing (1003)', '12:00', '2020-01-01', 'a secret of the disk')"
        )
        yield
        cursor.execute("DELETE FROM job")


@pytest.mark.usefixtures("work_undone")
@pytest.mark.parametrize(("login", "told"), [("olga", True), ("ivan", True), ("rob", False), ("mia", False)])
def test_the_servers_own_work_that_is_not_done_is_told_to_those_who_may_mend_it(
    house: House, login: str, told: bool
) -> None:
    text = shell(house, login, "/devices")
    assert "devices-page" in text
    assert ("Daily maintenance of the database was never done" in text) == told
    assert ("Compressing crossing fails" in text) == told
    assert "secret" not in text, "what a server says of itself is for its log"
    chinese = json.dumps(json.loads(shell(house, login, "/devices", search="?lang=zh")), ensure_ascii=False)
    assert ("数据库每日维护从未完成" in chinese) == told
    assert ("crossing 的压缩失败" in chinese) == told


@pytest.fixture
def sold_by_staff(three_stores: str) -> Iterator[None]:
    """Sales of the last full week in `north-one`, whose figures by staff alias may be shown."""
    with closing(psycopg2.connect(three_stores)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("UPDATE store SET staff_figures = true WHERE code = 'north-one' RETURNING store_id")
            ((store_id,),) = cursor.fetchall()
            add_sales(
                connection,
                [
                    (store_id, NOW - timedelta(days=7, minutes=number), 50.0, 1, "sale", None, "CNY", "in_store", False)
                    for number in range(40)
                ],
            )
            yield
            cursor.execute("DELETE FROM pos_order WHERE store_id = %s", (store_id,))
            cursor.execute("UPDATE store SET staff_figures = false")


@pytest.mark.usefixtures("sold_by_staff")
def test_sales_by_alias_are_for_managers_of_the_store_and_head_office(house: House) -> None:
    shown = {login: "Sales by staff" in floor(house, login, "north-one") for login in ("mia", "rob", "olga")}
    assert shown == {"mia": True, "rob": False, "olga": True}
    assert "Sales by staff" not in floor(house, "ivan", "north-one")
    assert "section" not in floor(house, "mia", "south-one").lower()


def test_a_regions_account_follows_stores_as_they_move(house: House) -> None:
    def move(code: str, region: str) -> None:
        connection = psycopg2.connect(house.database)
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE store SET region = %s WHERE code = %s", (region, code))
        connection.close()
        # The stores are kept for ten seconds: this one has read none yet.
        house.app = create_app(DashboardSettings.model_validate({"database_url": house.database}), clock=house.clock)

    assert "store-answer" in refreshed(house, "rob", "north-two")
    move("north-two", "South")
    move("south-one", "North")
    try:
        assert "store-answer" not in refreshed(house, "rob", "north-two")
        assert "store-answer" in refreshed(house, "rob", "south-one")
        assert "North-Two" not in shell(house, "rob", "/")
    finally:
        move("north-two", "North")
        move("south-one", "South")
