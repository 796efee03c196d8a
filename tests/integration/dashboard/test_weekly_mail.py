"""The week by mail: one for each account and week, whatever dies, over a real mail server; asked for by oneself."""

import os
import signal
import ssl
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pypdfium2
import pytest
from typer.testing import CliRunner

from analytics.clock import utc_now
from analytics.database import Database
from analytics.stores import Store
from dashboard.accounts.register import Scope
from dashboard.mail.sending import due_week
from dashboard.mail.subscriptions import Subscriptions
from deploy.cli.main import app
from deploy.trust.authority import Authority
from tests.integration.dashboard.conftest import OURS, House
from tests.support.clocks import wait_until
from tests.support.postman import MONDAY, WEEK, Office, part


@pytest.mark.parametrize(("lang", "head"), [("en", "84 visitors"), ("zh", "84 人进店")])
def test_the_week_comes_once_with_its_answer_first_and_the_report(office: Office, lang: str, head: str) -> None:
    office.add("mia", Scope("manager", stores=("east",)), lang=lang)
    assert [week.state for week in office.go()] == ["sent"]
    assert [week.state for week in office.go()] == ["sent"], "and no second time"
    (mail,) = office.mailbox.mails
    assert office.mailbox.recipients == ["mia@shop.example"]
    assert head in mail["Subject"]
    assert part(mail, "plain").startswith(head)
    assert "East & Co" in part(mail, "plain")
    assert head in part(mail, "html")
    assert "East &amp; Co" in part(mail, "html")
    assert "https://f.example/history/east?period=custom&from=2026-11-16&to=2026-11-22" in part(mail, "plain")
    (pdf,) = mail.iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    (page,) = pypdfium2.PdfDocument(pdf.get_content())
    assert head in page.get_textpage().get_text_range()


def test_it_is_monday_morning_in_every_store_before_an_account_is_told(office: Office) -> None:
    office.add("olga", Scope("head_office"))
    office.add("rob", Scope("region", regions=("East",)))
    office.add("ivan", Scope("installer"))
    assert [week.login for week in office.go()] == ["rob"]
    office.clock.now += timedelta(hours=8)
    assert {week.login for week in office.go()} == {"rob", "olga"}
    chain = office.mailbox.mails[-1]
    assert "East & Co" in part(chain, "plain")
    assert "West" in part(chain, "plain")
    assert len(pypdfium2.PdfDocument(next(chain.iter_attachments()).get_content())) == 2


def test_who_asks_on_a_tuesday_waits_for_monday_and_a_week_of_long_ago_is_no_news(office: Office) -> None:
    office.add("late", Scope("manager", stores=("east",)), since=MONDAY + timedelta(minutes=1))
    office.clock.now += timedelta(days=1)
    assert office.go() == []
    office.clock.now += timedelta(days=6)
    assert [week.monday for week in office.go()] == [WEEK + timedelta(days=7)]


def test_when_a_week_is_due_follows_the_clocks_of_the_stores() -> None:
    east, west = (Store(n, "x", "X", zone, "EUR", "") for n, zone in ((1, "Asia/Shanghai"), (2, "America/New_York")))
    at = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert due_week([east], now=at - timedelta(seconds=1), hour=7) is None
    assert due_week([east], now=at, hour=7) == (WEEK, at)
    assert due_week([east, west], now=at, hour=7) is None
    assert due_week([east, west], now=at + timedelta(hours=13), hour=7) == (WEEK, at + timedelta(hours=13))
    assert due_week([east], now=at + timedelta(days=3, seconds=1), hour=7) is None
    assert due_week([], now=at, hour=7) is None


