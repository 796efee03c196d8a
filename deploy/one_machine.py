"""All of Footfall on one machine, each service a child of the supervisor.

PostgreSQL ── migrations ── broker ── ingest, orders API, KPI API, dashboard, notify, forecast ── edge agent
                               ├── enrolment service, where boxes of other machines are to come in
                               ├── tills, where a file says which; weekly, where there is a mail server
                               └── counters service, once a counter of another maker is registered
"""

import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

from analytics.clock import utc_now
from deploy.announce import Announcer
from deploy.broker import Broker, TlsListener
from deploy.children import Child
from deploy.counter_service import CounterService
from deploy.home import Home
from deploy.metrics.exposition import Exposition, MetricsSettings, expose
from deploy.metrics.places import write_places
from deploy.metrics.supervision import supervision
from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Service, listens
from deploy.supervisor import Supervisor
from deploy.trust.office import authority_of, broker_files_of, hosts_of

DASHBOARD_PORT = 8050
ORDERS_PORT = 8000
KPIS_PORT = 8001
BROKER_PORT = 1883
BOXES_PORT = 8883
ENROLMENT_PORT = 8443
_ROUND_S = 0.5
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ANY = ("0.0.0.0", "::")  # noqa: S104  # asked for by whoever set it
#: Services of ours that show metrics, each on a port of its own on loopback.
_MEASURED = ("ingest", "orders", "api", "dashboard", "trust", "tills", "notify", "counters", "edge")


