"""No figures go to whom they are not for: strangers' addresses, who has left, and accounts between passwords."""

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from analytics.database import Database
from dashboard.accounts.register import SERVER, By, Register, Scope
from dashboard.accounts.sessions import Lasts, Sessions, digest
from dashboard.errors import MailError
from dashboard.mail.confirming import LASTS, Confirmations
from dashboard.mail.sending import ATTEMPTS_MAX
from dashboard.mail.subscriptions import Subscriptions
from dashboard.mail.words import AWAY, DOMAIN, ONE_TIME
from deploy.cli.main import app
from tests.integration.dashboard.conftest import OURS, PASSWORD, House
from tests.support.postman import MONDAY, WEEK, Office, part

EAST: Final = Scope("manager", stores=("east",))
_WEEK: Final = timedelta(days=7)


def done(office: Office, statement: str, **values: Any) -> None:
    with office.database.transaction() as cursor:
        cursor.execute(statement, values)


def link(mail: Any) -> str:
    found = re.search(r"https://f\.example/weekly/confirm\?t=([\w-]+)&lang=en", part(mail, "plain"))
    assert found
    return found[1]


def test_an_address_that_no_header_takes_holds_nobody_elses_mail_and_is_given_up(office: Office) -> None:
    lee = office.add("lee", EAST)
    office.add("mia", EAST)
    done(office, "UPDATE weekly_mail SET address = 'a..b@x.com' WHERE account_id = %(lee)s", lee=lee)
    assert {week.login: week.state for week in office.go()} == {"lee": "waiting", "mia": "sent"}
    assert "InvalidHeaderDefect" in str(office.weeks()[0].failure)
    office.clock.now += timedelta(days=4, hours=1)
    assert {week.login: week.state for week in office.go()} == {"lee": "given_up", "mia": "sent"}
    assert office.mailbox.recipients == ["mia@shop.example"]


@pytest.mark.parametrize("left", [{"attempts": ATTEMPTS_MAX, "monday": WEEK}, {"attempts": 1, "monday": WEEK - _WEEK}])
def test_a_week_that_takes_the_sender_down_or_is_no_news_is_left(office: Office, left: dict[str, Any]) -> None:
    values = {"mia": office.add("mia", EAST, since=MONDAY), "at": MONDAY, **left}
    done(
        office,
        "INSERT INTO weekly_mail_week (account_id, monday, state, attempts, due_at, lease_until)"
        " VALUES (%(mia)s, %(monday)s, 'waiting', %(attempts)s, %(at)s, %(at)s)", **values,
    )  # fmt: skip
    office.clock.now += timedelta(minutes=16)
    assert {week.monday: week.state for week in office.go()}[left["monday"]] == "given_up"


def test_whom_a_provider_vouches_for_gets_no_mail_once_they_stay_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = office.add("mia", EAST)
    office.add("lee", EAST)
    linked = "INSERT INTO account_identity VALUES ('https://id.example', 'u-1', %(mia)s, %(at)s)"
    done(office, linked, mia=mia, at=MONDAY - timedelta(days=60))
    assert {week.login: (week.state, week.failure) for week in office.go()} == {
        "lee": ("sent", None), "mia": ("skipped", AWAY),
    }  # fmt: skip
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", office.url)
    assert AWAY in " ".join(CliRunner().invoke(app, ["weekly", "list", "--json"]).output.split())
    sessions = Sessions(office.database, Lasts(timedelta(hours=12), timedelta(days=7)))
    with office.database.transaction() as cursor:
        sessions.begin(cursor, mia, now=MONDAY + timedelta(hours=1), by_oidc=True)
    states = []
    for _ in range(3):
        office.clock.now += _WEEK
        states.append(next(week.state for week in office.go() if week.login == "mia"))
    assert states == ["sent", "sent", "skipped"], "14 days and an hour later nobody knows"
    assert office.mailbox.recipients.count("mia@shop.example") == 2


def test_an_account_whose_password_was_reset_gets_no_mail(office: Office) -> None:
    office.add("mia", EAST)
    postman = office.postman()
    postman.plan()
    Register(office.database).set_password("mia", "another small boat", now=MONDAY, one_time=True)
    assert [(week.state, week.failure) for week in office.go()] == [("skipped", ONE_TIME)]
    office.clock.now += _WEEK
    assert len(office.go()) == 1, "nor is another week planned"
    assert office.mailbox.mails == []


