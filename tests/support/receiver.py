"""A receiver of webhooks: a real HTTP server that answers as it is told, and verifies with code of its own."""

import base64
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


@dataclass(frozen=True)
class Got:
    """A request as it came; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def signed_by(self, secret: str) -> bool:
        """Verify as the specification says, with another implementation than ours: OpenSSL's."""
        said = b".".join((self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body))
        for version, _, signature in (one.partition(",") for one in self.headers["webhook-signature"].split(" ")):
            mac = HMAC(base64.b64decode(secret[len("whsec_") :]), SHA256())
            mac.update(said)
            if version == "v1" and mac.finalize() == base64.b64decode(signature):
                return True
        return False


Answer = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@dataclass
class Receiver:
    """What came, and what is answered: `answers` in turn, the last one for ever."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [status(204)])
    closing: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def trickle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer so slowly that it never ends, but never fall silent."""
        handler.send_response(200)
        handler.flush_headers()
        while not self.closing.wait(0.05):
            try:
                handler.wfile.write(b"X-More: 1\r\n")
            except OSError:
                return

    def hang(self, _handler: BaseHTTPRequestHandler) -> None:
        """Never answer."""
        self.closing.wait(60)


@contextmanager
def receiving(*answers: Answer, port: int = 0, tls: tuple[str, str] | None = None) -> Iterator[Receiver]:
    """Run a receiver on loopback; `tls` are its certificate's and its key's file."""
    receiver = Receiver()
    if answers:
        receiver.answers = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            receiver.next_answer()(self)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
