"""Registering counters: a door belongs to one, and only who has the password is heard."""

import hashlib
import re
from datetime import timedelta

import pytest

from contract.messages import LineInfo
from ingest.counters.register import Counter, find
from ingest.counters.registering import parse_feed, remove
from ingest.errors import RegistrationError, UnknownCounterError, UnknownStoreError
from ingest.intake import Intake
from ingest.names import Names
from ingest.presence import Heard, Presence
from tests.support.counter_house import CounterHouse
from tests.support.counters import NOON, axis_push, registered, xovis_push
from tests.support.ledger import add_store, batch, one, rows, status, waiting


def describe(house: CounterHouse, *lines: LineInfo) -> None:
    """A camera box says that it counts these lines."""
    said = status(at=house.now, lines=lines, zones=())
    Presence(house.database, Names()).store_status(said, Heard(house.now))


def door(line: str, name: str | None = None) -> LineInfo:
    return LineInfo(line=line, role="entrance", camera="cam", door=name)


def test_a_door_that_a_camera_box_counts_takes_no_counter(house: CounterHouse) -> None:
    describe(house, door("front-door"), door("left-wing", "side"))
    for line, doors in (("front-door", {}), ("side", {}), ("other", {"other": "side"})):
        with pytest.raises(RegistrationError, match=r"is counted by line '[a-z-]+' of door-box: a door belongs to one"):
            registered(house.url, "axis", line, doors=doors)
    registered(house.url, "axis", "back-door")
    assert rows(house.url, "SELECT login FROM counter") == [("axis-b8a44fa89c85",)]


def test_two_counters_never_share_a_door_and_none_is_registered_twice(house: CounterHouse) -> None:
    registered(house.url, "axis", "front")
    with pytest.raises(RegistrationError, match="of axis-b8a44fa89c85: a door belongs to one counter"):
        registered(house.url, "xovis", "2=west", doors={"west": "front"})
    with pytest.raises(RegistrationError, match="registered already, at riverside"):
        registered(house.url, "axis", "another")
    with pytest.raises(UnknownStoreError, match="not known here"):
        registered(house.url, "xovis", "front", store="nowhere")
    add_store(house.url, "hilltop")
    registered(house.url, "xovis", "front", store="hilltop")


def test_a_box_that_names_a_counters_door_later_does_not_count_it_twice(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front-door", at=house.now)
    house.carry()
    describe(house, door("front-door"))
    intake = Intake(house.url, dead_letters_max=100)
    try:
        intake.store(waiting(batch(count=4)))
    finally:
        intake.close()
    house.push(counter, axis_push(3, 2, at=house.now - timedelta(minutes=15)))
    house.carry()
    codes = "SELECT l.code, a.door FROM line_set_aside AS a JOIN line AS l USING (line_id)"
    assert rows(house.url, codes) == [("front-door@door-box", "front-door")]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["1=front", "2=front"], "is fed twice"),
        (["1=front:in", "2=front:in"], "is fed twice"),
        (["front", "2=side"], "told apart by the maker's number"),
        (["1=front", "1=side"], "told apart by the maker's number"),
        ([], "a counter feeds one line"),
        (["1=front:sideways"], r"expected \[SOURCE=\]LINE"),
        (["1=Front Door"], "lower-case slug"),
    ],
)
def test_what_cannot_be_told_apart_is_not_registered(house: CounterHouse, lines: list[str], reason: str) -> None:
    with pytest.raises(RegistrationError, match=reason):
        registered(house.url, "onvif", *lines)


def test_a_feed_is_read_as_it_is_written() -> None:
    feed = parse_feed("Line 0=side:reversed:pass_by", {"side": "west"})
    assert (feed.source, feed.line, feed.counts, feed.role, feed.door) == (
        "Line 0",
        "side",
        "reversed",
        "pass_by",
        "west",
    )
    assert (parse_feed("a=b=front", {}).source, parse_feed("front:out", {}).counts) == ("a=b", "out")


