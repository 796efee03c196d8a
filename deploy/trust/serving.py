"""The enrolment service as a process: HTTPS with the authority's own certificate.

Beside it the keeper: the broker's lists as the register has them, and head office's word to the boxes.
"""

import logging
import os
import ssl
import threading
import time
from collections.abc import Sequence
from typing import Final

import uvicorn

from analytics.clock import utc_now
from deploy.control.publishing import ControlPublisher
from deploy.errors import DeployError, ServiceError
from deploy.home import Home, default_folder
from deploy.metrics.exposition import expose, wanted
from deploy.metrics.http import HttpMetrics, MeasuredAsgi
from deploy.trust.attempts import Attempts
from deploy.trust.authority import Authority
from deploy.trust.office import Office, authority_of, handing_of, hosts_of, open_office
from deploy.trust.service import Counter, create_app
from ingest.database import Database
from ingest.errors import IngestError
from ingest.settings import DatabaseSettings, load

logger = logging.getLogger(__name__)

#: A revocation on a page or from another machine reaches the broker within so long; a command on this one at once.
_LOOK_EVERY_S: Final = 1.0
#: Boxes come one by one; whoever holds more open is none.
_CONNECTIONS_MAX: Final = 200


def serve(*, host: str, port: int, reach: Sequence[str], broker: tuple[str | None, int]) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ServiceError: the port is taken.
        TrustError: the authority cannot be used.
    """
    home = Home(default_folder())
    hosts = hosts_of(reach)
    authority = authority_of(home, now=utc_now)
    url, broker_url = load(DatabaseSettings).database_url.get_secret_value(), os.environ.get("FOOTFALL_BROKER_URL")
    lock = threading.Lock()
    office = open_office(home, Database(url, name="footfall-trust"), now=utc_now, broker_url=broker_url)
    counter = Counter(
        office=office, authority_pem=authority.pem, broker=broker, now=utc_now, attempts=Attempts(time.monotonic),
        lock=lock, handing=handing_of(home, office, authority, now=utc_now),
    )  # fmt: skip
    app = create_app(counter)
    if shown := wanted():
        metrics = HttpMetrics()
        app.add_middleware(MeasuredAsgi, metrics=metrics)
        expose("trust", metrics.registry, shown)
    config = _config(app, authority, hosts, (host, port))
    stopping = threading.Event()
    # A connection of its own: the service's is used by its requests.
    keeper = open_office(home, Database(url, name="footfall-trust-keeper"), now=utc_now, broker_url=broker_url)
    thread = threading.Thread(target=_keep, args=(keeper, hosts, config, stopping), name="trust-keeper", daemon=True)
    server = uvicorn.Server(config)
    threads = [thread, *_publishing(url, authority, broker_url, stopping)]
    for each in threads:
        each.start()
    try:
        server.run()
    finally:
        stopping.set()
        for each in threads:
            each.join()
    if not server.started:
        raise ServiceError(f"the enrolment service could not listen on port {port} of {host}: is it taken?")


def _publishing(
    url: str, authority: Authority, broker_url: str | None, stopping: threading.Event
) -> list[threading.Thread]:
    """Return the thread that says to the boxes what is wanted of them; none where no broker is known."""
    if broker_url is None:
        logger.warning(
            "FOOTFALL_BROKER_URL is not set: boxes get no configuration and no commands",
            extra={"action": "not_controlling"},
        )
        return []
    publisher = ControlPublisher(
        Database(url, name="footfall-control"), authority, broker_url, now=utc_now,
        tls_ca=os.environ.get("FOOTFALL_BROKER_TLS_CA"),
    )  # fmt: skip
    return [threading.Thread(target=publisher.run, args=(stopping,), name="control-publisher", daemon=True)]


def _config(app: object, authority: Authority, hosts: Sequence[str], where: tuple[str, int]) -> uvicorn.Config:
    certificate, key = authority.server_identity(hosts)
    config = uvicorn.Config(
        app, host=where[0], port=where[1], ws="none", log_config=None, access_log=False, server_header=False,  # type: ignore[arg-type]
        ssl_certfile=str(certificate), ssl_keyfile=str(key), limit_concurrency=_CONNECTIONS_MAX, timeout_keep_alive=5,
    )  # fmt: skip
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config


def _keep(office: Office, hosts: Sequence[str], config: uvicorn.Config, stopping: threading.Event) -> None:
    """Keep the broker's files as the register is, and both servers' certificate fresh."""
    while not stopping.is_set():
        try:
            if office.keep(hosts) and config.ssl is not None and config.ssl_certfile:
                config.ssl.load_cert_chain(config.ssl_certfile, config.ssl_keyfile)
        except (DeployError, IngestError) as error:
            logger.warning("the broker's lists are as they were: %s", error, extra={"action": "not_published"})
        stopping.wait(_LOOK_EVERY_S)