def test_a_server_that_says_later_is_asked_again_and_one_that_says_never_is_not(office: Office) -> None:
    office.add("mia", Scope("manager", stores=("east",)))
    office.mailbox.refusals += ["451 later"]
    assert [(week.state, week.attempts) for week in office.go()] == [("waiting", 1)]
    assert "451 RCPT TO: later" in (office.weeks()[0].failure or "")
    assert [week.attempts for week in office.go()] == [1], "not before its pause is over"
    office.clock.now += timedelta(minutes=2)
    assert [(week.state, week.attempts) for week in office.go()] == [("sent", 2)]
    office.add("lee", Scope("manager", stores=("east",)))
    office.mailbox.refusals += ["550 no such person"]
    assert {week.login: week.state for week in office.go()} == {"mia": "sent", "lee": "given_up"}
    assert len(office.mailbox.mails) == 1


def test_a_server_that_is_away_is_given_up_after_three_days(office: Office) -> None:
    office.add("mia", Scope("manager", stores=("east",)))
    office.given = {"smtp_port": 1}
    for rests in (timedelta(), timedelta(), timedelta(days=2, hours=20)):
        (week,) = office.go()
        assert week.state == "waiting"
        office.clock.now = week.due_at + rests
    assert week.attempts == 3
    while (week := office.go()[0]).state == "waiting":
        office.clock.now = week.due_at
    assert week.state == "given_up"
    assert MONDAY + timedelta(days=3) <= office.clock.now < MONDAY + timedelta(days=4)


def test_name_and_password_go_through_tls_alone_and_stand_in_no_log(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path / "trust", now=utc_now, create=True)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*authority.server_identity(["localhost", "127.0.0.1"]))
    office.mailbox.tls, office.mailbox.login = served, ("footfall", "Geheim-42")
    secret = tmp_path / "password"
    secret.write_text("Geheim-42\n", encoding="utf-8")
    office.add("mia", Scope("manager", stores=("east",)))
    office.given = {"smtp_security": "starttls", "smtp_user": "footfall", "smtp_password": "wrong one"}
    with caplog.at_level("DEBUG"):
        assert [week.state for week in office.go()] == ["waiting"], "its certificate is nobody's that is known"
        office.tls = ssl.create_default_context(cadata=authority.pem.decode())
        office.clock.now += timedelta(hours=1)
        assert [week.state for week in office.go()] == ["waiting"], "its password is wrong, which somebody can mend"
        office.given |= {"smtp_password": None, "smtp_password_file": secret}
        office.clock.now += timedelta(hours=1)
        assert [week.state for week in office.go()] == ["sent"]
    assert set(office.mailbox.in_the_clear) <= {"STARTTLS", *(c for c in office.mailbox.in_the_clear if "ehlo" in c)}
    kept = " ".join([caplog.text, *(f"{week.failure}" for week in office.weeks())])
    assert "Geheim-42" not in kept
    assert "wrong one" not in kept


def test_a_connection_that_ends_while_the_mail_is_given_leaves_it_unsure_and_not_twice(office: Office) -> None:
    account = office.add("mia", Scope("manager", stores=("east",)))
    postman = office.postman()
    postman.plan()
    with office.database.transaction() as cursor:  # as one who died in that moment leaves it
        cursor.execute(
            "UPDATE weekly_mail_week SET state = 'handing_over', lease_until = %s WHERE account_id = %s",
            (MONDAY + timedelta(minutes=15), account),
        )
    assert [week.state for week in office.go()] == ["handing_over"]
    office.clock.now += timedelta(minutes=16)
    assert [week.state for week in office.go()] == ["unsure"]
    assert office.mailbox.mails == []


