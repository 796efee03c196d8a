"""How much something remembers: what a check of bounded state weighs."""

import pickle
from collections.abc import Callable
from typing import Any


def weight(thing: object) -> int:
    """Return the bytes of all that `thing` refers to, code left out."""
    counted = _Counted()
    counted.dump(thing)
    return counted.size


class _Counted(pickle.Pickler):
    """A pickler that only counts, and takes functions for nothing."""

    def __init__(self) -> None:
        self.size = 0
        super().__init__(self)

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, Callable) and not isinstance(thing, type):  # type: ignore[arg-type]
            return (int, ())
        return NotImplemented