def test_only_who_has_the_password_is_heard_and_others_are_listed(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    login, password = counter[0].login, counter[1]
    path = f"/v1/counters/{login}"
    assert house.client.post(path, content=axis_push()).status_code == 401
    for auth in ((login, "wrong"), ("xovis-1", password)):
        assert house.client.post(path, content=axis_push(), auth=auth).status_code == 401
    unknown = house.client.post("/v1/counters/axis-1", content=axis_push(), auth=("axis-1", "x"))
    assert unknown.status_code == 401
    assert password not in house.everything()
    assert [(each.login, each.times) for each in house.refused()] == [("axis-1", 1), (login, 2)]
    token = house.client.post(path, content=axis_push(), headers={"Authorization": f"Bearer {password}"})
    assert token.json()["taken"] == 1


def test_digest_authentication_answers_the_challenge_and_holds_for_its_own_request_only(house: CounterHouse) -> None:
    (counter, password) = registered(house.url, "milesight", "front")
    path = f"/v1/counters/{counter.login}"
    asked = house.client.post(path, content=b"{}")
    digest = next(each for each in asked.headers.get_list("www-authenticate") if each.startswith("Digest"))
    nonce = re.findall(r'nonce="([^"]+)"', digest)[0]

    def answer(uri: str, secret: str, nonce: str = nonce) -> dict[str, str]:
        """RFC 7616, written anew."""

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        ha1, ha2 = md5(f"{counter.login}:footfall:{secret}"), md5(f"POST:{uri}")
        response = md5(f"{ha1}:{nonce}:00000001:abc:auth:{ha2}")
        return {
            "Authorization": f'Digest username="{counter.login}", realm="footfall", nonce="{nonce}", uri="{uri}", '
            f'qop=auth, nc=00000001, cnonce="abc", response="{response}", algorithm=MD5'
        }

    body = b'{"device_info": {"device_sn": "6384E16179950009"}}'
    assert house.client.post(path, content=body, headers=answer(path, password)).status_code == 200
    assert house.client.post(path, content=body, headers=answer(path, "wrong")).status_code == 401
    assert house.client.post(path, content=body, headers=answer("/v1/counters/other", password)).status_code == 401
    assert house.client.post(path, content=body, headers=answer(path, password, "1-made")).status_code == 401
    house.now += timedelta(hours=1)
    assert house.client.post(path, content=body, headers=answer(path, password)).status_code == 401


def test_a_push_of_another_device_is_refused_whoever_has_the_password(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    answer = house.push(counter, axis_push(serial="ACCC8E000001"), 422)
    assert "another serial number than B8A44FA89C85" in answer["detail"]
    assert house.sums() == (0, 0)


def test_nothing_is_taken_from_a_counter_that_was_removed_and_its_doors_are_free(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    house.push(counter, axis_push(3, 2))
    house.carry()
    remove(house.database, counter[0].login, house.now)
    house.bridge.say(counter[0], "stopped")
    house.push(counter, axis_push(3, 2, at=NOON + timedelta(minutes=15)), 401)
    assert house.sums() == (3, 2)
    (until,) = one(house.url, "SELECT until FROM line_service WHERE code = 'front'")
    assert until == house.now
    with pytest.raises(UnknownCounterError):
        find(house.database, counter[0].login)
    later = registered(house.url, "xovis", "2=front")
    house.push(later, xovis_push((NOON + timedelta(minutes=15), 5, 5)))
    assert house.sums() == (8, 7)
    again: Counter = registered(house.url, "axis", "back")[0]
    assert again.epoch != counter[0].epoch


def test_a_name_that_is_none_is_nobodys_and_is_not_written_down(house: CounterHouse) -> None:
    registered(house.url, "axis", "front")
    for name in ("axis-%00", "smuggled%20name", "x" * 500):
        assert house.client.post(f"/v1/counters/{name}", content=b"{}", auth=("a", "b")).status_code == 401
    assert [(each.login, each.times) for each in house.refused()] == [("?", 3)]


def test_nothing_is_taken_for_a_store_that_is_closed(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    rows(house.url, "UPDATE store SET closed_at = now()")
    house.push(counter, axis_push(), 401)
    assert "its store is closed" in house.refused()[0].reason