def test_the_link_in_a_mail_ends_it_without_signing_in_and_nobody_elses_page_does_more(house: House) -> None:
    mia, _ = house.sign_in("mia")
    wanted = mia.post("/weekly", data={"address": "mia@shop.example", "lang": "en"}, headers=OURS)
    assert "goes to mia@shop.example" in wanted.get_data(as_text=True)
    assert mia.post("/weekly", data={"address": "mia@x\r\nBcc: all@y", "lang": "en"}, headers=OURS).status_code == 422
    assert "mia@shop.example" in mia.get("/weekly?lang=en").get_data(as_text=True)
    database = Database(house.database, clock=house.clock, connections=1, writes=True)
    (one,) = Subscriptions(database).all()
    outside = house.client()
    asked = outside.get(f"/weekly/end?t={one.token}&lang=en")
    assert "No more of these mails" in asked.get_data(as_text=True)
    assert 'name="lang" value="en"' in asked.get_data(as_text=True), "what is said after it keeps the language"
    assert Subscriptions(database).all() == [one], "looking at a link ends nothing"
    click = {"List-Unsubscribe": "One-Click"}
    assert outside.post(f"/weekly/end?t={one.token}", data=click).status_code == 200
    assert outside.post(f"/weekly/end?t={one.token}", data=click).status_code == 404
    assert Subscriptions(database).all() == []
    assert mia.post("/weekly", data={"address": "mia@shop.example"}).status_code == 403, "another site's form"
    ivan, _ = house.sign_in("ivan")
    assert ivan.get("/weekly").status_code == 403
    mia.post("/weekly", data={"address": "mia@shop.example", "lang": "zh"}, headers=OURS)
    mia.post("/weekly", data={"end": "1", "lang": "zh"}, headers=OURS)
    assert Subscriptions(database).all() == []
    database.close()
    events = [event for event in house.register.events(limit=20) if "mail" in event.action]
    assert [event.action for event in events] == ["mail_ended", "mail_wanted"] * 2
    assert {(event.login, event.subject) for event in events} == {("mia", "mia")}, "a name, and no address"


def test_the_command_shows_a_mail_and_sends_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add("mia", Scope("manager", stores=("east",)), lang="zh")
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", office.url)
    shown = CliRunner().invoke(app, ["weekly", "show", "mia", "--week", "2026-W47"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("mia@shop.example\n")
    assert "84 人进店" in shown.output
    for arguments in (["want", "mia", "other@shop.example"], ["list"], ["end", "mia"]):
        done = CliRunner().invoke(app, ["weekly", *arguments])
        assert done.exit_code == 0, done.output
    for arguments in (["want", "mia", "other@shop.example"], ["show", "mia"]):
        assert CliRunner().invoke(app, ["weekly", *arguments, "--lang", "fr"]).exit_code == 2
    assert (office.mailbox.mails, Subscriptions(office.database).all()) == ([], [])


@pytest.mark.slow
def test_one_mail_however_often_the_sender_is_killed(office: Office) -> None:
    account = office.add("mia", Scope("manager", stores=("east",)))
    now = utc_now()
    with closing(psycopg2.connect(office.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO weekly_mail_week (account_id, monday, state, due_at) VALUES (%s, %s, 'waiting', %s)",
            (account, now.date() - timedelta(days=now.weekday() + 7), now),
        )
    for command in ("RCPT", "TAKEN"):
        office.mailbox.holds = command
        office.mailbox.reached.clear()
        sender = _sender(office)
        assert office.mailbox.reached.wait(90), "it came so far"
        sender.send_signal(signal.SIGKILL)
        sender.wait(20)
        with closing(psycopg2.connect(office.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("UPDATE weekly_mail_week SET lease_until = now() - interval '1 s'")
    office.mailbox.holds = ""
    office.mailbox.free.set()
    sender = _sender(office)
    wait_until(lambda: office.weeks()[0].state == "unsure", what="the week is known to be unsure", within_s=90)
    sender.terminate()
    assert sender.wait(60) == 0
    assert len(office.mailbox.mails) == 1


def _sender(office: Office) -> subprocess.Popen[bytes]:
    wanted = {
        "FOOTFALL_DATABASE_URL": office.url, "FOOTFALL_SMTP_HOST": "localhost", "FOOTFALL_SMTP_SECURITY": "none",
        "FOOTFALL_SMTP_PORT": str(office.mailbox.port), "FOOTFALL_MAIL_FROM": "footfall@shop.example",
    }  # fmt: skip
    arguments = [sys.executable, "-m", "deploy.cli.main", "weekly", "run"]
    return subprocess.Popen(arguments, env={**os.environ, **wanted})  # noqa: S603  # the argument list is ours
