"""A store's details: what an installer may change of them, and what is head office's because figures hang on it."""

import json
from typing import Any

import pytest

from dashboard.routes import STORES_CSV
from tests.integration.dashboard.conftest import House, callback, outputs_with
from tests.integration.dashboard.test_set_up import (
    DAYS,
    describe,
    open_list,
    open_store,
    preview,
    texts,
    upload,
    values,
)

HEAD = "code,name,timezone,currency,region,hours\n"


def save(house: House, login: str, code: str, **changes: Any) -> str:
    client, _ = house.sign_in(login)
    filled = {
        "name": "Hill Street",
        "region": "South",
        "zone": "Europe/London",
        "opens": "09:00",
        "past": False,
    } | changes
    wild = '{{"day":{day},"hours":"{which}"}}.value'
    answer = callback(
        client,
        outputs_with(house, "detail-save"),
        [[(f'{{"detail-save":"{code}"}}.n_clicks', 1)]],
        [
            ("detail-name.value", filled["name"]), ("detail-region.value", filled["region"]),
            ("detail-zone.value", filled["zone"]), ("setup-always.checked", False),
            [(wild.format(day=day, which="opens"), filled["opens"]) for day in DAYS],
            [(wild.format(day=day, which="closes"), "18:00") for day in DAYS],
            ("detail-staff.checked", False), ("detail-past.checked", filled["past"]),
            ("box-store.data", {"store": code, "lang": "en"}),
        ],
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return " ".join(texts(next(iter(answer.get_json()["response"].values()))["children"]))


def kept(house: House, code: str) -> list[list[Any]]:
    found = values(
        house.database,
        "SELECT code, name, region, timezone, min(opens_min) FROM store JOIN store_hours USING (store_id)"
        " GROUP BY store_id",
    )
    return [rest for known, *rest in found if known == code]


@pytest.mark.parametrize(
    "change",
    [{"region": "North"}, {"region": ""}, {"zone": "Europe/Berlin"}, {"past": True}, {"past": True, "opens": "07:00"}],
)
def test_what_figures_hang_on_is_head_offices_to_change(house: House, change: dict[str, Any]) -> None:
    open_store(house, "olga", code="bound")
    was = kept(house, "bound")
    days = "SELECT count(*), min(opens_at) FROM store_calendar"
    before = values(house.database, days)
    try:
        assert save(house, "ivan", "bound", **change) == "Not for this account"
        assert (kept(house, "bound"), values(house.database, days)) == (was, before)
        refused = [(one.login, one.subject) for one in house.register.events(limit=5) if one.action == "refused"]
        assert refused == [("ivan", "chain")]
        assert save(house, "olga", "bound", **change) == "Saved."
    finally:
        save(house, "olga", "bound")


def test_an_installer_changes_a_stores_name_and_its_hours_from_today_on(house: House) -> None:
    open_store(house, "olga", code="named")
    assert save(house, "ivan", "named", name="Mill Lane", opens="08:00") == "Saved."
    assert kept(house, "named") == [["Mill Lane", "South", "Europe/London", 480]]


def test_a_list_changes_and_tells_of_known_stores_for_head_office_alone(house: House) -> None:
    open_store(house, "olga", code="listed")
    was = kept(house, "listed")
    text = HEAD + "listed,Smuggled,Europe/Berlin,GBP,North,mon-sun 01:00-02:00\n"
    ivan, _ = house.sign_in("ivan")
    said = callback(
        ivan, outputs_with(house, "setup-list-change"), [("setup-list-change.n_clicks", 1)],
        [("setup-list.contents", upload(text)), ("setup-lang.data", "en")],
    )  # fmt: skip
    assert "Not for this account" in said.get_data(as_text=True)
    assert ivan.get(STORES_CSV).status_code == 403
    assert house.sign_in("olga")[0].get(STORES_CSV).status_code == 200
    assert "Not for this account" in " ".join(texts(open_list(house, ivan, upload(text))))
    assert "known; changes: " in preview(house, text)[0]
    assert kept(house, "listed") == was


def test_an_installer_opens_no_closed_store_anew_with_another_region(house: House) -> None:
    open_store(house, "olga", code="gone")
    values(house.database, "UPDATE store SET closed_at = now() WHERE code = 'gone' RETURNING code")
    house.later(minutes=10)
    ivan, _ = house.sign_in("ivan")
    open_store(house, "ivan", code="gone", region="North")
    said = open_list(house, ivan, upload(HEAD + "gone,Gone,Europe/London,GBP,North,\n"))
    assert "Not for this account" in texts(said)
    assert kept(house, "gone")[0][1] == "South"


def test_the_page_shows_only_what_the_viewer_may_do(house: House) -> None:
    open_store(house, "olga", code="shown")
    for login, may in (("olga", True), ("ivan", False)):
        client, _ = house.sign_in(login)
        page = shell(client, "/setup")
        does = {"setup-open", "setup-list", "setup-list-open", "setup-list-change", "peer-save", "box-close"}
        found = {
            name for name in does if any(_prop(each, name, "id") for each in (page, shell(client, "/setup/shown")))
        }
        assert found == (does if may else set())
        assert "/setup/shown?" in json.dumps(page), "the way to the store's own page"
        assert bool(_prop(page, STORES_CSV, "href")) == may
        page = shell(client, "/setup/shown")
        assert (_prop(page, "detail-region", "disabled"), _prop(page, "detail-zone", "disabled")) == (not may, not may)
        assert _prop(page, "detail-past", "hidden") == (not may)
        assert ("Region and time zone are head office" in " ".join(texts(page))) == (not may)


def test_what_a_store_is_compared_by_stands_in_its_form(house: House) -> None:
    """An empty field empties: one that was not filled in would."""
    assert "Saved" in describe(house, "olga", "south-one", "outlet", "2", 120, "2019-03-01")
    client, _ = house.sign_in("olga")
    page = shell(client, "/setup/south-one")
    shown = [_prop(page, f"peer-{name}", "value") for name in ("format", "tier", "size", "opened")]
    assert shown == ["outlet", "2", 120.0, "2019-03-01"]


def shell(client: Any, path: str) -> Any:
    answer = callback(
        client, ["shell.children", "shell-key.data", "retry.disabled"],
        [("url.pathname", path), ("url.search", "?lang=en"), ("retry.n_intervals", 0)],
        [("scheme.data", "light"), ("shell-key.data", None)],
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["response"]["shell"]["children"]


def _prop(part: Any, name: str, prop: str) -> Any:
    """Return a property of the part with an id or an address, or of the nearest one around it that says it."""
    if isinstance(part, list):
        return next((found for each in part if (found := _prop(each, name, prop)) is not None), None)
    props = part.get("props", {}) if isinstance(part, dict) else {}
    if name in (props.get("id"), props.get("href")):
        return props.get(prop, "unsaid")
    inner = _prop(props.get("children", []), name, prop)
    return props.get(prop, inner) if inner == "unsaid" else inner
