"""A network between two programs that can be cut, go silent, or be slow, without either of them noticing why."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Literal, TypeAlias

State: TypeAlias = Literal["open", "cut", "silent"]
_CHUNK = 16_384


class Proxy:
    """Listens on a port of this machine and passes all on to `target` (a port, too), as long as it is open.

    cut: every connection ends at once, in the middle of whatever was said, and no new one is taken. silent: connections
    stay, new ones are taken, and nothing comes through either way; what was on its way arrives once it is open again.
    """

    def __init__(self, target: int, *, tap: Callable[[bytes], object] | None = None) -> None:
        """Pass on to `target`. `tap` hears all that is said towards it."""
        self._target = target
        self._tap = tap
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._cut = self._closed = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name=f"proxy-{target}", daemon=True).start()

    def set(self, state: State) -> None:
        self._cut = state == "cut"
        if state == "silent":
            self._open.clear()
        else:
            self._open.set()
        if state == "cut":
            self.drop()

    def drop(self) -> None:
        """End all connections, as a router does that has forgotten them; new ones are as welcome as before."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _end(pair)

    def close(self) -> None:
        self._closed = True
        self._open.set()
        self._server.close()
        self.drop()

    def _accept(self) -> None:
        while not self._closed:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(here,), daemon=True).start()

    def _connect(self, here: socket.socket) -> None:
        self._open.wait()
        try:
            if self._cut:
                raise ConnectionRefusedError
            there = socket.create_connection(("127.0.0.1", self._target), 5)
            there.settimeout(None)
        except OSError:
            here.close()
            return
        pair = (here, there)
        with self._lock:
            self._pairs.add(pair)
        for source, sink in (pair, pair[::-1]):
            threading.Thread(target=self._pump, args=(source, sink, pair), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._open.wait()
                if self._tap is not None and source is pair[0]:
                    self._tap(data)
                sink.sendall(data)
        with self._lock:
            self._pairs.discard(pair)
        _end(pair)


def _end(pair: tuple[socket.socket, socket.socket]) -> None:
    for each in pair:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
