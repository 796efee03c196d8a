"""Notices: messages of others' making that the publisher says for them, the newest of each leaf."""

import threading
from dataclasses import dataclass

from contract.topics import Leaf


@dataclass(frozen=True, slots=True)
class Notice:
    """A message ready for the wire."""

    leaf: Leaf
    payload: bytes
    retain: bool


class Notices:
    """What waits to be said, and what has to be said again. From any thread; one message per leaf at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Leaf, Notice] = {}
        self._kept: dict[Leaf, Notice] = {}

    def put(self, notice: Notice) -> None:
        """Let a notice wait, in place of an older one of its leaf."""
        with self._lock:
            self._waiting[notice.leaf] = notice
            if notice.retain:
                self._kept[notice.leaf] = notice

    def connected(self) -> None:
        """Take note of a new connection: its broker may have lost what it kept for us."""
        with self._lock:
            self._waiting = {**self._kept, **self._waiting}

    def due(self) -> list[Notice]:
        """Return what is to be said now, once."""
        with self._lock:
            due, self._waiting = list(self._waiting.values()), {}
        return due
