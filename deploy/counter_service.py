"""The service that counters of other makers push to, as one machine runs it: from when the first is registered."""

import logging
import time
from collections.abc import Sequence
from typing import Final

from analytics.clock import utc_now
from deploy.broker import TlsListener
from deploy.counter_logins import CounterLogins
from deploy.home import Home
from deploy.process import listens
from deploy.trust.office import authority_of, hosts_of
from ingest.counters.register import counters
from ingest.database import Database
from ingest.errors import DatabaseError

logger = logging.getLogger(__name__)

HTTP_PORT: Final = 8090
MQTT_PORT: Final = 8884
_LOOK_EVERY_S: Final = 10.0


class CounterService:
    """Whether it is due, and where it listens: to the network only where boxes come from there, too, and with TLS."""

    def __init__(self, home: Home, *, reach: Sequence[str], open_to: str) -> None:
        self._home = home
        self._reach = reach
        self._open_to = open_to
        self._started = False
        self._looked_s = -_LOOK_EVERY_S
        self.port: int | None = None

    @property
    def url(self) -> str:
        """Where counters push."""
        scheme, host = ("https", self._reach[0]) if self._reach else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/v1/counters/…"

    def broker_listener(self) -> TlsListener | None:
        """Return where the broker hears counters from the network; None: none has a login, or none comes from there."""
        if not self._reach or not CounterLogins(self._home.folder / "broker").hashed():
            return None
        return TlsListener(self._home.port("counters-broker", MQTT_PORT), self._open_to)

    def due(self, database_url: str) -> bool:
        """Return whether it is to be started now; true once."""
        if self._started or time.monotonic() - self._looked_s < _LOOK_EVERY_S:
            return False
        self._looked_s = time.monotonic()
        database = Database(database_url, name="footfall-up")
        try:
            self._started = bool(counters(database))
        except DatabaseError as error:
            logger.debug("counters are looked for later: %s", error, extra={"action": "counters_unknown"})
        finally:
            database.close()
        return self._started

    def listening(self) -> bool:
        """Return whether it takes pushes."""
        return self.port is not None and listens(self.port)

    def arguments(self) -> list[str]:
        """Return the command that runs it; its port is known from now on."""
        self.port = self._home.port("counters", HTTP_PORT)
        arguments = ["counters", "serve", "--host", self._open_to, "--port", str(self.port)]
        if self._reach:
            certificate, key = authority_of(self._home, now=utc_now).server_identity(hosts_of(self._reach))
            arguments += ["--certificate", str(certificate), "--key", str(key)]
        return arguments
