"""The server of the box's own pages: standard library, bounded in every way, for the shop's own network.

No keep-alive, no files, no pictures. At most `THREADS_MAX` requests at a time, `PER_ADDRESS_MAX` of them from one
address, so that no phone shuts out another; one that is not over in `REQUEST_S` is cut off, however slowly it drips.
"""

import contextlib
import logging
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from edge.errors import ListenError

logger = logging.getLogger(__name__)

THREADS_MAX: Final = 16
PER_ADDRESS_MAX: Final = 6
REQUEST_S: Final = 15.0


class BoundedServer(ThreadingHTTPServer):
    """A threading HTTP server with a bound on threads and on each request's time.

    Raises:
        ListenError: the address cannot be listened on.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._slots = threading.BoundedSemaphore(THREADS_MAX)
        #: Requests being served: since when, and for which address.
        self._open: dict[socket.socket, tuple[float, str]] = {}
        self._open_lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            super().__init__(address, handler)
        except (OSError, OverflowError) as error:
            raise ListenError(f"cannot listen on {address[0]}:{address[1]}: {error}") from error

    def server_bind(self) -> None:
        """Bind without looking the host's name up, which may take long in a shop's network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Serve in a thread of its own while there is room; otherwise hang up, and the phone asks again."""
        address = str(client_address[0])
        with self._open_lock:
            there = sum(one == address for _, one in self._open.values())
            room = there < PER_ADDRESS_MAX and self._slots.acquire(blocking=False)
            if room:
                self._open[request] = time.monotonic(), address
        if not room:
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Serve one request and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.pop(request, None)
            self._slots.release()

    def service_actions(self) -> None:
        """Cut off what has taken too long; called twice a second."""
        overdue = time.monotonic() - REQUEST_S
        with self._open_lock:
            late = [request for request, (since, _) in self._open.items() if since < overdue]
        for request in late:
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what a broken connection or a fault of ours left behind; called while it is handled."""
        del request, client_address
        error = sys.exception()
        level = logging.DEBUG if isinstance(error, OSError) else logging.ERROR
        logger.log(level, "a request of a page failed: %r", error, extra={"action": "page_request_failed"})