def test_no_figures_are_sent_before_whoever_reads_the_address_said_yes(office: Office) -> None:
    mia = office.add("mia", EAST, confirmed=False)
    assert office.go() == []
    (asked,) = office.mailbox.mails
    assert (asked["To"], list(asked.iter_attachments())) == ("mia@shop.example", [])
    assert "mia" in part(asked, "plain")
    assert not re.search("visitors|East", part(asked, "plain") + asked["Subject"])
    assert office.go() == []
    assert len(office.mailbox.mails) == 1, "asked once"
    token, confirmations = link(asked), Confirmations(office.database)
    with office.database.transaction() as cursor:
        cursor.execute("SELECT confirm_sha256, weekly_mail::text FROM weekly_mail")
        ((kept, row),) = cursor.fetchall()
    assert bytes(kept) == digest(token)
    assert token not in row
    assert confirmations.confirm("another", now=MONDAY, address="here") is False
    assert confirmations.confirm(token, now=MONDAY + LASTS, address="here") is False, "too late"
    assert confirmations.confirm(token, now=MONDAY, address="here") is True
    assert confirmations.confirm(token, now=MONDAY, address="here") is False, "once"
    assert [week.state for week in office.go()] == ["sent"]
    before = Subscriptions(office.database).of(mia)
    assert before
    at = office.clock.now = MONDAY + _WEEK
    office.postman().plan()
    Subscriptions(office.database).want(mia, "mia", "new@shop.example", "en", now=at, by=SERVER)
    assert [week.state for week in office.go()] == ["waiting", "sent"], "another address is asked first"
    after = Subscriptions(office.database).of(mia)
    assert after
    assert after.token != before.token, "the old mailbox ends no mail to the new one"
    assert [mail["To"] for mail in office.mailbox.mails] == ["mia@shop.example"] * 2 + ["new@shop.example"]
    confirmations.confirm(link(office.mailbox.mails[-1]), now=at, address="here")
    assert [week.state for week in office.go()] == ["sent", "sent"], "at once, the week waited for it"
    assert office.mailbox.recipients[-1] == "new@shop.example"


def test_an_address_that_cannot_be_asked_is_tried_again_and_says_why(office: Office) -> None:
    mia = office.add("mia", EAST, confirmed=False)
    office.given = {"dashboard_url": None}
    office.go()
    office.given, office.mailbox.refusals = None, ["451 later", "550 nobody of that name"]
    said = []
    for _ in range(4):
        said.append(getattr(Subscriptions(office.database).of(mia), "ask_failure", None))
        office.clock.now += timedelta(hours=1)
        office.go()
    assert [re.findall("FOOTFALL_DASHBOARD_URL|451|550", text or "") for text in said] == [
        ["FOOTFALL_DASHBOARD_URL"], ["451"], ["550"], ["550"],
    ]  # fmt: skip
    assert office.mailbox.mails == []
    Subscriptions(office.database).want(mia, "mia", "mia@shop.example", "en", now=office.clock.now, by=SERVER)
    office.go()
    assert len(office.mailbox.mails) == 1, "wanted once more, asked once more"


def test_no_report_goes_to_an_address_outside_the_domains(office: Office) -> None:
    office.add("mia", EAST)
    lee = office.add("lee", EAST, confirmed=False)
    office.given = {"mail_domains": "chain.example"}
    assert [(week.login, week.state, week.failure) for week in office.go()] == [("mia", "skipped", DOMAIN)]
    assert office.mailbox.mails == []
    known = Subscriptions(office.database).of(lee)
    assert known
    assert known.ask_failure == DOMAIN


def test_one_person_has_no_more_than_a_few_strangers_asked(office: Office) -> None:
    mia = office.add("mia", EAST)
    wanting, by = Subscriptions(office.database), By(mia, "here")
    for n in range(5):
        wanting.want(mia, "mia", f"{n}@shop.example", "en", now=MONDAY, by=by)
    with pytest.raises(MailError) as refused:
        wanting.want(mia, "mia", "5@shop.example", "en", now=MONDAY, by=by)
    assert refused.value.what == "often"
    wanting.want(mia, "mia", "5@shop.example", "en", now=MONDAY + timedelta(hours=2), by=by)


def test_the_page_says_that_an_address_waits_and_the_link_confirms_it_by_a_press_alone(house: House) -> None:
    mia, _ = house.sign_in("mia", PASSWORD)
    typed = mia.post("/weekly", data={"address": "a..b@shop.example", "lang": "en"}, headers=OURS)
    assert (typed.status_code, "no e-mail address" in typed.get_data(as_text=True)) == (422, True)
    mia.post("/weekly", data={"address": "mia@shop.example", "lang": "en"}, headers=OURS)
    assert "is not confirmed yet" in mia.get("/weekly?lang=en").get_data(as_text=True)
    database = Database(house.database, clock=house.clock, connections=1, writes=True)
    asking = Confirmations(database).next(now=house.clock())
    assert asking
    outside = house.client()
    assert "Yes, send it" in outside.get(f"/weekly/confirm?t={asking.token}&lang=en").get_data(as_text=True)
    assert "is not confirmed yet" in mia.get("/weekly?lang=en").get_data(as_text=True), "looking confirms nothing"
    assert outside.post("/weekly/confirm", data={"t": asking.token, "lang": "en"}).status_code == 200
    assert outside.post("/weekly/confirm", data={"t": asking.token, "lang": "en"}).status_code == 404
    assert "Sent to mia@shop.example each Monday" in mia.get("/weekly?lang=en").get_data(as_text=True)
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO weekly_mail_week (account_id, monday, state, due_at, failure)"
            " SELECT account_id, %s, 'skipped', now(), %s FROM weekly_mail", (WEEK, AWAY),
        )  # fmt: skip
    database.close()
    assert "The week from 16 Nov was not sent: nobody signed in" in mia.get("/weekly?lang=en").get_data(as_text=True)
    assert "11月16日开始的一周没有发送：此前 14 天内没有人" in mia.get("/weekly?lang=zh").get_data(as_text=True)
