"""`footfall webhooks`: which other systems are told what happens in the stores."""

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.config_decision import By, decided
from deploy.cli.connection import database
from deploy.cli.words import count_of

if TYPE_CHECKING:
    from deploy.webhooks.register import Endpoint

app = typer.Typer(no_args_is_help=True)

_Id = Annotated[str, typer.Argument(help="The endpoint's id, as listed: wh_….")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@app.command(epilog="Example: footfall webhooks add https://erp.example.com/footfall --events store_day.closed --all")
def add(
    url: Annotated[str, typer.Argument(help="Where to post; https.")],
    events: Annotated[
        str | None, typer.Option(help="Which types, with commas between; default: all (footfall webhooks events).")
    ] = None,
    store: Annotated[list[str] | None, typer.Option(help="A store to tell of; may be repeated.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Tell of every store, those to come included.")] = False,
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Its address may be one of your own network; http only on this machine."),
    ] = False,
    by: By = None,
    json_: _Json = False,
) -> None:
    """Register an endpoint and print its secret, which is not shown again; each webhook is signed with it."""
    from deploy.webhooks.events import TYPES
    from deploy.webhooks.register import add as register

    if every == bool(store):
        raise typer.BadParameter("name stores, or say --all", param_hint="--store")
    wanted = [name.strip() for name in events.split(",")] if events else list(TYPES)
    decision = decided(by, None)
    with database() as opened:
        endpoint_id = register(
            opened, url, events=wanted, stores=None if every else store, allow_private=allow_private, by=decision.by,
            at=decision.at,
        )  # fmt: skip
    _say_secret(endpoint_id, 1, json_=json_)


@app.command("list", epilog="Example: footfall webhooks list --json")
def list_(json_: _Json = False) -> None:
    """List the endpoints and how they are doing."""
    from deploy.webhooks.register import endpoints

    with database() as opened:
        found = endpoints(opened)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    for each in found:
        # A block each: an address is longer than a column, and is copied from here.
        typer.echo(
            f"{each.endpoint_id}: {each.url}\n"
            f"  {'every store' if each.every_store else ', '.join(each.stores)}: {', '.join(each.events)}\n"
            f"  {_state(each)}; {count_of(each.waiting, 'delivery', 'deliveries')} under way"
        )
    if not found:
        typer.echo("nobody is told anything: footfall webhooks add")


@app.command(epilog="Example: footfall webhooks remove wh_0123456789ab")
def remove(endpoint_id: _Id) -> None:
    """Forget an endpoint and whatever waits for it."""
    from deploy.webhooks.register import remove as forget

    with database() as opened:
        forget(opened, endpoint_id)
    typer.echo(f"{endpoint_id} is told nothing any more")


@app.command(epilog="Example: footfall webhooks enable wh_0123456789ab")
def enable(endpoint_id: _Id) -> None:
    """Tell an endpoint again that was disabled after failing for days; what still waits is sent at once."""
    from deploy.webhooks.register import enable as allow

    with database() as opened:
        allow(opened, endpoint_id, at=decided(None, None).at)
    typer.echo(f"{endpoint_id} is told again")


@app.command(epilog="Example: footfall webhooks rotate wh_0123456789ab")
def rotate(endpoint_id: _Id, json_: _Json = False) -> None:
    """Give an endpoint a new secret and print it; the old one signs beside it for a day."""
    from deploy.webhooks.register import rotate as renew

    with database() as opened:
        generation = renew(opened, endpoint_id, at=decided(None, None).at)
    _say_secret(endpoint_id, generation, json_=json_)


@app.command("test", epilog="Example: footfall webhooks test wh_0123456789ab")
def try_(endpoint_id: _Id, json_: _Json = False) -> None:
    """Send an endpoint a `webhook.test` now and say how it was answered; exit code 1 if it was not taken."""
    import secrets

    from deploy.webhooks.events import TEST, Trial, body_of
    from deploy.webhooks.posting import post
    from deploy.webhooks.register import endpoints
    from deploy.webhooks.sending import common_headers
    from deploy.webhooks.signing import headers_of

    with database() as opened:
        (endpoint,) = endpoints(opened, endpoint_id)
    now = decided(None, None).at
    body = body_of(TEST, now, Trial(message="If you can read this and its signature is right, all is well.")).encode()
    secret = _secret(endpoint_id, endpoint.generation)
    headers = headers_of(f"evt_{secrets.token_hex(16)}", now, body, [secret])
    outcome = post(endpoint.url, body, {**common_headers(), **headers}, allow_private=endpoint.allow_private)
    if json_:
        typer.echo(json.dumps({"status": outcome.status, "failure": outcome.failure}))
    else:
        typer.echo(outcome.failure or f"taken: it answered {outcome.status}")
    if outcome.failure is not None:
        raise typer.Exit(1)


@app.command(epilog="Example: footfall webhooks deliveries --state given_up --json")
def deliveries(
    endpoint_id: Annotated[str | None, typer.Argument(help="Only this endpoint's.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    json_: _Json = False,
) -> None:
    """List what was told, or is to be, the newest first; kept for 30 days."""
    from deploy.webhooks.register import deliveries as told

    with database() as opened:
        found = told(opened, endpoint_id=endpoint_id, state=state.value if state else None, limit=limit)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    for each in found:
        due = f", again at {_moment(each.due_at)}" if each.state == State.WAITING else ""
        typer.echo(
            f"{_moment(each.at)} {each.type} {each.store or ''} → {each.endpoint_id}: {each.state.replace('_', ' ')} "
            f"after {count_of(each.attempts, 'attempt')}{due}{': ' + each.failure if each.failure else ''}"
        )


@app.command(epilog="Example: footfall webhooks events")
def events() -> None:
    """List the types of events, with what each means."""
    from deploy.webhooks.events import TYPES

    table = Table("type", "means", box=None)
    for name, data in TYPES.items():
        table.add_row(name, (data.__doc__ or "").splitlines()[0])
    Console().print(table)


@app.command(epilog="Example: footfall webhooks schema > webhooks.schema.json")
def schema() -> None:
    """Print the JSON Schema of what is sent."""
    from deploy.webhooks.events import schema as described

    typer.echo(json.dumps(described(), indent=2))


def _state(endpoint: "Endpoint") -> str:
    if endpoint.disabled_at:
        return f"disabled {_moment(endpoint.disabled_at)}: {endpoint.disabled_why}"
    if endpoint.failing_since:
        return f"failing since {_moment(endpoint.failing_since)}: {endpoint.failure}"
    return "ok"


def _say_secret(endpoint_id: str, generation: int, *, json_: bool) -> None:
    secret = _secret(endpoint_id, generation)
    if json_:
        typer.echo(json.dumps({"id": endpoint_id, "secret": secret}))
    else:
        typer.echo(
            f"{endpoint_id}\n{secret}\nKeep the secret where the receiver checks signatures: it is not shown again"
        )


def _secret(endpoint_id: str, generation: int) -> str:
    from deploy.webhooks.signing import secret_of
    from ingest.settings import OrdersSettings, load

    return secret_of(load(OrdersSettings).hash_secret.get_secret_value(), endpoint_id, generation)


def _moment(at: datetime | None) -> str:
    return f"{at:%m-%d %H:%M}" if at else ""
