"""A card that cannot be read says so; the rest of its page goes on, and its file is refused instead of empty."""

import re
from types import ModuleType
from typing import Any, Final

import pytest

from analytics.cache import Cache
from analytics.errors import BusyError, DatabaseError
from dashboard.reading import chain, floor, history, live, parts, past_weeks, trust
from tests.integration.dashboard.conftest import House, callback
from tests.integration.dashboard.test_viewing import outputs_of, shell

UNREAD: Final = "This cannot be read at the moment"
#: Per page: whose functions fail, each with the card that needs it and its file, and a card that goes on.
PAGES: Final[dict[str, tuple[ModuleType, dict[str, tuple[str, str]], str]]] = {
    "/history/north-one": (history, {
        "read_estimated": ("days", "history/days"), "read_traffic": ("hours", "history/hours"),
        "read_stages": ("funnel", "history/funnel"), "read_queue_past": ("queue", "history/queue"),
        "read_movement": ("movement", "history/steps"), "read_past_zones": ("zones", "history/zones"),
        "read_forecast": ("ahead", "history/forecast"), "read_targets": ("targets", "history/targets"),
        "sides": ("changes", "history/changes"),
    }, "Sales"),
    "/store/north-one": (live, {
        "read_forecast": ("ahead", "store/forecast"),
        "sides": ("changes", "store/changes"), "day_progress": ("targets", "store/targets"),
    }, "From the street to the till"),
    "/trust/north-one": (trust, {
        "read_line_days": ("reliance", "trust/doors"), "read_restatements": ("restated", "trust/restated"),
    }, "Boxes and cameras"),
    "/": (chain, {
        "like_for_like": ("changes", "stores/changes"), "by_region": ("groups", "stores/groups"),
    }, "Store by store"),
}  # fmt: skip


#: What fails without a card of its own, and what then stands on its page.
WITHIN: Final[dict[str, list[tuple[ModuleType, str, str]]]] = {
    "/store/north-one": [
        (live, "read_restatements", "whether past days changed cannot be read"),
        (past_weeks, "read_hours", "who bought cannot be read"),
    ],
    "/history/north-one": [(history, "read_floor_plan", "part unread-plan")],
    "/": [(chain, "by_format", "By kind of shop")],
}


@pytest.fixture(autouse=True)
def read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is read anew by whoever looks next."""
    monkeypatch.setattr(parts, "FAILED_S", 0.0)


def fail(monkeypatch: pytest.MonkeyPatch, module: ModuleType, names: Any) -> None:
    """Have functions raise, by turns what the database says and what only a fault of ours would."""
    errors = [DatabaseError("canceled"), KeyError("a fault of ours")]
    for place, name in enumerate(names):
        monkeypatch.setattr(module, name, _raising(errors[place % 2]))


def _raising(error: Exception) -> Any:
    def failing(*_: Any, **__: Any) -> Any:
        raise error

    return failing


def unread(page: str) -> set[str]:
    return set(re.findall(r'"className":"part unread-([a-z-]+)"', page))


@pytest.mark.parametrize("path", PAGES)
def test_cards_that_cannot_be_read_say_so_and_the_rest_of_the_page_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    module, parts, other = PAGES[path]
    client, _ = house.sign_in("olga")
    with monkeypatch.context() as broken:
        fail(broken, module, parts)
        page = shell(house, "olga", path)
        assert unread(page) == {card for card, _ in parts.values()}
        assert page.count(UNREAD) == len(parts)
        assert other in page
        for _, file in parts.values():
            assert client.get(f"/files/{file}.csv?store=north-one&period=yesterday").status_code == 503, file
    if module in (history, trust):
        # These are kept for a minute; the others are read anew each second.
        assert not unread(shell(house, "olga", path)), "a failure is not kept"


def test_what_has_no_card_of_its_own_says_so_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sign_in("olga")
    for path, failing in WITHIN.items():
        with monkeypatch.context() as broken:
            for module, name, _ in failing:
                fail(broken, module, [name])
            page = shell(house, "olga", path, search="?lang=en&period=yesterday&region=North")
        assert [said for _, _, said in failing if said not in page] == []


def test_a_refused_file_says_why_in_the_language_of_its_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = house.sign_in("olga")
    fail(monkeypatch, history, ["read_traffic"])
    for lang, said in (("en", UNREAD), ("zh", "这一块暂时读不出来")):
        answer = client.get(f"/files/history/hours.csv?store=north-one&period=yesterday&lang={lang}")
        assert answer.get_data(as_text=True).startswith(said)


def test_each_card_of_the_floor_can_fail(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = house.sign_in("olga")
    places = outputs_of(house, "store-staffing.children")
    shown = [("store-code.data", {"store": "north-one", "lang": "en"})]

    def cards() -> set[str]:
        answer = callback(client, places, [("store-floor-tick.n_intervals", 0)], shown)
        return unread(answer.get_data(as_text=True))

    for name, card in (
        ("read_staffing", "staffing"), ("read_staff_sales", "staff"), ("read_categories", "categories"),
        ("read_zone_funnels", "zone-funnels"),
    ):  # fmt: skip
        with monkeypatch.context() as broken:
            fail(broken, floor, [name])
            assert cards() == {card}
            assert client.get(f"/files/store/{card}.csv?store=north-one").status_code == 503
    assert cards() == set()


def test_a_floor_that_has_no_turn_yet_is_asked_for_again_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = house.sign_in("olga")

    def told() -> tuple[set[str], int]:
        answer = callback(
            client, outputs_of(house, "store-staffing.children"), [("store-floor-tick.n_intervals", 0)],
            [("store-code.data", {"store": "north-one", "lang": "en"})],
        )  # fmt: skip
        parts = answer.get_json()["response"]
        interval = parts.pop("store-floor-tick")["interval"]
        return set(parts), interval

    def busy(*_: Any, **__: Any) -> None:
        raise BusyError

    with monkeypatch.context() as others:
        others.setattr(Cache, "get_in_turn", busy)
        assert told() == (set(), 2000)
        assert client.get("/files/store/staffing.csv?store=north-one").status_code == 503
    assert told() == ({"store-staffing", "store-zone-funnels", "store-categories", "store-staff"}, 600_000)
