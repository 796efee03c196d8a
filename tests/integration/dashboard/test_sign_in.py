"""Signing in: who gets in, who does not, for how long, and what is written down of it."""

import psycopg2
import pytest

from dashboard.accounts.lockout import ADDRESS_MAX, WRONG_MAX
from dashboard.accounts.register import Scope
from dashboard.errors import AccountError
from tests.integration.dashboard.conftest import NOW, OURS, PASSWORD, House


def test_nothing_but_the_door_is_shown_to_somebody_unknown(house: House) -> None:
    client = house.client()
    for path in ("/", "/store/north-one", "/password"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in")
    for path in ("/_dash-layout", "/_dash-dependencies"):
        assert client.get(path).status_code == 401, path
    assert client.post("/_dash-update-component", json={}, headers=OURS).status_code == 401
    assert client.get("/sign-in").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_name_and_its_password_open_the_pages_and_lead_back(house: House) -> None:
    client = house.client()
    form = {"login": " Mia ", "password": PASSWORD, "next": "/store/north-one?lang=zh"}
    answer = client.post("/sign-in", data=form, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/store/north-one?lang=zh")
    assert client.get("/").status_code == 200
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("footfall-session"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_way_back_stays_in_this_house(house: House) -> None:
    for where in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", ""):
        form = {"login": "mia", "password": PASSWORD, "next": where}
        assert house.client().post("/sign-in", data=form, headers=OURS).location == "/", where


def test_a_language_chosen_at_the_door_is_kept_behind_it(house: House) -> None:
    english = {**OURS, "Accept-Language": "en"}
    for asked, there, after in (
        ("zh", "/", "/?lang=zh"), ("en", "/", "/"), ("zh", "/store/a?period=today", "/store/a?period=today&lang=zh"),
        ("en", "/store/a?lang=zh", "/store/a"),
    ):  # fmt: skip
        form = {"login": "mia", "password": PASSWORD, "next": there, "lang": asked}
        client = house.client()
        assert client.post("/sign-in", data=form, headers=english).location == after
        assert client.post("/sign-out?lang=zh", headers=english).location == "/sign-in?lang=zh"
    assert "登录" in house.client().get("/sign-in?next=/store/a%3Flang%3Dzh", headers=english).get_data(as_text=True)
    house.register.add("new", Scope("head_office"), PASSWORD, now=NOW, one_time=True)
    client, form = house.client(), {"login": "new", "password": PASSWORD, "lang": "zh"}
    assert client.post("/sign-in", data=form, headers=english).location == "/password?lang=zh"
    form = {"old": PASSWORD, "new": "four white horses", "again": "four white horses", "lang": "zh"}
    assert client.post("/password", data=form, headers=english).location == "/?lang=zh"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(house: House) -> None:
    _, wrong = house.sign_in("mia", "not the password")
    _, unknown = house.sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    said = [answer.get_data(as_text=True).replace("nobody", "mia") for answer in (wrong, unknown)]
    assert said[0] == said[1]
    assert "User name or password is wrong." in said[0]


def test_behind_tls_cookies_are_secure_and_bound_to_the_host(house: House) -> None:
    client = house.client()
    headers = {**OURS, "Origin": "https://localhost"}
    answer = client.post(
        "/sign-in", data={"login": "mia", "password": PASSWORD}, headers=headers, base_url="https://localhost"
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert all(one.startswith("__Host-footfall-") and "Secure" in one for one in cookies)
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_session_is_another_one_after_each_sign_in_and_the_one_before_is_over(house: House) -> None:
    client, _ = house.sign_in("mia")
    first = client.get_cookie("footfall-session")
    house.sign_in("mia", client=client)
    second = client.get_cookie("footfall-session")
    assert first
    assert second
    assert first.value != second.value
    client.set_cookie("footfall-session", first.value)
    assert client.get("/").status_code == 302


def test_a_session_somebody_made_up_is_none_and_stays_none(house: House) -> None:
    client = house.client()
    client.set_cookie("footfall-session", "chosen-by-an-attacker")
    house.sign_in("mia", client=client)
    kept = client.get_cookie("footfall-session")
    assert kept
    assert kept.value != "chosen-by-an-attacker"


def test_a_session_ends_when_idle_and_in_any_case(house: House) -> None:
    client, _ = house.sign_in("mia")
    house.later(hours=11)
    assert client.get("/").status_code == 200
    house.later(hours=11)
    assert client.get("/").status_code == 200, "it was used in between"
    house.later(hours=13)
    assert client.get("/").status_code == 302, "idle"
    client, _ = house.sign_in("mia")
    for _ in range(20):
        house.later(hours=8)
        assert client.get("/").status_code == 200
    house.later(hours=9)
    assert client.get("/").status_code == 302, "a week in all"


def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    client, _ = house.sign_in("mia")
    kept = client.get_cookie("footfall-session")
    assert kept
    assert client.post("/sign-out", headers=OURS).status_code == 303
    client.set_cookie("footfall-session", kept.value)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("how", ["disable", "sign_out", "set_password"])
def test_what_head_office_decides_holds_from_the_next_request(house: House, how: str) -> None:
    client, _ = house.sign_in("mia")
    if how == "set_password":
        house.register.set_password("mia", "quite another word", now=NOW)
    else:
        getattr(house.register, how)("mia", now=NOW)
    assert client.get("/").status_code == 302
    _, again = house.sign_in("mia")
    assert again.status_code == (303 if how == "sign_out" else 401)


def test_a_one_time_password_opens_only_the_page_for_another_one(house: House) -> None:
    house.register.add("new", Scope("head_office"), "given on paper", now=NOW, one_time=True)
    client, answer = house.sign_in("new", "given on paper")
    assert answer.location == "/password"
    assert client.get("/").location == "/password"
    assert client.post("/_dash-update-component", json={}, headers=OURS).status_code == 401
    form = {"old": "given on paper", "new": "chosen by myself", "again": "chosen by myself"}
    before = client.get_cookie("footfall-session")
    assert client.post("/password", data=form, headers=OURS).status_code == 303
    after = client.get_cookie("footfall-session")
    assert before
    assert after
    assert before.value != after.value
    assert client.get("/").status_code == 200


def test_a_one_time_password_is_over_after_three_days(house: House) -> None:
    house.register.add("new", Scope("head_office"), "given on paper", now=NOW, one_time=True)
    house.later(days=3, minutes=1)
    assert house.sign_in("new", "given on paper")[1].status_code == 401


def test_another_password_is_taken_only_if_it_is_one(house: House) -> None:
    client, _ = house.sign_in("mia")
    for old, new, again, status in (
        ("wrong one", "chosen by myself", "chosen by myself", 401),
        (PASSWORD, "chosen by myself", "chosen by me", 422),
        (PASSWORD, "short", "short", 422),
        (PASSWORD, "mia-mia-mia-4", "mia-mia-mia-4", 422),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", 422),
        (PASSWORD, PASSWORD, PASSWORD, 422),
    ):
        answer = client.post("/password", data={"old": old, "new": new, "again": again}, headers=OURS)
        assert answer.status_code == status, new
    assert house.sign_in("mia")[1].status_code == 303, "the old one still holds"


def test_who_guesses_is_locked_out_and_the_owner_is_not(house: House) -> None:
    known, _ = house.sign_in("mia", address="10.1.1.1")
    known.post("/sign-out", headers=OURS)
    for number in range(WRONG_MAX):
        # From as many addresses as there are attempts: the account's name is what they have in common.
        assert house.sign_in("mia", f"guess number {number}", address=f"10.9.9.{number}")[1].status_code == 401
    _, locked = house.sign_in("mia", address="10.9.9.200")
    assert locked.status_code == 429, "even with the right password"
    assert 0 < int(locked.headers["Retry-After"]) <= 900
    assert house.sign_in("mia", client=known, address="10.1.1.1")[1].status_code == 303, "her own browser"
    assert house.sign_in("rob", address="10.9.9.200")[1].status_code == 303, "others are not concerned"
    house.later(minutes=16)
    assert house.sign_in("mia", address="10.9.9.200")[1].status_code == 303


def test_an_address_that_tries_many_names_has_to_wait_and_others_do_not(house: House) -> None:
    known, _ = house.sign_in("rob", address="10.5.5.5")
    for number in range(ADDRESS_MAX):
        house.sign_in(f"name-{number}", "guess", address="10.5.5.5")
    assert house.sign_in("olga", address="10.5.5.5")[1].status_code == 429
    assert house.sign_in("olga", address="10.5.5.6")[1].status_code == 303
    assert house.sign_in("rob", client=known, address="10.5.5.5")[1].status_code == 303, "behind the same proxy"


def test_a_stolen_browser_token_has_its_own_count(house: House) -> None:
    known, _ = house.sign_in("mia")
    known.post("/sign-out", headers=OURS)
    for number in range(WRONG_MAX):
        assert house.sign_in("mia", f"guess number {number}", client=known)[1].status_code == 401
    assert house.sign_in("mia", client=known)[1].status_code == 429
    assert house.sign_in("mia")[1].status_code == 303, "another browser is not concerned"


def test_nothing_changes_at_the_word_of_another_site(house: House) -> None:
    client, _ = house.sign_in("mia")
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin"},
    ):
        for path in ("/_dash-update-component", "/sign-in", "/sign-out", "/password"):
            assert client.post(path, data={"login": "mia"}, headers=headers).status_code == 403, (path, headers)
    assert client.get("/").status_code == 200


def test_a_browser_that_sends_no_fetch_headers_is_believed_by_its_origin(house: House) -> None:
    form = {"login": "mia", "password": PASSWORD}
    answer = house.client().post("/sign-in", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303


def test_the_log_says_who_did_what_and_keeps_no_secret(house: House) -> None:
    client, _ = house.sign_in("mia")
    house.sign_in("mia", "not the password")
    house.sign_in("my secret typed as a name", "x")
    client.post("/sign-out", headers=OURS)
    told = [(event.action, event.login, event.subject, event.address) for event in house.register.events(limit=20)]
    assert ("signed_in", "mia", None, "127.0.0.1") in told
    assert ("sign_in_refused", None, "mia", "127.0.0.1") in told
    assert ("sign_in_refused", None, None, "127.0.0.1") in told
    assert ("signed_out", "mia", None, "127.0.0.1") in told
    assert ("account_added", None, "mia", None) in told
    connection = psycopg2.connect(house.database)
    with connection, connection.cursor() as cursor:
        for table in ("account", "account_session", "known_browser", "sign_in_failure", "account_event"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")  # noqa: S608  # ours
            ((everything,),) = cursor.fetchall()
            assert PASSWORD not in (everything or "")
            assert "secret typed" not in (everything or "")
    connection.close()


def test_an_account_needs_a_name_a_fitting_role_and_stores_that_exist(house: House) -> None:
    for login, stores, message in (
        ("Anna", ("north-one",), "lower-case"),
        ("mia", ("north-one",), "there already"),
        ("anna", ("nowhere",), "stores that are registered"),
    ):
        with pytest.raises(AccountError, match=message):
            house.register.add(login, Scope("manager", stores=stores), PASSWORD, now=NOW)
    with pytest.raises(AccountError, match="at least one --store"):
        Scope("manager")
    with pytest.raises(AccountError, match="no --region"):
        Scope("head_office", regions=("North",))
