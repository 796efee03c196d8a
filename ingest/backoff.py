"""Pauses between attempts: longer each time, with jitter, for ever."""

import random
from collections.abc import Iterator


def pauses(rng: random.Random, *, first_s: float = 0.2, most_s: float = 30.0) -> Iterator[float]:
    """Yield seconds to wait before each next attempt, without end.

    The ceiling doubles from `first_s` to `most_s`; each pause lies between half of it and all of it, so that many
    clients of a restarted server do not come back at once.
    """
    ceiling = first_s
    while True:
        yield ceiling * rng.uniform(0.5, 1.0)
        ceiling = min(ceiling * 2, most_s)