def linked_address(environ: Mapping[str, str], port: int) -> str | None:
    """Return the address under which others open the dashboard; None where it opens on this machine only."""
    if address := environ.get("FOOTFALL_DASHBOARD_URL"):
        return address
    host = environ.get("FOOTFALL_DASHBOARD_HOST") or "127.0.0.1"
    if host in _LOOPBACK:
        return None
    host = socket.getfqdn() if host in _ANY else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class OneMachine:
    """The services of one installation, in the order in which they need one another.

    `reach` are the names and addresses under which boxes reach this machine; empty: only boxes on it can enrol; None:
    none can.
    """

    def __init__(
        self,
        home: Home,
        supervisor: Supervisor,
        announcer: Announcer,
        *,
        dashboard_port: int = DASHBOARD_PORT,
        reach: Sequence[str] | None = None,
    ) -> None:
        self.home = home
        self.supervisor = supervisor
        self.announcer = announcer
        self.postgres = EmbeddedPostgres(home.folder / "postgres", port=home.port("postgres"))
        self._reach = reach or []
        self._open_to = "0.0.0.0" if reach else "127.0.0.1"  # noqa: S104  # asked for by --reach
        listener = None if reach is None else TlsListener(home.port("boxes", BOXES_PORT), self._open_to)
        self._counters = CounterService(home, reach=self._reach, open_to=self._open_to)
        self.broker = Broker(
            home.folder / "broker", port=home.port("broker", BROKER_PORT), tls=listener,
            counters_at=self._counters.broker_listener(),
        )  # fmt: skip
        self.enrolment_port = home.port("enrolment", ENROLMENT_PORT) if self.broker.tls else None
        self.orders_port = home.port("orders", ORDERS_PORT)
        self.kpis_port = home.port("api", KPIS_PORT)
        self._dashboard_wanted = dashboard_port
        self.dashboard_port = home.port("dashboard", dashboard_port)
        self._metrics_ports: dict[str, int] = {}
        self._exposition: Exposition | None = None

    @property
    def database_url(self) -> str:
        """The database of this installation."""
        return self.postgres.url()

    @property
    def orders_url(self) -> str:
        """Where the till posts its orders."""
        return f"http://127.0.0.1:{self.orders_port}"

    @property
    def kpis_url(self) -> str:
        """Where other programs read figures."""
        return f"http://127.0.0.1:{self.kpis_port}"

    @property
    def dashboard_url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.dashboard_port}"

    def environment(self) -> dict[str, str]:
        """Return the settings that the services, and commands beside them, work with."""
        return {
            "FOOTFALL_HOME": str(self.home.folder),
            "FOOTFALL_DATABASE_URL": self.database_url,
            "FOOTFALL_BROKER_URL": self.broker.url(self.broker.server),
            # A camera box or a simulated one speaks with a device's login: a server may not write a ledger.
            "FOOTFALL_DEVICE_BROKER_URL": self.broker.url(self.broker.device),
            # iotcore's router dies of a kept session that shares a subscription.
            "FOOTFALL_BROKER_SESSION_S": "300" if self.broker.kind == "mosquitto" else "0",
            "FOOTFALL_HASH_SECRET": self._hash_secret(),
            "FOOTFALL_ORDERS_URL": self.orders_url,
            "FOOTFALL_LOG_LEVEL": "info",
            **({"FOOTFALL_ENROLMENT_URL": self.enrolment_url} if self.enrolment_port else {}),
            **({"FOOTFALL_TILLS_FILE": str(self._tills_file)} if self._tills_file.exists() else {}),
        }

    @property
    def enrolment_url(self) -> str:
        """Where boxes enrol."""
        return f"https://{self._reach[0] if self._reach else 'localhost'}:{self.enrolment_port}"

    def port_of(self, child: Child) -> int | None:
        """Return the port of a service, for those that have one."""
        return {
            "postgres": self.postgres.port,
            self.broker.kind: self.broker.port,
            "orders": self.orders_port,
            "api": self.kpis_port,
            "dashboard": self.dashboard_port,
            "trust": self.enrolment_port,
            "counters": self._counters.port,
        }.get(child.name)

    def start_servers(self) -> None:
        """Start the database, the broker, ingest, both APIs and the dashboard, and say where they are.

        Raises:
            ServiceError: one of them does not start.
            MigrationError: the database cannot be brought up to date.
        """
        if self.broker.tls:
            authority = authority_of(self.home, now=utc_now, create=True)
            broker_files_of(self.home, authority).prepare(hosts_of(self._reach))
        self.supervisor.start(self.postgres.service(), self.broker.service())
        applied = migrate(self.database_url)
        if applied:
            self.announcer.note(f"applied {len(applied)} migrations")
        self.home.save_environment(self.environment())
        notify = self.footfall("notify", "notify", "run", ready=lambda: True)
        forecast = self.footfall("forecast", "analytics", "forecast", "--all", "--stay", ready=lambda: True)
        services = (self._ingest(), self._orders(), self._kpis(), self._dashboard(), notify, forecast)
        self.supervisor.start(*services)
        if self._tills_file.exists():
            self.supervisor.start(self.footfall("tills", "tills", "run", ready=lambda: True))
        if os.environ.get("FOOTFALL_SMTP_HOST"):
            self.supervisor.start(self._weekly())
        self.announcer.url("dashboard", self.dashboard_url)
        if self.broker.tls:
            self.supervisor.start(self._trust(self.broker.tls))
            self.announcer.url("enrolment of boxes", self.enrolment_url)
        self.announcer.url("orders API", f"{self.orders_url}/openapi.json")
        self.look_for_counters()
        self._show_metrics()
        self.announcer.url("KPI API", f"{self.kpis_url}/openapi.json")
        for name, port, usual in (
            ("dashboard", self.dashboard_port, self._dashboard_wanted),
            ("orders API", self.orders_port, ORDERS_PORT),
            ("KPI API", self.kpis_port, KPIS_PORT),
            ("broker", self.broker.port, BROKER_PORT),
        ):
            if port != usual:
                self.announcer.note(f"port {usual} was taken: the {name} is at {port}")

    def look_for_counters(self) -> None:
        """Start the service that counters of other makers push to, once one is registered; a tick of `watch`.

        Raises:
            ServiceError: it does not start.
        """
        if self._counters.due(self.database_url):
            service = self.footfall("counters", *self._counters.arguments(), ready=self._counters.listening)
            self.supervisor.start(service)
            self._save_places()
            self.announcer.url("pushes of counters", self._counters.url)

    def start_agent(self, site: Path) -> None:
        """Start the camera box of `site`.

        Raises:
            ServiceError: it does not start; carries what it said.
        """
        arguments = ("edge", "run", "--site", str(site.resolve()))
        self.supervisor.start(self.footfall("edge", *arguments, ready=lambda: True, finite=True))
        self._save_places()

    def footfall(
        self,
        name: str,
        *arguments: str,
        ready: Callable[[], bool],
        finite: bool = False,
    ) -> Service:
        """Return a service that is a command of ours, with this installation's settings."""
        return Service(
            name=name,
            argv=[sys.executable, "-m", "deploy.cli.main", *arguments],
            ready=ready,
            log_file=self.home.log / f"{name}.log",
            env=self.environment() | self._metrics_of(name),
            finite=finite,
            stop_signal=signal.SIGTERM,
        )

    def watch(self, *ticks: Callable[[], None], until_s: float | None = None) -> None:
        """Watch the services until the supervisor is told to stop, or for `until_s`; `ticks` are called each round."""
        end_s = None if until_s is None else time.monotonic() + until_s
        while not self.supervisor.stopping.wait(_ROUND_S):
            self.supervisor.check()
            for tick in ticks:
                tick()
            if end_s is not None and time.monotonic() >= end_s:
                return

    def stop(self) -> None:
        """Stop everything, last started first."""
        self.home.environment_file.unlink(missing_ok=True)
        self.home.metrics_file.unlink(missing_ok=True)
        self.supervisor.stop()
        if self._exposition is not None:
            self._exposition.close()

    def _metrics_of(self, name: str) -> dict[str, str]:
        """Return what tells a service where to show its metrics."""
        if name not in _MEASURED:
            return {}
        port = self._metrics_ports.setdefault(name, self.home.port(f"metrics-{name}"))
        return {"FOOTFALL_METRICS_HOST": "127.0.0.1", "FOOTFALL_METRICS_PORT": str(port)}

    def _show_metrics(self) -> None:
        """Show the supervisor's own metrics, and keep where all are."""
        port = self.home.port("metrics-supervisor")
        settings = MetricsSettings(metrics_port=port, metrics_host="127.0.0.1")
        self._exposition = expose("supervisor", supervision(self.supervisor.record), settings)
        self._metrics_ports = {"supervisor": port, **self._metrics_ports}
        self._save_places()
        self.announcer.note(f"metrics of {', '.join(self._metrics_ports)}: footfall metrics list")

    def _save_places(self) -> None:
        places = {name: f"http://127.0.0.1:{port}/metrics" for name, port in self._metrics_ports.items()}
        write_places(self.home.metrics_file, places)

    def _ingest(self) -> Service:
        return self.footfall("ingest", "ingest", "run", ready=lambda: True)

    def _orders(self) -> Service:
        arguments = ("orders", "serve", "--port", str(self.orders_port))
        return self.footfall("orders", *arguments, ready=lambda: answers(f"{self.orders_url}/healthz"))

    def _kpis(self) -> Service:
        arguments = ("api", "serve", "--port", str(self.kpis_port))
        return self.footfall("api", *arguments, ready=lambda: answers(f"{self.kpis_url}/healthz"))

    def _dashboard(self) -> Service:
        arguments = ("dashboard", "serve", "--port", str(self.dashboard_port))
        return self.footfall("dashboard", *arguments, ready=lambda: answers(self.dashboard_url))

    def _weekly(self) -> Service:
        """Return the service that sends mail, with the address that its links lead to where others can open it."""
        service = self.footfall("weekly", "weekly", "run", ready=lambda: True)
        address = linked_address(os.environ, self.dashboard_port)
        if address is None:
            self.announcer.note(
                f"no mail is sent: {self.dashboard_url} opens on this machine only. Set FOOTFALL_DASHBOARD_URL to the"
                " address that people type"
            )
            return service
        return replace(service, env={**service.env, "FOOTFALL_DASHBOARD_URL": address})

    def _trust(self, listener: TlsListener) -> Service:
        port = self.enrolment_port or ENROLMENT_PORT
        arguments = ["trust", "serve", "--host", self._open_to, "--port", str(port)]
        arguments += ["--broker-port", str(listener.port)]
        for host in self._reach:
            arguments += ["--reach", host]
        return self.footfall("trust", *arguments, ready=lambda: listens(port))

    @property
    def _tills_file(self) -> Path:
        return self.home.folder / "tills.toml"

    def _hash_secret(self) -> str:
        path = self.home.folder / "hash-secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
        return path.read_text(encoding="ascii").strip()


def answers(url: str, within_s: float = 2.0) -> bool:
    """Return whether an HTTP GET of `url` is answered with 200."""
    try:
        with urlopen(url, timeout=within_s) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False
