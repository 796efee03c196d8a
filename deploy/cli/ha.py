"""`footfall ha`: a small shop's boxes in Home Assistant."""

import json
import os
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from deploy.cli.config_decision import By, decided
from deploy.cli.connection import database

if TYPE_CHECKING:
    from ingest.database import Database

app = typer.Typer(no_args_is_help=True)

_Store = Annotated[str, typer.Option(help="The store's code.")]


@app.command(epilog="Example: footfall ha enable --store riverside")
def enable(store: _Store, by: By = None) -> None:
    """Announce a store's boxes to Home Assistant, and let its login read what they say."""
    from deploy.homeassistant.register import enable as announce

    decision = decided(by, None)
    with database() as opened:
        announce(opened, store, by=decision.by, at=decision.at)
        _allow(opened)
    typer.echo(f"{store} is announced within seconds; footfall ha login says how Home Assistant gets in")


@app.command(epilog="Example: footfall ha disable --store riverside")
def disable(store: _Store) -> None:
    """Take a store's boxes out of Home Assistant; what the broker kept for it goes, too."""
    from deploy.homeassistant.register import disable as take_back

    with database() as opened:
        take_back(opened, store)
        _allow(opened)
    typer.echo(f"{store} is taken back within seconds")


@app.command("list", epilog="Example: footfall ha list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List the stores that are announced."""
    from deploy.homeassistant.register import stores

    with database() as opened:
        found = stores(opened)
    typer.echo(json.dumps(found) if json_ else "\n".join(found) or "no store is announced")


@app.command(epilog="Example: footfall ha show --store riverside")
def show(store: _Store) -> None:
    """Print a store's discovery messages as they are published: one JSON object, topic → payload."""
    from deploy.homeassistant.discovery import discovery, discovery_topic
    from deploy.homeassistant.register import boxes

    now = decided(None, None).at
    with database() as opened, opened.transaction() as cursor:
        found = [box for box in boxes(cursor, now) if box.store == store]
    said = {discovery_topic(box.store, box.device): discovery(box) for box in found}
    typer.echo(json.dumps(said, indent=2, ensure_ascii=False))


@app.command(epilog="Example: footfall ha login")
def login() -> None:
    """Say how Home Assistant reaches the broker of `footfall up`: it reads the announced stores, and writes nothing."""
    from deploy.errors import HomeAssistantError
    from deploy.home import Home, default_folder

    password = Home(default_folder()).folder / "broker" / "homeassistant.password"
    url = os.environ.get("FOOTFALL_BROKER_URL")
    if not password.exists() or url is None:
        raise HomeAssistantError(
            "no Mosquitto of `footfall up` is here. With one of your own, make a login `homeassistant` and give it the "
            "rules that footfall ha rules prints"
        )
    place = urlsplit(url)
    typer.echo(
        f"broker {place.hostname}, port {place.port}, user homeassistant, password {password.read_text().strip()}"
    )


@app.command(epilog="Example: footfall ha rules >> /etc/mosquitto/acl")
def rules() -> None:
    """Print Mosquitto's access rules for a login `homeassistant`, for a broker that `footfall up` does not run."""
    from deploy.homeassistant.discovery import access_rules_for
    from deploy.homeassistant.register import stores

    with database() as opened:
        typer.echo(access_rules_for(stores(opened)), nl=False)


def _allow(opened: "Database") -> None:
    from deploy.home import Home, default_folder
    from deploy.homeassistant.access import allow
    from deploy.homeassistant.register import stores

    if not allow(Home(default_folder()), stores(opened)):
        typer.echo("there is no Mosquitto of `footfall up`: give yours what footfall ha rules prints", err=True)
