"""The audit page as the agent runs it: opened from the site file, served in a thread, closed with the agent."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final

from contract.entries import Entry
from edge.audit.access import Gate, new_pin
from edge.audit.answers import BODY_MAX, AuditPages, Request, Response
from edge.audit.audits import Audits
from edge.audit.errors import AuditServerError
from edge.audit.heard import CrossingsHeard
from edge.audit.session import AuditedLine
from edge.bounded_server import BoundedServer
from edge.clock import Clock
from edge.config import AuditConfig, SiteConfig
from edge.errors import ListenError

logger = logging.getLogger(__name__)

PIN_LENGTH_MIN: Final = 6
_SWEEP_S: Final = 1.0


class AuditService:
    """The page of one box, listening from the moment it is made.

    Raises:
        AuditServerError: its address is taken, or its PIN cannot be had or is too short.
    """

    def __init__(
        self,
        config: AuditConfig,
        lines: Sequence[AuditedLine],
        heard: CrossingsHeard,
        *,
        record: Callable[[Sequence[Entry]], None],
        watching: Callable[[str], bool],
        clock: Clock,
    ) -> None:
        given = configured_pin(config)
        self.pin = given or new_pin()
        self.audits = Audits(lines, heard, record=record, watching=watching, clock=clock)
        pages = AuditPages(self.audits, Gate(self.pin, clock), clock)
        self._server = listen(config, partial(_Handler, pages))  # type: ignore[arg-type]  # a factory does
        self.url = f"http://{reachable(config.address[0])}:{self._server.server_port}"
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, name="audit-page", daemon=True),
            threading.Thread(target=self._sweep, name="audit-sweep", daemon=True),
        ]
        how = "the PIN of the settings" if given else f"PIN {self.pin[:4]} {self.pin[4:]}"
        logger.info("audit page: open %s on a phone, %s", self.url, how, extra={"action": "audit_page_open"})

    def start(self) -> None:
        """Answer phones."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Answer nobody any more, and store what was under way as incomplete."""
        self._stopping.set()
        if self._threads[0].ident is not None:
            self._server.shutdown()
        self._server.server_close()
        self.audits.close()

    def _sweep(self) -> None:
        while not self._stopping.wait(_SWEEP_S):
            self.audits.sweep()


def open_audit(
    site: SiteConfig,
    heard: CrossingsHeard,
    *,
    record: Callable[[Sequence[Entry]], None],
    camera_up: Callable[[str], bool],
    clock: Clock,
) -> AuditService | None:
    """Return the site's audit page; None where it is not enabled. `camera_up` tells whether a camera watches now.

    None also where it cannot be served, with an error in the log: counting goes before auditing.
    """
    if not site.audit.enabled:
        return None
    camera_of = {line.name: camera.name for camera in site.cameras for line in camera.lines}
    lines = [AuditedLine(line.name, line.role) for camera in site.cameras for line in camera.lines]
    try:
        return AuditService(
            site.audit, lines, heard, record=record, watching=lambda line: camera_up(camera_of[line]), clock=clock
        )
    except AuditServerError as error:
        logger.error("%s", error, extra={"action": "audit_page_failed"})  # noqa: TRY400 - the message says it all
        return None


def listen(config: AuditConfig, handler: type[BaseHTTPRequestHandler]) -> BoundedServer:
    """Return the page's server, which listens already.

    Raises:
        AuditServerError: it cannot.
    """
    try:
        return BoundedServer(config.address, handler)
    except ListenError as error:
        raise AuditServerError(
            f"the audit page {error}. Choose another `listen` in [audit] of the site file, or stop what uses the port"
        ) from error


def configured_pin(config: AuditConfig) -> str | None:
    """Return the PIN that the site names; None where it names none.

    Raises:
        AuditServerError: it is not there, cannot be read, or is too short to be one.
    """
    if config.pin_env:
        where, pin = f"variable {config.pin_env}", os.environ.get(config.pin_env, "")
    elif config.pin_file:
        where = f"file {config.pin_file}"
        try:
            pin = Path(config.pin_file).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise AuditServerError(f"the audit page's PIN cannot be read: {error}") from error
    else:
        return None
    pin = "".join(pin.split())
    if len(pin) < PIN_LENGTH_MIN:
        raise AuditServerError(f"expected a PIN of at least {PIN_LENGTH_MIN} characters in {where}, got {len(pin)}")
    return pin


class _Handler(BaseHTTPRequestHandler):
    """Reads one request within its bounds, and sends one answer."""

    server_version = "footfall"
    sys_version = ""
    #: Seconds that one read or write may take.
    timeout = 5.0

    def __init__(self, pages: AuditPages, *arguments: object) -> None:
        self._pages = pages
        super().__init__(*arguments)  # type: ignore[arg-type]  # what the server gives

    def do_GET(self) -> None:
        """Answer a GET."""
        self._send(self._pages.answer(self._request(b"")))

    def do_POST(self) -> None:
        """Answer a POST whose body is not too large."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._send(Response(411, "application/json", b'{"error":"length"}'))
        elif len(length) > 9 or int(length) > BODY_MAX:  # noqa: PLR2004 - no number worth reading has more digits
            self._send(Response(413, "application/json", b'{"error":"too_large"}'))
        else:
            self._send(self._pages.answer(self._request(self.rfile.read(int(length)))))

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing by itself: addresses of phones are nobody's business."""

    def _request(self, body: bytes) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, self.path, headers, body, self.client_address[0])

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.all_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)


def reachable(host: str) -> str:
    """Return an address under which phones reach this box: for 0.0.0.0 the one it would use itself."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - not bound here, only named
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # A datagram socket sends nothing by being connected; the address is reserved for documentation.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
