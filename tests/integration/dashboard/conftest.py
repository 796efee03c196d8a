"""The dashboard's own web server over a real database, with a clock that the test holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg2
import pytest
from argon2 import PasswordHasher
from dash import Dash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.database import Database
from dashboard.accounts import passwords
from dashboard.accounts.register import Register, Scope
from dashboard.app import create_app
from dashboard.settings import DashboardSettings
from deploy.set_up import Office
from deploy.trust.authority import Authority
from ingest.database import Database as IngestDatabase
from tests.support.made_apps import closing_databases
from tests.support.postman import MONDAY
from tests.support.postman import Office as PostOffice
from tests.support.served import HeldClock
from tests.support.servers import Cluster
from tests.support.smtp import Mailbox, mail_server
from tests.support.store_data import add_crossings, add_line, add_store, add_uptime

NOW: Final = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
PASSWORD: Final = "three small boats"
#: What a browser says of a request that a page of ours sent.
OURS: Final = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@dataclass
class House:
    """A dashboard over three stores in two regions."""

    app: Dash
    register: Register
    clock: HeldClock
    database: str
    authority: Authority

    def client(self) -> FlaskClient:
        """A browser without cookies."""
        client: FlaskClient = self.app.server.test_client()
        return client

    def sign_in(
        self, login: str, password: str = PASSWORD, *, client: FlaskClient | None = None, address: str = "127.0.0.1"
    ) -> tuple[FlaskClient, TestResponse]:
        """Send the form; return the browser and the answer."""
        client = client or self.client()
        form = {"login": login, "password": password, "lang": "en"}
        return client, client.post("/sign-in", data=form, headers=OURS, environ_base={"REMOTE_ADDR": address})

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**by)


@pytest.fixture(scope="session")
def three_stores(cluster: Cluster) -> Iterator[str]:
    """URL of a database with three stores."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    for code, region in (("north-one", "North"), ("north-two", "North"), ("south-one", "South")):
        add_store(connection, code, name=code.title(), region=region)
    connection.close()
    yield url
    cluster.drop(url)


@pytest.fixture
def house(three_stores: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # What takes an attacker long takes tests long.
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    clock = HeldClock(NOW)
    opened = Database(three_stores, clock=clock, connections=2, writes=True)
    with opened.transaction() as cursor:
        cursor.execute("TRUNCATE account, sign_in_failure, account_event, oidc_attempt, oidc_logout CASCADE")
    register = Register(opened)
    register.add("mia", Scope("manager", stores=("north-one",)), PASSWORD, now=NOW)
    register.add("rob", Scope("region", regions=("North",)), PASSWORD, now=NOW)
    register.add("olga", Scope("head_office"), PASSWORD, now=NOW)
    register.add("ivan", Scope("installer"), PASSWORD, now=NOW)
    authority = Authority(tmp_path / "trust", now=clock, create=True)
    writing = IngestDatabase(three_stores)
    office = Office(writing, tmp_path / "trust" / "root.pem", "https://here:8443", now=clock)
    settings = DashboardSettings.model_validate({"database_url": three_stores})
    with closing_databases():
        yield House(create_app(settings, clock=clock, office=office), register, clock, three_stores, authority)
    writing.close()
    opened.close()


@pytest.fixture(scope="session")
def two_clocks(cluster: Cluster) -> Iterator[str]:
    """URL of a database with a store in Shanghai to which 84 people came last week, and one in London."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    east = add_store(connection, "east", name="East & Co", region="East")
    add_store(connection, "west", name="West", timezone="Europe/London", currency="GBP", region="West")
    line = add_line(connection, east)
    for day in range(14):
        opened = datetime(2026, 11, 9, 1, tzinfo=UTC) + timedelta(days=day)
        add_uptime(connection, east, "door", opened, opened + timedelta(hours=12))
        add_crossings(connection, east, line, [opened + timedelta(minutes=50 * n + 7) for n in range(12)])
    connection.close()
    yield url
    cluster.drop(url)


@pytest.fixture
def office(two_clocks: str) -> Iterator[PostOffice]:
    clock = HeldClock(MONDAY)
    database = Database(two_clocks, clock=clock, connections=3, writes=True)
    with database.transaction() as cursor:
        cursor.execute("TRUNCATE account, account_event CASCADE")
    with mail_server(Mailbox()) as mailbox:
        yield PostOffice(two_clocks, database, clock, mailbox)
    database.close()


def callback(
    client: FlaskClient, outputs: list[str], inputs: list[Any], state: list[Any], *, changed: str | None = None
) -> TestResponse:
    """Call a callback as the page's script does; `outputs`, `inputs` and `state` as (id.property, value).

    `changed` is the input that did it, the first where none is named.
    """

    def part(pair: Any) -> Any:
        if isinstance(pair, list):  # all parts that fit a pattern
            return [part(each) for each in pair]
        name, _, prop = pair[0].rpartition(".")
        return {"id": json.loads(name) if name.startswith("{") else name, "property": prop, "value": pair[1]}

    def output(name: str) -> dict[str, str]:
        return {"id": name.rpartition(".")[0], "property": name.rpartition(".")[2]}

    asked = ".." + "...".join(outputs) + ".." if len(outputs) > 1 else outputs[0]
    body = {
        "output": asked,
        "outputs": [output(name) for name in outputs] if len(outputs) > 1 else output(outputs[0]),
        "inputs": [part(pair) for pair in inputs],
        "state": [part(pair) for pair in state],
        "changedPropIds": [changed or (inputs[0][0] if isinstance(inputs[0], tuple) else inputs[0][0][0])],
    }
    return client.post("/_dash-update-component", json=body, headers=OURS)


def outputs_with(house: House, trigger: str) -> list[str]:
    """Return the names of what the callback of an input, by a part of its id, changes."""
    key: str = next(
        key for key, one in house.app.callback_map.items() if any(trigger in each["id"] for each in one["inputs"])
    )
    return key.strip(".").split("...")
