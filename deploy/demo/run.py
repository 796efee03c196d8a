"""The demo: the one-machine installation with a shop of its own on a real clip, and simulated stores around it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from analytics.clock import utc_now
from deploy.demo.assets import choose_clip, choose_model
from deploy.demo.site import STORE, demo_site, write_site
from deploy.demo.till import DemoTill
from deploy.first_account import demo_account
from deploy.one_machine import OneMachine
from deploy.stores import Store, register
from edge.audit.access import new_pin
from edge.audit.service import reachable
from edge.config import AuditConfig
from ingest.database import Database
from ingest.orders.client import OrdersClient
from ingest.orders.keys import create_key

_SUMMARY: Final = """
SELECT s.code,
       (SELECT count(*) FROM crossing AS c JOIN line AS l USING (line_id)
        WHERE c.store_id = s.store_id AND l.role = 'entrance' AND c.inward) AS visits,
       (SELECT count(*) FROM pos_order AS o WHERE o.store_id = s.store_id) AS orders
FROM store AS s ORDER BY s.code
"""
#: A phone is another machine. Only with `--audit`.
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - asked for by name
_MISSING: Final = "SELECT COALESCE(sum(missing), 0)::bigint FROM ledger_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """What to show: so many simulated stores, with or without eight weeks behind them, for so long; the audit page."""

    stores: int = 8
    history: bool = True
    minutes: float | None = None
    audit: bool = False


def run_demo(machine: OneMachine, plan: DemoPlan, *, when_up: Callable[[], object] | None = None) -> None:
    """Start everything and watch it until told to stop, or until the minutes are over; then say what was counted.

    Raises:
        DeployError: a service does not start.
    """
    started_s = time.monotonic()
    machine.start_servers()
    demo_account(machine.database_url, machine.home.folder / "demo" / "password", machine.announcer)
    database = Database(machine.database_url, name="footfall-demo")
    try:
        register(database, Store(code=STORE, name="Corner Shop", region="Demo"), today=utc_now().date())
        machine.announcer.url("the shop on a camera clip", f"{machine.dashboard_url}/store/{STORE}")
        machine.announcer.url("all stores over four weeks", f"{machine.dashboard_url}/?period=four_weeks")
        machine.announcer.note(f"first page after {time.monotonic() - started_s:.0f} s")
        if when_up:
            when_up()
        _start_shop(machine, audit=plan.audit)
        key = _orders_key(machine, database)
        follower = _start_fleet(machine, plan, key)
        till = DemoTill(database, OrdersClient(machine.orders_url, key), now=utc_now, monotonic=time.monotonic)
        left_s = None if plan.minutes is None else max(0.0, plan.minutes * 60 - (time.monotonic() - started_s))
        machine.announcer.note("running; Ctrl-C stops everything" if left_s is None else f"running for {left_s:.0f} s")
        machine.watch(follower.follow, till.ring, until_s=left_s)
        machine.announcer.summary(_summary(database))
    finally:
        database.close()


def _start_shop(machine: OneMachine, *, audit: bool) -> None:
    say = machine.announcer.note
    clip = choose_clip(say)
    model = choose_model(say, clip)
    path = machine.home.folder / "demo" / "site.toml"
    page = _audit_page(machine, path.with_name("audit-pin")) if audit else None
    write_site(demo_site(clip, model, machine.broker, path.with_name("outbox.sqlite"), audit=page), path)
    machine.start_agent(path)


def _audit_page(machine: OneMachine, pin_file: Path) -> AuditConfig:
    """Return an audit page for every phone in this network, with a new PIN that is said here and in no log."""
    pin, port = new_pin(), machine.home.port("audit", AuditConfig().address[1])
    pin_file.parent.mkdir(parents=True, exist_ok=True)
    pin_file.touch(mode=0o600)
    pin_file.write_text(pin + "\n", encoding="ascii")
    machine.announcer.url("audit page, for a phone in this network", f"http://{reachable(_EVERYWHERE)}:{port}")
    machine.announcer.note(f"PIN of the audit page: {pin[:4]} {pin[4:]}")
    return AuditConfig(enabled=True, listen=f"{_EVERYWHERE}:{port}", pin_file=str(pin_file.resolve()))


def _start_fleet(machine: OneMachine, plan: DemoPlan, orders_key: str) -> "FleetFollower":
    arguments = ["simulate", "run", "--json", "--stores", str(plan.stores)]
    if not plan.history:
        arguments.append("--no-history")
    service = machine.footfall("simulation", *arguments, ready=lambda: True)
    service = replace(service, env={**service.env, "FOOTFALL_ORDERS_KEY": orders_key})
    machine.supervisor.start(service)
    return FleetFollower(service.log_file, machine)


def _orders_key(machine: OneMachine, database: Database) -> str:
    """Return the tills' key at the orders API, made at the first start; the database keeps only its hash."""
    path = machine.home.folder / "demo" / "orders-key"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(create_key(database, "demo tills") + "\n", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _summary(database: Database) -> dict[str, Any]:
    with database.transaction() as cursor:
        cursor.execute(_SUMMARY)
        stores = [{"store": code, "visits": visits, "orders": orders} for code, visits, orders in cursor.fetchall()]
        cursor.execute(_MISSING)
        ((missing,),) = cursor.fetchall()
    return {"stores": stores, "ledger_entries_on_their_way": missing}


class FleetFollower:
    """Reads the simulation's progress out of its log and passes it on."""

    def __init__(self, log: Path, machine: OneMachine) -> None:
        self._log = log
        self._announcer = machine.announcer
        self._read = log.stat().st_size if log.exists() else 0

    def follow(self) -> None:
        """Pass on the newest progress of each stage since the last call."""
        newest: dict[str, dict[str, Any]] = {}
        for line in self._fresh_lines():
            try:
                progress = json.loads(line)
                newest[progress["stage"]] = progress
            except (ValueError, KeyError, TypeError):
                continue  # The log holds other records too.
        for stage in ("history", "delivery"):
            if stage in newest:
                progress = newest[stage]
                self._announcer.progress(f"{stage} of the simulated stores", progress["done"], progress["total"])

    def _fresh_lines(self) -> list[str]:
        if not self._log.exists():
            return []
        with self._log.open("rb") as log:
            if self._read > self._log.stat().st_size:
                self._read = 0  # The log was rotated.
            log.seek(self._read)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode("utf-8", errors="replace").splitlines()
