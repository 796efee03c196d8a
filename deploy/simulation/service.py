"""The simulation as a service: stores registered in the database, boxes at the broker, tills at the orders API."""

import logging
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from deploy.simulation.errors import SimulationError
from deploy.simulation.fleet import ZONE_CATEGORIES, StoreProfile
from deploy.simulation.progress import Report
from deploy.simulation.rates import Rates, rates_of
from deploy.simulation.run import Fleet, Plan
from deploy.simulation.till import OrdersClient
from deploy.simulation.truth import truth_of
from deploy.simulation.truth_file import write_truth
from deploy.stores import Store, register, set_attributes
from deploy.zone_categories import set_zone_categories
from edge.clock import Clock, SystemClock
from edge.config import BrokerConfig
from edge.publishing.connection import Connection, PahoConnection, Session, Signal
from ingest.database import Database
from ingest.errors import KeyRefusedError
from ingest.orders.keys import access_of, create_key

logger = logging.getLogger(__name__)

#: The edge's configuration names the variable that holds a password, never the password.
_PASSWORD_ENV: Final = "FOOTFALL_SIMULATED_BOX_PASSWORD"  # noqa: S105  # a variable's name
_DEVICES_WITH_HISTORY: Final = """
SELECT s.code, d.code FROM ledger_epoch AS e JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)
WHERE NOT isempty(e.received)
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where everything is: the broker with a device's login, the database, and the orders API.

    Without `orders_url` there are no tills; without `orders_key` a key is made and kept in the plan's home.
    """

    broker_url: str
    database_url: str
    orders_url: str | None = None
    orders_key: str | None = None
    broker_tls_ca: str | None = None


def simulate(
    plan: Plan,
    servers: Servers,
    *,
    report: Report,
    opened: Callable[[Fleet], None],
    clock: Clock | None = None,
    history_only: bool = False,
    truth: Path | None = None,
) -> None:
    """Run a fleet until `stopping` of the fleet given to `opened` is set; with `history_only` until all is delivered.

    A `truth` file is written at the end, however the run ends.

    Raises:
        SimulationError: a setting cannot be used.
        OutboxError: another process runs the fleet of this home.
        DatabaseError, StoreError: the stores cannot be registered.
    """
    clock = clock or SystemClock()
    connect = _connector(servers)
    with closing(Database(servers.database_url, name="footfall-simulation")) as database:
        plan = replace(plan, known=_register(database, plan.stores, clock.now()))
        till = _till(database, servers, plan.home)
    fleet = Fleet(plan, clock=clock, connect=connect, register=till, report=report)
    opened(fleet)
    fleet.open()
    try:
        fleet.catch_up()
        if history_only:
            fleet.deliver()
        else:
            fleet.live()
    finally:
        fleet.close()
        if truth is not None:
            write_truth(truth, truth_of(fleet.recorders, fleet.tills), _rates(plan, clock.now()))


def _rates(plan: Plan, now: datetime) -> list[Rates]:
    """Return the rates behind the days; only where cameras miscount is there anything to hold against them."""
    middle = now.date() - timedelta(days=plan.days // 2)
    return rates_of(plan.stores, plan.model, around=middle) if plan.model.miss_share + plan.model.double_share else []


def broker_of(url: str, *, tls_ca: str | None = None) -> BrokerConfig:
    """Return a device's broker configuration from mqtt://user:password@host:port; its password goes to the environment.

    Raises:
        SimulationError: the URL cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise SimulationError("broker: expected mqtt://user:password@host:1883 with a device's login")
    if parts.scheme == "mqtts" and tls_ca is None:
        raise SimulationError("broker: mqtts:// needs the broker's CA file: set FOOTFALL_BROKER_TLS_CA")
    if parts.password is not None:
        os.environ[_PASSWORD_ENV] = unquote(parts.password)
    return BrokerConfig(
        host=parts.hostname,
        port=parts.port or (8883 if parts.scheme == "mqtts" else 1883),
        username=unquote(parts.username) if parts.username else None,
        password_env=_PASSWORD_ENV if parts.password is not None else None,
        tls_ca=tls_ca if parts.scheme == "mqtts" else None,
    )


def _connector(servers: Servers) -> Callable[[Session, Callable[[Signal], None]], Connection]:
    broker = broker_of(servers.broker_url, tls_ca=servers.broker_tls_ca)
    return lambda session, signals: PahoConnection(broker, session, signals)


def _till(database: Database, servers: Servers, home: Path) -> OrdersClient | None:
    if servers.orders_url is None:
        return None
    return OrdersClient(servers.orders_url, servers.orders_key or _kept_key(database, home / "till.key"))


def _kept_key(database: Database, path: Path) -> str:
    """Return the key in `path`, made anew where there is none or the database does not know it."""
    if path.exists():
        key = path.read_text(encoding="ascii").strip()
        try:
            access_of(database, key)
        except KeyRefusedError:
            logger.info("the key in %s is not known here: making another", path, extra={"action": "key_refused"})
        else:
            return key
    key = create_key(database, "simulated tills")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(key + "\n", encoding="ascii")
    return key


def _register(database: Database, stores: tuple[StoreProfile, ...], now: datetime) -> frozenset[tuple[str, str]]:
    """Register the stores; return the devices from which the database already holds a ledger."""
    for profile in stores:
        hours = {number: span for number, span in enumerate(profile.hours, start=1) if span}
        store = Store(
            code=profile.code, name=profile.name, timezone=profile.timezone, currency=profile.currency,
            region=profile.region, opened_on=profile.opened_on, hours=hours,
        )  # fmt: skip
        register(database, store, today=now.astimezone(UTC).date())
        set_zone_categories(database, profile.code, ZONE_CATEGORIES)
        # Nobody works there who could object.
        set_attributes(database, profile.code, staff_figures=True)
    with database.transaction() as cursor:
        cursor.execute(_DEVICES_WITH_HISTORY)
        return frozenset((str(store), str(device)) for store, device in cursor.fetchall())
