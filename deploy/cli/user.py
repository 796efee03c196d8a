"""`footfall user`: who may sign in to the dashboard, in which role, over which stores."""

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboard.accounts.linking import Linking
    from dashboard.accounts.register import Register, Scope

app = typer.Typer(no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The account's name: a short name or an e-mail address, in lower case.")]
_Role = Annotated[
    Literal["manager", "region", "head_office", "installer"],
    typer.Option(help="manager: its stores; region: its regions; head_office: all; installer: boxes, and no figures."),
]
_Stores = Annotated[list[str] | None, typer.Option("--store", help="A manager's store; may be repeated.")]
_Regions = Annotated[list[str] | None, typer.Option("--region", help="A region's name; may be repeated.")]
_OneTime = Annotated[
    bool, typer.Option("--one-time", help="Make up a password, good for three days, to be changed at the first use.")
]
_Subject = Annotated[
    str, typer.Argument(help="Its `sub`: `footfall user log` shows that of those who were not let in.")
]
_Issuer = Annotated[
    str, typer.Option(envvar="FOOTFALL_OIDC_ISSUER", help="The service's name for itself, as in the setting.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON array.")]


@app.command(epilog="Example: footfall user add anna --role manager --store riverside --one-time")
def add(name: _Name, role: _Role, store: _Stores = None, region: _Regions = None, one_time: _OneTime = False) -> None:
    """Add an account; its password is asked for, or read from standard input."""
    scope = _scope(role, store, region)
    password = _password(one_time=one_time)
    with _register() as register:
        register.add(name, scope, password, now=utc_now(), one_time=one_time)
    typer.echo(f"added {name}, {role}" + _said(password, one_time=one_time))


@app.command(epilog="Example: footfall user passwd anna --one-time")
def passwd(name: _Name, one_time: _OneTime = False) -> None:
    """Give an account another password, asked for or read from standard input; it is signed out everywhere."""
    password = _password(one_time=one_time)
    with _register() as register:
        register.set_password(name, password, now=utc_now(), one_time=one_time)
    typer.echo(f"{name} has another password" + _said(password, one_time=one_time))


@app.command(epilog="Example: footfall user roles anna --role region --region North")
def roles(name: _Name, role: _Role, store: _Stores = None, region: _Regions = None) -> None:
    """Give an account another role or other stores; it holds from its next request."""
    with _register() as register:
        register.set_scope(name, _scope(role, store, region), now=utc_now())
    typer.echo(f"{name} is {role}" + "".join(f" {each}" for each in [*(store or []), *(region or [])]))


@app.command(epilog="Example: footfall user disable anna")
def disable(name: _Name) -> None:
    """Shut an account out at once; its name and what it did stay on record."""
    with _register() as register:
        register.disable(name, now=utc_now())
        left = [one for one in register.listed(now=utc_now()) if one.role == "head_office" and not one.disabled_at]
    typer.echo(f"{name} is shut out")
    if not left:
        typer.echo(f"nobody is left in head office: footfall user enable {name}, or add another", err=True)


@app.command(epilog="Example: footfall user enable anna")
def enable(name: _Name) -> None:
    """Let an account in again, with its password of before."""
    with _register() as register:
        register.enable(name, now=utc_now())
    typer.echo(f"{name} may sign in again")


@app.command("sign-out", epilog="Example: footfall user sign-out anna")
def sign_out(name: _Name) -> None:
    """Sign an account out of every browser: after a lost phone."""
    with _register() as register:
        ended = register.sign_out(name, now=utc_now())
    typer.echo(f"{name} is signed out of {ended} browsers")


@app.command(epilog="Example: footfall user link anna 00u1a2b3c4")
def link(name: _Name, subject: _Subject, issuer: _Issuer) -> None:
    """Let a sign-in service (OpenID Connect) vouch for an account: whom it means by `subject` signs in as NAME."""
    with _linking() as linking:
        linking.link(name, issuer, subject, now=utc_now())
    typer.echo(f"{name} may sign in with {issuer}, as {subject}")


@app.command(epilog="Example: footfall user unlink anna")
def unlink(name: _Name, issuer: _Issuer) -> None:
    """End that a sign-in service vouches for an account; it is signed out everywhere."""
    with _linking() as linking:
        linking.unlink(name, issuer, now=utc_now())
    typer.echo(f"{name} signs in with {issuer} no more")


@app.command("list", epilog="Example: footfall user list --json")
def list_(json_: _Json = False) -> None:
    """List the accounts."""
    now = utc_now()
    with _register() as register:
        found = register.listed(now=now)
    if json_:
        typer.echo(json.dumps([asdict(each) for each in found], default=datetime.isoformat))
        return
    table = Table("name", "role", "stores, regions", "standing", "last signed in", "browsers", box=None)
    for each in found:
        standing = "disabled" if each.disabled_at else "active"
        if each.one_time_until and not each.disabled_at:
            standing = f"one-time password until {each.one_time_until:%m-%d %H:%M}"
            standing = standing if each.one_time_until > now else "one-time password over"
        seen = f"{each.signed_in_at:%Y-%m-%d %H:%M}" if each.signed_in_at else ""
        table.add_row(
            each.login, each.role, ", ".join([*each.stores, *each.regions]), standing, seen, str(each.sessions)
        )
    Console().print(table)


@app.command(epilog="Example: footfall user log --limit 20 --json")
def log(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50, json_: _Json = False
) -> None:
    """Show the audit log: who signed in, was refused, or changed what."""
    with _register() as register:
        found = register.events(limit=limit)
    if json_:
        typer.echo(json.dumps([asdict(each) for each in found], default=datetime.isoformat))
        return
    table = Table("at", "who", "did", "to", "from", "detail", box=None)
    for each in found:
        # A page's lines have an address; what was done with this command has none.
        who = each.login or ("" if each.address else "footfall user")
        fields = (who, each.action, each.subject, each.address, each.detail)
        table.add_row(each.at.strftime("%m-%d %H:%M:%S"), *(field or "" for field in fields))
    Console().print(table)


@contextmanager
def _linking() -> "Iterator[Linking]":
    from analytics.database import Database
    from dashboard.accounts.linking import Linking
    from dashboard.accounts.sessions import Lasts, Sessions

    database = Database(database_url(), clock=utc_now, connections=1, writes=True)
    lasts = Lasts(timedelta(), timedelta())  # begins none
    try:
        yield Linking(database, Sessions(database, lasts))
    finally:
        database.close()


@contextmanager
def _register() -> "Iterator[Register]":
    from analytics.database import Database
    from dashboard.accounts.register import Register

    database = Database(database_url(), clock=utc_now, connections=1, writes=True)
    try:
        yield Register(database)
    finally:
        database.close()


def _scope(role: str, stores: list[str] | None, regions: list[str] | None) -> "Scope":
    from dashboard.accounts.register import Scope
    from dashboard.accounts.viewer import ROLES

    return Scope(next(one for one in ROLES if one == role), tuple(stores or ()), tuple(regions or ()))


def _password(*, one_time: bool) -> str:
    """Return a password that was made up, typed twice, or the first line of standard input; never an argument's."""
    from dashboard.accounts.passwords import one_time as made_up

    if one_time:
        return made_up()
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _said(password: str, *, one_time: bool) -> str:
    return f"; one-time password: {password}" if one_time else ""
