"""Where a service's metrics are read: a port of its own on loopback, only where one is set; never the public one.

They hold no personal data, but what a shop does is nobody else's business: an address that the whole internet could
reach is refused.
"""

import ipaddress
import logging
import platform
import threading
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Gauge, start_http_server
from prometheus_client.process_collector import ProcessCollector
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.settings import PREFIX, load

logger = logging.getLogger(__name__)


def _not_public(host: str) -> str:
    address = ipaddress.ip_address(host)  # raises ValueError where it is none
    if address.is_global:
        raise ValueError(
            "expected 127.0.0.1, or an address of a private network: these pages have no password. "
            "Put a proxy with TLS and a password in front for others"
        )
    return host


class MetricsSettings(BaseSettings):
    """Where one service shows its metrics."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    metrics_port: int | None = Field(
        None, ge=1, le=65_535, description="Port of this process's metrics; None: it shows none"
    )
    metrics_host: Annotated[str, AfterValidator(_not_public)] = Field(
        "127.0.0.1", description="Address of its metrics; a public one is refused"
    )


@dataclass(frozen=True, slots=True)
class Exposition:
    """A page of metrics that is served."""

    url: str
    _server: WSGIServer
    _thread: threading.Thread

    def close(self) -> None:
        """Serve it no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def wanted() -> MetricsSettings | None:
    """Return where this process shall show its metrics; None: nowhere.

    Raises:
        SettingsError: the environment asks for a port or an address that cannot be.
    """
    settings = load(MetricsSettings)
    return settings if settings.metrics_port is not None else None


def expose(service: str, registry: CollectorRegistry, settings: MetricsSettings) -> Exposition | None:
    """Serve `registry` with what the process itself needs beside it; None where the port is taken, which is logged."""
    Gauge(
        "footfall_build_info", "Always 1; which version of which service this is.", ["service", "version", "python"],
        registry=registry,
    ).labels(service, version("footfall"), platform.python_version()).set(1)  # fmt: skip
    ProcessCollector(registry=registry)
    host, port = settings.metrics_host, settings.metrics_port or 0
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        # A service that counts must not stay down because nobody can watch it.
        logger.error(  # noqa: TRY400  # the reason is in the text
            "metrics cannot be shown on port %d of %s (%s): set another FOOTFALL_METRICS_PORT",
            port, host, error, extra={"action": "metrics_hidden"},
        )  # fmt: skip
        return None
    return Exposition(f"http://{host}:{server.server_port}/metrics", server, thread)
