"""`footfall weekly`: the week by mail."""

import json
import signal
import threading
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database_url
from deploy.cli.lang import Lang, LangOrAccounts
from deploy.cli.moments import week_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analytics.database import Database
    from dashboard.mail.subscriptions import Subscriptions

app = typer.Typer(no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The account's name.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_LOOK_S = 30.0


@app.callback()
def _group() -> None:
    """Send the week by mail."""


@app.command(epilog="Example: footfall weekly run")
def run() -> None:
    """Send each account that wants it its week on Monday morning, until SIGTERM or Ctrl-C.

    Needs FOOTFALL_DATABASE_URL, FOOTFALL_SMTP_HOST and FOOTFALL_MAIL_FROM (docs/operations.md).
    """
    from analytics.cache import Cache
    from dashboard.mail.settings import MailSettings
    from dashboard.mail.subscriptions import Subscriptions
    from ingest.settings import load

    settings = load(MailSettings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _opened() as database:
        while not _anybody(Subscriptions(database)):
            if stopping.wait(_LOOK_S):
                return
        # Only now: what reads figures and draws them takes memory that a shop without mail need not spend.
        from dashboard.mail.sending import Postman
        from dashboard.reading.pages import pages_reading

        Postman(database, pages_reading(database, Cache(), utc_now), settings, utc_now).run(stopping)


@app.command("list", epilog="Example: footfall weekly list --json")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many mails.")] = 50, json_: _Json = False
) -> None:
    """List who gets the week by mail, and how the last ones went."""
    from dashboard.mail.subscriptions import Subscriptions

    with _opened() as database:
        wanted, weeks = Subscriptions(database).all(), Subscriptions(database).weeks(limit=limit)
    people = [
        {key: value for key, value in asdict(one).items() if key not in ("token", "account_id")} for one in wanted
    ]
    if json_:
        found = {"wanted": people, "weeks": [asdict(one) for one in weeks]}
        typer.echo(json.dumps(found, default=date.isoformat))
        return
    table = Table("account", "address", "language", "since", "confirmed", box=None)
    for one in wanted:
        yes = f"{one.confirmed_at:%Y-%m-%d}" if one.confirmed_at else one.ask_failure or "not yet"
        table.add_row(one.login, one.address, one.lang, f"{one.wanted_at:%Y-%m-%d}", yes)
    Console().print(table)
    table = Table("week of", "account", "state", "attempts", "last", "why", box=None)
    for week in weeks:
        last = f"{week.last_at:%m-%d %H:%M}" if week.last_at else ""
        table.add_row(f"{week.monday}", week.login, week.state, str(week.attempts), last, week.failure or "")
    Console().print(table)


@app.command(epilog="Example: footfall weekly show anna --week 2026-W47 --out anna.eml")
def show(
    name: _Name,
    week: Annotated[str | None, typer.Option(help="An ISO week, as 2026-W47. Default: the last whole one.")] = None,
    lang: LangOrAccounts = None,
    out: Annotated[Path | None, typer.Option(help="A file for the whole mail, PDF included.")] = None,
) -> None:
    """Print the mail that an account would get, and send nothing."""
    from analytics.cache import Cache
    from dashboard.accounts.register import id_of
    from dashboard.language import language_of
    from dashboard.mail.letter import Post, letter, stores_of, told
    from dashboard.mail.subscriptions import Subscriptions
    from dashboard.reading.pages import pages_reading

    with _opened() as database:
        with database.transaction() as cursor:
            account_id = id_of(cursor, name)
        subscriptions = Subscriptions(database)
        known, viewer = subscriptions.of(account_id), subscriptions.viewer(account_id)
        reading = pages_reading(database, Cache(), utc_now)
        stores = stores_of(reading, viewer) if viewer else ()
        if not stores:
            raise typer.BadParameter(f"{name} sees no store's figures", param_hint="NAME")
        said = language_of(lang or (known.lang if known else None))
        monday = _monday(week)
        message = letter(
            told(reading, stores, monday, said), Post("footfall@localhost", ""), lang=said, end="", now=utc_now(),
            to=known.address if known else "nobody@localhost", number=f"week-{account_id}-{monday}",
        )  # fmt: skip
    if out is not None:
        out.write_bytes(message.as_bytes())
    body = message.get_body(("plain",))
    typer.echo(f"{message['To']}\n{message['Subject']}\n\n{body.get_content() if body else ''}")


@app.command(epilog="Example: footfall weekly want anna anna@example.com --lang en")
def want(
    name: _Name,
    address: Annotated[str, typer.Argument(help="The address that it is sent to.")],
    lang: Lang = "en",
) -> None:
    """Send an account its week from next Monday on; everybody can do so for themselves on the pages.

    The address gets a mail with a link first, and no figures before that is opened.
    """
    from dashboard.accounts.register import SERVER, id_of
    from dashboard.mail.addresses import AddressSettings
    from dashboard.mail.subscriptions import Subscriptions
    from ingest.settings import load

    with _opened() as database:
        with database.transaction() as cursor:
            account_id = id_of(cursor, name)
        subscriptions = Subscriptions(database, load(AddressSettings).mail_domains)
        known = subscriptions.want(account_id, name, address, lang, now=utc_now(), by=SERVER)
    typer.echo(f"{name} gets the week at {address}" + ("" if known else ", once the link in a mail to it is opened"))


@app.command(epilog="Example: footfall weekly end anna")
def end(name: _Name) -> None:
    """Send an account no more."""
    from dashboard.accounts.register import SERVER, id_of
    from dashboard.mail.subscriptions import Subscriptions

    with _opened() as database:
        with database.transaction() as cursor:
            account_id = id_of(cursor, name)
        Subscriptions(database).end(account_id, name, now=utc_now(), by=SERVER)
    typer.echo(f"{name} gets no more")


@contextmanager
def _opened() -> "Iterator[Database]":
    from analytics.database import Database

    database = Database(database_url(), clock=utc_now, connections=3, writes=True)
    try:
        yield database
    finally:
        database.close()


def _anybody(subscriptions: "Subscriptions") -> bool:
    from analytics.errors import AnalyticsError

    try:
        return bool(subscriptions.all())
    except AnalyticsError:
        return False  # which the database has logged itself


def _monday(week: str | None) -> date:
    if week is None:
        today = datetime.now(utc_now().tzinfo).date()
        return today - timedelta(days=today.weekday() + 7)
    return week_days(week, "--week")[0]
