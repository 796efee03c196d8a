"""A cheap camera: JPEG pictures over HTTP as multipart/x-mixed-replace, with the manners and faults of real ones."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np

SIZE = (320, 240)
USER, PASSWORD = "viewer", "s3same-0pen"  # the test's own
_REALM = "camera"
_NONCE = "c0ffee"


def picture(number: int, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG whose grey says its number."""
    image = np.full((size[1], size[0], 3), 40 + number % 100, np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


@dataclass
class Manners:
    """How the camera behaves; may be changed while it streams.

    Attributes:
        boundary, announced: what stands between the pictures, and what the header says of it.
        length: whether a part says how long it is.
        chunked: whether HTTP itself comes in chunks.
        kind, part_kind: content types of the answer and of each part; None: no such header.
        fps: pictures a second.
        login: "basic", "digest", or none.
        status: the answer's.
        spoil: what becomes of picture N.
        endless_from: this picture never ends.
        last: the connection is closed after so many pictures.
        moved_to: a redirection.
    """

    boundary: str = "--frame"
    announced: str = "frame"
    length: bool = True
    chunked: bool = False
    kind: str = "multipart/x-mixed-replace;boundary={}"
    part_kind: str | None = "image/jpeg"
    fps: float = 50.0
    login: str | None = None
    status: int = 200
    last: int | None = None
    moved_to: str | None = None
    spoil: Any = None
    endless_from: int | None = None
    silent: threading.Event = field(default_factory=threading.Event)


class Camera:
    """A running server; `sent` counts pictures, `requests` what came in, with each Authorization header."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.sent = 0
        self.sent_bytes = 0
        self.requests: list[str | None] = []
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"camera": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def url(self, login: str = "", path: str = "/video") -> str:
        return f"http://{login}127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def pictures(self) -> Iterator[bytes]:
        """What the connection sends, picture by picture."""
        number = 0
        while not self._stopping.is_set() and number < (self.manners.last if self.manners.last is not None else 1e9):
            while self.manners.silent.is_set() and not self._stopping.wait(0.01):
                pass
            data = picture(number)
            yield self.manners.spoil(number, data) if self.manners.spoil else data
            number += 1
            self.sent += 1
            self._stopping.wait(1 / self.manners.fps)

    def lets_in(self, authorization: str | None, method: str, path: str) -> bool:
        self.requests.append(authorization)
        if self.manners.login is None:
            return True
        if self.manners.login == "basic":
            expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            return authorization == f"Basic {expected}"
        return authorization is not None and _digest(method, path) in authorization

    def asks(self) -> str:
        if self.manners.login == "basic":
            return f'Basic realm="{_REALM}"'
        return f'Digest realm="{_REALM}", nonce="{_NONCE}", algorithm=MD5'


def _digest(method: str, path: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    return md5(f"{md5(f'{USER}:{_REALM}:{PASSWORD}')}:{_NONCE}:{md5(f'{method}:{path}')}")


class _Handler(BaseHTTPRequestHandler):
    camera: Camera
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:  # the name that http.server calls
        manners = self.camera.manners
        if not self.camera.lets_in(self.headers.get("Authorization"), "GET", self.path):
            self.send_response(401)
            self.send_header("WWW-Authenticate", self.camera.asks())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if manners.moved_to is not None:
            self.send_response(302)
            self.send_header("Location", manners.moved_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(manners.status)
        self.send_header("Content-Type", manners.kind.format(manners.announced))
        self.send_header("Transfer-Encoding", "chunked") if manners.chunked else self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self._stream(manners)
        except OSError:
            return  # the box has gone

    def _stream(self, manners: Manners) -> None:
        for number, data in enumerate(self.camera.pictures()):
            head = f"{manners.boundary}\r\n"
            if manners.part_kind is not None:
                head += f"Content-Type: {manners.part_kind}\r\n"
            if manners.length:
                head += f"Content-Length: {len(data)}\r\n"
            self._send(f"{head}\r\n".encode() + data + b"\r\n")
            while number == manners.endless_from and not self.camera.stopping:
                self._send(bytes(65_536))
                self.camera.sent_bytes += 65_536
        if manners.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, data: bytes) -> None:
        if not self.camera.manners.chunked:
            self.wfile.write(data)
            return
        for start in range(0, len(data), 777):
            piece = data[start : start + 777]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")


@contextmanager
def running_camera(**manners: Any) -> Iterator[Camera]:
    camera = Camera(Manners(**manners))
    try:
        yield camera
    finally:
        camera.stop()
